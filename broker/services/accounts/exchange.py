"""Give a pipeline a token of a service account for the id token of its provider.

In three steps, as keys are fetched outside of any transaction: `check_issuer`, then `verified_claims` of
`id_tokens`, then `give_token`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_bytes
from typing import Any, Final

from broker.domain.accounts.actor import Actor
from broker.domain.accounts.fitting_trusts import FittingTrusts, fitting, of_one_account
from broker.domain.accounts.id_token import (
    LEEWAY,
    Check,
    IdTokenError,
    UnverifiedToken,
    check_audience,
    expiry_of,
    shown,
    single_use_id,
)
from broker.domain.accounts.permissions import Action
from broker.domain.accounts.tokens import CHANCE_BYTES, TokenKind, new_token
from broker.domain.accounts.trust import Trust, audiences, counted_by, origin, repository_of
from broker.settings.settings import Settings
from broker.storage.storage import Storage
from tally.values import dataclass

MOST_PER_SECOND: Final = 5
"""Exchanges of one repository."""
KEPT: Final = timedelta(days=7)
"""How long the row of an expired token is kept, for whoever asks which run had it."""
KEPT_IDS: Final = timedelta(hours=1)
"""How long the id of an expired id token is kept: clocks differ, and an id token is used once."""


class TooManyExchangesError(Exception):
    """A repository exchanges more tokens in a second than any pipeline needs."""


@dataclass(frozen=True)
class GivenToken:
    """The token of a pipeline: *text* is shown once."""

    text: str
    expires_at: datetime
    scopes: frozenset[Action]
    by: FittingTrusts
    prefix: str
    origin: str


def check_issuer(storage: Storage, token: UnverifiedToken) -> None:
    """Raise IdTokenError unless somebody trusts the issuer: its keys are fetched of no other one."""
    if not storage.trusts.has_issuer(token.issuer):
        raise IdTokenError(Check.ISSUER, f"no trust names {shown(token.issuer)}")


def check_unused(storage: Storage, claims: Mapping[str, Any]) -> None:
    """Raise IdTokenError when the id token was used already. It is not used by that."""
    if storage.exchanged_tokens.is_used(str(claims["iss"]), single_use_id(claims)):
        raise _used()


def count(storage: Storage, claims: Mapping[str, Any], now: datetime) -> None:
    """Count an exchange. Raises TooManyExchangesError for the sixth of a repository in a second."""
    digest = sha256(f"exchange\0{claims['iss']}\0{counted_by(claims)}".encode()).digest()
    if storage.tries.add(digest, int(now.timestamp())) > MOST_PER_SECOND:
        raise TooManyExchangesError


def give_token(
    storage: Storage, claims: Mapping[str, Any], settings: Settings, now: datetime, *, account: str | None
) -> GivenToken:
    """Return a token for an id token with these claims, which were verified, and which are used by that.

    The pipeline names the *account* where trusts of several fit. Raises IdTokenError, and ForbiddenError when
    no trust fits, or it is not clear of which account.
    """
    trusts = storage.trusts.that_may_fit(claims["iss"], repository_of(claims))
    _check_audience(trusts, claims, settings)
    jti = single_use_id(claims)
    expires = datetime.fromtimestamp(expiry_of(claims), UTC) + LEEWAY + timedelta(seconds=1)
    if not storage.exchanged_tokens.use(claims["iss"], jti, expires):
        raise _used()
    by = of_one_account(fitting(trusts, claims, settings.addresses), claims, account)
    token = new_token(TokenKind.CI, token_bytes(CHANCE_BYTES))
    run = origin(by.trusts[0].conditions.kind, claims)
    expires_at = now + timedelta(minutes=by.minutes)
    storage.exchanged_tokens.add(by, token, origin=run, expires_at=expires_at, now=now)
    return GivenToken(token.text, expires_at, by.scopes, by, token.prefix, run)


def forget_old(storage: Storage, now: datetime) -> int:
    """Remove ids of id tokens an hour after these expired, and tokens a week after; return how many."""
    return storage.exchanged_tokens.forget(ids_before=now - KEPT_IDS, tokens_before=now - KEPT)


def actor_of(given: GivenToken) -> Actor:
    """Return the service account that the token is of, as who asks."""
    account = given.by.account
    via = f"trust {given.by.trusts[0].uuid}"
    return Actor(account.name, account.kind, via, uuid=account.uuid, account_id=account.id)


def _used() -> IdTokenError:
    return IdTokenError(Check.USED_ONCE, "the id token was used already: ask for a new one for each exchange")


def _check_audience(trusts: Sequence[Trust], claims: Mapping[str, Any], settings: Settings) -> None:
    accepted = dict.fromkeys(
        audience for trust in trusts for audience in audiences(trust.conditions, settings.addresses)
    ) or dict.fromkeys(settings.addresses)
    if not accepted:
        raise IdTokenError(Check.AUDIENCE, "this broker does not know its own address: set TALLY_BASE_URL")
    found = claims.get("aud")
    check_audience(claims, found if isinstance(found, str) and found in accepted else " or ".join(accepted))
