"""Who needs whom as a drawing: consumers left of what they need, an edge for each integration."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache

from markupsafe import Markup, escape

from broker.domain.network.layout import Layout, Place, Spacing, layered
from broker.domain.network.network import Network, NetworkIntegration
from broker.domain.overview.summaries import PactStatus
from broker.web.pages.network.network_marks import (
    COLOURS,
    FONT,
    INK,
    LINE,
    QUIET,
    SURFACE,
    css_class,
    marks,
    number,
    shortened,
    width,
)
from tally.values import dataclass

_MARGIN = 10
_BETWEEN = 76
"""From one column to the next."""
_NARROWEST, _WIDEST = 64, 176
_PADDING = 10
_OF_A_TEAM = 0.875
"""The size of the text of a team, where that of a name is 1."""
_PORT = 8
"""How far apart edges meet a box, where there is room for that."""
_MARK = 7
_FADED = 0.16
_STROKES = {
    PactStatus.VERIFIED: 'stroke-width="1.1" stroke-opacity=".7"',
    PactStatus.CHANGED: 'stroke-width="1.6" stroke-dasharray="9 4"',
    PactStatus.NEVER: 'stroke-width="1.3" stroke-dasharray="1.5 3.5"',
    PactStatus.PENDING: 'stroke-width="1.8" stroke-dasharray="5 3"',
    PactStatus.FAILED: 'stroke-width="2.4"',
}
_layered = lru_cache(maxsize=16)(layered)

Pair = tuple[str, str]


@dataclass(frozen=True)
class _Box:
    left: float
    right: float
    middle: float
    height: float


@dataclass(frozen=True)
class _Line:
    """The path of an edge, and where the mark of its verdict is."""

    path: str
    mark: tuple[float, float]


def graph(network: Network, link: Callable[[str], str], *, lit: Collection[Pair] | None = None) -> Markup:
    """Return the drawing; *link* is where a service leads to.

    Everything but the integrations in *lit* and their services is faded; None fades nothing. The places are
    kept for the next time: they depend on nothing but who needs whom.
    """
    tall = 38 if network.teams else 30
    pairs = tuple((each.consumer, each.provider) for each in network.integrations)
    layout = _layered(tuple(network.services), pairs, Spacing(nodes=tall + 8, node_and_bend=tall / 2 + 8))
    columns = _columns(layout, network.teams)
    boxes = {
        name: _Box(*columns[place.column], middle=_MARGIN + tall / 2 + place.height, height=tall)
        for name, place in layout.places.items()
    }
    wide = columns[-1][1] + _MARGIN if columns else 0
    high = max((box.middle for box in boxes.values()), default=0) + tall / 2 + _MARGIN
    high = max(
        high,
        *(_MARGIN * 2 + tall / 2 + place.height for route in layout.routes.values() for place in route),
        0,
    )
    lines = _lines(layout, boxes, columns)
    parts = []
    for faded, integrations in _by_light(network.integrations, lit):
        drawn = _edges(integrations, lines)
        parts.append(f'<g opacity="{_FADED}">{drawn}</g>' if faded and drawn else drawn)
    shown = None if lit is None else {name for pair in lit for name in pair}
    parts.append(f"<g {FONT}>{_nodes(network, boxes, link, shown)}</g>")
    return Markup(  # noqa: S704 - every text in it is escaped
        f'<svg class="network-graph" xmlns="http://www.w3.org/2000/svg" width="{number(wide)}" '
        f'height="{number(high)}" viewBox="0 0 {number(wide)} {number(high)}" role="group" '
        f'aria-label="Services, consumers left of what they need">{"".join(parts)}</svg>'
    )


def _columns(layout: Layout, teams: Mapping[str, str]) -> list[tuple[float, float]]:
    """Return from where to where each column reaches, as wide as its longest text."""
    widths: dict[int, float] = {}
    for name, place in layout.places.items():
        wanted = max(width(name), width(teams.get(name, "")) * _OF_A_TEAM) + 2 * _PADDING
        widths[place.column] = min(_WIDEST, max(_NARROWEST, wanted, widths.get(place.column, 0)))
    columns = []
    left = float(_MARGIN)
    for _, wide in sorted(widths.items()):
        columns.append((left, left + wide))
        left += wide + _BETWEEN
    return columns


def _by_light(
    integrations: Sequence[NetworkIntegration], lit: Collection[Pair] | None
) -> list[tuple[bool, list[NetworkIntegration]]]:
    if lit is None:
        return [(False, list(integrations))]
    found: dict[bool, list[NetworkIntegration]] = {True: [], False: []}
    for each in integrations:
        found[(each.consumer, each.provider) not in lit].append(each)
    return list(found.items())


def _edges(integrations: Sequence[NetworkIntegration], lines: Mapping[Pair, _Line]) -> str:
    by_verdict: defaultdict[PactStatus, list[_Line]] = defaultdict(list)
    for each in integrations:
        by_verdict[each.verdict].append(lines[each.consumer, each.provider])
    shown = [(verdict, by_verdict[verdict]) for verdict in COLOURS if verdict in by_verdict]
    strokes = [
        f'<g class="edges {css_class(verdict)}" fill="none" stroke="{COLOURS[verdict]}" {_STROKES[verdict]}>'
        f"{_paths(found)}</g>"
        for verdict, found in shown
    ]
    return "".join([*strokes, *(marks(verdict, [line.mark for line in found]) for verdict, found in shown)])


def _paths(lines: Sequence[_Line]) -> str:
    return "".join(f'<path d="{line.path}"/>' for line in lines)


def _lines(
    layout: Layout, boxes: Mapping[str, _Box], columns: Sequence[tuple[float, float]]
) -> dict[Pair, _Line]:
    ports = _ports(layout, boxes)
    return {
        edge: _loop(boxes[edge[0]])
        if len(route) == 1
        else _line(edge, route, boxes=boxes, columns=columns, ports=ports)
        for edge, route in layout.routes.items()
    }


def _line(
    edge: Pair,
    route: tuple[Place, ...],
    *,
    boxes: Mapping[str, _Box],
    columns: Sequence[tuple[float, float]],
    ports: Mapping[tuple[Pair, bool], float],
) -> _Line:
    """Return a line that is level where it passes a column, and where it meets a box."""
    start, end = boxes[edge[0]], boxes[edge[1]]
    forward = route[0].column < route[1].column
    x = start.right if forward else start.left
    y = ports[edge, False]
    path = f"M{number(x)} {number(y)}"
    for place in route[1:-1]:
        near, far = columns[place.column] if forward else columns[place.column][::-1]
        level = _MARGIN + start.height / 2 + place.height
        path += f"{_curve(x, y, near, level)}H{number(far)}"
        x, y = far, level
    direction = 1 if forward else -1
    mark = ((end.left if forward else end.right) - direction * _MARK, ports[edge, True])
    return _Line(path + _curve(x, y, *mark), mark)


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    between = number((x + to_x) / 2)
    return f"C{between} {number(y)} {between} {number(to_y)} {number(to_x)} {number(to_y)}"


def _loop(box: _Box) -> _Line:
    """Return the line of a service that needs itself: round its upper right corner."""
    top = box.middle - box.height / 2
    down = number(box.height / 2 - 6)
    path = f"M{number(box.right - 26)} {number(top)}c0-12 40-12 40 6q0 {down}-14 {down}"
    return _Line(path, (box.right + _MARK, box.middle))


def _ports(layout: Layout, boxes: Mapping[str, _Box]) -> dict[tuple[Pair, bool], float]:
    """Return how far down each edge leaves its consumer (False) and meets its provider (True).

    Edges on one side of a box are in the order of where they come from, so that they do not cross there.
    """
    sides: defaultdict[tuple[str, bool], list[tuple[float, Pair, bool]]] = defaultdict(list)
    for edge, route in layout.routes.items():
        for here, beside, is_end in ((route[0], route[1:2], False), (route[-1], route[-2:-1], True)):
            for other in beside:
                side = (edge[is_end], other.column > here.column)
                sides[side].append((other.height, edge, is_end))
    found = {}
    for (name, _), ends in sides.items():
        box = boxes[name]
        step = min(_PORT, (box.height - 12) / max(1, len(ends) - 1))
        for index, (_, edge, is_end) in enumerate(sorted(ends)):
            found[edge, is_end] = box.middle + (index - (len(ends) - 1) / 2) * step
    return found


def _nodes(
    network: Network, boxes: Mapping[str, _Box], link: Callable[[str], str], lit: Collection[str] | None
) -> str:
    broken = {
        name
        for each in network.integrations
        if each.verdict is PactStatus.FAILED
        for name in (each.consumer, each.provider)
    }
    needs, needed_by = _counts(network)
    parts = []
    for name, box in boxes.items():
        said = f"{name}: needs {needs[name]}, needed by {needed_by[name]}"
        light = f' opacity="{_FADED}"' if lit is not None and name not in lit else ""
        parts.append(
            f'<a href="{escape(link(name))}"{light}>{_box(box, name in broken)}'
            f"{_label(box, name, network.teams.get(name))}<title>{escape(said)}</title></a>"
        )
    return "".join(parts)


def _counts(network: Network) -> tuple[Mapping[str, int], Mapping[str, int]]:
    needs: defaultdict[str, int] = defaultdict(int)
    needed_by: defaultdict[str, int] = defaultdict(int)
    for each in network.integrations:
        needs[each.consumer] += 1
        needed_by[each.provider] += 1
    return needs, needed_by


def _box(box: _Box, broken: bool) -> str:  # noqa: FBT001 - whether an edge of it has failed
    border = (
        f'class="broken" stroke="{COLOURS[PactStatus.FAILED]}" stroke-width="1.6"'
        if broken
        else f'stroke="{LINE}"'
    )
    place = f'x="{number(box.left)}" y="{number(box.middle - box.height / 2)}"'
    size = f'width="{number(box.right - box.left)}" height="{number(box.height)}"'
    return f'<rect {place} {size} rx="6" fill="{SURFACE}" {border}/>'


def _label(box: _Box, name: str, team: str | None) -> str:
    x = number(box.left + _PADDING)
    most = box.right - box.left - 2 * _PADDING + 1
    baseline = box.middle + (-2 if team else 4)
    text = f'<text x="{x}" y="{number(baseline)}" fill="{INK}">{escape(shortened(name, most))}</text>'
    if team:
        place = f'x="{x}" y="{number(box.middle + 12)}" font-size="{12 * _OF_A_TEAM}"'
        shown = escape(shortened(team, most / _OF_A_TEAM))
        text += f'<text class="team" {place} fill="{QUIET}">{shown}</text>'
    return text
