"""The parts of the statement for a decision in which service contracts count, and their columns."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    literal_column,
    null,
    select,
)


class Part(IntEnum):
    """What a row of the statement is about."""

    ROW = 0
    """A pact, and a result or none: as without service contracts."""
    PAIR = 1
    """A pact, a version of its provider that has a set which counts, and their comparison if there is one."""
    DOCUMENT = 2
    """A document of a version, and its newest result by that version."""
    NEED = 3
    """What a consumer version needs of a provider: one operation or channel, or none."""
    OFFER = 4
    """A provider version that has documents; what it has of what is needed is in rows of their own."""
    NEWEST = 5
    """The newest version of a provider that has documents: for questions in which any version will do."""
    DETAIL = 6
    """A branch, a tag or an environment of a chosen version."""


COLUMNS = (
    *("consumer", "consumer_version_id", "consumer_version", "position"),
    *("provider", "provider_version_id", "provider_version", "provider_position"),
    *("success", "sha", "published_at", "revision", "result", "verified_at"),
)
"""Those of the rows; the other parts use them for the same."""
TEXTS = ("verdict", "policy", "name", "specification", "key", "versions")


def constant(number: int) -> ColumnElement[int]:
    """Return a number that is written into the statement."""
    # Each parameter costs the driver more than the database.
    return literal_column(str(int(number)), Integer)


NAMES = (*COLUMNS, "comparison", *TEXTS)


def part_of(
    part: Part, columns: Mapping[str, ColumnElement[Any]], names: Sequence[str] = NAMES
) -> Select[Any]:
    """Select these columns for rows of a part; the others are null."""
    return select(constant(part), *(columns.get(name, null()).label(name) for name in names))
