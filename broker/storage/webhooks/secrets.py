"""Secrets of webhooks; their values were encrypted before they come here."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well

from broker.domain.webhooks.secret import SealedSecret, Secret
from broker.storage.tables import secrets, teams
from tally.hashing import compact_json

_SHOWN = (
    select(
        secrets.c.name,
        secrets.c.description,
        secrets.c.created_at,
        secrets.c.updated_at,
        secrets.c.team_id,
        teams.c.name.label("team"),
        secrets.c.hosts,
    )
    .select_from(secrets.outerjoin(teams, teams.c.id == secrets.c.team_id))
    .order_by(secrets.c.name)
)
_BY_NAME = _SHOWN.where(secrets.c.name == bindparam("secret_name"))
_TOKENS = select(secrets.c.name, secrets.c.token)
_TOKENS_BY_NAME = _TOKENS.where(secrets.c.name.in_(bindparam("names", expanding=True)))
_SEALED = select(secrets.c.name, secrets.c.token, secrets.c.team_id, secrets.c.hosts).where(
    secrets.c.name.in_(bindparam("names", expanding=True))
)
_PUT = insert(secrets)
_PUT = _PUT.on_conflict_do_update(
    index_elements=["name"],
    set_={
        "description": _PUT.excluded.description,
        "token": _PUT.excluded.token,
        "team_id": _PUT.excluded.team_id,
        "hosts": _PUT.excluded.hosts,
        "updated_at": _PUT.excluded.updated_at,
    },
)
_DELETE = delete(secrets).where(secrets.c.name == bindparam("secret_name"))
_REPLACE_TOKEN = (
    update(secrets).where(secrets.c.name == bindparam("secret_name")).values(token=bindparam("new_token"))
)


class Secrets:
    """The secrets that are stored."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[Secret]:
        """Return every secret, without its value, sorted by name."""
        return [_secret(row) for row in self._connection.execute(_SHOWN)]

    def find(self, name: str) -> Secret | None:
        """Return the secret, without its value."""
        row = self._connection.execute(_BY_NAME, {"secret_name": name}).first()
        return _secret(row) if row else None

    def put(self, name: str, description: str | None, sealed: SealedSecret, now: datetime) -> None:
        """Store a secret, or replace what is stored under its name."""
        values = {
            "name": name,
            "description": description,
            "token": sealed.token,
            "team_id": sealed.team_id,
            "hosts": None if sealed.hosts is None else compact_json(list(sealed.hosts)),
            "created_at": now,
            "updated_at": now,
        }
        self._connection.execute(_PUT, values)

    def delete(self, name: str) -> bool:
        """Remove the secret; return whether there was one."""
        return self._connection.execute(_DELETE, {"secret_name": name}).rowcount > 0

    def tokens(self, names: Collection[str]) -> Mapping[str, bytes]:
        """Return the encrypted values of those that exist."""
        if not names:
            return {}
        rows = self._connection.execute(_TOKENS_BY_NAME, {"names": list(names)})
        return {row.name: row.token for row in rows}

    def sealed(self, names: Collection[str]) -> Mapping[str, SealedSecret]:
        """Return those that exist, with what is needed to use them."""
        if not names:
            return {}
        rows = self._connection.execute(_SEALED, {"names": list(names)})
        return {row.name: SealedSecret(row.token, row.team_id, _hosts(row.hosts)) for row in rows}

    def all_tokens(self) -> Mapping[str, bytes]:
        """Return every encrypted value."""
        return {row.name: row.token for row in self._connection.execute(_TOKENS)}

    def replace_tokens(self, tokens: Mapping[str, bytes]) -> None:
        """Store values that were encrypted anew."""
        if tokens:
            self._connection.execute(
                _REPLACE_TOKEN,
                [{"secret_name": name, "new_token": token} for name, token in tokens.items()],
            )


def _secret(row: Any) -> Secret:
    name, description, created_at, updated_at, team_id, team, hosts = row
    return Secret(name, description, created_at, updated_at, team_id, team, _hosts(hosts))


def _hosts(stored: bytes | None) -> tuple[str, ...] | None:
    return None if stored is None else tuple(orjson.loads(stored))
