"""Failed log-ins by password: how many one name may have from one address in a minute."""

from datetime import datetime
from hashlib import sha256

SECONDS = 60


def period(now: datetime) -> int:
    """Return when the minute began in which tries are counted, in seconds since 1970."""
    return int(now.timestamp()) // SECONDS * SECONDS


def seconds_left(now: datetime) -> int:
    """Return how long the minute lasts still; 1 at least."""
    return max(1, period(now) + SECONDS - int(now.timestamp()))


def digest_of(address: str, name_key: str) -> bytes:
    """Return by what tries are counted; a name that was typed may be a password, and is not stored."""
    return sha256(f"log-in\0{address}\0{name_key}".encode("utf-8", "surrogatepass")).digest()
