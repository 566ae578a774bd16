"""Tokens: what is kept of them, never the tokens."""

import json
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, select, update

from broker.domain.accounts.account import StoredToken, TokenLimits
from broker.domain.accounts.permissions import Action
from broker.domain.accounts.tokens import TokenKind
from broker.storage.tables import accounts, tokens
from tally.hashing import compact_json

_EACH = (
    select(
        tokens.c.id,
        tokens.c.uuid,
        tokens.c.account_id,
        accounts.c.name.label("account"),
        tokens.c.kind,
        tokens.c.name,
        tokens.c.prefix,
        tokens.c.scopes,
        tokens.c.pacticipants,
        tokens.c.environments,
        tokens.c.origin,
        tokens.c.expires_at,
        tokens.c.revoked_at,
        tokens.c.last_used_on,
        tokens.c.created_at,
    )
    .join(accounts, accounts.c.id == tokens.c.account_id)
    .order_by(tokens.c.created_at.desc(), tokens.c.id.desc())
)
_BY_UUID = _EACH.where(tokens.c.uuid == bindparam("uuid"))
_VALID = (tokens.c.revoked_at.is_(None), tokens.c.expires_at > bindparam("now"))
_OF_ACCOUNT = _EACH.where(tokens.c.account_id == bindparam("account_id"), *_VALID)
_OF_TEAM = _EACH.where(accounts.c.team_id == bindparam("team_id"), *_VALID)
_EXPIRING = (
    _EACH.where(
        *_VALID,
        tokens.c.kind == TokenKind.SERVICE,
        tokens.c.expires_at <= bindparam("until"),
        accounts.c.disabled_at.is_(None),
    )
    .order_by(None)
    .order_by(tokens.c.expires_at, tokens.c.id)
)
_COUNT = (
    select(func.count())
    .select_from(tokens)
    .where(tokens.c.account_id == bindparam("account_id"), tokens.c.kind != TokenKind.CI, *_VALID)
)
_TAKEN = select(tokens.c.id).where(tokens.c.digest == bindparam("digest"))
_ADD = insert(tokens).returning(tokens.c.uuid)
_REVOKE = (
    update(tokens)
    .where(tokens.c.id == bindparam("token"), tokens.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)
_USED = (
    update(tokens)
    .where(
        tokens.c.id == bindparam("token"),
        tokens.c.last_used_on.is_(None) | (tokens.c.last_used_on < bindparam("day")),
    )
    .values(last_used_on=bindparam("day"))
)
_OLD = (
    select(tokens.c.id)
    .where(tokens.c.expires_at < bindparam("before"))
    .order_by(tokens.c.id)
    .limit(bindparam("most"))
)
_REMOVE_OLD = delete(tokens).where(tokens.c.id.in_(_OLD))


class Tokens:
    """The tokens of accounts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(  # noqa: PLR0913 - each is a column of its own
        self,
        account_id: int,
        kind: TokenKind,
        name: str,
        *,
        prefix: str,
        digest: bytes,
        limits: TokenLimits,
        expires_at: datetime,
        now: datetime,
    ) -> str:
        """Store a token by its digest and return its uuid."""
        values = {
            "uuid": str(uuid4()),
            "account_id": account_id,
            "kind": kind,
            "name": name,
            "prefix": prefix,
            "digest": digest,
            "scopes": _as_json(limits.scopes),
            "pacticipants": _as_json(limits.pacticipants),
            "environments": _as_json(limits.environments),
            "expires_at": expires_at,
            "created_at": now,
        }
        return str(self._connection.scalars(_ADD, values).one())

    def is_taken(self, digest: bytes) -> bool:
        """Return whether a token with this digest is stored, also one that is not valid any more."""
        return self._connection.scalar(_TAKEN, {"digest": digest}) is not None

    def find(self, uuid: str) -> StoredToken | None:
        row = self._connection.execute(_BY_UUID, {"uuid": uuid}).one_or_none()
        return None if row is None else _token(row)

    def of(self, account_id: int, now: datetime) -> list[StoredToken]:
        """Return the valid tokens of an account, the newest first."""
        return self._tokens(_OF_ACCOUNT, account_id=account_id, now=now)

    def of_team(self, team_id: int, now: datetime) -> list[StoredToken]:
        """Return the valid tokens of the service accounts of a team, the newest first."""
        return self._tokens(_OF_TEAM, team_id=team_id, now=now)

    def count(self, account_id: int, now: datetime) -> int:
        """Return how many valid tokens an account has, other than those of pipelines."""
        return self._connection.execute(_COUNT, {"account_id": account_id, "now": now}).scalar_one()

    def expiring(self, now: datetime, until: datetime) -> list[StoredToken]:
        """Return the valid tokens of service accounts that expire by then, the first one first."""
        return self._tokens(_EXPIRING, now=now, until=until)

    def revoke(self, token_id: int, now: datetime) -> bool:
        """Let the token be used no more; return whether it could be."""
        return self._connection.execute(_REVOKE, {"token": token_id, "now": now}).rowcount > 0

    def used(self, days: Mapping[int, date]) -> None:
        """Store the last day on which each token was used, by its id."""
        if days:
            # In one order, as several processes do this at once.
            rows = [{"token": token_id, "day": day} for token_id, day in sorted(days.items())]
            self._connection.execute(_USED, rows)

    def remove_old(self, before: datetime, *, most: int) -> int:
        """Forget at most *most* tokens that expired before; return how many."""
        return self._connection.execute(_REMOVE_OLD, {"before": before, "most": most}).rowcount

    def _tokens(self, statement: Select[Any], **values: object) -> list[StoredToken]:
        return [_token(row) for row in self._connection.execute(statement, values)]


def _token(row: Any) -> StoredToken:
    scopes = _read(row.scopes)
    return StoredToken(
        row.id,
        row.uuid,
        row.account_id,
        row.account,
        TokenKind(row.kind),
        row.name,
        row.prefix,
        TokenLimits(
            None if scopes is None else frozenset(map(Action, scopes)),
            _read(row.pacticipants),
            _read(row.environments),
        ),
        row.origin,
        row.expires_at,
        row.revoked_at,
        row.last_used_on,
        row.created_at,
    )


def _as_json(texts: Collection[str] | None) -> bytes | None:
    return None if texts is None else compact_json(sorted(texts))


def _read(stored: bytes | None) -> frozenset[str] | None:
    return None if stored is None else frozenset(json.loads(stored))
