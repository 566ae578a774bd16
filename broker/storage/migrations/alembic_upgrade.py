"""Let Alembic apply the steps that are missing."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from broker.storage.migrations.schema import VERSIONS


def apply(connection: Connection, revision: str) -> None:
    """Bring the schema from where it is to *revision*, in the transaction of *connection*."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(VERSIONS.parent))
    command.upgrade(config, revision)
