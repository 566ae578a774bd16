"""The provider under test, over HTTP: what a contract asks goes out exactly, and the answer is kept."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import quote, urlsplit, urlunsplit

import requests
from requests.auth import HTTPBasicAuth
from requests.utils import get_auth_from_url

from tally.pact import Presence, Request, Response, read_body
from verifier.bodies import serialised
from verifier.errors import NoAnswerError, ProviderTimeoutError, UnreachableError
from verifier.results import Received, Sent

REDACTED = "[redacted]"
USER_AGENT = "tallystick-verifier"
_SECRET = re.compile(
    r"auth|cookie|token|secret|password|session|credential|signature|api-?key", re.IGNORECASE
)
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
    request. One connection is kept alive; cookies, redirects and netrc credentials are not followed up, since
    the contract alone says what is sent.
    """

    def __init__(
        self,
        base_url: str,
        *,
        headers: Sequence[tuple[str, str]] = (),
        timeout: float = 30,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._headers = tuple(headers)
        self._timeout = timeout
        self._clock = clock
        self._http = plain_session()

    def url_of(self, request: Request) -> str:
        """Return the URL of *request*: what a URL cannot hold is escaped, escapes stay as they are."""
        path = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", request.path)
        query = query_string(request.query)
        return self.base_url + quote(path, safe=_PATH_SAFE) + (f"?{query}" if query else "")

    def headers_of(self, request: Request) -> dict[str, str]:
        """Return the headers of *request* with those of this provider; several values of one are joined."""
        headers = {name: _joined(name, values) for name, values in request.headers.items()}
        content_type = request.body.content_type
        if request.body.presence is Presence.PRESENT:
            default = content_type or (
                None if isinstance(request.body.value, str | bytes) else "application/json"
            )
            if default and "content-type" not in {name.lower() for name in headers}:
                headers["Content-Type"] = default
        own = {name.lower() for name, _ in self._headers}
        kept = {name: value for name, value in headers.items() if name.lower() not in own}
        return {**kept, **dict(self._headers)}

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


def plain_session() -> requests.Session:
    """Return a session that adds nothing of its own: no cookies, no credentials from netrc."""
    session = requests.Session()
    session.headers.clear()
    session.headers["User-Agent"] = USER_AGENT
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.auth = _credentials_of_url
    return session


def answer_of(  # noqa: PLR0913 - the parts of a request, all named at the call
    http: requests.Session,
    *,
    method: str,
    url: str,
    headers: Mapping[str, str | bytes],
    content: bytes,
    timeout: float,
) -> requests.Response:
    """Send one request; every way in which there is no answer is a ProviderError that names the address."""
    shown = without_credentials(url)
    try:
        return http.request(
            method, url, headers=headers, data=content, timeout=timeout, allow_redirects=False
        )
    except requests.exceptions.ConnectTimeout as error:
        raise UnreachableError(f"{shown} could not be reached in {timeout:g} s") from error
    except requests.Timeout as error:
        raise ProviderTimeoutError(f"{shown} gave no answer in {timeout:g} s (--timeout)") from error
    except requests.exceptions.SSLError as error:
        raise UnreachableError(f"{shown}: the TLS certificate is not trusted") from error
    except requests.ConnectionError as error:
        if "Connection aborted" in str(error):
            raise NoAnswerError(f"{shown} closed the connection without an answer") from error
        raise UnreachableError(
            f"{shown} could not be reached: connection refused, or unknown host"
        ) from error
    except (requests.RequestException, ValueError) as error:
        raise NoAnswerError(f"{shown} could not be asked: {type(error).__name__}") from error


def response_of(answer: requests.Response) -> Response:
    """Return the answer as a contract sees it."""
    names = answer.raw.headers
    headers = {name: tuple(names.getlist(name)) for name in names}
    return Response(
        answer.status_code, headers, read_body(answer.content, answer.headers.get("Content-Type"))
    )


def query_string(query: Mapping[str, Sequence[str | None]]) -> str:
    """Return the query string, every name and value percent-encoded; None is a name without "="."""
    return "&".join(
        quote(name, safe="") if value is None else f"{quote(name, safe='')}={quote(value, safe='')}"
        for name, values in query.items()
        for value in values
    )


def redacted(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the headers with the value replaced where the name says that it may hold credentials."""
    return tuple((name, REDACTED if _SECRET.search(name) else value) for name, value in headers.items())


def without_credentials(url: str) -> str:
    """Return *url* without the user and password in front of its host."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _joined(name: str, values: Sequence[str]) -> str:
    return ("; " if name.lower() == "cookie" else ", ").join(values)


def _credentials_of_url(request: requests.PreparedRequest) -> requests.PreparedRequest:
    user, password = get_auth_from_url(request.url or "")
    return HTTPBasicAuth(user, password)(request) if user else request
