"""Log people in: by a password, by a link that works once, or by what an identity provider says."""

import logging
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import field
from datetime import datetime
from uuid import uuid4

from broker.domain.accounts import account_names, log_in_tries
from broker.domain.accounts.group_roles import GroupRole, roles_of
from broker.domain.accounts.providers import Provider
from broker.domain.accounts.session import LINK, session_digest
from broker.domain.errors import ForbiddenError
from broker.services.accounts import passwords, sessions
from broker.services.accounts.sessions import Begun, Client
from broker.storage.accounts.log_ins import NewPerson, Person
from broker.storage.storage import Storage
from tally.values import dataclass

logger = logging.getLogger("broker")
Opening = Callable[[], AbstractContextManager[Storage]]
WRONG = "The name or the password is wrong."
LONGEST_TEXT = 255
"""Characters of a subject, a display name or an address of e-mail that are taken from a provider."""


class LogInRefusedError(ForbiddenError):
    """Nobody is logged in; the text says what can be done, and not which part of what was sent is wrong."""


@dataclass(frozen=True)
class ProvidedPerson:
    """Who an identity provider says somebody is."""

    subject: str
    names: tuple[str, ...]
    """What they might be called here, the best first."""
    display_name: str
    email: str | None
    groups: frozenset[str] = field(repr=False)


@dataclass(frozen=True)
class Checked:
    """A person whose password was right; *new_hash* takes the place of one that was made with other costs."""

    person: Person
    new_hash: str | None = field(repr=False)


def by_password(storage: Storage, checked: Checked, client: Client, now: datetime) -> Begun:
    """Log a person in whose password was checked. Raises LogInRefusedError when it was changed meanwhile."""
    person = checked.person
    current = storage.log_ins.by_id(person.id)
    if current is None or current.is_disabled or current.password_hash != person.password_hash:
        raise LogInRefusedError(WRONG)
    if checked.new_hash is not None and person.password_hash is not None:
        storage.log_ins.replace_hash(person.id, person.password_hash, checked.new_hash)
    return sessions.begin(storage, person.id, "password", client, now)


def check(reading: Opening, name: str, password: str) -> Checked | None:
    """Return whose name and password these are; None takes as long for an unknown name as for a known one.

    No transaction waits for the hash. Raises passwords.TooManyHashesError.
    """
    with reading() as storage:
        person = storage.log_ins.by_name(_key(name))
    stored = None if person is None else person.password_hash
    if not passwords.is_right(password, stored) or person is None or person.is_disabled:
        return None
    is_old = stored is not None and passwords.needs_new_hash(stored)
    return Checked(person, passwords.hash_of(password) if is_old else None)


def seconds_to_wait(storage: Storage, name: str, client: Client, limit: int, now: datetime) -> int:
    """Return how long this name must wait, from this address, before its password is looked at; 0 for not."""
    is_over = limit and failures(storage, name, client, now) >= limit
    return log_in_tries.seconds_left(now) if is_over else 0


def failures(storage: Storage, name: str, client: Client, now: datetime) -> int:
    """Return how many passwords of this name were wrong in this minute, from this address."""
    return storage.tries.so_far(_tries_of(name, client), log_in_tries.period(now))


def failed(storage: Storage, name: str, client: Client, now: datetime) -> None:
    """Count a password that was wrong, for all processes."""
    storage.tries.add(_tries_of(name, client), log_in_tries.period(now))


def succeeded(storage: Storage, name: str, client: Client) -> None:
    """Forget the passwords of this name that were wrong."""
    storage.tries.forget(_tries_of(name, client))


def _tries_of(name: str, client: Client) -> bytes:
    return log_in_tries.digest_of(client.address, _key(name))


def _key(name: str) -> str:
    return account_names.name_key(name[: account_names.LONGEST + 1])


def new_link(storage: Storage, account_id: int, now: datetime) -> str:
    """Return the code of a link by which the account logs in once, within 15 minutes."""
    code = secrets.token_urlsafe(32)
    storage.log_in_links.add(session_digest(code), account_id, now=now, expires_at=now + LINK)
    return code


def by_link(storage: Storage, code: str, client: Client, now: datetime) -> tuple[Begun, Person]:
    """Log somebody in by a link, which is used up. Raises LogInRefusedError."""
    account_id = storage.log_in_links.use(session_digest(code), now)
    person = None if account_id is None else storage.log_ins.by_id(account_id)
    if person is None or person.is_disabled:
        raise LogInRefusedError(
            "This link does not work (any more): each works once, for 15 minutes. Whoever runs the broker "
            "can make another: tally users reset NAME"
        )
    return sessions.begin(storage, person.id, "link", client, now), person


LogInOutcome = tuple[Begun, Person] | LogInRefusedError
"""The session and whose it is, or why there is none."""


def by_provider(
    storage: Storage, provider: Provider, who: ProvidedPerson, client: Client, now: datetime
) -> LogInOutcome:
    """Log in whom an identity provider has sent; their groups decide anew what they may do.

    A refusal is returned, so that what groups gave before is taken away in the same transaction.
    """
    roles = roles_of(who.groups, provider)
    person = storage.log_ins.by_identity(provider.issuer, who.subject)
    if not roles:
        if person is not None:
            _take_away(storage, person, now)
        return LogInRefusedError(
            f"{provider.title} knows you, but you are in no group that may log in here. Ask whoever runs the "
            "broker for one, and log in again."
        )
    if person is None:
        person = _create(storage, provider, who, now)
    elif person.is_disabled:
        return LogInRefusedError("Your account is disabled here. Whoever runs the broker can enable it.")
    else:
        storage.log_ins.describe(person.id, who.display_name or person.name, who.email, now)
    if storage.log_ins.replace_roles_of_groups(person.id, _in_teams(storage, roles), now):
        storage.asking.access_changed_at = now
    return sessions.begin(storage, person.id, provider.name, client, now), person


def is_first_use(storage: Storage, state: str, now: datetime) -> bool:
    """Note that an answer of a provider was used; return False if it was before."""
    hour = int(now.timestamp()) // 3600 * 3600
    digest = session_digest(f"state {state}")
    # The hour before as well: an answer may be used on both sides of a full hour.
    return storage.tries.so_far(digest, hour - 3600) == 0 and storage.tries.add(digest, hour) == 1


def _create(storage: Storage, provider: Provider, who: ProvidedPerson, now: datetime) -> Person:
    name = account_names.free_name(account_names.suggested_name(*who.names), storage.log_ins.is_taken)
    key = account_names.name_key(name)
    new = NewPerson(str(uuid4()), name, key, who.display_name or name, who.email)
    account_id = storage.log_ins.add(new, provider.issuer, who.subject, now)
    storage.asking.access_changed_at = now
    return Person(account_id, new.uuid, name, None, is_disabled=False)


def _take_away(storage: Storage, person: Person, now: datetime) -> None:
    """Take away what groups gave, and end the sessions: what the provider says now counts."""
    is_less = storage.log_ins.replace_roles_of_groups(person.id, (), now)
    if sessions.end_all(storage, person.id, now) == 0 and is_less:
        storage.asking.access_changed_at = now


def _in_teams(storage: Storage, roles: frozenset[GroupRole]) -> list[tuple[GroupRole, int | None]]:
    """Return the roles with the ids of their teams; those in teams that do not exist are left out."""
    named = {item.team for item in roles if item.team is not None}
    ids = storage.log_ins.team_ids([account_names.name_key(team) for team in named])
    found: list[tuple[GroupRole, int | None]] = []
    for item in sorted(roles, key=lambda item: (item.team or "", item.role, item.group)):
        team_id = None if item.team is None else ids.get(account_names.name_key(item.team))
        if item.team is not None and team_id is None:
            logger.warning(
                "The group %s gives the role %s in the team %s, which does not exist: tally teams create %s",
                item.group,
                item.role,
                item.team,
                item.team,
            )
            continue
        found.append((item, team_id))
    return found
