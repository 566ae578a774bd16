"""Connections to the provider: nothing is added to a request, and every way to fail has a name."""

import re
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.auth import HTTPBasicAuth
from requests.utils import get_auth_from_url

from verifier.errors import NoAnswerError, ProviderTimeoutError, UnreachableError

REDACTED = "[redacted]"
USER_AGENT = "tallystick-verifier"
_SECRET = re.compile(
    r"auth|cookie|token|secret|password|session|credential|signature|api-?key", re.IGNORECASE
)


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
    except requests.exceptions.SSLError as error:
        raise UnreachableError(f"{shown}: TLS failed, or its certificate is not trusted") from error
    except requests.ConnectionError as error:
        if "Connection aborted" in str(error):
            raise NoAnswerError(f"{shown} closed the connection without an answer") from error
        reason = "connection refused, unknown host, or nobody there"
        raise UnreachableError(f"{shown} could not be reached: {reason}") from error
    except requests.Timeout as error:
        raise ProviderTimeoutError(f"{shown} gave no answer in {timeout:g} s (--timeout)") from error
    except (requests.RequestException, ValueError) as error:
        raise NoAnswerError(f"{shown} could not be asked: {type(error).__name__}") from error


def redacted(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the headers with the value replaced where the name says that it may hold credentials."""
    return tuple((name, REDACTED if _SECRET.search(name) else value) for name, value in headers.items())


def without_credentials(url: str) -> str:
    """Return *url* without the user and password in front of its host."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _credentials_of_url(request: requests.PreparedRequest) -> requests.PreparedRequest:
    user, password = get_auth_from_url(request.url or "")
    return HTTPBasicAuth(user, password)(request) if user else request
