"""The client that sends the requests of a contract to the provider."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote, urljoin, urlsplit

from tally.pact import Presence, Request, Response, read_body
from tally.values import dataclass
from verifier.contents.bodies import serialised
from verifier.errors import NoAnswerError
from verifier.results.result import Received, Sent
from verifier.transport.redaction import redacted, without_credentials
from verifier.transport.transport import Headers, HttpRequest, HttpResponse, Transport

_PATH_SAFE = "/?%!$&'()*+,;=:@~-._"
_HALVES = "surrogatepass"  # JSON may hold half a character, such as "\\ud83d" alone
_MOST_REDIRECTS = 10
# RFC 9110, 15.4: only for these two the method and the content must stay the same.
_REPEATED_AS_IT_WAS = frozenset({307, 308})
_REDIRECTS = frozenset({301, 302, 303}) | _REPEATED_AS_IT_WAS

RequestFilter = Callable[[HttpRequest], HttpRequest]
"""Changes a request just before it is sent. Raises RequestFilterError."""


@dataclass(frozen=True)
class Exchange:
    """The response to one request: as it was on the wire, and as the contract's checks read it."""

    received: Received
    response: Response
    duration_ms: float


@dataclass(frozen=True, kw_only=True)
class ProviderClient:
    """Sends requests to the provider at *base_url*; its path, if any, is put before every path.

    *headers* are added to every request and replace those of the contract. *request_filter* is applied last.
    """

    base_url: str
    transport: Transport
    headers: Headers = ()
    request_filter: RequestFilter | None = None
    follow_redirects: bool = False
    clock: Callable[[], float] = time.perf_counter

    def without(self, names: frozenset[str]) -> "ProviderClient":
        """Return a client that does not add the headers with these names, in lower case."""
        if not names:
            return self
        return replace(self, headers=tuple(pair for pair in self.headers if pair[0].lower() not in names))

    def http_request(self, request: Request) -> HttpRequest:
        """Return the HTTP request for the *request* of a contract; raises RequestFilterError."""
        url = self.base_url + target(request)
        own = {name.lower() for name, _ in self.headers}
        said = tuple(pair for pair in headers_said_by(request).items() if pair[0].lower() not in own)
        outgoing = HttpRequest(
            method=request.method.upper(),
            url=url,
            headers=said + self.headers,
            content=serialised(request.body),
        )
        return self.request_filter(outgoing) if self.request_filter else outgoing

    def send(self, request: HttpRequest) -> Exchange:
        """Send *request* and read the whole response, after redirects if these are followed.

        Raises UnreachableError, ProviderTimeoutError or NoAnswerError.
        """
        started = self.clock()
        response = self.transport.send(request)
        if self.follow_redirects and response.status in _REDIRECTS:
            response = self._redirected(request, response)
        duration_ms = (self.clock() - started) * 1000
        return Exchange(received(response), response_of(response), duration_ms)

    def _redirected(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        for _ in range(_MOST_REDIRECTS):
            location = response.header("Location")
            if response.status not in _REDIRECTS or not location:
                return response
            request = redirected_request(request, response.status, location)
            response = self.transport.send(request)
        shown_url = without_credentials(request.url)
        raise NoAnswerError(f"{shown_url} still redirects, after {_MOST_REDIRECTS} redirects")


def redirected_request(request: HttpRequest, status: int, location: str) -> HttpRequest:
    """Return the request for a redirect; another origin gets no headers that may hold credentials."""
    url = urljoin(request.url, location)
    headers = request.headers
    if urlsplit(url)[:2] != urlsplit(request.url)[:2]:
        shown_headers = redacted(headers)
        headers = tuple(pair for pair in headers if pair in shown_headers and pair[0].lower() != "host")
    if status in _REPEATED_AS_IT_WAS or request.method in {"GET", "HEAD"}:
        return replace(request, url=url, headers=headers)
    headers = tuple(pair for pair in headers if not pair[0].lower().startswith("content-"))
    return HttpRequest(method="GET", url=url, headers=headers)


def sent(request: HttpRequest) -> Sent:
    """Return *request* without credentials, for reports."""
    return Sent(request.method, without_credentials(request.url), redacted(request.headers), request.content)


def received(response: HttpResponse) -> Received:
    """Return *response* without credentials, for reports."""
    return Received(response.status, redacted(response.headers), response.content)


def target(request: Request) -> str:
    """Return the path and the query of a request; what a path has after a question mark is query, too."""
    path, query = escaped(request.path), query_string(request.query)
    path = path if path.startswith("/") or not path else f"/{path}"
    return path + (("&" if "?" in path else "?") + query if query else "")


def escaped(path: str) -> str:
    """Return *path*, percent-encoded where a URL needs it; what is encoded already stays as it is."""
    return quote(re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", path), safe=_PATH_SAFE, errors=_HALVES)


def query_string(query: Mapping[str, Sequence[str | None]]) -> str:
    """Return the query string, every name and value percent-encoded; None is a name without "="."""
    return "&".join(
        _quoted(name) if value is None else f"{_quoted(name)}={_quoted(value)}"
        for name, values in query.items()
        for value in values
    )


def _quoted(text: str) -> str:
    return quote(text, safe="", errors=_HALVES)


def headers_said_by(request: Request) -> dict[str, str]:
    """Return the headers of a contract's request, several values of one joined, with its content type."""
    headers = {name: _joined(name, values) for name, values in request.headers.items()}
    content_type = _content_type(request)
    if content_type and "content-type" not in {name.lower() for name in headers}:
        headers["Content-Type"] = content_type
    return headers


def response_of(response: HttpResponse) -> Response:
    """Return the response in the form that the contract's checks read."""
    headers: dict[str, tuple[str, ...]] = {}
    spellings: dict[str, str] = {}
    for name, value in response.headers:
        spelling = spellings.setdefault(name.lower(), name)
        headers[spelling] = (*headers.get(spelling, ()), value)
    return Response(response.status, headers, read_body(response.content, response.header("Content-Type")))


def _content_type(request: Request) -> str | None:
    body = request.body
    if body.presence is not Presence.PRESENT or body.content_type:
        return body.content_type
    return None if isinstance(body.value, str | bytes) else "application/json"


def _joined(name: str, values: Sequence[str]) -> str:
    # RFC 6265, 5.4: the cookies of a request are one header, separated by semicolons.
    return ("; " if name.lower() == "cookie" else ", ").join(values)
