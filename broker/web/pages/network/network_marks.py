"""What pictures of the network are drawn with: colours, the marks of verdicts, and labels that fit.

Every colour is an attribute, for an image that stands alone; on a page the styles of the theme are stronger.
"""

from unicodedata import east_asian_width

from broker.domain.overview.summaries import PactStatus

SURFACE = "#fff"
INK = "#1f232b"
QUIET = "#59606d"
LINE = "#cfc9bf"
COLOURS = {
    PactStatus.VERIFIED: "#1a7f4e",
    PactStatus.CHANGED: "#6f5aa8",
    PactStatus.NEVER: "#68707d",
    PactStatus.PENDING: "#9a6200",
    PactStatus.FAILED: "#c2261f",
}
"""The colours of the verdicts, in the order in which they are drawn: the worst on top."""
FONT = 'font-family="system-ui,sans-serif" font-size="12"'

_RING = "m-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z"
_MARKS = {
    PactStatus.VERIFIED: ("", "m-5-3.5 6 3.5-6 3.5z", ""),
    PactStatus.CHANGED: (_RING, "m0-5a5 5 0 0 0 0 10z", ""),
    PactStatus.NEVER: (_RING, "", "m-1.7-1.2c0-2.4 3.6-2.2 3.4 0c-.1 1.1-1.6 1.2-1.7 2.3m0 1.7v.2"),
    PactStatus.PENDING: ("", "m0-6 6 11h-12z", "m0-2.5v3.6m0 1.7v.2"),
    PactStatus.FAILED: (
        "",
        "m-2.4-6h4.8l3.6 3.6v4.8l-3.6 3.6h-4.8l-3.6-3.6v-4.8z",
        "m-2.4-2.4 4.8 4.8m0-4.8-4.8 4.8",
    ),
}
_LEAST_APART = dict.fromkeys(PactStatus, 10.0) | {PactStatus.VERIFIED: 5.0}
_NARROW = frozenset("iljtfrI.,:;'|!()[] -/")
_WIDE = frozenset("mwMWGOQ@%&#")


def marks(verdict: PactStatus, places: list[tuple[float, float]]) -> str:
    """Return the marks of a verdict at all these places, as at most three paths.

    Of marks that would cover each other, where many edges meet one box, some are left out.
    """
    places = _apart(places, _LEAST_APART[verdict])
    ring, filled, sign = (
        "".join(f"M{number(x)} {number(y)}{shape}" for x, y in places) if shape else ""
        for shape in _MARKS[verdict]
    )
    colour = COLOURS[verdict]
    on = SURFACE if filled else colour
    parts = []
    if ring:
        parts.append(f'<path class="ring" fill="{SURFACE}" stroke="{colour}" stroke-width="1.5" d="{ring}"/>')
    if filled:
        parts.append(f'<path class="mark" fill="{colour}" d="{filled}"/>')
    if sign:
        kind = "sign" if filled else "line"
        parts.append(f'<path class="{kind}" fill="none" stroke="{on}" stroke-width="1.6" d="{sign}"/>')
    return f'<g class="{css_class(verdict)}">{"".join(parts)}</g>'


def _apart(places: list[tuple[float, float]], least: float) -> list[tuple[float, float]]:
    kept: list[tuple[float, float]] = []
    for x, y in sorted(places):
        if not kept or kept[-1][0] != x or y - kept[-1][1] >= least:
            kept.append((x, y))
    return kept


def css_class(verdict: PactStatus) -> str:
    """Return the class by which the styles know a verdict."""
    return verdict.name.lower()


def number(value: float) -> str:
    """Return a length in few characters: tenths of a pixel are enough."""
    return f"{value:.1f}".removesuffix(".0")


def width(text: str) -> float:
    """Return about how wide a text of 12 pixels is."""
    return sum(map(_width, text))


def shortened(text: str, most: float) -> str:
    """Return the text, without its middle where it would be wider than *most*: names differ at both ends."""
    if width(text) <= most:
        return text
    first, last = text[: len(text) // 2], text[len(text) // 2 :]
    while width(first) + width(last) > most - _width("m") and first and last:
        first, last = (first[:-1], last) if width(first) >= width(last) else (first, last[1:])
    return f"{first.rstrip()}…{last.lstrip()}"


def _width(character: str) -> float:
    if character in _NARROW:
        return 4.2
    if character in _WIDE or east_asian_width(character) in "WF":
        return 12.0 if east_asian_width(character) in "WF" else 10.4
    return 8.2 if character.isupper() else 7.0
