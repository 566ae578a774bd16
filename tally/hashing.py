"""Canonical form and content hash of contracts (Pact Broker reference §5.5, §5.6).

Equal contracts get equal hashes here and in a Pact Broker, so that data may move between the two.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from math import isinf
from operator import itemgetter
from typing import Any, NoReturn

import orjson

from tally.errors import InvalidContractError

MAX_DEPTH = 50
_MANY = 100  # from which on writing each text twice is better than holding all
_BEGINNING = 200
# Numbers that Ruby and orjson print differently; what comes before tells them from the hashes in ids.
_WRITTEN_OTHERWISE = re.compile(rb"(?:^|[:,\[])-?(?:\d+(?:\.\d+)?[eE]|0\.0000)")
_HALF = re.compile("[\ud800-\udfff]")
# What orjson would read inexactly (over 64 bits), or the libraries disagree on: read by the standard library.
_UNUSUAL = re.compile(rb"(?:^|[\s:,\[])-?(?:\d+\.)?(?:\d{16}|\d+[eE])|\\u[dD][89a-fA-F]")


def parse_json(text: bytes) -> Any:
    """Parse UTF-8 JSON, keeping integers of any size exact.

    Raises InvalidContractError on invalid JSON, invalid UTF-8, lone surrogates, NaN, Infinity and numbers
    over 1.8e308, and on documents nested deeper than 50 levels (reference §1.2).
    """
    try:
        value = _standard_loads(text) if _UNUSUAL.search(text) else orjson.loads(text)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise InvalidContractError(_what_is_wrong(text, error)) from error
    if _deeper_than(value, MAX_DEPTH):
        raise _too_deep()
    return value


def canonical_json(value: object) -> bytes:
    """Return compact JSON with sorted keys: equal values give equal bytes."""
    try:
        text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # an integer over 64 bits
        text = b""
    return text if text and not _WRITTEN_OTHERWISE.search(text) else _portable_json(value).encode()


def compact_json(value: object) -> bytes:
    """Return compact JSON with keys in their order; integers of any size stay exact."""
    try:
        text = orjson.dumps(value)
    except TypeError:
        text = b""
    return (
        text if text and not _WRITTEN_OTHERWISE.search(text) else _portable_json(value, sort=False).encode()
    )


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
        yield compact_json(document)
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


def _portable_json(value: object, *, sort: bool = True) -> str:
    """Write JSON as a Ruby program does: integers of any size, 1.0e+16 and not 1e16."""
    if isinstance(value, dict):
        items = sorted(value.items()) if sort else value.items()
        return (
            "{" + ",".join(f"{_string(key)}:{_portable_json(item, sort=sort)}" for key, item in items) + "}"
        )
    if isinstance(value, list):
        return "[" + ",".join(_portable_json(item, sort=sort) for item in value) + "]"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, float):
        mantissa, exponent, digits = repr(value).partition("e")
        return mantissa + (".0" if exponent and "." not in mantissa else "") + exponent + digits
    return json.dumps(value)


def _string(text: str) -> str:
    return orjson.dumps(text).decode()


def _standard_loads(text: bytes) -> Any:
    value = json.loads(
        text.decode("utf-8"), parse_constant=_refuse_constant, parse_float=_fraction, parse_int=_whole
    )
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # a lone surrogate cannot be stored
    except UnicodeEncodeError:
        raise ValueError(f"half of a surrogate pair in {_place_of_half(value) or 'the document'}") from None
    return value


def _place_of_half(value: object, pointer: str = "") -> str | None:
    """Return the JSON pointer of the first text with half of a surrogate pair, or of what has such a name."""
    if isinstance(value, str):
        return pointer if _HALF.search(value) else None
    named = value if isinstance(value, dict) else dict(enumerate(value)) if isinstance(value, list) else {}
    if _HALF.search("".join(map(str, named))):
        return pointer
    escaped = ((str(name).replace("~", "~0").replace("/", "~1"), item) for name, item in named.items())
    places = (_place_of_half(item, f"{pointer}/{name}") for name, item in escaped)
    return next((place for place in places if place is not None), None)


def _fraction(text: str) -> float:
    value = float(text)
    if isinf(value):
        raise ValueError(f"the number {text[:30]} is too large")
    return value


def _whole(text: str) -> int:
    _fraction(text)  # most programs read numbers as doubles: what no double can hold, they cannot read
    return int(text)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _what_is_wrong(text: bytes, error: ValueError) -> str:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as not_utf8:
        before = text[: not_utf8.start].decode("utf-8")
        return f"not UTF-8: invalid byte at character {len(before) + 1}, after {before[-100:]!r}"
    return f"not JSON: {error}"


def _too_deep() -> InvalidContractError:
    return InvalidContractError(f"not accepted: JSON nested deeper than {MAX_DEPTH} levels")


def _deeper_than(value: object, levels: int) -> bool:
    layer = [value]
    while containers := [item for item in layer if isinstance(item, dict | list)]:
        if not levels:
            return True
        levels -= 1
        layer = [
            child for item in containers for child in (item.values() if isinstance(item, dict) else item)
        ]
    return False
