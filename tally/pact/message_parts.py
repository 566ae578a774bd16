"""Messages, as V3 and V4 files write them."""

from typing import Any

from tally.pact.bodies import body_of_envelope, body_of_file, content_type_of
from tally.pact.matching_rules import read_rules
from tally.pact.model import Message
from tally.pact.reading import object_at


def read_message(raw: dict[str, Any], place: str) -> Message:
    """Return a message of V3, whose `contents` are the content itself."""
    metadata = _metadata(raw, place)
    body = body_of_file(raw, "contents", content_type_of(metadata))
    return Message(body, metadata, read_rules(raw, place), object_at(raw, "generators", place))


def read_v4_message(raw: dict[str, Any], place: str) -> Message:
    """Return a message of V4, whose `contents` are an envelope around the content."""
    metadata = _metadata(raw, place)
    body = body_of_envelope(raw, "contents", place, content_type_of(metadata))
    return Message(body, metadata, read_rules(raw, place), object_at(raw, "generators", place))


def _metadata(raw: dict[str, Any], place: str) -> dict[str, Any]:
    return object_at(raw, "metadata" if "metadata" in raw else "metaData", place)
