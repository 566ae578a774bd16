"""The address under which clients reach the broker: the beginning of every link (reference §1.1)."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

Environ = Mapping[str, Any]

_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
_PREFIX = re.compile(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)+")  # no dot segments: they would lead elsewhere
_PORT = re.compile(r"[0-9]{1,5}")
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_FORWARDED = ("SSL", "PROTO", "SCHEME", "HOST", "PORT", "PREFIX")
_SAID = (
    *("wsgi.url_scheme", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT"),
    *(f"HTTP_X_FORWARDED_{name}" for name in _FORWARDED),
)
"""What of a request decides about its links."""


def base(configured: Sequence[str], environ: Environ) -> str:
    """Return the address that links start with, without a final slash.

    One *configured* address is always the one. Of several, it is the one with the scheme, host and port that
    a proxy says the client asked for, or else those of the request itself, or else the first. Without any,
    links lead where the client came from, as far as the proxy tells.
    """
    if len(configured) == 1:
        return configured[0]
    return _base(tuple(configured), tuple(map(environ.get, _SAID)))


# Requests come by few ways, and each answer has links: this is asked several times for each.
@lru_cache(maxsize=64)
def _base(configured: Sequence[str], said: tuple[Any, ...]) -> str:
    environ = {name: value for name, value in zip(_SAID, said, strict=True) if value is not None}
    if not configured:
        return _forwarded_origin(environ) + _forwarded_prefix(environ)
    by_origin = {_origin(address): address for address in reversed(configured)}
    asked = (_forwarded_origin(environ), _own_origin(environ))
    return next((by_origin[origin] for origin in map(_origin, asked) if origin in by_origin), configured[0])


def mount(configured: Sequence[str], environ: Environ) -> str:
    """Return the path that the broker is mounted at: "" or "/broker".

    Links on pages name no host: whoever can choose it, by a header, could send visitors elsewhere
    (reference §1.1), and the content security policy lets pages load only from where they came.
    """
    return urlsplit(base(configured, environ)).path if configured else _forwarded_prefix(environ)


def is_secure(configured: Sequence[str], environ: Environ) -> bool:
    """Return whether the client asked by https, as far as that can be told."""
    if _forwarded_scheme(environ) == "https":
        return True
    is_forwarded = any(_first(environ, name) for name in ("SSL", "PROTO", "SCHEME"))
    # A proxy that adds TLS may not say so, but it passes on the name under which it is known.
    return not is_forwarded and any(
        parts.scheme == "https" and parts.netloc.lower() == _own_host(environ).lower()
        for parts in map(urlsplit, configured)
    )


def _own_origin(environ: Environ) -> str:
    return f"{environ['wsgi.url_scheme']}://{_own_host(environ)}"


def _own_host(environ: Environ) -> str:
    host = str(environ.get("HTTP_HOST", ""))
    return host if _HOST.fullmatch(host) else f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"


def _forwarded_origin(environ: Environ) -> str:
    """Return the origin that the client asked for; impossible values from a proxy are ignored."""
    scheme = _forwarded_scheme(environ)
    host = _first(environ, "HOST")
    if not _HOST.fullmatch(host):
        host = _own_host(environ)
    port = _first(environ, "PORT")
    if _PORT.fullmatch(port) and ":" not in host.rpartition("]")[2]:
        host += "" if port == _DEFAULT_PORTS[scheme] else f":{port}"
    return f"{scheme}://{host}"


def _forwarded_scheme(environ: Environ) -> str:
    if _first(environ, "SSL").lower() == "on":
        return "https"
    said = (_first(environ, "PROTO") or _first(environ, "SCHEME")).lower()
    return said if said in _DEFAULT_PORTS else str(environ["wsgi.url_scheme"])


def _forwarded_prefix(environ: Environ) -> str:
    prefix = _first(environ, "PREFIX").rstrip("/")
    return prefix if _PREFIX.fullmatch(prefix) else ""


def _first(environ: Environ, name: str) -> str:
    """Return the value that the proxy next to the client gave."""
    return str(environ.get(f"HTTP_X_FORWARDED_{name}", "")).partition(",")[0].strip()


def _origin(address: str) -> tuple[str, str, str]:
    parts = urlsplit(address)
    return parts.scheme, (parts.hostname or ""), str(parts.port or _DEFAULT_PORTS.get(parts.scheme))
