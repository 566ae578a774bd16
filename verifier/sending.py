"""Requests of a contract to the provider: they go out as the contract says, and the answer is kept."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import requests

from tally.pact import Presence, Request, Response, read_body
from verifier.bodies import serialised
from verifier.connecting import answer_of, redacted, without_credentials
from verifier.results import Received, Sent

_PATH_SAFE = "/%!$&'()*+,;=:@~-._"


@dataclass(frozen=True)
class Exchange:
    """The answer to one request: as it was on the wire, and as a contract sees it."""

    received: Received
    response: Response
    duration_ms: float


class Provider:
    """Send requests to the provider at *base_url*, whose path, if any, comes before every path.

    *headers* are added to every request and win over those of the contract. *timeout* is in seconds, for each
    request.
    """

    def __init__(
        self,
        base_url: str,
        *,
        http: requests.Session,
        headers: Sequence[tuple[str, str]] = (),
        timeout: float = 30,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._headers = tuple(headers)
        self._timeout = timeout
        self._clock = clock
        self._http = http

    def url_of(self, request: Request) -> str:
        """Return the URL of *request*."""
        query = query_string(request.query)
        return self.base_url + escaped(request.path) + (f"?{query}" if query else "")

    def headers_of(self, request: Request) -> dict[str, str]:
        """Return the headers of *request* with those of this provider, which win."""
        own = {name.lower() for name, _ in self._headers}
        said = headers_said_by(request).items()
        return {name: value for name, value in said if name.lower() not in own} | dict(self._headers)

    def sent_by(self, request: Request) -> Sent:
        """Return what goes out for *request*, fit to be shown."""
        url, headers = self.url_of(request), self.headers_of(request)
        return Sent(request.method, without_credentials(url), redacted(headers), serialised(request.body))

    def send(self, request: Request) -> Exchange:
        """Send *request* and wait for the whole answer.

        Raises UnreachableError, ProviderTimeoutError or NoAnswerError.
        """
        url, content = self.url_of(request), serialised(request.body)
        headers = {name: value.encode() for name, value in self.headers_of(request).items()}
        started = self._clock()
        answer = answer_of(
            self._http,
            method=request.method,
            url=url,
            headers=headers,
            content=content,
            timeout=self._timeout,
        )
        duration_ms = (self._clock() - started) * 1000
        received = Received(answer.status_code, redacted(answer.headers), answer.content)
        return Exchange(received, response_of(answer), duration_ms)


def escaped(path: str) -> str:
    """Return *path* with what a URL cannot hold escaped; what is escaped already stays as it is."""
    return quote(re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", path), safe=_PATH_SAFE)


def query_string(query: Mapping[str, Sequence[str | None]]) -> str:
    """Return the query string, every name and value percent-encoded; None is a name without "="."""
    return "&".join(
        quote(name, safe="") if value is None else f"{quote(name, safe='')}={quote(value, safe='')}"
        for name, values in query.items()
        for value in values
    )


def headers_said_by(request: Request) -> dict[str, str]:
    """Return the headers of a contract's request, several values of one joined, with the type of its body."""
    headers = {name: _joined(name, values) for name, values in request.headers.items()}
    content_type = _content_type(request)
    if content_type and "content-type" not in {name.lower() for name in headers}:
        headers["Content-Type"] = content_type
    return headers


def response_of(answer: requests.Response) -> Response:
    """Return the answer as a contract sees it."""
    names = answer.raw.headers
    headers = {name: tuple(names.getlist(name)) for name in names}
    return Response(
        answer.status_code, headers, read_body(answer.content, answer.headers.get("Content-Type"))
    )


def _content_type(request: Request) -> str | None:
    body = request.body
    if body.presence is not Presence.PRESENT or body.content_type:
        return body.content_type
    return None if isinstance(body.value, str | bytes) else "application/json"


def _joined(name: str, values: Sequence[str]) -> str:
    return ("; " if name.lower() == "cookie" else ", ").join(values)
