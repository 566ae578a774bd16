"""Canonical form and content hash of contracts (Pact Broker reference §5.5, §5.6).

Equal contracts get equal hashes here and in a Pact Broker, so that data may move between the two. Numbers
count by their value: 2.300 is 2.3 (decision 22).
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from math import isinf
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import orjson

from tally import json_text
from tally.errors import InvalidContractError
from tally.json_text import UnacceptableError, WrittenFloat, WrittenInt
from tally.loading import Later

if TYPE_CHECKING:
    import hashlib
else:  # it brings OpenSSL, and a command that explains itself hashes nothing
    hashlib = Later("hashlib")

MAX_DEPTH = 50
_CONTAINERS = (dict, list)  # in a loop, `dict | list` is made anew for each item
_MANY = 100  # from which on writing each text twice is better than holding all
_BEGINNING = 200
# Numbers that Ruby and orjson print differently; what comes before tells them from the hashes in ids.
_WRITTEN_OTHERWISE = re.compile(rb"(?:^|[:,\[])-?(?:\d+(?:\.\d+)?[eE]|0\.0000)")
# What each of them has: to look for this first takes an eighth of the time.
_ANY_DIGIT_BEFORE = re.compile(rb"[0-9](?:[eE]|\.0000)")


def parse_json(text: bytes) -> Any:
    """Parse UTF-8 JSON into numbers of Python's own types, keeping integers of any size exact.

    Raises InvalidContractError on invalid JSON, invalid UTF-8, lone surrogates, NaN, Infinity, numbers over
    1.8e308 and keys that occur twice, and on documents nested deeper than 50 levels (reference §1.2).
    """
    return _parse(json_text.read_plainly, text)


def parse_exactly(text: bytes) -> Any:
    """Parse UTF-8 JSON; all numbers keep their digits, also those that no program could hold.

    Raises InvalidContractError as `parse_json` does.
    """
    return _parse(json_text.read, text)


def canonical_json(value: object) -> bytes:
    """Return compact JSON with sorted keys, and numbers as a Ruby program writes them: by their value."""
    return _by_value(value, orjson.OPT_SORT_KEYS)


def compact_json(value: object) -> bytes:
    """Return compact JSON with keys in their order, and numbers as they were written."""
    return with_digits(value)[0]


def with_digits(value: object) -> tuple[bytes, str | None]:
    """Return what `compact_json` does, and a hash of the numbers that were written otherwise than usual.

    The hash is None when there are none. Contents that are the same by their values may differ in it.
    """
    found = hashlib.sha1(usedforsecurity=False)
    written = []

    def write(number: object) -> orjson.Fragment:
        fragment = json_text.as_written(number)
        if isinstance(number, WrittenFloat) or number == 0:  # the digits of another integer are its value
            written.append(number)
            found.update(f"{json_text.number_text(number)},".encode())
        return fragment

    try:
        text = orjson.dumps(value, default=write, option=orjson.OPT_PASSTHROUGH_SUBCLASS)
    except TypeError:  # an integer over 64 bits that did not come from JSON
        return _portable_json(value, json_text.number_text, sort=False).encode(), None
    return text, found.hexdigest() if written else None


def content_hash(document: object) -> str:
    """Return the SHA-1 (hex) of what affects verification.

    *document* is parsed JSON. Names, the order of interactions and of keys, metadata other than the
    specification's version, and the `_id`s that a broker put in do not count (reference §5.5).
    """
    found = hashlib.sha1(usedforsecurity=False)
    for part in _text_to_hash(document):
        found.update(part)
    return found.hexdigest()


def interaction_id(interaction: dict[str, Any]) -> str:
    """Return the id under which results of this interaction are reported (reference §5.6)."""
    return hashlib.sha1(canonical_json(_without_id(interaction)), usedforsecurity=False).hexdigest()


def _text_to_hash(document: object) -> Iterator[bytes]:
    """Yield the text piece by piece: a pact may be large, and so is each copy of it."""
    lists = ("interactions", "messages")
    if not isinstance(document, dict) or not any(isinstance(document.get(key), list) for key in lists):
        yield _by_value(document)
        return
    order_free = "interactions" if "interactions" in document else "messages"
    separator = b"{"
    for key in lists:
        if isinstance(document.get(key), list):
            yield separator + b'"%s":[' % key.encode()
            yield from _separated(_items_to_hash(document[key], sort=key == order_free))
            yield b"]"
            separator = b","
    version = specification_version(document)
    if version is not None:
        yield separator + b'"pact_specification_version":' + canonical_json(version)
    yield b"}"


def _items_to_hash(items: list[Any], *, sort: bool) -> Iterable[bytes]:
    texts = (canonical_json(_without_id(item)) for item in items)
    if not sort:
        return texts
    return _sorted_texts(items) if len(items) > _MANY else sorted(texts)


def _sorted_texts(items: list[Any]) -> Iterator[bytes]:
    """Yield the texts of many items, sorted, without holding them all: by their beginnings first."""
    beginnings = sorted((canonical_json(_without_id(item))[:_BEGINNING], at) for at, item in enumerate(items))
    for _, group in groupby(beginnings, key=itemgetter(0)):
        yield from sorted(canonical_json(_without_id(items[at])) for _, at in group)


def _separated(texts: Iterable[bytes]) -> Iterator[bytes]:
    for number, text in enumerate(texts):
        if number:
            yield b","
        yield text


def specification_version(document: dict[str, Any]) -> object:
    """Return the version of the Pact specification that the document names, or None (reference §5.5)."""
    metadata = document.get("metadata")
    if not isinstance(metadata, dict):
        return None
    for key in ("pactSpecification", "pact-specification"):
        named = metadata.get(key)
        if isinstance(named, dict) and named.get("version") is not None:
            return named["version"]
    return metadata.get("pactSpecificationVersion")


def _without_id(item: object) -> object:
    if isinstance(item, dict) and "_id" in item:
        return {key: value for key, value in item.items() if key != "_id"}
    return item


def _by_value(value: object, option: int = 0) -> bytes:
    """Return compact JSON with numbers as a Ruby program writes them."""
    try:
        text = orjson.dumps(value, default=_in_ruby, option=option | orjson.OPT_PASSTHROUGH_SUBCLASS)
    except TypeError:  # an integer over 64 bits
        text = b""
    if text and not (_ANY_DIGIT_BEFORE.search(text) and _WRITTEN_OTHERWISE.search(text)):
        return text
    return _portable_json(value, _ruby_number, sort=bool(option)).encode()


def _in_ruby(value: object) -> orjson.Fragment:
    if isinstance(value, WrittenFloat | WrittenInt):
        return orjson.Fragment(_ruby_number(value))
    raise TypeError(f"{type(value).__name__} is not JSON")


def _portable_json(value: object, number: Callable[[float], str], *, sort: bool) -> str:
    """Write JSON with any numbers: integers of any size, floats in the notation of *number*."""
    if isinstance(value, dict):
        items = sorted(value.items()) if sort else value.items()
        return (
            "{"
            + ",".join(f"{_string(key)}:{_portable_json(item, number, sort=sort)}" for key, item in items)
            + "}"
        )
    if isinstance(value, list):
        return "[" + ",".join(_portable_json(item, number, sort=sort) for item in value) + "]"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, float | int) and not isinstance(value, bool):
        return number(value)
    return json.dumps(value)


def _ruby_number(value: float) -> str:
    """Write a number as a Ruby program does: 1.0e+16 and not 1e16; one that it cannot hold, as it is."""
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, WrittenFloat) and isinf(value):
        return value.text
    mantissa, exponent, power = float.__repr__(value).partition("e")
    return mantissa + (".0" if exponent and "." not in mantissa else "") + exponent + power


def _string(text: str) -> str:
    return orjson.dumps(text).decode()


def _parse(read: Callable[[str], Any], text: bytes) -> Any:
    try:
        value = read(text.decode("utf-8"))
        if b"\\ud" in text or b"\\uD" in text:
            json_text.refuse_halves(value)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise InvalidContractError(_what_is_wrong(text, error)) from error
    if _deeper_than(value, MAX_DEPTH):
        raise _too_deep()
    return value


def _what_is_wrong(text: bytes, error: ValueError) -> str:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as not_utf8:
        before = text[: not_utf8.start].decode("utf-8")
        return f"not UTF-8: invalid byte at character {len(before) + 1}, after {before[-100:]!r}"
    return f"not {'accepted' if isinstance(error, UnacceptableError) else 'JSON'}: {error}"


def _too_deep() -> InvalidContractError:
    return InvalidContractError(f"not accepted: JSON nested deeper than {MAX_DEPTH} levels")


def _deeper_than(value: object, levels: int) -> bool:
    layer = [value]
    while containers := [item for item in layer if isinstance(item, _CONTAINERS)]:
        if not levels:
            return True
        levels -= 1
        layer = [
            child for item in containers for child in (item.values() if isinstance(item, dict) else item)
        ]
    return False
