"""Who needs whom as a table: a row for each consumer, a column for each provider, the busiest first."""

from collections import Counter, defaultdict
from collections.abc import Callable

from markupsafe import Markup, escape

from broker.domain.network.network import Network, NetworkIntegration
from broker.domain.overview.summaries import PactStatus
from broker.web.pages.network.network_marks import (
    COLOURS,
    FONT,
    INK,
    LINE,
    SURFACE,
    css_class,
    number,
    shortened,
    width,
)

_CELL = 18
_BOX = 14
_GROUP = 5
"""After how many rows and columns there is a line, for the eye to follow."""
_LONGEST = 150
_MARGIN = 8
_SIGNS = {
    PactStatus.CHANGED: "m0-3.2a3.2 3.2 0 0 0 0 6.4z",
    PactStatus.NEVER: "m-1.6-1.2c0-2.3 3.4-2.1 3.2 0c-.1 1.1-1.5 1.1-1.6 2.2m0 1.7v.2",
    PactStatus.PENDING: "m0-3v3.4m0 1.8v.2",
    PactStatus.FAILED: "m-2.8-2.8 5.6 5.6m0-5.6-5.6 5.6",
}
"""What is drawn on a cell; a verified one has nothing, as most are."""


def table(
    network: Network, link: Callable[[str], str], pact_link: Callable[[NetworkIntegration], str]
) -> Markup:
    """Return the drawing: a service leads to its part of the network, and a cell to what it is about."""
    rows = _busiest(Counter(each.consumer for each in network.integrations))
    columns = _busiest(Counter(each.provider for each in network.integrations))
    left = _MARGIN * 2 + max(map(_width, rows), default=0)
    top = _MARGIN * 2 + max(map(_width, columns), default=0)
    wide, high = left + len(columns) * _CELL + _MARGIN, top + len(rows) * _CELL + _MARGIN
    inside = (
        _lines(left, top, len(rows), len(columns))
        + f'<g {FONT} fill="{INK}">{_labels(rows, columns, link, corner=(left, top))}</g>'
        + _cells(network, pact_link, _places(rows, columns, corner=(left, top)))
    )
    return Markup(  # noqa: S704 - every text in it is escaped
        f'<svg class="network-table" xmlns="http://www.w3.org/2000/svg" width="{number(wide)}" '
        f'height="{number(high)}" viewBox="0 0 {number(wide)} {number(high)}" role="group" '
        f'aria-label="Rows need columns, the busiest first">{inside}</svg>'
    )


Place = tuple[float, float]


def _busiest(counted: Counter[str]) -> list[str]:
    return sorted(counted, key=lambda name: (-counted[name], name.lower(), name))


def _width(name: str) -> float:
    return min(_LONGEST, width(name))


def _places(rows: list[str], columns: list[str], *, corner: Place) -> Callable[[NetworkIntegration], Place]:
    x = {name: corner[0] + (index + 0.5) * _CELL for index, name in enumerate(columns)}
    y = {name: corner[1] + (index + 0.5) * _CELL for index, name in enumerate(rows)}
    return lambda each: (x[each.provider], y[each.consumer])


def _lines(left: float, top: float, rows: int, columns: int) -> str:
    right, bottom = left + columns * _CELL, top + rows * _CELL
    level = [f"M{_MARGIN} {number(top + row * _CELL)}H{number(right)}" for row in range(0, rows + 1, _GROUP)]
    upright = [
        f"M{number(left + column * _CELL)} {_MARGIN}V{number(bottom)}"
        for column in range(0, columns + 1, _GROUP)
    ]
    return (
        f'<path class="rule" fill="none" stroke="{LINE}" stroke-opacity=".6" d="{"".join(level + upright)}"/>'
    )


def _labels(rows: list[str], columns: list[str], link: Callable[[str], str], *, corner: Place) -> str:
    left, top = corner
    parts = []
    for index, name in enumerate(rows):
        y = number(top + (index + 0.5) * _CELL + 4)
        parts.append(_label(name, link, f'x="{number(left - _MARGIN)}" y="{y}" text-anchor="end"'))
    for index, name in enumerate(columns):
        x = number(left + (index + 0.5) * _CELL + 4)
        turned = f'transform="translate({x} {number(top - _MARGIN)}) rotate(-90)"'
        parts.append(_label(name, link, turned))
    return "".join(parts)


def _label(name: str, link: Callable[[str], str], where: str) -> str:
    text = shortened(name, _LONGEST + 1)
    whole = f"<title>{escape(name)}</title>" if text != name else ""
    return f'<a href="{escape(link(name))}"><text {where}>{escape(text)}{whole}</text></a>'


def _cells(
    network: Network,
    pact_link: Callable[[NetworkIntegration], str],
    place: Callable[[NetworkIntegration], Place],
) -> str:
    by_verdict: defaultdict[PactStatus, list[NetworkIntegration]] = defaultdict(list)
    for each in network.integrations:
        by_verdict[each.verdict].append(each)
    parts = []
    for verdict, colour in COLOURS.items():
        if found := by_verdict[verdict]:
            boxes = "".join(_cell(each, pact_link(each), place(each)) for each in found)
            kind = f'class="cells {css_class(verdict)}" fill="{colour}"'
            parts.append(f"<g {kind}>{boxes}{_signs(verdict, found, place)}</g>")
    return "".join(parts)


def _cell(each: NetworkIntegration, href: str, place: Place) -> str:
    x, y = (number(value - _BOX / 2) for value in place)
    said = f"{each.consumer} needs {each.provider}: {each.verdict.value}"
    return (
        f'<a href="{escape(href)}"><rect x="{x}" y="{y}" width="{_BOX}" height="{_BOX}" rx="3"/>'
        f"<title>{escape(said)}</title></a>"
    )


def _signs(
    verdict: PactStatus, found: list[NetworkIntegration], place: Callable[[NetworkIntegration], Place]
) -> str:
    if verdict not in _SIGNS:
        return ""
    drawn = "".join(f"M{number(x)} {number(y)}{_SIGNS[verdict]}" for x, y in map(place, found))
    fill = SURFACE if verdict is PactStatus.CHANGED else "none"
    pen = f'fill="{fill}" stroke="{SURFACE}" stroke-width="1.6"'
    return f'<path class="sign" pointer-events="none" {pen} d="{drawn}"/>'
