"""Removals: what was deleted for good, and how an answer about the past mentions it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum

from tally.values import dataclass


class RemovalKind(Enum):
    """What was deleted. UNRECORDED stands for changes that were not recorded before an upgrade."""

    PACTICIPANT = "pacticipant"
    VERSION = "version"
    BRANCH = "branch"
    PACT = "pact"
    RESULT = "result"
    INTEGRATION = "integration"
    ENVIRONMENT = "environment"
    UNRECORDED = "unrecorded"


LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""When the oldest of what was deleted was created, if that was not looked up."""
CONCERNS_ALL = (RemovalKind.PACTICIPANT, RemovalKind.UNRECORDED)
"""Removals that may concern any question: what was deleted with them is not known any more."""


@dataclass(frozen=True)
class Removal:
    """*number* things of one kind, which belonged to *name*, were deleted."""

    name: str
    kind: RemovalKind
    number: int


def in_words(removals: Sequence[Removal]) -> list[str]:
    """Return what an answer about the past must say about what it cannot know: at most two sentences."""
    gone = [removal for removal in removals if removal.kind is not RemovalKind.UNRECORDED]
    sentences = []
    if gone:
        listed = ", ".join(map(_listed, gone))
        sentences.append(f"Deleted since then, and therefore missing from this answer: {listed}.")
    if len(gone) < len(removals):
        sentences.append(
            "Removed tags, versions removed from branches, and resumed support are recorded only since a "
            "later upgrade of this broker: the answer takes them as they were at that upgrade."
        )
    return sentences


def _listed(removal: Removal) -> str:
    if not removal.name:
        return f"all {removal.number} pacticipants that there were"
    if removal.kind in {RemovalKind.PACTICIPANT, RemovalKind.ENVIRONMENT}:
        return f"the {removal.kind.value} {removal.name}"
    plural = "" if removal.number == 1 else "s"
    return f"{removal.number} {removal.kind.value}{plural} of {removal.name}"
