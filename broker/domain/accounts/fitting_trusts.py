"""The trusts that fit an id token, and the token that a pipeline gets by them.

Those of one account are added up. Of several accounts the pipeline names one: otherwise whoever adds a trust
for a repository of others would decide for which account their pipeline acts.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from broker.domain.accounts.account_names import name_key
from broker.domain.accounts.id_token import shown
from broker.domain.accounts.permissions import Action
from broker.domain.accounts.trust import IDS, Trust, TrustedAccount, failures
from broker.domain.errors import ForbiddenError
from tally.values import dataclass


@dataclass(frozen=True)
class FittingTrusts:
    """At least one trust of one account; the oldest is the first."""

    trusts: Sequence[Trust]

    @property
    def account(self) -> TrustedAccount:
        return self.trusts[0].account

    @property
    def scopes(self) -> frozenset[Action]:
        """What any of them allows."""
        return frozenset[Action]().union(*(trust.conditions.scopes for trust in self.trusts))

    @property
    def minutes(self) -> int:
        """How long the token lives: as short as one of them wants."""
        return min(trust.conditions.minutes for trust in self.trusts)


def fitting(trusts: Sequence[Trust], claims: Mapping[str, Any], addresses: Sequence[str]) -> Sequence[Trust]:
    """Return those of the trusts that fit claims which were verified, of accounts that are enabled."""
    return [
        trust
        for trust in trusts
        if not trust.account.is_disabled and not failures(trust.conditions, claims, addresses)
    ]


def account_names(trusts: Sequence[Trust]) -> Sequence[str]:
    """Return of which accounts the trusts are, each once, by name."""
    return sorted({trust.account.name for trust in trusts})


def of_one_account(trusts: Sequence[Trust], claims: Mapping[str, Any], account: str | None) -> FittingTrusts:
    """Return the trusts that count, of those that fit: those of the *account* that the pipeline names.

    Raises ForbiddenError without any, and when none is named and they are of several. It tells whoever asks
    no more than their own token says, and the accounts that they may name.
    """
    if not trusts:
        raise ForbiddenError(
            f"The id token is valid, and no trust fits it. It says: {_said(claims)}. An administrator of the "
            "team sees which check fails with: tally trusts test"
        )
    names = account_names(trusts)
    if account is None and len(names) > 1:
        raise ForbiddenError(
            f"Trusts of several accounts fit this id token: {', '.join(names)}. Say which one the pipeline "
            "uses: with the variable TALLY_ACCOUNT, --account of tally tokens exchange, or the field account"
        )
    key = name_key(names[0] if account is None else account)
    found = [trust for trust in trusts if name_key(trust.account.name) == key]
    if not found:
        raise ForbiddenError(
            f"No trust of the account {shown(account)} fits this id token. Trusts that fit are of: "
            f"{', '.join(names)}"
        )
    return FittingTrusts(found)


def _said(claims: Mapping[str, Any]) -> str:
    names = dict.fromkeys(
        [name for ids in IDS.values() for name in ids]
        + ["sub", "ref", "environment", "workflow_ref", "ci_config_ref_uri", "event_name"]
    )
    said = [f"{name} {shown(claims[name])}" for name in names if claims.get(name) is not None]
    return ", ".join(said) or "nothing of a pipeline"
