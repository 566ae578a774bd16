"""Which hosts and addresses webhooks may be sent to (reference §10.6).

Addresses are checked after the name was looked up, and the connection is made to an address that was checked:
a name that means another address a moment later gains nothing.
"""

import ipaddress
import re
from collections.abc import Iterable

# Networks that only an address or a network in the list opens: they are reached from the inside only.
# From the special-purpose registries of IANA (RFC 6890), and from what the clouds document of themselves.
SPECIAL = {
    ipaddress.ip_network(network): meaning
    for network, meaning in {
        "0.0.0.0/8": "this network",
        "100.64.0.0/10": "shared between a provider and its customers; 100.100.100.200 is a cloud's own",
        "127.0.0.0/8": "loopback",
        "161.26.0.0/16": "a cloud's own",
        "166.8.0.0/14": "a cloud's own",
        "168.63.129.16/32": "a cloud's own",
        "169.254.0.0/16": "link-local, where clouds keep their metadata",
        "192.0.0.0/24": "protocols, and a cloud's own",
        "192.0.2.0/24": "documentation",
        "192.88.99.0/24": "relays of 6to4",
        "198.18.0.0/15": "benchmarks",
        "198.51.100.0/24": "documentation",
        "203.0.113.0/24": "documentation",
        "224.0.0.0/4": "multicast",
        "240.0.0.0/4": "reserved, and broadcast",
        # All but 2000::/3, the public addresses, and fc00::/7, the private ones.
        "::/3": "reserved",
        "4000::/2": "reserved",
        "8000::/2": "reserved",
        "c000::/3": "reserved",
        "e000::/4": "reserved",
        "f000::/5": "reserved",
        "f800::/6": "reserved",
        "fe00::/9": "reserved",
        "::/96": "unspecified, loopback, and IPv4-compatible",
        "64:ff9b:1::/48": "NAT64 of a network's own",
        "100::/64": "discarded",
        "2001::/23": "protocols",
        "2001:db8::/32": "documentation",
        "3fff::/20": "documentation",
        "5f00::/16": "segment routing",
        "fd00:42::/32": "a cloud's own",
        "fd00:a9fe:a9fe::/48": "a cloud's own",
        "fd00:ec2::/32": "a cloud's own",
        "fd20:ce::/32": "a cloud's own",
        "fe80::/10": "link-local",
        "fec0::/10": "site-local",
        "ff00::/8": "multicast",
    }.items()
}
# A name in the list opens them.
PRIVATE = [
    ipaddress.ip_network(network) for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
]
_ISATAP = {0x0000_5EFE, 0x0200_5EFE}
"""What stands before an address of IPv4 in the second half of one of IPv6, for tunnels within a site."""
_TEREDO = ipaddress.IPv6Network("2001::/32")
# The last four bytes are an address of IPv4: NAT64, IPv4-mapped and IPv4-translated.
_ENDING_IN_IPV4 = [
    ipaddress.IPv6Network(network) for network in ("64:ff9b::/96", "::ffff:0:0/96", "::ffff:0:0:0/96")
]
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
    if any(_contains(entry, form) for entry in entries for form in (parsed, _read(address))):
        return True
    if _is_in(SPECIAL, parsed):
        return False
    if _is_in(PRIVATE, parsed):
        return bool(entries) and is_listed(host, entries)
    return parsed.is_global


def _is_in(networks: Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network], address: Address) -> bool:
    return any(address in network for network in networks)


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


def _contains(entry: str, address: Address | None) -> bool:
    return address is not None and _is_network(entry) and address in ipaddress.ip_network(entry, strict=False)


def _parse(text: str) -> Address | None:
    address = _read(text)
    return _unwrapped(address) if isinstance(address, ipaddress.IPv6Address) else address


def _read(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text.partition("%")[0].strip("[]"))
    except ValueError:
        return None


def _unwrapped(address: ipaddress.IPv6Address) -> Address:
    """Return the IPv4 address that an IPv6 address leads to; of a tunnel, the one that is not public."""
    if _is_in(_ENDING_IN_IPV4, address):
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    if address.sixtofour:
        return address.sixtofour
    if address in _TEREDO and address.teredo:
        return next((end for end in address.teredo if not end.is_global), address.teredo[1])
    end = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    is_tunnel = address.is_global and int(address) >> 32 & 0xFFFF_FFFF in _ISATAP
    return end if is_tunnel and not end.is_global else address
