"""Which hosts and addresses webhooks may be sent to (reference §10.6).

Addresses are checked after the name was looked up, and the connection is made to an address that was checked:
a name that means another address a moment later gains nothing.
"""

import ipaddress
import re
from collections.abc import Iterable

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class InvalidHostError(ValueError):
    """An entry of the list of hosts cannot match any host; the text names it."""


def check(listed: Iterable[str]) -> None:
    """Raise InvalidHostError for an invalid regular expression, and for a URL instead of a host."""
    for entry in listed:
        if not _is_pattern(entry) and "/" in entry and not _is_network(entry):
            raise InvalidHostError(
                f"{entry} is not a host: give the name alone, or a network such as 10.0.0.0/8"
            )
        if _is_pattern(entry):
            _check_pattern(entry)


def _check_pattern(entry: str) -> None:
    try:
        re.compile(entry[1:-1])
    except re.error as error:
        raise InvalidHostError(f"{entry} is not a regular expression: {error}") from error


def is_listed(host: str, listed: Iterable[str]) -> bool:
    """Return whether *host*, a name or a literal address, is in the list; everything is in an empty list."""
    entries = tuple(listed)
    return not entries or any(_matches(host.lower(), entry) for entry in entries)


def is_address(host: str) -> bool:
    """Return whether *host* is a literal address, not a name."""
    return _parse(host) is not None


def is_allowed(address: str, host: str, listed: Iterable[str]) -> bool:
    """Return whether a webhook for *host* may connect to *address*.

    Public addresses are always allowed; those of private networks when the list has the host or the address;
    loopback, link-local and other special ones only when the list has the address itself.
    """
    entries = tuple(listed)
    parsed = _parse(address)
    if parsed is None:
        return False
    if any(_contains(entry, parsed) for entry in entries):
        return True
    if parsed.is_loopback or parsed.is_link_local or parsed.is_multicast or parsed.is_unspecified:
        return False
    if parsed.is_global:
        return True
    return parsed.is_private and not parsed.is_reserved and bool(entries) and is_listed(host, entries)


def _matches(host: str, entry: str) -> bool:
    address = _parse(host)
    if address is not None and _contains(entry, address):
        return True
    if _is_pattern(entry):
        return re.search(entry[1:-1], host, re.IGNORECASE) is not None
    if entry.startswith("*."):
        label, _, domain = host.partition(".")
        return bool(label) and domain == entry[2:].lower()
    return host == entry.lower()


def _is_pattern(entry: str) -> bool:
    return len(entry) > 1 and entry.startswith("/") and entry.endswith("/")


def _is_network(entry: str) -> bool:
    try:
        ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False
    return True


def _contains(entry: str, address: Address) -> bool:
    return _is_network(entry) and address in ipaddress.ip_network(entry, strict=False)


def _parse(text: str) -> Address | None:
    try:
        parsed = ipaddress.ip_address(text.partition("%")[0].strip("[]"))
    except ValueError:
        return None
    return parsed if isinstance(parsed, ipaddress.IPv4Address) else _unwrapped(parsed)


def _unwrapped(address: ipaddress.IPv6Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for: mapped, by 6to4 or by NAT64."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address
