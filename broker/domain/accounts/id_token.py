"""Id tokens of other issuers: their form, and what is checked of their claims; signatures are not.

A token is read strictly: a key that occurs twice, a number that is none, or another spelling of the same
bytes would let two programs read one token differently.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta
from enum import StrEnum
from math import isfinite
from typing import Any, Final

from broker.domain.errors import Refusal
from tally import json_text
from tally.values import dataclass

MOST_BYTES: Final = 65_536
"""A token of GitLab whose user is in 200 groups has 12 KB."""
LEEWAY: Final = timedelta(seconds=30)
LONGEST_LIFE: Final = timedelta(hours=1)
_MOST_HEADER_BYTES: Final = 4096
_LATEST: Final = 253_402_300_799  # the end of the year 9999
_PART: Final = re.compile(r"[A-Za-z0-9_-]+")
_LINE: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,255}")


class Check(StrEnum):
    """What is checked of an id token, in this order."""

    SIZE = "size"
    FORM = "form"
    ISSUER = "iss"
    KEY_ID = "kid"
    ALGORITHM = "alg"
    SIGNATURE = "signature"
    EXPIRES_AT = "exp"
    ISSUED_AT = "iat"
    NOT_BEFORE = "nbf"
    AUDIENCE = "aud"
    USED_ONCE = "jti"


class IdTokenError(Refusal):
    """An id token is not accepted; *check* is the first one that failed. The text never shows the token."""

    def __init__(self, check: Check, text: str) -> None:
        super().__init__(f"{check}: {text}")
        self.check = check
        self.text = text
        self.errors = {"token": [str(self)]}


@dataclass(frozen=True)
class UnverifiedToken:
    """What an id token says of itself: whoever sent it may have made it up."""

    text: str = field(repr=False)
    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    issuer: str


def read_id_token(text: str) -> UnverifiedToken:
    """Read an id token, which does not verify it. Raises IdTokenError for a wrong size, form or issuer."""
    if len(text) > MOST_BYTES:
        raise IdTokenError(Check.SIZE, f"the id token has {len(text)} bytes; at most {MOST_BYTES} are read")
    parts = text.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, claims, signature
        raise IdTokenError(Check.FORM, "an id token has three parts with full stops between them")
    header, claims = _object(parts[0], "header"), _object(parts[1], "claims")
    if len(parts[0]) > _MOST_HEADER_BYTES:
        raise IdTokenError(Check.FORM, f"the header has more than {_MOST_HEADER_BYTES} bytes")
    _bytes(parts[2], "signature")
    if "crit" in header or "b64" in header:
        raise IdTokenError(Check.FORM, "the header asks for extensions (crit, b64), which are not supported")
    issuer = claims.get("iss")
    if not isinstance(issuer, str) or not issuer:
        raise IdTokenError(Check.ISSUER, "must be a text")
    return UnverifiedToken(text, header, claims, issuer)


def key_id(token: UnverifiedToken) -> str:
    """Return which key signed the token, as it says. Raises IdTokenError when it does not say."""
    found = token.header.get("kid")
    if not isinstance(found, str) or not found:
        raise IdTokenError(Check.KEY_ID, "the header must name the key (kid) that signed the token")
    return found


def check_times(claims: Mapping[str, Any], now: datetime, longest: timedelta | None = LONGEST_LIFE) -> None:
    """Raise IdTokenError unless the token is valid now, within 30 seconds, and not for longer than may be."""
    expires, issued = _moment(claims, Check.EXPIRES_AT), _moment(claims, Check.ISSUED_AT)
    leeway, at = LEEWAY.total_seconds(), now.timestamp()
    if at >= expires + leeway:
        raise IdTokenError(Check.EXPIRES_AT, f"it expired {_seconds(at - expires)} ago")
    if longest is not None and expires - issued > longest.total_seconds():
        raise IdTokenError(
            Check.EXPIRES_AT,
            f"it lives {_seconds(expires - issued)} (exp - iat), and {_seconds(longest.total_seconds())} are "
            "the most; GitLab's live as long as the job may run, which `timeout: 1h` in the job shortens",
        )
    if expires < issued:
        raise IdTokenError(Check.EXPIRES_AT, "it expires before it was issued")
    if issued > at + leeway:
        raise IdTokenError(
            Check.ISSUED_AT, f"it was issued {_seconds(issued - at)} in the future: compare the clocks"
        )
    if "nbf" in claims and _moment(claims, Check.NOT_BEFORE) > at + leeway:
        raise IdTokenError(Check.NOT_BEFORE, "it is not valid yet: compare the clocks")


def check_audience(claims: Mapping[str, Any], audience: str) -> None:
    """Raise IdTokenError unless the token is for this audience, and for no other one.

    One that is for several could be used here by each of the others.
    """
    found = claims.get("aud")
    if not isinstance(found, str):
        raise IdTokenError(Check.AUDIENCE, f"must be one text, {audience}")
    if found != audience:
        raise IdTokenError(Check.AUDIENCE, f"the token is for {shown(found)}, not for {audience}")


def expiry_of(claims: Mapping[str, Any]) -> int:
    """Return when the token expires, in seconds since 1970."""
    return int(_moment(claims, Check.EXPIRES_AT))


def single_use_id(claims: Mapping[str, Any]) -> str:
    """Return the id by which the token is used once. Raises IdTokenError when it has none."""
    found = claims.get("jti")
    if not isinstance(found, str) or not _LINE.fullmatch(found):
        raise IdTokenError(Check.USED_ONCE, "must be a text of 1 to 255 characters")
    return found


def shown(value: object) -> str:
    """Return a claim as it may be shown to whoever sent it: on one line, 200 characters at most."""
    text = value if isinstance(value, str) else json_text.compact(value)
    line = "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )
    return line if len(line) <= _MOST_SHOWN else line[:_MOST_SHOWN] + "…"


_MOST_SHOWN: Final = 200


def _object(part: str, name: str) -> Mapping[str, Any]:
    try:
        found = json_text.read_plainly(_bytes(part, name).decode())
        json_text.refuse_halves(found)
    except (ValueError, RecursionError) as error:
        # Not the reason: a text from the token could be in it.
        raise IdTokenError(Check.FORM, f"the {name} must be JSON, with each key once") from error
    if not isinstance(found, dict):
        raise IdTokenError(Check.FORM, f"the {name} must be a JSON object")
    return found


def _bytes(part: str, name: str) -> bytes:
    """Return what a part stands for; there is one spelling of it, without padding."""
    if _PART.fullmatch(part):
        try:
            found = urlsafe_b64decode(part + "=" * (-len(part) % 4))
        except ValueError:
            found = b""
        if urlsafe_b64encode(found).rstrip(b"=").decode() == part:
            return found
    raise IdTokenError(Check.FORM, f"the {name} must be base64url without padding")


def _moment(claims: Mapping[str, Any], check: Check) -> float:
    """Return a time in seconds since 1970."""
    found = claims.get(check)
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise IdTokenError(check, "must be a number, of seconds since 1970")
    if not isfinite(found) or not 0 < found <= _LATEST:
        raise IdTokenError(check, "must be a time between 1970 and 9999")
    return found


def _seconds(number: float) -> str:
    return f"{round(number)} seconds"
