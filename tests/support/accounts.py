"""Accounts for tests: teams, people and service accounts with roles, and their tokens, made in a line each.

world = accounts(database)
world.team("payments", "Shop", "Bank")
publisher = world.token("publisher", team="payments")
broker.put(url, json=PACT, headers=bearer(publisher))
"""

import secrets
from datetime import UTC, datetime, timedelta

from broker.domain.accounts.account import NewAccount, TokenLimits
from broker.domain.accounts.actor import ActorKind
from broker.domain.accounts.permissions import Action, Role
from broker.domain.accounts.tokens import CHANCE_BYTES, TokenKind, new_token
from broker.services.accounts import accounts as account_services
from broker.services.accounts import roles as role_services
from broker.services.accounts import teams as team_services
from broker.services.accounts.roles import WantedRole


def accounts(database, *, now=None):
    """Return a world of accounts in the database; *now* is when they are made, by default at the moment."""
    return World(database, now or datetime.now(UTC))


def bearer(token):
    """Return the header of a request with a token."""
    return {"Authorization": f"Bearer {token}"}


class World:
    """What a test has made of accounts. Names are those that it gave, or follow from the roles."""

    def __init__(self, database, now):
        self.database = database
        self.now = now

    def team(self, name, *pacticipants):
        """Make a team, unless it is there; it owns these pacticipants, which are made as well."""
        with self.database.transaction() as storage:
            if storage.teams.find(name) is None:
                team_services.create(storage, name, None, self.now)
            for pacticipant in pacticipants:
                team_services.own(storage, name, pacticipant, self.now)
            return storage.teams.find(name)

    def person(self, name, *roles, team=None, password_hash=None):
        """Make a person with these roles in a team, or everywhere. Who is there gets them as well."""
        return self._account(
            NewAccount(name, ActorKind.PERSON, name.title(), password_hash=password_hash), roles, team
        )

    def service(self, name, *roles, team=None):
        """Make a service account of a team, with these roles in it; without one, everywhere."""
        team_id = self.team(team).id if team else None
        return self._account(NewAccount(name, ActorKind.SERVICE, name, team_id=team_id), roles, team)

    def token(self, role="reader", *, team=None, name=None, **limits):
        """Return a token of a new account that has the role in the team; everywhere without one.

        With *name* it is of that person, who is made if need be. The *limits* are those of `token_of`.
        """
        name = name or f"{role}-{team or 'everywhere'}"
        self.person(name, role, team=team)
        return self.token_of(name, **limits)

    def token_of(
        self,
        name,
        *,
        days=90,
        scopes=None,
        pacticipants=None,
        environments=None,
        kind=None,
    ):
        """Return a token of an account that is there; None as a limit takes nothing away."""
        limits = TokenLimits(
            None if scopes is None else frozenset(map(Action, scopes)),
            None if pacticipants is None else frozenset(pacticipants),
            None if environments is None else frozenset(environments),
        )
        with self.database.transaction() as storage:
            account = storage.accounts.find(name)
            kind = kind or (TokenKind.PERSONAL if account.is_person else TokenKind.SERVICE)
            made = new_token(kind, secrets.token_bytes(CHANCE_BYTES))
            storage.tokens.add(
                account.id,
                kind,
                "of a test",
                prefix=made.prefix,
                digest=made.digest,
                limits=limits,
                expires_at=self.now + timedelta(days=days),
                now=self.now,
            )
        return made.text

    def _account(self, new, roles, team):
        if team is not None:
            self.team(team)
        wanted = [WantedRole(Role(role), team) for role in roles]
        with self.database.transaction() as storage:
            grants = role_services.grants_of(storage, wanted)
            if storage.accounts.find(new.name) is None:
                return account_services.create(storage, new, grants, self.now)
            found = account_services.find(storage, new.name)
            return role_services.change(storage, found, found.grants | grants, self.now)
