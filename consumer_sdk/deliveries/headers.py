"""Metadata of a message, taken apart: what a broker says itself, and the headers of the sender."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from consumer_sdk.declarations import Message


@dataclass(frozen=True)
class Parts:
    """What the broker *said* itself, by name, the *headers* of the sender, and the type of the content."""

    said: Mapping[str, Any]
    headers: Mapping[str, Any]
    content_type: str | None


def parts_of(message: Message, *names: str) -> Parts:
    """Return the metadata; *names* are what the broker says, everything else is a header.

    Headers may stand under "headers" or "attributes" as well.
    """
    said: dict[str, Any] = {}
    headers: dict[str, Any] = {}
    content_type = None
    for name, value in message.metadata.items():
        if name.lower().replace("-", "") == "contenttype":
            content_type = str(value)
        elif name in {"headers", "attributes"} and isinstance(value, Mapping):
            headers.update(value)
        elif name in names:
            said[name] = value
        else:
            headers[name] = value
    return Parts(said, headers, content_type)


def as_text(value: Any) -> str:
    """Return the value of a header as text: true, not True."""
    return str(value).lower() if isinstance(value, bool) else str(value)
