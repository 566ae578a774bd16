"""The values with which a statement writes rows."""

from collections.abc import Mapping, Sequence
from typing import Any


def values_of(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | Sequence[Mapping[str, Any]]:
    """Return what `execute` is to be given for *rows*: for one row, not a list of one.

    That goes below SQLAlchemy's layer (see `direct_statements`), and most publications have one pact.
    """
    return rows[0] if len(rows) == 1 else rows
