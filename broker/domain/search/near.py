"""Which names somebody may have meant who asked for one that is not there."""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from enum import Enum

from broker.domain.search.words import folded
from tally.values import dataclass

MOST = 3
LONGEST = 100
"""Characters of a name that are compared."""
_ALIKE = 0.55
_BEGINS_SO = 0.9
PIECES = 6
PIECE = 3


class Near(Enum):
    """What a name is of."""

    APPLICATION = "application"
    VERSION = "version"
    BRANCH = "branch"
    ENVIRONMENT = "environment"


@dataclass(frozen=True)
class Asked:
    """What was asked for: names that may not be there. Versions and branches are of the first application."""

    applications: tuple[str, ...] = ()
    version: str | None = None
    branch: str | None = None
    environment: str | None = None

    def names(self) -> Iterable[tuple[Near, str]]:
        """Yield each name with what it is of."""
        for application in self.applications:
            yield Near.APPLICATION, application
        for near, name in (
            (Near.VERSION, self.version),
            (Near.BRANCH, self.branch),
            (Near.ENVIRONMENT, self.environment),
        ):
            if name:
                yield near, name


@dataclass(frozen=True)
class NearNames:
    """The name that is not there, and those that are most alike, if any are."""

    near: Near
    asked: str
    names: Sequence[str]


def pieces(name: str) -> list[str]:
    """Return parts of a name by which names that are alike are found: PIECES of them, some more than once."""
    text = folded(name)[:LONGEST]
    last = max(0, len(text) - PIECE)
    starts = [round(index * last / (PIECES - 1)) for index in range(PIECES)]
    return [text[start : start + PIECE] for start in starts]


def nearest(asked: Asked, known: Iterable[tuple[Near, str]]) -> NearNames | None:
    """Return the names most alike to the first one that is not there; None when all are."""
    names_of: dict[Near, list[str]] = {near: [] for near in Near}
    for near, name in known:
        names_of[near].append(name)
    for near, name in asked.names():
        if name in names_of[near]:
            continue
        found = sorted(
            ((_likeness(name, other), other) for other in dict.fromkeys(names_of[near])),
            key=lambda item: (-item[0], item[1]),
        )
        return NearNames(near, name, [other for likeness, other in found[:MOST] if likeness >= _ALIKE])
    return None


def _likeness(name: str, other: str) -> float:
    mine, its = folded(name)[:LONGEST], folded(other)[:LONGEST]
    if mine == its:
        return 1.0
    if its.startswith(mine) or mine.startswith(its):
        return _BEGINS_SO
    matcher = SequenceMatcher(None, mine, its, autojunk=False)
    if matcher.real_quick_ratio() < _ALIKE or matcher.quick_ratio() < _ALIKE:
        return 0.0
    return matcher.ratio()
