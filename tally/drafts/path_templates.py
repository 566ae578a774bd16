"""Paths with the parts that vary: /orders/7 is one of /orders/{id}."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from tally.drafts.secrets import REDACTED, is_secret_name, without_secrets
from tally.drafts.text_kinds import kind_of_text
from tally.values import dataclass

_NUMBER = re.compile(r"\d+")
_NAMED_NUMBER = re.compile(r"(?P<prefix>[A-Za-z]{2,20}[-_])\d+")
_FILE = re.compile(r"(?P<stem>[^.]+)(?P<ending>\.[A-Za-z]{2,5})")
_LEAST_SECRET = 8


@dataclass(frozen=True)
class PathTemplate:
    """A path without secrets, its template for people, and the expression of all such paths.

    *expression* is None when nothing in the path varies. *secrets* is how many parts were taken out.
    """

    path: str
    template: str
    expression: str | None
    secrets: int = 0


@dataclass(frozen=True)
class _Segment:
    text: str
    shown: str
    expression: str | None = None


def read_path(path: str) -> PathTemplate:
    """Return what varies in a path: numbers, identifiers, dates; and take out what looks like a secret."""
    segments = list(_segments((path or "/").split("/")))
    varies = any(segment.expression for segment in segments)
    parts = [segment.expression or re.escape(segment.text) for segment in segments]
    return PathTemplate(
        path="/".join(segment.text for segment in segments),
        template="/".join(segment.shown for segment in segments),
        # Expressions of other languages know no escaped hyphen outside of brackets.
        expression=f"^{'/'.join(parts)}$".replace(r"\-", "-") if varies else None,
        secrets=sum(segment.text == REDACTED for segment in segments),
    )


def _segments(texts: list[str]) -> Iterator[_Segment]:
    before = ""
    for text in texts:
        yield _segment(text, before)
        before = text


def _segment(text: str, before: str) -> _Segment:
    plain = unquote(text, errors="replace")
    if without_secrets(plain) != plain or _belongs_to_secret(plain, before):
        return _Segment(REDACTED, "{redacted}", "[^/]+")
    if _NUMBER.fullmatch(text):
        return _Segment(text, "{id}", r"\d+")
    kind = kind_of_text(plain)
    if kind and kind.segment:
        return _Segment(text, f"{{{kind.name}}}", kind.segment if text == plain else "[^/]+")
    named = _NAMED_NUMBER.fullmatch(text)
    if named:
        return _Segment(text, f"{named['prefix']}{{id}}", rf"{named['prefix']}\d+")
    file = _FILE.fullmatch(text)
    stem = _segment(file["stem"], before) if file else None
    if file and stem and stem.expression and stem.text != REDACTED:
        return _Segment(text, stem.shown + file["ending"], stem.expression + re.escape(file["ending"]))
    return _Segment(text, text)


def _belongs_to_secret(text: str, before: str) -> bool:
    """Whether a part follows one such as "reset-token", and is more than a number or a word."""
    is_word = text.isalpha() or text.isdigit() or not any(map(str.isdigit, text))
    return is_secret_name(before, in_json=True) and len(text) >= _LEAST_SECRET and not is_word
