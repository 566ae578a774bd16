"""Draw a badge: SVG for any page, without asking another host."""

from html import escape

from broker.domain.decisions.badges import Badge

_COLOURS = {"brightgreen": "#2e7d32", "red": "#c62828", "orange": "#b45309", "lightgrey": "#6b7280"}
_LEFT = "#444c56"
# Widths of 11 pixel Verdana, in tenths of a pixel; what is in no group is as wide as the widest.
_GROUPS = {
    "ijl|'": 32,
    "I.,:; fIt![]": 42,
    '()/\\-rJ"{}': 50,
    "csz_^*~`": 58,
    "aegkvxyLFPSTXZabdhnopqu0123456789?$=+<>": 70,
    "ABCDEGHKNOQRUVY#&": 80,
    "wMW%@m": 108,
}
_WIDTHS = {character: width for characters, width in _GROUPS.items() for character in characters}
_WIDEST = 115
_PADDING = 60


def svg(badge: Badge) -> str:
    """Return the badge as an SVG document, 20 pixels high, as wide as its texts."""
    left, right = _width(badge.left), _width(badge.right)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{escape(badge.left)}: {escape(badge.right)}">'
        f"<title>{escape(badge.left)}: {escape(badge.right)}</title>"
        f'<clipPath id="r"><rect width="{left + right}" height="20" rx="3"/></clipPath>'
        f'<g clip-path="url(#r)"><rect width="{left}" height="20" fill="{_LEFT}"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{_COLOURS[badge.colour]}"/></g>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">'
        f"{_text(badge.left, 0, left)}{_text(badge.right, left, right)}</g></svg>\n"
    )


def _text(text: str, start: int, width: int) -> str:
    # The length is set, so that another font cannot make the text leave its half.
    length = width - 2 * _PADDING // 10
    return (
        f'<text x="{start + _PADDING // 10}" y="14" textLength="{length}" '
        f'lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'
    )


def _width(text: str) -> int:
    tenths = sum(_WIDTHS.get(character, _WIDEST) for character in text)
    return (tenths + 2 * _PADDING + 9) // 10
