"""Accounts, teams, tokens and a trust, for pages that show and change them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from support.accounts import accounts as accounts_in

from broker.domain.accounts.permissions import Action
from broker.domain.accounts.trust import GITHUB_ISSUER, TrustConditions, TrustKind
from broker.services.accounts import accounts, trusts
from broker.settings.settings import Settings

LONG_TEAM = "Quality Assurance and Release Engineering of the Northern Region"
_TRUSTED = TrustConditions(
    TrustKind.GITHUB,
    GITHUB_ISSUER,
    None,
    {"repository_id": "74", "repository_owner_id": "65", "environment": "production"},
    ".github/workflows/ci.yml",
    ("refs/heads/main", "refs/tags/v*"),
    frozenset({Action.READ, Action.PUBLISH, Action.VERIFY}),
)


@dataclass(frozen=True)
class AccountWorld:
    """The tokens of people by their names, and what is called by an id: {token} of ada, and {trust}."""

    tokens: Mapping[str, str]
    ids: Mapping[str, str]


def add_accounts(database: Any, *owned: str) -> AccountWorld:
    """Add ada, who administers the broker, rea, who only reads, and the team selling, which owns *owned*.

    In it, tom is administrator, pat publishes, and selling-ci is a service account. gone is disabled, and oda
    administers another team.
    """
    world = accounts_in(database)
    world.team("selling", *owned)
    world.person("ada", "administrator")
    world.person("rea", "reader")
    world.person("tom", "team-administrator", team="selling")
    world.person("pat", "publisher", team="selling")
    world.person("oda", "team-administrator", team=LONG_TEAM)
    world.person("gone", "reader")
    world.service("selling-ci", "publisher", team="selling")
    texts = {name: world.token_of(name) for name in ("ada", "rea", "tom", "pat", "oda")}
    texts["selling-ci"] = world.token_of("selling-ci", days=10)
    now = datetime.now(UTC)
    with database.transaction() as storage:
        accounts.change(storage, "gone", accounts.AccountChange(is_disabled=True), now)
        settings = Settings(base_url="https://broker.example.org")
        trust = trusts.add(storage, "selling-ci", _TRUSTED, settings, now)
        token = storage.tokens.of(accounts.find(storage, "ada").account.id, now)[0]
    return AccountWorld(texts, {"trust": trust.uuid, "token": token.uuid})
