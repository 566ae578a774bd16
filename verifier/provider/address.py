"""The address of the provider: a URL, or a host with ports for its transports, as in `pact verifier`."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from tally.errors import UsageError
from tally.values import dataclass

IN_PROCESS = "http://localhost"
"""The address that an application in this process is called with."""
WEB = ("http", "https")
_LAST_PORT = 65_535
_TRANSPORT = re.compile(r"([a-z][a-z0-9+.-]*):(\d{1,5})")
_HOST = re.compile(r"[^\s/?#@]+")


@dataclass(frozen=True)
class ProviderAddress:
    """The URL for requests, the ports of plugin transports such as grpc, and the URL for messages."""

    url: str
    transports: tuple[tuple[str, int], ...] = ()
    message_url: str | None = None


def provider_address(given: Mapping[str, Any]) -> ProviderAddress:
    """Return the address that the options give; raises UsageError when they give none, or more than one."""
    ports = dict(_ports((*given["transports"], *filter(is_transport, given["sources"]))))
    host, port, transport = given["hostname"], given["port"], given["transport"]
    by_parts = bool(host or port or transport or ports.keys() & WEB)
    if [bool(given["provider_url"]), bool(given["app"]), by_parts].count(True) != 1:
        raise UsageError(
            "Where is the provider? Give one of --provider-url URL, --app module:application, and --hostname "
            "with --port."
        )
    url = address("--provider-url", given["provider_url"] or IN_PROCESS)
    if by_parts:
        if transport and transport not in WEB:
            ports.setdefault(transport, port or _missing_port(transport))
        url = _url(host or "localhost", port, transport, ports)
    messages = ports.pop("message", None)
    return ProviderAddress(
        url + _path(given["base_path"]),
        tuple((name, number) for name, number in ports.items() if name not in WEB),
        f"http://{urlsplit(url).hostname}:{messages}" if messages else None,
    )


def is_transport(source: str) -> bool:
    """Whether *source* is a transport: in `--transports http:8080 grpc:5555` the second is an argument."""
    return bool(_TRANSPORT.fullmatch(source))


def _url(host: str, port: int | None, transport: str | None, ports: Mapping[str, int]) -> str:
    scheme = transport if transport in WEB else next((name for name in WEB if name in ports), "http")
    number = ports.get(scheme, port)
    host = f"[{host}]" if ":" in host else host
    return address("--hostname", f"{scheme}://{host}" + (f":{number}" if number else ""))


def _missing_port(transport: str) -> int:
    raise UsageError(f"--transport {transport!r} needs --port, the port of that transport.")


def _ports(texts: Iterable[str]) -> Iterable[tuple[str, int]]:
    """Read transports with their ports, such as "http:8080", one or several in each text."""
    for text in re.split(r"[\s,]+", " ".join(texts).strip()) if texts else ():
        found = _TRANSPORT.fullmatch(text)
        if not found or not 0 < int(found[2]) <= _LAST_PORT:
            raise UsageError(f"--transports {text!r}: write the transport and its port as grpc:5555.")
        yield found[1], int(found[2])


def address(option: str, url: str) -> str:
    """Return *url* without a final slash; raises UsageError, naming *option*, when it is not an address."""
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in WEB and bool(_HOST.fullmatch(parts.hostname or "")) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        shown = url.rpartition("@")[2]
        raise UsageError(f"{option} {shown!r} is not an address: write it as http://localhost:8080.")
    return url.rstrip("/")


def _path(path: str | None) -> str:
    return f"/{path.strip('/')}" if path and path.strip("/") else ""
