"""HTML and SVG elements. Text is escaped unless it is already `Markup`."""

from collections.abc import Iterable
from html import escape

from verifier.reporting.wording import printable

_VOID = frozenset({"input", "meta", "br"})


class Markup(str):
    """Text that is already HTML or SVG, and is not escaped again."""

    __slots__ = ()


Child = str | None
Attribute = str | float | bool | None


def tag(name: str, /, *children: Child, **attributes: Attribute) -> Markup:
    """Return an element. Attributes that are None or False are left out; `class_` is written as "class"."""
    named = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
    written = "".join(
        f" {key}" if value is True else f' {key}="{escape(printable(str(value)))}"'
        for key, value in named
        if value is not None and value is not False
    )
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{joined(children)}</{name}>")


def joined(children: Iterable[Child]) -> Markup:
    """Return the children one after the other; None and empty ones are left out."""
    return Markup("".join(map(_escaped, filter(None, children))))


def _escaped(child: str) -> str:
    return child if isinstance(child, Markup) else escape(printable(child), quote=False)
