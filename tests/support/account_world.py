"""Accounts, teams, tokens and trusts in a world that has applications already."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from broker.domain.accounts.account import NewAccount, TokenWish
from broker.domain.accounts.actor import ActorKind, Grant
from broker.domain.accounts.permissions import Action, Role
from broker.domain.accounts.trust import TrustConditions, TrustKind
from broker.services.accounts import accounts, teams, tokens, trusts
from broker.settings import Settings

SETTINGS = Settings(base_url="https://broker.example.org")
LONG_TEAM = "Quality Assurance and Release Engineering of the Northern Region"
TRUSTED = TrustConditions(
    TrustKind.GITHUB,
    "https://token.actions.githubusercontent.com",
    None,
    {"repository_id": "74", "repository_owner_id": "65", "environment": "production"},
    ".github/workflows/ci.yml",
    ("refs/heads/main", "refs/tags/v*"),
    frozenset({Action.READ, Action.PUBLISH, Action.VERIFY}),
)


@dataclass(frozen=True)
class AccountWorld:
    """Tokens of people by their names, and what is called by an id."""

    tokens: Mapping[str, str]
    ids: Mapping[str, str]


def add_accounts(database: Any, *owned: str) -> AccountWorld:
    """Add an administrator (ada), two teams and their people; the team selling owns *owned*.

    tom administers selling, pat publishes for it, rea only reads, and selling-ci is its service account.
    """
    now = datetime.now(UTC)
    with database.transaction() as storage:
        accounts.create(storage, _person("ada", "Ada Lovelace"), {Grant(Role.ADMINISTRATOR)}, now)
        selling = teams.create(storage, "selling", "Carts, checkout and promotions. #selling", now).team
        teams.create(storage, LONG_TEAM, None, now)
        for name in owned:
            teams.own(storage, "selling", name, now)
        of_selling = {"tom": Role.TEAM_ADMINISTRATOR, "pat": Role.PUBLISHER}
        for name, role in of_selling.items():
            accounts.create(storage, _person(name), {Grant(role, selling.id)}, now)
        accounts.create(storage, _person("rea"), {Grant(Role.READER)}, now)
        accounts.create(storage, _person("gone"), (), now)
        accounts.change(storage, "gone", accounts.AccountChange(is_disabled=True), now)
        service = NewAccount("selling-ci", ActorKind.SERVICE, "Pipelines of selling")
        teams.create_service_account(storage, "selling", service, [Role.PUBLISHER], now)
        _, service_token = tokens.create(storage, "selling-ci", TokenWish("Jenkins", 10), now)
        trust = trusts.add(storage, "selling-ci", TRUSTED, SETTINGS, now)
        uuids, texts = {}, {"selling-ci": service_token}
        for name in ("ada", *of_selling, "rea"):
            made, texts[name] = _own_token(storage, name, now)
            uuids[name] = made.uuid
    return AccountWorld(texts, {"trust": trust.uuid, "token": uuids["ada"]})


def _person(name: str, shown: str = "") -> NewAccount:
    return NewAccount(name, ActorKind.PERSON, shown or name, f"{name}@example.org")


def _own_token(storage: Any, name: str, now: datetime) -> Any:
    found = accounts.find(storage, name)
    account_id = found.account.id
    known = storage.access.account(account_id)
    before = storage.asking.actor
    storage.asking.actor = known.actor("test")
    try:
        return tokens.create_own(storage, TokenWish(f"laptop of {name}", 90), now)
    finally:
        storage.asking.actor = before
