"""Environments."""

from sqlalchemy import Connection, bindparam, func, select

from broker.domain.model import Environment
from broker.storage.tables import environments

_COLUMNS = (
    environments.c.id,
    environments.c.uuid,
    environments.c.name,
    environments.c.display_name,
    environments.c.production,
    environments.c.contacts,
    environments.c.created_at,
    environments.c.updated_at,
)
_ALL = select(*_COLUMNS).order_by(func.lower(environments.c.display_name))
_BY_UUID = select(*_COLUMNS).where(environments.c.uuid == bindparam("uuid"))
_BY_NAME = select(*_COLUMNS).where(environments.c.name == bindparam("name"))


class Environments:
    """The places where versions are deployed or released to."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[Environment]:
        """Return every environment, sorted by display name regardless of case."""
        return [Environment(*row) for row in self._connection.execute(_ALL)]

    def find(self, uuid: str) -> Environment | None:
        """Return the environment with this uuid."""
        row = self._connection.execute(_BY_UUID, {"uuid": uuid}).first()
        return Environment(*row) if row else None

    def find_by_name(self, name: str) -> Environment | None:
        """Return the environment with this name."""
        row = self._connection.execute(_BY_NAME, {"name": name}).first()
        return Environment(*row) if row else None
