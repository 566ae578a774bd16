"""The values of HAL: links, resources, and what a broker says to people."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urljoin

from tally.errors import BrokerError, UsageError
from tally.values import dataclass

_VARIABLE = re.compile(r"\{(\w+)\}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:+/=@~-]{1,128}")


@dataclass(frozen=True)
class Link:
    """One HAL link; *href* may be a template such as ".../pacticipants/{pacticipant}"."""

    href: str
    name: str | None = None
    title: str | None = None

    def expand(self, **variables: str) -> str:
        """Return the URL with every variable of the template filled in, percent-encoded.

        Raises UsageError for a value that would lead to another place.
        """
        return _VARIABLE.sub(lambda match: _segment(match[1], variables[match[1]]), self.href)


def _segment(variable: str, value: str) -> str:
    # What takes dots out of a path would make the parent of it, and a broker may do so for nothing at all:
    # to delete the branch ".." of an application would be to delete the application.
    if not value:
        raise UsageError(f"The value for the {variable} is empty. (A variable, or the output of a command?)")
    if value in {".", ".."}:
        raise UsageError(f"The {variable} cannot be {value!r}: in an address that means another place.")
    return quote(value, safe="")


@dataclass(frozen=True)
class BrokerNotice:
    """What a broker tells the user; *type* is debug, info, prompt, success, warning, error or danger."""

    type: str
    text: str


@dataclass(frozen=True)
class Resource:
    """An answer of the broker: *state* is its JSON, *url* where it was fetched, *status* the HTTP status."""

    url: str
    status: int
    state: dict[str, Any]

    def link(self, rel: str, *, name: str | None = None) -> Link:
        """Return the link with this relation (and *name*).

        Raises BrokerError when the broker offers no such link: it is another product, or too old.
        """
        for link in self.links(rel):
            if name is None or link.name == name:
                return link
        wanted = f"{rel} named {name!r}" if name else rel
        raise BrokerError(
            f"The broker offers no link {wanted} at {self.url} and may be too old, or no Pact Broker"
        )

    def links(self, rel: str) -> Iterator[Link]:
        """Yield every link with this relation; relations compare case-insensitively."""
        for key, value in (self.state.get("_links") or {}).items():
            entries = value if isinstance(value, list) else [value]
            for entry in entries if key.lower() == rel.lower() else ():
                if isinstance(entry, dict) and entry.get("href"):
                    yield Link(urljoin(self.url, entry["href"]), entry.get("name"), entry.get("title"))

    def embedded(self, rel: str) -> list[dict[str, Any]]:
        """Return the embedded documents with this relation; empty when there are none."""
        found = (self.state.get("_embedded") or {}).get(rel, [])
        return found if isinstance(found, list) else [found]

    def notices(self) -> tuple[BrokerNotice, ...]:
        """Return what the broker tells the user, in its order."""
        return notices(self.state)


def notices(state: Mapping[str, Any]) -> tuple[BrokerNotice, ...]:
    """Return what a document tells the user; empty when it tells nothing."""
    found = state.get("notices")
    return tuple(
        BrokerNotice(str(notice.get("type", "info")), str(notice.get("text", "")))
        for notice in (found if isinstance(found, list) else [])
        if isinstance(notice, dict)
    )


def _names(message: str, field: str) -> bool:
    """Whether a message begins with the name of its field: "environment: Environment 'x' does not exist"."""
    return message.lower().startswith(f"{field.lower()} ")


def error_messages(state: Mapping[str, Any]) -> list[str]:
    """Flatten the error bodies of a Pact Broker (reference §1.6) into sentences that name the field."""
    errors = state.get("errors")
    if isinstance(errors, dict):
        return [
            f"{field}: {message}" if field and not _names(str(message), field) else str(message)
            for field, messages in errors.items()
            for message in (messages if isinstance(messages, list) else [messages])
        ]
    if isinstance(errors, list):
        return [str(item.get("detail", item)) if isinstance(item, dict) else str(item) for item in errors]
    error = state.get("error") or state.get("detail")
    if isinstance(error, dict):
        return [str(error.get("message", error))]
    return [str(error)] if error else []


def reference(headers: Mapping[str, str], said: str) -> str:
    """Return by which id the logs of a broker have a request, to be added to what it *said*; "" for none."""
    request_id = headers.get("X-Request-Id", "")
    is_new = _REQUEST_ID.fullmatch(request_id) and request_id not in said
    return f" (request {request_id})" if is_new else ""
