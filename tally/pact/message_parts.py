"""Messages, as V3 and V4 files write them."""

from typing import Any

from tally.pact import known_keys
from tally.pact.bodies import body_of_envelope, body_of_file, content_type_of, is_about_type
from tally.pact.generators import read_generators
from tally.pact.json_fields import object_at, refuse
from tally.pact.matching_rules import read_rules
from tally.pact.model import Message, Presence


def read_message(raw: dict[str, Any], place: str) -> Message:
    """Return a message of V3, whose `contents` are the content itself."""
    known_keys.MESSAGE.check(raw, place)
    metadata = _metadata(raw, place)
    body = body_of_file(raw, "contents", content_type_of(metadata))
    return Message(body, metadata, read_rules(raw, place), read_generators(raw, place))


def read_v4_message(raw: dict[str, Any], place: str) -> Message:
    """Return a message of V4, whose `contents` are an envelope around the content."""
    known_keys.MESSAGE.check(raw, place)
    metadata = _metadata(raw, place)
    body = body_of_envelope(raw, "contents", place, content_type_of(metadata))
    return Message(body, metadata, read_rules(raw, place), read_generators(raw, place))


def require_contents(raw: dict[str, Any], place: str) -> None:
    """Refuse a message of V3 that expects nothing: no contents, and no metadata but the type of contents."""
    if "contents" not in raw and _says_nothing_else(raw, place):
        refuse(f"{place}.contents", "expected the contents of the message, but they are missing")


def require_v4_contents(raw: dict[str, Any], place: str) -> None:
    """Refuse a message of V4 that expects nothing; an envelope with a type alone is no content either."""
    require_contents(raw, place)
    body = body_of_envelope(raw, "contents", place, None)
    if body.presence is Presence.MISSING and _says_nothing_else(raw, place):
        refuse(f"{place}.contents.content", "expected the content of the message, but it is missing")


def _says_nothing_else(raw: dict[str, Any], place: str) -> bool:
    return all(is_about_type(name) for name in _metadata(raw, place))


def _metadata(raw: dict[str, Any], place: str) -> dict[str, Any]:
    return object_at(raw, "metadata" if "metadata" in raw else "metaData", place)
