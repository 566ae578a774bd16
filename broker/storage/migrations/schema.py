"""What a database says of its schema, and whether this release can use it."""

import ast
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, delete, insert, inspect, select, text

from broker.storage.tables import schema_compatibility
from tally.values import dataclass

VERSIONS = Path(__file__).parent / "versions"

USABLE_FROM = "0022"
"""A release whose newest step is this one, or a later one, can use the schema that this release makes.

It grows only when a step takes away what the release before the last one was the last to need.
"""


@dataclass(frozen=True)
class Schema:
    """The newest step of a database, and the oldest one whose release can use it: "" when it says none."""

    revision: str
    usable_from: str

    @property
    def is_newer(self) -> bool:
        """Whether a release made it that came after this one."""
        return self.revision != "" and self.revision not in known()

    @property
    def is_usable(self) -> bool:
        """Whether this release can work with it as it is."""
        if not self.is_newer:
            return self.revision == known()[-1]
        return "" != self.usable_from <= known()[-1]

    @property
    def is_usable_meanwhile(self) -> bool:
        """Whether a release whose schema this is can go on while this release migrates it, and afterwards."""
        return self.revision >= USABLE_FROM

    @property
    def pending(self) -> tuple[str, ...]:
        """The steps that are missing, in their order."""
        return () if self.is_newer else tuple(step for step in known() if step > self.revision)


NONE = Schema("", "")


def read(connection: Connection) -> Schema:
    """Return what the database says; two statements, or one of a database without tables."""
    tables = inspect(connection).get_table_names()
    if "alembic_version" not in tables:
        return NONE
    revision = connection.scalar(text("SELECT version_num FROM alembic_version")) or ""
    is_told = schema_compatibility.name in tables
    usable_from = connection.scalar(select(schema_compatibility.c.usable_from)) if is_told else None
    return Schema(revision, usable_from or "")


def tell_releases(connection: Connection) -> None:
    """Write down which releases can use the schema, once there is a table for it."""
    if inspect(connection).has_table(schema_compatibility.name):
        connection.execute(delete(schema_compatibility))
        connection.execute(insert(schema_compatibility).values(usable_from=USABLE_FROM))


@cache
def known() -> tuple[str, ...]:
    """Return the steps that this release knows, oldest first: each file's name starts with its own."""
    return tuple(sorted(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py")))


def titles(steps: tuple[str, ...]) -> dict[str, str]:
    """Return the first line of each step's docstring."""
    found = {}
    for step in steps:
        [path] = VERSIONS.glob(f"{step}_*.py")
        found[step] = (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n")[0]
    return found
