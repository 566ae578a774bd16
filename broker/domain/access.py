"""API tokens, and what each of them allows."""

import hashlib
import re
from enum import IntEnum

from tally.values import dataclass

_SHORTEST = 16
_FORM = "must be NAME:read:TOKEN or NAME:write:TOKEN"


class Access(IntEnum):
    """What a client may do; each includes the one before it."""

    NONE = 0
    READ = 1
    WRITE = 2


class InvalidTokenError(ValueError):
    """A token has the wrong form; the text shows its name at most, never the token."""


@dataclass(frozen=True)
class Token:
    """A token that the broker accepts, known by its hash alone."""

    name: str
    access: Access
    digest: bytes  # SHA-256


def digest(token: str) -> bytes:
    """Return the hash that a token is known by; tokens are long and random, so it needs no salt."""
    return hashlib.sha256(token.encode()).digest()


def pair_digest(name: str, password: str) -> bytes:
    """Return the hash of a user's name and password that `tally tokens adopt` has made a token of.

    No header can have the character between them, so only who sends both is known by it: as a user, whose
    failed log-ins are counted.
    """
    return digest(f"{name}\0{password}")


def parse_token(number: int, text: str) -> Token:
    """Return the token of `NAME:read:TOKEN` or `NAME:write:TOKEN`, where TOKEN may be `sha256=HEX`.

    *number* is its place in the setting, for the error. Raises InvalidTokenError.
    """
    parts = text.split(":", 2)
    if len(parts) != 3 or not parts[0] or parts[1] not in {"read", "write"}:  # noqa: PLR2004 - as the form says
        raise InvalidTokenError(f"token {number} {_FORM}")
    name, access, secret = parts
    return Token(name, Access.READ if access == "read" else Access.WRITE, _digest_of(name, secret))


def _digest_of(name: str, secret: str) -> bytes:
    if secret.startswith("sha256="):
        if not re.fullmatch(r"sha256=[0-9a-fA-F]{64}", secret):
            raise InvalidTokenError(f"the hash of the token {name} must have 64 hexadecimal digits")
        return bytes.fromhex(secret.removeprefix("sha256="))
    if len(secret) < _SHORTEST:
        raise InvalidTokenError(f"the token {name} must have at least {_SHORTEST} characters")
    return digest(secret)
