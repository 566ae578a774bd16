"""Regular expressions as Java, JavaScript, Ruby and the Rust core write them, in the words of `regex`.

Where languages disagree, the Rust core decides, whose engine (Oniguruma) speaks as Ruby: `\\h` is a digit of
a hexadecimal number, `a{2}{3}` six times "a", and in a set `&&` alone is an operator.
"""

import re
from collections.abc import Callable

_QUANTIFIER = re.compile(r"[*+?]|\{(?:\d+(?:,\d*)?|,\d+)\}")
_GROUP = re.compile(r"\(\?(?:P?<(?P<name>[^>=!][^>]*)>|'(?P<quoted>[^']+)')")
_FLAGS = re.compile(r"\(\?(?P<on>[A-Za-z]*)(?:-(?P<off>[A-Za-z]+))?(?P<end>[:)])")
_REFERENCE = re.compile(r"\\(?P<kind>[kg])(?:<(?P<a>[^>]+)>|'(?P<b>[^']+)'|\{(?P<c>[^}]+)\})")
_CODE = re.compile(r"\\(?:[xu]\{(?P<code>[0-9A-Fa-f]{1,6})\}|c(?P<control>[@-_a-z]))")
_PROPERTY = re.compile(r"\\[pP](?:\{[^}]*\}|[A-Za-z])")
_CLASS_NAME = re.compile(r"\[:\^?[a-z]+:\]")
_QUOTED = re.compile(r"\\Q(.*?)(?:\\E|\Z)", re.DOTALL)
_EXTENDED = re.compile(r"\(\?[a-wyzA-Z]*x")
_KEPT = frozenset("dDwWsSbBAGKRXnrtfvaxuU0123456789")
_WORDS = {
    "z": r"\Z", "Z": r"\Z", "e": r"\x1b", "E": "",
    "h": "[0-9a-fA-F]", "H": "[^0-9a-fA-F]", "N": r"[^\n]", "O": "(?s:.)",
}  # fmt: skip
_UNICODE_FLAGS = "uUd"  # of Java: what they ask for is so anyway


class DialectError(ValueError):
    """A word of a regular expression that no engine here knows; the text says which."""


def translated(expression: str) -> str:
    """Return *expression* for `regex` with its flag V1. Raises DialectError."""
    if _EXTENDED.search(expression):
        return expression  # white space and comments: nothing in it is what it looks like
    return _Translation(expression).text()


class _Translation:
    """One walk over an expression: pieces that are done, and where the last atom is among them."""

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._at = 0
        self._done: list[str] = []
        self._open: list[int] = []
        self._atom: int | None = None
        self._repeated = False
        self._names: dict[str, str] = {}

    def text(self) -> str:
        """Return all of it."""
        while self._at < len(self._expression):
            self._step()
        return "".join(self._done)

    def _step(self) -> None:
        char = self._expression[self._at]
        quantifier = _QUANTIFIER.match(self._expression, self._at)
        if quantifier and self._atom is not None:
            self._quantify(quantifier[0])
        elif char in _STEPS:
            _STEPS[char](self)
        else:
            self._at += 1
            self._add(rf"\{char}" if char in "{}" else char, atom=char not in "|^$")

    def _add(self, piece: str, *, atom: bool = True) -> None:
        self._done.append(piece)
        self._atom = len(self._done) - 1 if atom else None
        self._repeated = False

    def _quantify(self, quantifier: str) -> None:
        """Repeat the last atom, be it lazily or possessively; one that is repeated already as a group."""
        self._at += len(quantifier)
        following = self._expression[self._at : self._at + 1]
        if following == "?" or (following == "+" and len(quantifier) == 1):
            self._at += 1
            quantifier += following
        index = self._atom or 0
        atom = self._done[index]
        self._done[index] = (f"(?:{atom})" if self._repeated else atom) + quantifier
        self._repeated = True

    def _group(self) -> None:
        named = _GROUP.match(self._expression, self._at)
        flags = _FLAGS.match(self._expression, self._at)
        if self._expression.startswith("(?#", self._at):
            self._at = (self._expression.find(")", self._at) + 1) or len(self._expression)
            return
        if flags and flags["end"] == ")":
            self._at = flags.end()
            self._add(_flags(flags), atom=False)
            return
        self._open.append(len(self._done))
        if named:
            self._at = named.end()
            self._add(f"(?P<{self._name(named['name'] or named['quoted'])}>", atom=False)
        elif flags:
            self._at = flags.end()
            self._add(_flags(flags), atom=False)
        else:
            beginning = re.compile(r"\((?:\?(?:<?[=!]|[:>|]))?").match(self._expression, self._at)
            self._at = beginning.end() if beginning else self._at + 1
            self._add(beginning[0] if beginning else "(", atom=False)

    def _close(self) -> None:
        self._at += 1
        start = self._open.pop() if self._open else len(self._done)
        whole = "".join(self._done[start:]) + ")"
        del self._done[start:]
        self._add(whole)

    def _escape(self) -> None:
        expression, at = self._expression, self._at
        if quoted := _QUOTED.match(expression, at):
            self._at = quoted.end()
            for char in quoted[1]:
                self._add(re.escape(char))
        elif reference := _REFERENCE.match(expression, at):
            self._at = reference.end()
            self._add(self._referred(reference))
        else:
            piece, self._at = _escaped(expression, at)
            self._add(piece)

    def _referred(self, reference: re.Match[str]) -> str:
        """Return what "\\k<name>" refers back to, or the group that "\\g<name>" tries once more."""
        to = reference["a"] or reference["b"] or reference["c"]
        if to.isdecimal():
            again = "(?R)" if int(to) == 0 else f"(?{to})"
            return again if reference["kind"] == "g" else rf"(?:\{to})"
        return f"(?&{self._name(to)})" if reference["kind"] == "g" else f"(?P={self._name(to)})"

    def _name(self, name: str) -> str:
        """Return a name that the engine takes: those of other languages may have a hyphen."""
        if name.isidentifier():
            return name
        return self._names.setdefault(name, f"group_{len(self._names)}_")

    def _set(self) -> None:
        piece, self._at = _set_at(self._expression, self._at)
        self._add(piece)


_STEPS: dict[str, Callable[[_Translation], None]] = {
    "(": _Translation._group,  # noqa: SLF001 - the class's own table
    ")": _Translation._close,  # noqa: SLF001 - the class's own table
    "[": _Translation._set,  # noqa: SLF001 - the class's own table
    "\\": _Translation._escape,  # noqa: SLF001 - the class's own table
}


def _flags(found: re.Match[str]) -> str:
    on, off = (
        "".join(flag for flag in found[name] or "" if flag not in _UNICODE_FLAGS) for name in ("on", "off")
    )
    if found["end"] == ")" and not (on or off):
        return ""
    return f"(?{on}{'-' if off else ''}{off}{found['end']}"


def _escaped(expression: str, at: int) -> tuple[str, int]:
    """Return the word that begins with the backslash at *at*, and where it ends."""
    if code := _CODE.match(expression, at):
        number = int(code["code"], 16) if code["code"] else ord(code["control"]) & 31
        return rf"\U{number:08x}", code.end()
    if known := _PROPERTY.match(expression, at):
        return known[0], known.end()
    char = expression[at + 1 : at + 2]
    if char in _WORDS:
        return _WORDS[char], at + 2
    if not char.isascii():
        return char, at + 2
    if char in _KEPT or not char.isalnum():
        return expression[at : at + 2], at + 2
    raise DialectError(rf"\{char} is not known")


def _set_at(expression: str, at: int) -> tuple[str, int]:
    """Return the set that begins at *at*, with all sets inside it, and where it ends."""
    done = ["["]
    at += 1
    if expression.startswith("^", at):
        done, at = ["[^"], at + 1
    if expression.startswith("]", at):
        done, at = [*done, r"\]"], at + 1
    while at < len(expression) and expression[at] != "]":
        piece, at = _member(expression, at, is_first=len(done) == 1)
        done.append(piece)
    return "".join(done) + expression[at : at + 1], at + 1


def _member(expression: str, at: int, *, is_first: bool) -> tuple[str, int]:
    if name := _CLASS_NAME.match(expression, at):
        return name[0], name.end()
    if expression[at] == "[":
        return _set_at(expression, at)
    if quoted := _QUOTED.match(expression, at):
        return re.escape(quoted[1]), quoted.end()
    if expression[at] == "\\":
        return _escaped(expression, at)
    two = expression[at : at + 2]
    if two in {"||", "~~"} or (two == "--" and not is_first):
        return re.escape(two[0]) * 2 if two != "--" else r"\-\-", at + 2
    return expression[at], at + 1
