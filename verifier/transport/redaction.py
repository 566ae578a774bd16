"""Credentials taken out of requests and URLs before these are shown or published."""

import re
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

REDACTED = "[redacted]"
_SECRET = re.compile(
    r"auth|cookie|token|secret|password|session|credential|signature|api-?key", re.IGNORECASE
)


def redacted(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return the headers, with the value replaced where the name suggests a credential."""
    return tuple((name, REDACTED if _is_secret(name) else value) for name, value in headers)


# The same few names come with every request and every response.
@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    return bool(_SECRET.search(name))


def without_credentials(url: str) -> str:
    """Return *url* without the user name and password before its host."""
    if "@" not in url:
        return url
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
