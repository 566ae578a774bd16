"""How verdicts look: the word, the class that gives shape and colour, and drawings of many of them."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from broker.domain.overview.summaries import PactStatus
from tally.amounts import counted
from tally.values import dataclass

_HEIGHT, _LOW = 18, 11
"""Of a bar: what failed is taller, so that it shows without colour as well."""
_TALL = {"failed", "pending"}
_SHARES = 1000
_LEAST = 6
"""Of a share, so that one of ten thousand can be seen."""


@dataclass(frozen=True)
class Look:
    """The word of a verdict, and the class that gives its shape and colour."""

    kind: str
    word: str


LOOKS = {status.name: Look(status.name.lower(), status.value) for status in PactStatus}
WORST_FIRST = ("FAILED", "PENDING", "NEVER", "CHANGED", "VERIFIED")


@dataclass(frozen=True)
class Strip:
    """The last results as bars: one path for each kind of verdict, and the same in words."""

    paths: Sequence[tuple[str, str]]
    width: int
    label: str


@dataclass(frozen=True)
class Shares:
    """The share of each verdict: kind, where it begins, and its width; and the same in words."""

    parts: Sequence[tuple[str, float, float]]
    label: str


def look(status: PactStatus | str) -> Look:
    """Return how a verdict looks."""
    return LOOKS[status if isinstance(status, str) else status.name]


def strip(results: Sequence[PactStatus | str], width: int = 6) -> Strip:
    """Draw results, the oldest first, each as a bar that is *width* wide."""
    looks = [look(result) for result in results]
    step = width + 2
    paths: dict[str, str] = {}
    for place, one in enumerate(looks):
        height = _HEIGHT if one.kind in _TALL else _LOW
        bar = f"M{place * step} {_HEIGHT - height}h{width}v{height}h-{width}z"
        paths[one.kind] = paths.get(one.kind, "") + bar
    runs = [f"{len(list(run))} {word}" for word, run in groupby(one.word for one in looks)]
    label = f"{counted(len(looks), 'result')}, the newest last: {', '.join(runs)}"
    return Strip(list(paths.items()), max(0, step * len(looks) - 2), label)


def shares(counts: Mapping[str, int]) -> Shares:
    """Draw how many there are of each verdict, the worst first; counts of 0 are left out."""
    found = [(look(name), counts[name]) for name in WORST_FIRST if counts.get(name)]
    gaps = 3 * max(0, len(found) - 1)
    total = sum(count for _, count in found)
    widths = [max(_LEAST, (_SHARES - gaps) * count / total) for _, count in found]
    scale = (_SHARES - gaps) / sum(widths) if widths else 1
    parts, place = [], 0.0
    for (one, _), width in zip(found, widths, strict=True):
        parts.append((one.kind, round(place, 1), round(width * scale, 1)))
        place += width * scale + 3
    return Shares(parts, ", ".join(f"{count:,} {one.word}" for one, count in found))


FILTERS = {"verdict": look, "strip": strip, "shares": shares}
