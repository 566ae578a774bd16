"""Addresses that a tool may send requests to: of this machine, and those that the user allows."""

import ipaddress
import re
import socket
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

from tally.assistants.answers import ToolError, quoted

_WRITTEN = re.compile(r"[\x21-\x7e]+")
"""Printable ASCII: programs disagree about what an address means that has anything else in it."""
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def allowed_address(field: str, text: str, hosts: Collection[str]) -> str:
    """Return *text*, the http(s) address of a program on this machine, or of one of the *hosts*.

    Names other than localhost are not looked up unless they are among the *hosts*: a name may lead to this
    machine now and elsewhere a moment later, and its owner sees who looks it up. Raises ToolError, which
    names *field*.
    """
    parts = _parts(field, text)
    host = (parts.hostname or "").lower()
    literal = _literal(host)
    if host in {each.lower().strip("[]") for each in hosts}:
        _refuse_odd(field, host, [literal] if literal else _looked_up(field, host))
        return text.rstrip("/")
    is_this_machine = all(map(_is_loopback, _looked_up(field, host))) if host == "localhost" else False
    if is_this_machine or (literal is not None and _is_loopback(literal)):
        return text.rstrip("/")
    raise ToolError(
        f"{field}: {quoted(host)} is not this machine. Requests are sent to localhost, 127.0.0.1 and [::1] "
        "only, because a text in a pact must not make them go elsewhere. If the user wants that, they start "
        "`tally mcp` with --allow-provider HOST."
    )


def _parts(field: str, text: str) -> SplitResult:
    shown = quoted(text.rpartition("@")[2])
    is_written = _WRITTEN.fullmatch(text) and not set(text) & {"\\", "?", "#", "{", "}"}
    try:
        parts = urlsplit(text if is_written else "")
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise ToolError(f"{field}: {shown} is not an address: write it as http://localhost:8080.")
    if "@" in parts.netloc:
        raise ToolError(f"{field}: leave user name and password out of the address {shown}.")
    return parts


def _literal(host: str) -> _Address | None:
    try:
        # A scope, as in fe80::1%eth0, is no part of an address that is compared.
        return None if "%" in host else ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_loopback(address: _Address) -> bool:
    return _unmapped(address).is_loopback


def _unmapped(address: _Address) -> _Address:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _looked_up(field: str, host: str) -> list[_Address]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ToolError(f"{field}: there is no host {quoted(host)}.") from error
    return [ipaddress.ip_address(str(item[4][0]).partition("%")[0]) for item in found]


def _refuse_odd(field: str, host: str, addresses: Collection[_Address]) -> None:
    for address in map(_unmapped, addresses):
        # 169.254.169.254 hands out the credentials of machines in clouds.
        if address.is_link_local or address.is_multicast or address.is_unspecified:
            raise ToolError(f"{field}: no requests are sent to {address} ({quoted(host)}), even if allowed.")
