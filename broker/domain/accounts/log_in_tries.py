"""Failed log-ins by password: how many one name may have from one address in a minute."""

from datetime import datetime
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network

SECONDS = 60


def period(now: datetime) -> int:
    """Return when the minute began in which tries are counted, in seconds since 1970."""
    return int(now.timestamp()) // SECONDS * SECONDS


def seconds_left(now: datetime) -> int:
    """Return how long the minute lasts still; 1 at least."""
    return max(1, period(now) + SECONDS - int(now.timestamp()))


def counted_address(address: str) -> str:
    """Return the address by which tries are counted: of IPv6 its /64, as each customer has a whole one."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:  # of a proxy that says something else
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((int(found), 64), strict=False))


def digest_of(address: str, name_key: str) -> bytes:
    """Return by what tries are counted; a name that was typed may be a password, and is not stored."""
    return sha256(f"log-in\0{counted_address(address)}\0{name_key}".encode("utf-8", "surrogatepass")).digest()
