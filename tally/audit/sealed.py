"""A seal with its entries, as the API and a file of an export have it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from tally.errors import TallyError
from tally.hashing import compact_json, parse_json
from tally.values import dataclass


class InvalidExportError(TallyError):
    """What should be an export of an audit log is none; the text says where."""


@dataclass(frozen=True)
class Sealed:
    """A seal; *hashes* is UUID and hash of each entry that it is of, *entries* what is there now.

    Hashes are in hexadecimal digits. It *is_removed* when the entries were removed because of their age.
    """

    number: int
    previous: str
    hash: str
    count: int
    is_removed: bool
    hashes: Sequence[tuple[str, str]]
    entries: Sequence[Mapping[str, Any]]
    document: Mapping[str, Any] = field(repr=False)
    """All that is said of the seal, without its entries."""


def from_document(document: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> Sealed:
    """Read a seal of the API. Raises InvalidExportError."""
    try:
        number, previous, found = document["number"], document["previous"], document["hash"]
        count, hashes = document["count"], [(each["uuid"], each["hash"]) for each in document["hashes"]]
        texts = [previous, found, *(text for pair in hashes for text in pair)]
        for text in (previous, found, *(found for _, found in hashes)):
            bytes.fromhex(text)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidExportError(f"This is no seal of an audit log: {_beginning(document)}") from error
    if not all(isinstance(text, str) for text in texts) or type(number) is not int or type(count) is not int:
        raise InvalidExportError(f"This is no seal of an audit log: {_beginning(document)}")
    if not all(isinstance(entry, Mapping) and isinstance(entry.get("uuid"), str) for entry in entries):
        raise InvalidExportError(f"Seal {number} has something that is no entry of an audit log.")
    is_removed = document.get("removedAt") is not None
    return Sealed(number, previous.lower(), found.lower(), count, is_removed, hashes, entries, document)


def to_lines(sealed: Sealed) -> Iterator[bytes]:
    """Yield the lines of an export: the seal, then its entries."""
    yield compact_json({"seal": sealed.document})
    for entry in sealed.entries:
        yield compact_json({"entry": entry})


def from_lines(lines: Iterable[bytes]) -> Iterator[Sealed]:
    """Read an export. Raises InvalidExportError, with the number of the line."""
    seal: Mapping[str, Any] | None = None
    entries: list[Mapping[str, Any]] = []
    for number, line in enumerate(lines, 1):
        found = _line(number, line)
        if "entry" in found and seal is not None:
            entries.append(found["entry"])
            continue
        if not isinstance(found.get("seal"), Mapping):
            raise InvalidExportError(f"Line {number} is neither a seal nor an entry of one.")
        if seal is not None:
            yield from_document(seal, entries)
        seal, entries = found["seal"], []
    if seal is None:
        raise InvalidExportError("The file is empty: it is no export of an audit log.")
    yield from_document(seal, entries)


def _line(number: int, line: bytes) -> Mapping[str, Any]:
    try:
        found = parse_json(line)
    except TallyError as error:
        raise InvalidExportError(f"Line {number} is no line of an export of an audit log: {error}") from error
    if not isinstance(found, Mapping):
        raise InvalidExportError(f"Line {number} is no line of an export of an audit log.")
    return found


def _beginning(document: object) -> str:
    return json.dumps(document, default=str)[:200]
