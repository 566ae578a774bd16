"""Cells of CSV files that no spreadsheet calculates."""

from collections.abc import Mapping
from typing import Any

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""A cell of a CSV file that begins so is a formula for a spreadsheet; the last four are wide ones of =+-@."""


def harmless(cell: Any) -> Any:
    """Return a cell of a CSV file, as text that no spreadsheet calculates; numbers stay numbers."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return cell
    text = cell if isinstance(cell, str) else _joined(cell)
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def _joined(cell: Any) -> str:
    if isinstance(cell, Mapping):
        return "; ".join(f"{name}: {value}" for name, value in cell.items())
    return ", ".join(map(str, cell))
