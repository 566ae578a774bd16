"""What changed between two versions, and whether that breaks anybody, as frozen values."""

from collections.abc import Mapping
from dataclasses import field, replace
from enum import Enum
from typing import Any

from tally.json_schema.answers import NO_VALUE
from tally.usage.places import Place
from tally.values import dataclass


class Mode(Enum):
    """What a new version must be able to do; a transitive mode asks it of every version before."""

    BACKWARD = "backward"  # readers of the new version understand what was written with the old one
    FORWARD = "forward"  # readers of the old version understand what is written with the new one
    FULL = "full"
    SERVICE = "service"  # what a service reads may only widen, what it writes may only narrow
    BACKWARD_TRANSITIVE = "backward-transitive"
    FORWARD_TRANSITIVE = "forward-transitive"
    FULL_TRANSITIVE = "full-transitive"
    SERVICE_TRANSITIVE = "service-transitive"

    @property
    def is_transitive(self) -> bool:
        """Whether all versions before are asked about, not only the last one."""
        return self.value.endswith("-transitive")

    @property
    def one_step(self) -> "Mode":
        """The mode that is asked of one version and the next."""
        return Mode(self.value.removesuffix("-transitive"))


class Verdict(Enum):
    """What is said of two versions."""

    COMPATIBLE = "compatible"
    BREAKING = "breaking"
    BREAKING_BUT_UNUSED = "breaking-but-unused"
    UNKNOWN = "unknown"


class Flow(Enum):
    """Who reads what a schema describes, seen from the service whose versions are compared."""

    RECEIVED = "received"
    SENT = "sent"
    BOTH = "both"


@dataclass(frozen=True)
class Rules:
    """What is asked of the new version.

    *lenient* takes for granted that nobody writes properties that no schema declares, and that readers
    ignore those that they do not know.
    """

    mode: Mode = Mode.SERVICE
    lenient: bool = False


@dataclass(frozen=True)
class Change:
    """One change. *old* and *new* are JSON pointers into the documents as they were given.

    *counterexample* is a value that was fine and is not any more, or NO_VALUE. *place* is the part of an
    operation that is concerned, where that can be said. *document* names that of several, and *version* the
    old one that it was compared with where there are several.
    """

    rule: str
    compatible: bool
    old: str
    new: str
    direction: Flow
    text: str
    counterexample: Any = NO_VALUE
    place: Place | None = None
    document: str = ""
    version: str = ""
    is_unused: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the change as it is printed and published."""
        state: dict[str, Any] = {
            "rule": self.rule,
            "compatible": self.compatible,
            "old": self.old,
            "new": self.new,
            "direction": self.direction.value,
            "text": self.text,
        }
        if self.counterexample is not NO_VALUE:
            state["counterexample"] = self.counterexample
        if self.place is not None:
            state["place"] = str(self.place)
        if self.document:
            state["document"] = self.document
        if self.version:
            state["version"] = self.version
        if self.is_unused:
            state["unused"] = True
        return state


@dataclass(frozen=True)
class Compatibility:
    """The changes from one version to another, and what they amount to.

    *reasons* say what could not be decided.
    """

    verdict: Verdict
    changes: tuple[Change, ...] = ()
    reasons: tuple[str, ...] = field(default=())

    @property
    def breaking(self) -> tuple[Change, ...]:
        """The changes that break somebody."""
        return tuple(change for change in self.changes if not change.compatible)

    def as_json(self) -> dict[str, Any]:
        """Return what is printed and published."""
        state: dict[str, Any] = {
            "verdict": self.verdict.value,
            "changes": [change.as_json() for change in self.changes],
        }
        return {**state, "reasons": list(self.reasons)} if self.reasons else state


_WORST_FIRST = (Verdict.BREAKING, Verdict.UNKNOWN, Verdict.BREAKING_BUT_UNUSED, Verdict.COMPATIBLE)


def together(found: Mapping[str, Compatibility]) -> Compatibility:
    """Return one answer about several old versions by their names: the worst, with all changes."""
    if len(found) == 1:
        return next(iter(found.values()))
    return Compatibility(
        next(verdict for verdict in _WORST_FIRST if any(each.verdict is verdict for each in found.values())),
        tuple(replace(change, version=name) for name, each in found.items() for change in each.changes),
        tuple(f"{name}: {reason}" for name, each in found.items() for reason in each.reasons),
    )
