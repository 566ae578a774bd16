"""Base URLs and origins, each in one spelling."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from consumer_sdk.errors import DeclarationError

_PORTS = {"http": 80, "https": 443}
_SCHEMES = {"ws": "http", "wss": "https"}


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port; WebSockets have the origin of the HTTP request that opens them."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        """Return it as the beginning of a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _PORTS.get(self.scheme) else f":{self.port}")


def origin(scheme: str, host: str, port: int | None) -> Origin:
    """Return the origin in its one spelling: brackets, case and default ports make no difference."""
    scheme = scheme.lower()
    scheme = _SCHEMES.get(scheme, scheme)
    return Origin(scheme, _ascii(host.strip("[]").rstrip(".").lower()), port or _PORTS.get(scheme, 0))


def origin_of_url(url: str) -> Origin:
    """Return the origin of an absolute URL."""
    parts = urlsplit(url)
    return origin(parts.scheme, parts.hostname or "", parts.port)


def base_url(url: str) -> tuple[Origin, str]:
    """Return the origin and the path prefix of a base URL; raises DeclarationError when it is none."""
    try:
        parts = urlsplit(url)
        found = origin(parts.scheme, parts.hostname or "", parts.port)
    except ValueError as error:
        raise _no_base_url(url, str(error)) from error
    if found.scheme not in _PORTS or not found.host:
        raise _no_base_url(url, "it needs http:// or https:// and a host")
    if parts.query or parts.fragment:
        raise _no_base_url(url, "it has a query or a fragment")
    return found, parts.path.rstrip("/")


def _no_base_url(url: str, reason: str) -> DeclarationError:
    return DeclarationError(
        f'in_process: {url!r} is no base URL ({reason}): give "https://orders.example.org".'
    )


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host
