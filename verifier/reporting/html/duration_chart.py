"""A histogram of the durations, as SVG."""

from bisect import bisect_left
from collections.abc import Sequence

from verifier.reporting.html.markup import Markup, joined, tag
from verifier.reporting.wording import milliseconds
from verifier.results.statistics import percentile

LIMITS = tuple(mantissa * 10.0**power for power in range(-1, 5) for mantissa in (1, 2, 3, 5))
"""Upper limits of the bins in milliseconds: 0.1, 0.2, 0.3, 0.5, 1, …; one more bin is above them."""
_STEP, _BAR, _HIGHEST, _TOP, _BELOW = 64, 48, 110, 24, 28


def classes(ordered: Sequence[float]) -> list[tuple[str, int]]:
    """Return the name and the count of each bin, from the first one that is not empty to the last."""
    numbers = [bisect_left(LIMITS, time) for time in ordered]
    if not numbers:
        return []
    return [(_name(number), numbers.count(number)) for number in range(numbers[0], numbers[-1] + 1)]


def _name(number: int) -> str:
    if number == len(LIMITS):
        return f"> {_short(LIMITS[-1])}"
    return f"≤ {_short(LIMITS[number])}"


def _short(time: float) -> str:
    return f"{time:g} ms" if time < 1000 else f"{time / 1000:g} s"  # noqa: PLR2004 - a second


def duration_chart(ordered: Sequence[float]) -> Markup:
    """Return the chart of *ordered*, durations in milliseconds, shortest first; empty when there are none."""
    counted = classes(ordered)
    if not counted:
        return Markup("")
    most = max(count for _, count in counted)
    bars = [_bar(index, name, count, most) for index, (name, count) in enumerate(counted)]
    width, height = len(counted) * _STEP, _TOP + _HIGHEST + _BELOW
    return tag(
        "svg",
        tag("title", "Durations", id="chart-title"),
        tag("desc", _description(ordered), id="chart-text"),
        *bars,
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        aria_labelledby="chart-title chart-text",
        class_="chart",
    )


def _bar(index: int, name: str, count: int, most: int) -> Markup:
    height = max(_HIGHEST * count / most, 2 if count else 0)
    top, middle = _TOP + _HIGHEST - height, index * _STEP + _STEP / 2
    return joined(
        (
            tag("rect", x=middle - _BAR / 2, y=round(top, 1), width=_BAR, height=round(height, 1), rx=3),
            tag("text", str(count), x=middle, y=round(top - 6, 1)) if count else None,
            tag("text", name, x=middle, y=_TOP + _HIGHEST + 18, class_="axis"),
        )
    )


def _description(ordered: Sequence[float]) -> str:
    half, most = percentile(ordered, 50), percentile(ordered, 95)
    if half is None or most is None:
        return ""
    return (
        f"Of {len(ordered)} responses, half took at most {milliseconds(half)}, "
        f"95 % at most {milliseconds(most)}."
    )
