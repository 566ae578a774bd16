"""Trusts, the tokens that pipelines got by them, and the id tokens that were used for it."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import orjson
from sqlalchemy import Connection, bindparam, delete, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import (
    insert as insert_once,
)  # its ON CONFLICT compiles for SQLite as well

from broker.domain.accounts.actor import ActorKind
from broker.domain.accounts.fitting_trusts import FittingTrusts
from broker.domain.accounts.permissions import Action
from broker.domain.accounts.tokens import NewToken, TokenKind
from broker.domain.accounts.trust import Trust, TrustConditions, TrustedAccount, TrustKind
from broker.storage.tables import accounts, teams, tokens, trusts, used_jtis

_ACCOUNT = (
    accounts.c.id.label("account_id"),
    accounts.c.uuid.label("account_uuid"),
    accounts.c.name.label("account_name"),
    accounts.c.kind.label("account_kind"),
    accounts.c.team_id,
    teams.c.name.label("team_name"),
    accounts.c.disabled_at,
)
_TRUSTS = (
    select(
        trusts.c.id,
        trusts.c.uuid,
        trusts.c.kind,
        trusts.c.issuer,
        trusts.c.audience,
        trusts.c.claims,
        trusts.c.workflow,
        trusts.c.refs,
        trusts.c.scopes,
        trusts.c.minutes,
        trusts.c.created_at,
        *_ACCOUNT,
    )
    .join_from(trusts, accounts, accounts.c.id == trusts.c.account_id)
    .outerjoin(teams, teams.c.id == accounts.c.team_id)
    .order_by(trusts.c.id)
)
_ONE = _TRUSTS.where(trusts.c.uuid == bindparam("of_uuid"))
_OF_ISSUER = _TRUSTS.where(
    trusts.c.issuer == bindparam("of_issuer"),
    trusts.c.repository.is_(None) | (trusts.c.repository == bindparam("of_repository")),
)
_IS_TRUSTED = select(literal(1)).where(trusts.c.issuer == bindparam("of_issuer")).limit(1)
_COUNT = select(func.count()).select_from(trusts)
_ADD = insert(trusts)
_DELETE = delete(trusts).where(trusts.c.uuid == bindparam("of_uuid"))
_END = (
    update(tokens)
    .where(
        tokens.c.trust_id.in_(
            select(trusts.c.id).where(
                trusts.c.account_id == bindparam("of_account"), trusts.c.issuer == bindparam("of_issuer")
            )
        ),
        tokens.c.revoked_at.is_(None),
    )
    .values(revoked_at=bindparam("now"))
)
_NAMED = (
    select(*_ACCOUNT)
    .outerjoin_from(accounts, teams, teams.c.id == accounts.c.team_id)
    .where(accounts.c.name == bindparam("of_name"))
)
_ADD_TOKEN = insert(tokens)
_USE = insert_once(used_jtis).on_conflict_do_nothing(index_elements=["issuer", "jti"]).returning(literal(1))
_IS_USED = select(literal(1)).where(
    used_jtis.c.issuer == bindparam("of_issuer"), used_jtis.c.jti == bindparam("of_jti")
)
_FORGET = delete(used_jtis).where(used_jtis.c.expires_at < bindparam("before"))
_FORGET_TOKENS = delete(tokens).where(
    tokens.c.kind == TokenKind.CI.value, tokens.c.expires_at < bindparam("before")
)


class Trusts:
    """The trusts that are stored."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def every(self) -> Sequence[Trust]:
        """Return all, the oldest first."""
        return [_trust(row) for row in self._connection.execute(_TRUSTS)]

    def count(self) -> int:
        return self._connection.scalar(_COUNT) or 0

    def find(self, uuid: str) -> Trust | None:
        row = self._connection.execute(_ONE, {"of_uuid": uuid}).one_or_none()
        return _trust(row) if row else None

    def has_issuer(self, issuer: str) -> bool:
        """Return whether anybody trusts this issuer."""
        return self._connection.scalar(_IS_TRUSTED, {"of_issuer": issuer}) is not None

    def that_may_fit(self, issuer: str, repository: str | None) -> Sequence[Trust]:
        """Return the trusts of an issuer that are for this repository, or do not say for which they are."""
        found = self._connection.execute(_OF_ISSUER, {"of_issuer": issuer, "of_repository": repository})
        return [_trust(row) for row in found]

    def account_named(self, name: str) -> TrustedAccount | None:
        row = self._connection.execute(_NAMED, {"of_name": name}).one_or_none()
        return _account(row) if row else None

    def add(self, account_id: int, conditions: TrustConditions, now: datetime) -> str:
        """Store a trust; return its UUID."""
        uuid = str(uuid4())
        values = {
            "uuid": uuid,
            "account_id": account_id,
            "kind": conditions.kind.value,
            "issuer": conditions.issuer,
            "audience": conditions.audience,
            "repository": conditions.repository,
            "claims": orjson.dumps(dict(conditions.claims)),
            "workflow": conditions.workflow,
            "refs": orjson.dumps(conditions.refs),
            "scopes": orjson.dumps(sorted(conditions.scopes)),
            "minutes": conditions.minutes,
            "created_at": now,
        }
        self._connection.execute(_ADD, values)
        return uuid

    def remove(self, trust: Trust, now: datetime) -> None:
        """Remove a trust, and end the tokens of its account that pipelines got by trusts in its issuer.

        Several trusts may have given a token together, and it names the oldest of them alone.
        """
        values = {"of_account": trust.account.id, "of_issuer": trust.conditions.issuer, "now": now}
        self._connection.execute(_END, values)
        self._connection.execute(_DELETE, {"of_uuid": trust.uuid})


class ExchangedTokens:
    """The tokens that pipelines got, and the ids of the id tokens that they have used for it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def use(self, issuer: str, jti: str, expires_at: datetime) -> bool:
        """Note that an id token is used; return whether it had not been: of several at once, one is first."""
        values = {"issuer": issuer, "jti": jti, "expires_at": expires_at}
        return self._connection.scalar(_USE, values) is not None

    def is_used(self, issuer: str, jti: str) -> bool:
        """Return whether an id token was used."""
        values = {"of_issuer": issuer, "of_jti": jti}
        return self._connection.scalar(_IS_USED, values) is not None

    def add(
        self, by: FittingTrusts, token: NewToken, *, origin: str, expires_at: datetime, now: datetime
    ) -> None:
        """Store a token by its digest."""
        values = {
            "uuid": str(uuid4()),
            "account_id": by.account.id,
            "kind": TokenKind.CI.value,
            "name": origin[:255] or "pipeline",
            "prefix": token.prefix,
            "digest": token.digest,
            "scopes": orjson.dumps(sorted(by.scopes)),
            "trust_id": by.trusts[0].id,
            "origin": origin,
            "expires_at": expires_at,
            "created_at": now,
        }
        self._connection.execute(_ADD_TOKEN, values)

    def forget(self, *, ids_before: datetime, tokens_before: datetime) -> int:
        """Remove what expired before these; return how many rows that were."""
        ids = self._connection.execute(_FORGET, {"before": ids_before}).rowcount
        return ids + self._connection.execute(_FORGET_TOKENS, {"before": tokens_before}).rowcount


def _trust(row: Any) -> Trust:
    conditions = TrustConditions(
        TrustKind(row.kind),
        row.issuer,
        row.audience,
        _json(row.claims),
        row.workflow,
        tuple(json.loads(row.refs)),
        frozenset(map(Action, json.loads(row.scopes))),
        row.minutes,
    )
    return Trust(row.id, row.uuid, _account(row), conditions, row.created_at)


def _account(row: Any) -> TrustedAccount:
    return TrustedAccount(
        row.account_id,
        row.account_uuid,
        row.account_name,
        ActorKind(row.account_kind),
        row.team_id,
        row.team_name,
        row.disabled_at is not None,
    )


def _json(stored: bytes) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(stored)
    return found
