"""A client of a Pact Broker's HAL API: it follows links, and never builds a broker's URLs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson
import requests

from tally.errors import (
    BrokerError,
    BrokerRefusedError,
    BrokerUnreachableError,
    NotFoundError,
    UnauthorisedError,
)

ACCEPT = "application/hal+json, application/json"
_VARIABLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Link:
    """One HAL link; *href* may be a template such as ".../pacticipants/{pacticipant}"."""

    href: str
    name: str | None = None
    title: str | None = None

    def expand(self, **variables: str) -> str:
        """Return the URL with every variable of the template filled in, percent-encoded."""
        return _VARIABLE.sub(lambda match: quote(variables[match[1]], safe=""), self.href)


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
        raise BrokerError(f"The broker offers no link {wanted} at {self.url}: is it a recent Pact Broker?")

    def links(self, rel: str) -> Iterator[Link]:
        """Yield every link with this relation; relations compare case-insensitively."""
        for key, value in self.state.get("_links", {}).items():
            if key.lower() == rel.lower():
                for entry in value if isinstance(value, list) else [value]:
                    yield Link(entry["href"], entry.get("name"), entry.get("title"))

    def embedded(self, rel: str) -> list[dict[str, Any]]:
        """Return the embedded documents with this relation; empty when there are none."""
        found = self.state.get("_embedded", {}).get(rel, [])
        return found if isinstance(found, list) else [found]


class BrokerClient:
    """Speak to the broker at *base_url*.

    *timeout* is in seconds, for each request. A session passed as *http* is used as it is.
    Every method raises BrokerUnreachableError, UnauthorisedError, NotFoundError or BrokerRefusedError.
    """

    def __init__(  # noqa: PLR0913 - what a user may set, all named at the call
        self,
        base_url: str,
        *,
        token: str | None = None,
        username: str | None = None,
        password: str | None = None,
        http: requests.Session | None = None,
        timeout: float = 30,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._http = http or requests.Session()
        if token:
            self._http.headers["Authorization"] = f"Bearer {token}"
        elif username:
            self._http.auth = (username, password or "")

    def index(self) -> Resource:
        """Fetch the index, from which every link is found."""
        return self.get(self.base_url)

    def get(self, url: str, *, params: Sequence[tuple[str, str]] = ()) -> Resource:
        """Fetch *url*; *params* are added to its query string."""
        return self._send("GET", url, params=list(params) or None)

    def follow(self, resource: Resource, rel: str, **variables: str) -> Resource:
        """Fetch what the link *rel* of *resource* points at."""
        return self.get(resource.link(rel).expand(**variables))

    def post(self, url: str, body: object) -> Resource:
        """Send *body* as JSON with POST."""
        return self._send("POST", url, body)

    def put(self, url: str, body: object) -> Resource:
        """Send *body* as JSON with PUT."""
        return self._send("PUT", url, body)

    def patch(self, url: str, body: object) -> Resource:
        """Send *body* as a JSON merge patch."""
        return self._send("PATCH", url, body, content_type="application/merge-patch+json")

    def _send(
        self,
        method: str,
        url: str,
        body: object = None,
        *,
        params: list[tuple[str, str]] | None = None,
        content_type: str = "application/json",
    ) -> Resource:
        headers = {"Accept": ACCEPT}
        content = None
        if method != "GET":
            headers["Content-Type"] = content_type
            content = orjson.dumps(body)
        try:
            response = self._http.request(
                method, url, params=params, data=content, headers=headers, timeout=self._timeout
            )
        except requests.RequestException as error:
            raise BrokerUnreachableError(
                f"The broker at {self.base_url} gave no answer ({_cause(error)}). "
                "Check the address (--broker-base-url or PACT_BROKER_BASE_URL), and that it is running."
            ) from error
        return _resource(response)


def _cause(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "time-out"
    if isinstance(error, requests.exceptions.SSLError):
        return "TLS: the certificate is not trusted"
    if isinstance(error, requests.ConnectionError):
        return "connection refused, or an unknown host"
    return type(error).__name__


def _resource(response: requests.Response) -> Resource:
    state = _state(response)
    if response.ok:
        return Resource(response.url, response.status_code, state)
    status = response.status_code
    if status in {401, 403}:
        raise UnauthorisedError(
            f"The broker refuses these credentials ({status}). Set --broker-token (PACT_BROKER_TOKEN), or "
            "--broker-username and --broker-password (PACT_BROKER_USERNAME, PACT_BROKER_PASSWORD).",
            status=status,
        )
    notices = [str(notice.get("text", "")) for notice in state.get("notices", []) if isinstance(notice, dict)]
    message = "\n".join(notices or error_messages(state)) or response.text.strip()[:2000] or response.reason
    kind = NotFoundError if status == 404 else BrokerRefusedError  # noqa: PLR2004 - HTTP's own number
    raise kind(message or f"The broker answered {status}", status=status, notices=notices)


def _state(response: requests.Response) -> dict[str, Any]:
    try:
        state = orjson.loads(response.content) if response.content else {}
    except orjson.JSONDecodeError:
        state = None
    if isinstance(state, dict):
        return state
    if response.ok:
        raise BrokerError(f"{response.url} answered, but not with HAL: is it a Pact Broker?")
    return {}


def error_messages(state: Mapping[str, Any]) -> list[str]:
    """Flatten the error bodies of a Pact Broker (reference §1.6) into sentences that name the field."""
    errors = state.get("errors")
    if isinstance(errors, dict):
        return [
            f"{field}: {message}" if field else str(message)
            for field, messages in errors.items()
            for message in (messages if isinstance(messages, list) else [messages])
        ]
    if isinstance(errors, list):
        return [str(item.get("detail", item)) if isinstance(item, dict) else str(item) for item in errors]
    error = state.get("error")
    if isinstance(error, dict):
        return [str(error.get("message", error))]
    return [str(error)] if error else []
