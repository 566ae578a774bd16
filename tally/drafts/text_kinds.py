"""What a text is: an identifier, a date, an address; only what its form shows beyond doubt."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tally.matching.date_formats import follows
from tally.values import dataclass

Rule = Mapping[str, Any]
"""One matching rule, as a pact has it."""

TYPE: Rule = {"match": "type"}
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d(?P<between>[T ])\d\d:\d\d(?P<seconds>:\d\d(?:\.(?P<fraction>\d{1,9}))?)?"
    r"(?P<offset>Z|[+-]\d\d(?::?\d\d)?)?"
)
_ANY_MOMENT = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?$"
_USUAL_FRACTIONS = (0, 3, 6, 9)
"""Digits of a fraction that are written always; other numbers come from programs that leave out zeros."""
_HTTP_DATE = "EEE, dd MMM yyyy HH:mm:ss z"
_LONGEST = 2_000


@dataclass(frozen=True)
class TextKind:
    """What a text is, and the rule for all such texts; *segment* is the expression for a part of a path."""

    name: str
    rule: Rule
    segment: str | None = None


def _expression(name: str, pattern: str, *, in_path: bool = True) -> TextKind:
    return TextKind(name, {"match": "regex", "regex": f"^{pattern}$"}, pattern if in_path else None)


_EXPRESSIONS = (
    _expression("uuid", r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    _expression("ulid", r"[0-7][0-9A-HJKMNP-TV-Z]{25}"),
    _expression("id", r"[0-9a-f]{24}"),
    _expression("hash", r"[0-9a-fA-F]{32,128}"),
    _expression("email", r"[^@\s/]+@[^@\s/]+\.[^@\s/]+"),
    _expression("url", r"https?://[^\s]+", in_path=False),
    _expression("ip", r"\d{1,3}(\.\d{1,3}){3}"),
)
_COMPILED = [(kind, re.compile(str(kind.rule["regex"]))) for kind in _EXPRESSIONS]
_DATES = (
    TextKind("date", {"match": "date", "format": "yyyy-MM-dd"}, r"\d{4}-\d{2}-\d{2}"),
    TextKind("time", {"match": "time", "format": "HH:mm:ss"}),
    TextKind("time", {"match": "time", "format": "HH:mm:ss.SSS"}),
    TextKind("time", {"match": "time", "format": "HH:mm"}),
    TextKind("timestamp", {"match": "timestamp", "format": _HTTP_DATE}),
)


def kind_of_text(text: str) -> TextKind | None:
    """Return what *text* is, or None when it may be anything."""
    if not text or len(text) > _LONGEST or "\n" in text:
        return None
    for kind, expression in _COMPILED:
        if expression.match(text):
            return kind
    return _moment(text) or next((kind for kind in _DATES if follows(text, kind.rule["format"])), None)


def rule_for_texts(texts: Iterable[str]) -> Rule:
    """Return the rule that all of *texts* satisfy, and others of their kind."""
    kinds = {text: kind_of_text(text) for text in texts}
    found = [kind for kind in kinds.values() if kind]
    if not found or len(found) < len(kinds):
        return TYPE
    if all(kind == found[0] for kind in found):
        return found[0].rule
    is_moment = all(re.match(_ANY_MOMENT, text) for text in kinds)
    return {"match": "regex", "regex": _ANY_MOMENT} if is_moment else TYPE


def _moment(text: str) -> TextKind | None:
    """Return the kind of a date with a time; the format has as many digits of a second as the text."""
    parts = _MOMENT.fullmatch(text)
    if parts is None:
        return None
    between = "'T'" if parts["between"] == "T" else " "
    fraction = len(parts["fraction"] or "")
    seconds = (":ss" + ("." + "S" * fraction if fraction else "")) if parts["seconds"] else ""
    pattern = f"yyyy-MM-dd{between}HH:mm{seconds}{_offset(parts['offset'])}"
    if not follows(text, pattern):
        return None
    if fraction not in _USUAL_FRACTIONS:
        return TextKind("timestamp", {"match": "regex", "regex": _ANY_MOMENT})
    return TextKind("timestamp", {"match": "timestamp", "format": pattern})


def _offset(written: str | None) -> str:
    """Return the letters of the format for an offset: +01 is X, +0100 is XX, +01:00 and Z are XXX."""
    return {None: "", "Z": "XXX"}.get(written, "X" * (len(written or "") // 2))
