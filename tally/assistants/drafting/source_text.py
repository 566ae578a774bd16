"""Texts as literals of a language, and nested parts on lines that are not too long."""

from collections.abc import Callable, Iterable

from tally.assistants.fitting import visible
from tally.values import dataclass

_WIDTH = 96
_LEAST_PRINTED = 0x20
_LARGEST_PLAIN = 0xFFFF
_DELETE = 0x7F


def python_text(text: str) -> str:
    """Return *text* as a literal of Python."""
    return f'"{"".join(_escaped(sign, _python_sign) for sign in text)}"'


def javascript_text(text: str) -> str:
    """Return *text* as a literal of JavaScript, in single quotes as most of its programs have."""
    return "'" + "".join(_escaped(sign, _units, quote="'") for sign in text) + "'"


def java_text(text: str) -> str:
    """Return *text* as a literal of Java, in ASCII: its compiler need not know how the file is encoded.

    `\\u` is read before literals are, so that it stands for signs alone that mean nothing in a program.
    """
    return f'"{"".join(_java_sign(sign) for sign in text)}"'


_NAMED = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _escaped(sign: str, otherwise: Callable[[str], str], *, quote: str = '"') -> str:
    if sign == quote:
        return f"\\{sign}"
    if sign in _NAMED:
        return _NAMED[sign]
    # What an answer would write otherwise, as nobody sees it, is no part of a program's text.
    return sign if sign.isprintable() and visible(sign) == sign else otherwise(sign)


def _python_sign(sign: str) -> str:
    code = ord(sign)
    return f"\\U{code:08x}" if code > _LARGEST_PLAIN else f"\\u{code:04x}"


def _units(sign: str) -> str:
    content = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{content[index]:02x}{content[index + 1]:02x}" for index in range(0, len(content), 2))


def _java_sign(sign: str) -> str:
    if sign == '"':
        return '\\"'
    if sign in _NAMED:
        return _NAMED[sign]
    code = ord(sign)
    if code < _LEAST_PRINTED or code == _DELETE:
        return f"\\{code:03o}"
    return sign if code < _DELETE else _units(sign)


@dataclass(frozen=True)
class Group:
    """Parts between two brackets, each with what stands before it: `"id": `."""

    opening: str
    parts: "tuple[tuple[str, Part], ...]"
    closing: str


Part = str | Group


def group(opening: str, parts: Iterable["Part"], closing: str) -> Group:
    """Return a group of parts with nothing before them."""
    return Group(opening, tuple(("", part) for part in parts), closing)


def laid_out(part: Part, indent: int, *, before: int = 0) -> str:
    """Return the part on one line, or on one line for each part of it, which are indented further.

    *before* is how much is on the first line already, without the indent.
    """
    flat = _flat(part)
    is_short = "\n" not in flat and indent + before + len(flat) <= _WIDTH
    if isinstance(part, str) or not part.parts or is_short:
        return flat
    if len(part.parts) == 1 and not part.parts[0][0] and isinstance(part.parts[0][1], Group):
        only = laid_out(part.parts[0][1], indent, before=before + len(part.opening))
        return f"{part.opening}{only}{part.closing}"
    inner = " " * (indent + 4)
    lines = [
        f"{inner}{prefix}{laid_out(each, indent + 4, before=len(prefix) + 1)}," for prefix, each in part.parts
    ]
    return "\n".join([part.opening.rstrip(), *lines, " " * indent + part.closing.lstrip()])


def _flat(part: Part) -> str:
    if isinstance(part, str):
        return part
    inner = ", ".join(f"{prefix}{_flat(each)}" for prefix, each in part.parts)
    return f"{part.opening}{inner}{part.closing}"
