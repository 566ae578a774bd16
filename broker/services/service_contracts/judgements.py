"""What came of comparing, as the process that compares tells it: JSON by policy."""

from typing import Any

POSSIBLE, GUARANTEED = "possible", "guaranteed"
"""The policies of `tally.comparison`, which is not loaded in a process that only asks."""


NOT_MADE = "notMade"
"""The key of why a try brought no answer; another one may."""


def not_made(reason: str) -> dict[str, Any]:
    """Return what is told of a comparison that was not made."""
    return {NOT_MADE: reason}


def unknown(reason: str) -> dict[str, Any]:
    """Return what is known of two that could not be compared, by policy."""
    found = {"verdict": "unknown", "reason": reason, "interactions": []}
    return {POSSIBLE: found, GUARANTEED: found}
