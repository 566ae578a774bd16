"""Charts as SVG: bars by day, lines of quantiles, and a strip of days. Only attributes have lengths."""

from collections.abc import Mapping, Sequence
from datetime import date

from broker.domain.insights.counts import Counts
from broker.domain.insights.durations import quantiles
from broker.domain.insights.periods import WEEK, Window
from broker.domain.insights.question import DurationLines, IntegrationDays, Period
from tally.amounts import counted
from tally.values import dataclass

WIDTH, HEIGHT = 640, 210
TOP, BOTTOM = 16, 184
"""Between which heights values are drawn; dates stand below."""
LEFT, RIGHT = 44, 640
KINDS = (("verified", "passed"), ("pending", "failed, pending"), ("failed", "failed"))
SHARES = (0.5, 0.95, 0.99)
QUANTILES = ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))
_LINES, _LABELS = 4, 6
_NARROWEST_LABEL = 14
_STEP = 8
_WORDS = {
    "never": "without results",
    "failed": "with failures",
    "pending": "with pending failures",
    "verified": "all passed",
}
_BARS = {
    kind: f"{18 - height}h6v{height}h-6z"
    for kind, height in (("never", 3), ("failed", 18), ("pending", 18), ("verified", 11))
}
_OUTLIER = 2.5
"""How many times the highest p95 a p99 may be; what is higher is cut off."""


@dataclass(frozen=True)
class Mark:
    """A text of an axis, or at the end of a line."""

    text: str
    x: float
    y: float


@dataclass(frozen=True)
class Chart:
    """Paths by their class, lines of the grid with their texts, texts below, and the whole in words."""

    label: str
    paths: Sequence[tuple[str, str]]
    grid: Sequence[Mark]
    below: Sequence[Mark]
    ends: Sequence[Mark] = ()


@dataclass(frozen=True)
class DayStrip:
    """One bar for each period: a path for each kind, and the same in words."""

    paths: Sequence[tuple[str, str]]
    width: int
    label: str


def bars(periods: Sequence[Period], window: Window) -> Chart:
    """Draw how many results passed and failed in each period, one above the other."""
    highest = max((each.counts.results for each in periods), default=0)
    steps = _steps(highest, whole=True)
    top = steps[-1] or 1
    step = (RIGHT - LEFT) / max(1, len(periods))
    width = max(1.0, step - (2 if step > 5 else 0.5))  # noqa: PLR2004 - where gaps are left to see
    paths: dict[str, str] = {}
    for place, period in enumerate(periods):
        base = float(BOTTOM)
        for (kind, _), number in zip(KINDS, _numbers(period.counts), strict=True):
            if number:
                height = (BOTTOM - TOP) * number / top
                base -= height
                paths[kind] = (
                    paths.get(kind, "")
                    + f"M{LEFT + place * step:.1f} {base:.1f}h{width:.1f}v{height:.1f}h-{width:.1f}z"
                )
    every = "week" if window.span == WEEK else "day"
    sums = [sum(numbers) for numbers in zip(*(_numbers(each.counts) for each in periods), strict=True)]
    told = ", ".join(f"{number:,} {word}" for (_, word), number in zip(KINDS, sums, strict=True) if number)
    return Chart(
        f"Results for each {every}: {told or 'none'}",
        [(kind, paths[kind]) for kind, _ in KINDS if kind in paths],
        [Mark(f"{value:,.0f}", LEFT - 6, _height(value, top)) for value in steps],
        _dates([each.start for each in periods], step / 2),
    )


def lines(found: DurationLines, window: Window) -> Chart | None:
    """Draw the quantiles of each period, p50 at the bottom; None when nothing says how long it took."""
    by_day = {start: quantiles(durations, SHARES) for start, durations in found.periods if durations.counts}
    if not by_day:
        return None
    starts = window.starts()
    values = [[value for value in of_day if value is not None] for of_day in by_day.values()]
    highest = min(max(of_day[-1] for of_day in values), _OUTLIER * max(of_day[1] for of_day in values))
    steps = _steps(highest)
    step = (RIGHT - 84 - LEFT) / max(1, len(starts) - 1)
    paths, ends = [], []
    for index, (_, name) in enumerate(QUANTILES):
        points = {
            place: of_day[index]
            for place, start in enumerate(starts)
            if (of_day := by_day.get(start)) and of_day[index] is not None
        }
        paths.append((name, _line(points, step, steps[-1])))
        last = max(points)
        ends.append(
            Mark(
                f"{name} {milliseconds(points[last])}",
                LEFT + last * step + 6,
                _height(min(points[last] or 0, steps[-1]), steps[-1]) + 4,
            )
        )
    newest = by_day[max(by_day)]
    told = ", ".join(
        f"{name} {milliseconds(value)}" for (_, name), value in zip(QUANTILES, newest, strict=True)
    )
    return Chart(
        f"How long verifying {found.provider} took, at the end: {told}",
        paths,
        [Mark(milliseconds(value), LEFT - 6, _height(value, steps[-1])) for value in steps],
        _dates(starts, 0, step),
        _apart(ends),
    )


def day_strips(found: Sequence[IntegrationDays], window: Window) -> list[DayStrip]:
    """Draw one bar for each period: taller where something failed, a line where there was no result."""
    starts, every = window.starts(), "week" if window.span == WEEK else "day"
    return [_day_strip([_kind(each.periods.get(start)) for start in starts], every) for each in found]


def _day_strip(kinds: Sequence[str], every: str) -> DayStrip:
    paths: dict[str, list[str]] = {}
    for place, kind in enumerate(kinds):
        paths.setdefault(kind, []).append(f"M{place * _STEP} {_BARS[kind]}")
    told = sorted((_WORDS[kind], len(bars)) for kind, bars in paths.items())
    return DayStrip(
        [(kind, "".join(bars)) for kind, bars in paths.items()],
        _STEP * len(kinds) - 2,
        ", ".join(f"{counted(number, every)} {word}" for word, number in told),
    )


def milliseconds(value: float | None) -> str:
    """Return a duration as it fits an axis: "412 ms", "2.1 s"."""
    if value is None:
        return "unknown"
    if value >= 1000:  # noqa: PLR2004 - a second
        return f"{value / 1000:.3g} s"
    return f"{value:.3g} ms"


def _kind(counts: Counts | None) -> str:
    if counts is None or not counts.results:
        return "never"
    if counts.failed:
        return "failed"
    return "pending" if counts.pending else "verified"


def _numbers(counts: Counts) -> tuple[int, int, int]:
    return counts.passed, counts.pending, counts.failed


def _height(value: float, top: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * value / top, 1)


def _steps(highest: float, *, whole: bool = False) -> list[float]:
    """Return round numbers from 0 to one that is not less than *highest*."""
    if highest <= 0:
        return [0, 1]
    size: float = 10 ** (len(str(int(highest))) - 1) if highest >= 1 else 0.1
    for factor in (0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5, 10):
        step = size * factor
        if whole and step != int(step):
            continue
        if highest / step <= _LINES:
            break
    count = int(-(-highest // step))
    return [step * number for number in range(count + 1)]


def _line(points: Mapping[int, float | None], step: float, top: float) -> str:
    path, before = "", None
    for place, value in points.items():
        move = "L" if before is not None else "M"
        path += f"{move}{LEFT + place * step:.1f} {_height(min(value or 0, top), top)}"
        before = place
    return path


def _dates(starts: Sequence[date], offset: float, step: float | None = None) -> list[Mark]:
    width = step if step is not None else (RIGHT - LEFT) / max(1, len(starts))
    every = max(1, -(-len(starts) // _LABELS))
    return [
        Mark(f"{start.day} {start:%b}", round(LEFT + place * width + offset, 1), HEIGHT - 6)
        for place, start in enumerate(starts)
        if place % every == 0
    ]


def _apart(ends: Sequence[Mark]) -> list[Mark]:
    """Move texts that would cover each other; the highest one stays."""
    placed: list[Mark] = []
    for mark in sorted(ends, key=lambda mark: mark.y):
        least = placed[-1].y + _NARROWEST_LABEL if placed else mark.y
        placed.append(Mark(mark.text, mark.x, max(mark.y, least)))
    over = max(0.0, placed[-1].y - BOTTOM) if placed else 0.0
    return [Mark(mark.text, mark.x, round(mark.y - over, 1)) for mark in placed]


FILTERS = {"milliseconds": milliseconds}
