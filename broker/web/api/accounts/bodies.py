"""The bodies of requests about accounts, teams and tokens.

A *document* stands for the body: forms of pages are turned into one.
"""

import re
from collections.abc import Sequence
from dataclasses import field
from typing import TypeVar

from broker.domain import limits
from broker.domain.accounts.account import (
    LONGEST_EMAIL,
    LONGEST_PASSWORD,
    MOST_LIMITS,
    MOST_ROLES,
    TokenLimits,
    TokenWish,
)
from broker.domain.accounts.account_names import LONGEST
from broker.domain.accounts.permissions import SCOPES, Action, Role
from broker.domain.accounts.tokens import LONGEST_DAYS, SHORTEST_DAYS
from broker.domain.errors import ValidationError
from broker.services.accounts.accounts import AccountChange
from broker.services.accounts.roles import WantedRole
from broker.services.accounts.teams import TeamChange
from broker.web import parsing
from broker.web.content_types import JSON, MERGE_PATCH
from broker.web.parsing import Fields
from tally.values import dataclass

Document = dict[str, object]
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_Choice = TypeVar("_Choice", Action, Role)


@dataclass(frozen=True)
class NewPerson:
    """The account of a person, as it is asked for."""

    name: str
    display_name: str
    email: str | None
    password: str | None = field(repr=False)
    roles: Sequence[WantedRole]


@dataclass(frozen=True)
class NewService:
    """A service account, as it is asked for."""

    name: str
    display_name: str
    roles: frozenset[Role]


def new_person(document: Document | None = None) -> NewPerson:
    """Return the account that the body asks for. Without roles it reads. Raises ValidationError."""
    fields = _fields("name", "displayName", "email", "password", "roles", document=document)
    name = fields.text("name", limit=LONGEST, required=True) or ""
    shown = fields.text("displayName")
    email = _email(fields)
    password = fields.text("password", limit=LONGEST_PASSWORD)
    roles = _roles(fields, required=False)
    fields.done()
    given = [WantedRole(Role.READER)] if roles is None else roles
    return NewPerson(name, shown or name, email, password, given)


def new_service(document: Document | None = None) -> NewService:
    """Return the service account that the body asks for. Raises ValidationError."""
    fields = _fields("name", "displayName", "roles", document=document)
    name = fields.text("name", limit=LONGEST, required=True) or ""
    shown = fields.text("displayName")
    roles = _choices(fields, "roles", tuple(Role), most=len(Role))
    fields.done()
    return NewService(name, shown or name, frozenset({Role.PUBLISHER}) if roles is None else roles)


def account_change(document: Document | None = None) -> tuple[AccountChange, str | None]:
    """Return what the body changes of an account, and the new password. Raises ValidationError."""
    fields = _changes("displayName", "email", "disabled", "password", document=document)
    shown = fields.text("displayName")
    email = _email(fields)
    is_disabled = fields.boolean("disabled")
    password = fields.text("password", limit=LONGEST_PASSWORD)
    fields.done()
    return AccountChange(shown, email, is_disabled), password


def account_roles(document: Document | None = None) -> Sequence[WantedRole]:
    """Return the roles of the body. Raises ValidationError."""
    fields = _fields("roles", document=document)
    roles = _roles(fields, required=True)
    fields.done()
    return roles or ()


def member_roles(document: Document | None = None) -> frozenset[Role]:
    """Return the roles in a team, at least one. Raises ValidationError."""
    fields = _fields("roles", document=document)
    roles = _choices(fields, "roles", tuple(Role), most=len(Role))
    if fields.anything("roles") in (None, []):
        fields.refuse("roles", "must have a role at least")
    fields.done()
    return roles or frozenset()


def new_team(document: Document | None = None) -> tuple[str, str | None]:
    """Return name and description of a team. Raises ValidationError."""
    fields = _fields("name", "description", document=document)
    name = fields.text("name", limit=LONGEST, required=True) or ""
    description = fields.text("description", blank=True)
    fields.done()
    return name, description or None


def team_change(document: Document | None = None) -> TeamChange:
    """Return what the body changes of a team. Raises ValidationError."""
    fields = _changes("name", "description", document=document)
    wanted = TeamChange(fields.text("name", limit=LONGEST), fields.text("description", blank=True))
    fields.done()
    return wanted


def new_token(document: Document | None = None) -> TokenWish:
    """Return the token that the body asks for. Raises ValidationError."""
    document = parsing.json_object() if document is None else document
    fields = _fields("name", "expiresInDays", "scopes", "pacticipants", "environments", document=document)
    name = fields.text("name", limit=limits.NAME, required=True) or ""
    days = None
    if document.get("expiresInDays") is not None:
        days = fields.whole("expiresInDays", at_least=SHORTEST_DAYS, at_most=LONGEST_DAYS)
    scopes = _choices(fields, "scopes", tuple(sorted(SCOPES)), most=len(SCOPES))
    wanted = TokenLimits(
        # Clients find everything by links, so that a token which does not read is of no use.
        None if scopes is None else scopes | {Action.READ},
        _names(fields, "pacticipants"),
        _names(fields, "environments"),
    )
    fields.done()
    return TokenWish(name, days, wanted)


def _fields(*names: str, document: Document | None) -> Fields:
    fields = Fields(parsing.json_object() if document is None else document)
    fields.only(names)
    return fields


def _changes(*names: str, document: Document | None) -> Fields:
    return _fields(*names, document=document or parsing.json_object((JSON, MERGE_PATCH)))


def _email(fields: Fields) -> str | None:
    email = fields.text("email", limit=LONGEST_EMAIL, blank=True)
    if email and not _EMAIL.fullmatch(email):
        fields.refuse("email", "must be an address such as ann@example.org")
    return email


def _roles(fields: Fields, *, required: bool) -> list[WantedRole] | None:
    items = fields.objects("roles", most=MOST_ROLES, required=required)
    if items is None:
        return None
    found = []
    for item in items:
        item.only(("role", "team"))
        role = item.one_of("role", tuple(Role), required=True)
        team = item.text("team", limit=LONGEST)
        if role in tuple(Role):
            found.append(WantedRole(Role(role), team))
    return found


def _choices(
    fields: Fields, name: str, choices: tuple[_Choice, ...], *, most: int
) -> frozenset[_Choice] | None:
    texts = fields.texts(name, limit=limits.NAME, most=most)
    if texts is None:
        return None
    known = {choice.value: choice for choice in choices}
    for index, text in enumerate(texts):
        if text not in known:
            fields.refuse(name, f"must be one of: {', '.join(known)} (at index {index})")
    return frozenset(known[text] for text in texts if text in known)


def _names(fields: Fields, name: str) -> frozenset[str] | None:
    texts = fields.texts(name, limit=limits.NAME, most=MOST_LIMITS)
    if texts is not None and not texts:
        fields.refuse(name, "must have an item at least: leave it out for all")
    return None if texts is None else frozenset(texts)


def refuse_a_body_without_changes(*values: object) -> None:
    """Raise ValidationError when a PATCH says nothing."""
    if all(value is None for value in values):
        raise ValidationError({"body": ["changes nothing: name a field"]})
