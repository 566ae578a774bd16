"""Where webhooks may go: the list of hosts, and addresses that nobody outside should reach (reference §10.6).

An address is judged after the name was looked up, and the connection is made to that very address, so that a
name that means another address a moment later gains nothing.
"""

import ipaddress
import re
from collections.abc import Iterable

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_listed(host: str, listed: Iterable[str]) -> bool:
    """Return whether the list of hosts has *host*, a name or a literal address; an empty list has all."""
    entries = tuple(listed)
    return not entries or any(_matches(host.lower(), entry) for entry in entries)


def is_allowed(address: str, host: str, listed: Iterable[str]) -> bool:
    """Return whether a webhook for *host* may connect to *address*.

    Public addresses always; those of private networks when the list has the host by name or the address;
    loopback, link-local and other special ones only when the list has the address.
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
    if len(entry) > 1 and entry.startswith("/") and entry.endswith("/"):
        return re.search(entry[1:-1], host) is not None
    if entry.startswith("*."):
        label, _, domain = host.partition(".")
        return bool(label) and domain == entry[2:].lower()
    return host == entry.lower()


def _contains(entry: str, address: Address) -> bool:
    try:
        network = ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False
    return address in network


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
