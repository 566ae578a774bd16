"""Say what is wrong with an id token, and which check of each trust it does not pass."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from broker.domain.accounts.account_names import name_key
from broker.domain.accounts.fitting_trusts import account_names, fitting
from broker.domain.accounts.id_token import (
    Check,
    IdTokenError,
    UnverifiedToken,
    read_id_token,
)
from broker.domain.accounts.trust import Failure, Trust, failures, repository_of
from broker.services.accounts import exchange
from broker.services.accounts.id_tokens import verified_claims
from broker.services.accounts.signing_keys import IssuerAwayError, SigningKeys
from broker.settings.settings import Settings
from broker.storage.storage import Storage
from tally.values import dataclass


@dataclass(frozen=True)
class TestedTrust:
    """A trust, and why it does not fit an id token; nothing if it does."""

    trust: Trust
    failures: Sequence[Failure]


@dataclass(frozen=True)
class TestedIdToken:
    """What came of a test: the first check that failed whatever the trust, and the trusts, the nearest first.

    *token* is what must be verified still, before *accounts* are told: those of which any trust fits, also
    one that whoever asks may not see.
    """

    trusts: Sequence[TestedTrust]
    failed: IdTokenError | None = None
    token: UnverifiedToken | None = None
    accounts: Sequence[str] = ()

    def is_accepted(self, account: str | None) -> bool:
        """Return whether the pipeline would get a token, if it named this account or none."""
        if self.failed is not None:
            return False
        if account is None:
            return len(self.accounts) == 1
        return name_key(account) in map(name_key, self.accounts)


def begin(storage: Storage, text: str, trusts: Sequence[Trust], settings: Settings) -> TestedIdToken:
    """Test what can be tested without the keys of the issuer."""
    try:
        token = read_id_token(text)
    except IdTokenError as error:
        return TestedIdToken((), error)
    tested = _tested(trusts, token.claims, settings)
    try:
        exchange.check_issuer(storage, token)
        exchange.check_unused(storage, token.claims)
    except IdTokenError as error:
        return TestedIdToken(tested, error)
    all_trusts = storage.trusts.that_may_fit(token.issuer, repository_of(token.claims))
    accounts = account_names(fitting(all_trusts, token.claims, settings.addresses))
    return TestedIdToken(tested, token=token, accounts=accounts)


def verify(tested: TestedIdToken, keys: SigningKeys, now: datetime) -> TestedIdToken:
    """Test the signature and the times as well, unless another check has failed."""
    if tested.token is None:
        return tested
    try:
        verified_claims(tested.token, keys, now)
    except IdTokenError as error:
        return replace(tested, failed=error)
    except IssuerAwayError as error:
        return replace(tested, failed=IdTokenError(Check.KEY_ID, str(error)))
    return tested


def _tested(trusts: Sequence[Trust], claims: Mapping[str, Any], settings: Settings) -> Sequence[TestedTrust]:
    tested = [TestedTrust(trust, _failures(trust, claims, settings)) for trust in trusts]
    return sorted(tested, key=lambda each: len(each.failures))


def _failures(trust: Trust, claims: Mapping[str, Any], settings: Settings) -> Sequence[Failure]:
    found = failures(trust.conditions, claims, settings.addresses)
    if trust.account.is_disabled:
        found = (*found, Failure("account", f"{trust.account.name} is enabled", "it is disabled"))
    return found
