"""Filters of the templates: how single values look on a page."""

from shlex import quote

import orjson

from tally.amounts import counted
from tally.hashing import compact_json
from tally.json_text import indented

_SHA_LENGTH = 40
_LONGEST_NUMBER = 50
_KEPT = 24


def short(number: str) -> str:
    """Return a version number as it fits a table: a commit by its first 7 characters (reference §11.4)."""
    if len(number) == _SHA_LENGTH and all(character in "0123456789abcdef" for character in number):
        return number[:7]
    return number if len(number) <= _LONGEST_NUMBER else f"{number[:_KEPT]}…{number[-_KEPT:]}"


def is_web_address(url: str) -> bool:
    """Return whether a link may lead there: other schemes, such as javascript:, could run a script."""
    return url.lower().startswith(("http://", "https://"))


def as_json(value: object) -> str:
    """Return a value as JSON on one line."""
    return compact_json(value).decode()


def pretty(value: object) -> str:
    """Return a value as JSON on many lines."""
    return indented(value)


def cut(text: str, longest: int) -> str:
    """Return the text, or its beginning where it is longer."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def twice(text: str) -> tuple[str, str]:
    """Return an entry of a list to choose from whose value is its text."""
    return text, text


def size(number: int) -> str:
    """Return an amount of bytes for people: "12 kB"."""
    for unit, amount in (("MB", 1_000_000), ("kB", 1000)):
        if number >= amount:
            return f"{number / amount:.3g} {unit}"
    return f"{number} B"


FILTERS = {
    "from_json": orjson.loads,
    "twice": twice,
    "bytes": size,
    "cut": cut,
    "pretty": pretty,
    "counted": counted,
    "short": short,
    "json": as_json,
    "shell": quote,
}
TESTS = {"web_address": is_web_address}
