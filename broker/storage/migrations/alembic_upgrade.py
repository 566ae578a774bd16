"""Let Alembic apply the steps that are missing."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from broker.storage.migrations import VERSIONS


def apply(connection: Connection) -> None:
    """Bring the schema from where it is to the newest revision, in the transaction of *connection*."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(VERSIONS.parent))
    command.upgrade(config, "head")
