"""The tokens that the broker gives out: their form, how one is recognised, and how long it lives.

A token is the prefix of its kind, 43 characters of chance (256 bits) and 6 of their checksum. The prefix lets
scanners find leaked tokens, and by the checksum a mistyped one is known without a look-up.
"""

import re
import string
from dataclasses import field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final
from zlib import crc32

from broker.domain.errors import ValidationError
from tally.values import dataclass

CHANCE_BYTES: Final = 32
SHORTEST_DAYS: Final = 1
LONGEST_DAYS: Final = 365
DEFAULT_DAYS: Final = 90
WARNING_DAYS: Final = 14
"""A service account's token that expires within so many days is warned of."""
CI_MINUTES: Final = 15
"""A pipeline's token lives so long at most."""

_ALPHABET: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_BASE: Final = len(_ALPHABET)
_CHANCE_LENGTH: Final = 43  # 62 ** 43 is a little more than 2 ** 256
_CHECKSUM_LENGTH: Final = 6
_SHOWN_LENGTH: Final = 8  # of the characters of chance: 208 bits stay hidden


class TokenKind(StrEnum):
    """Whose token it is."""

    PERSONAL = "personal"
    SERVICE = "service"
    CI = "ci"
    """Of a pipeline, which has exchanged an id token for it."""


PREFIXES: Final = {TokenKind.PERSONAL: "tallyp_", TokenKind.SERVICE: "tallys_", TokenKind.CI: "tallyc_"}


_ANYWHERE: Final = re.compile(f"(?:{'|'.join(PREFIXES.values())})[0-9A-Za-z]{{20}}")
_SHOWN: Final = re.compile(f"(?:{'|'.join(PREFIXES.values())})[0-9A-Za-z]{{{_SHOWN_LENGTH}}}")


@dataclass(frozen=True)
class NewToken:
    """A token as it is shown once, and what is kept of it: the SHA-256, and a prefix to tell it by."""

    text: str = field(repr=False)
    prefix: str
    digest: bytes = field(repr=False)


def new_token(kind: TokenKind, chance: bytes) -> NewToken:
    """Return the token that these 32 bytes of chance make."""
    if len(chance) != CHANCE_BYTES:
        raise ValueError(f"a token needs {CHANCE_BYTES} bytes of chance, not {len(chance)}")
    body = PREFIXES[kind] + _in_letters(int.from_bytes(chance), _CHANCE_LENGTH)
    text = body + _checksum(body)
    return NewToken(text, shown_prefix(text), token_digest(text))


def token_digest(text: str) -> bytes:
    """Return the SHA-256 by which a token is kept and found."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def shown_prefix(text: str) -> str:
    """Return the part of a token of ours that may be shown: 15 characters."""
    return text[: len(PREFIXES[TokenKind.PERSONAL]) + _SHOWN_LENGTH]


def is_shown_prefix(text: str) -> bool:
    """Return whether a text is no more than the part of a token of ours that may be shown."""
    return _SHOWN.fullmatch(text) is not None


def token_kind(text: str) -> TokenKind | None:
    """Return the kind of a token of ours with the right form and checksum; None for any other text."""
    kind = next((kind for kind, prefix in PREFIXES.items() if text.startswith(prefix)), None)
    if kind is None or len(text) != len(PREFIXES[kind]) + _CHANCE_LENGTH + _CHECKSUM_LENGTH:
        return None
    if not (text.isascii() and text[len(PREFIXES[kind]) :].isalnum()):
        return None
    return kind if _checksum(text[:-_CHECKSUM_LENGTH]) == text[-_CHECKSUM_LENGTH:] else None


def has_token(text: str) -> bool:
    """Return whether a part of a text looks like a token of ours, whole or cut off."""
    return "tally" in text and _ANYWHERE.search(text) is not None


def is_damaged_token(text: str) -> bool:
    """Return whether a text begins as a token of ours and cannot be one: it was cut, or mistyped."""
    return text.startswith(tuple(PREFIXES.values())) and token_kind(text) is None


def expiry(now: datetime, days: int = DEFAULT_DAYS) -> datetime:
    """Return when a token that lives so many days expires. Raises ValidationError below 1 and above 365."""
    if not SHORTEST_DAYS <= days <= LONGEST_DAYS:
        raise ValidationError({"expiresInDays": [f"must be from {SHORTEST_DAYS} to {LONGEST_DAYS}"]})
    return now + timedelta(days=days)


def expires_soon(expires_at: datetime, now: datetime) -> bool:
    """Return whether a token is valid still and expires within 14 days."""
    return now < expires_at <= now + timedelta(days=WARNING_DAYS)


def _checksum(body: str) -> str:
    return _in_letters(crc32(body.encode()), _CHECKSUM_LENGTH)


def _in_letters(number: int, length: int) -> str:
    letters = []
    for _ in range(length):
        number, rest = divmod(number, _BASE)
        letters.append(_ALPHABET[rest])
    return "".join(reversed(letters))
