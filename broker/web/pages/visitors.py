"""Who looks at a page, as its head says it: their name, their own pages, and how to log in and out."""

from collections.abc import Sequence

from flask import request

from broker.domain.accounts.actor import Actor, ActorKind
from broker.domain.accounts.permissions import Action
from broker.web import routes
from broker.web.context import actor, has_accounts, settings
from broker.web.paths import PAGES
from tally.values import dataclass

SESSION = "session"
"""By what somebody is known who has logged in on a page."""
_OF_ACCOUNTS = {ActorKind.PERSON, ActorKind.SERVICE}


@dataclass(frozen=True)
class Visitor:
    """Somebody at a broker with accounts; without a name, nobody that is known.

    *pages* are routes with their titles.
    """

    name: str = ""
    how: str = ""
    pages: Sequence[tuple[str, str]] = ()
    can_log_out: bool = False


def visitor() -> Visitor | None:
    """Return who looks; None while everybody is the same, and where nobody logs in just now."""
    if not has_accounts():
        return None
    found = actor()
    if found.kind is ActorKind.NOBODY:
        return None if _is_log_in() else Visitor()
    return Visitor(found.name, _how(found), tuple(_pages(found)), can_log_out=found.via == SESSION)


def can_log_in() -> bool:
    """Return whether somebody who may do more can log in instead of whoever looks."""
    is_known = actor().kind in _OF_ACCOUNTS
    return not is_known and (settings().has_credentials or has_accounts())


def word_for_team_labels() -> str:
    """Return how pages call labels such as team:selling: with accounts, a team is something else as well."""
    return "Team label" if has_accounts() else "Team"


def _is_log_in() -> bool:
    return request.path.removeprefix(PAGES).startswith(routes.path("log-in"))


def _how(found: Actor) -> str:
    if found.kind is ActorKind.SETTINGS:
        return "of the broker's settings"
    role = "administrator" if found.may_everywhere(Action.ACCOUNTS) else ""
    by = "" if found.via == SESSION else f"by the token {found.via}…"
    kind = "service account" if found.kind is ActorKind.SERVICE else role
    return ", ".join(text for text in (kind, by) if text)


def _pages(found: Actor) -> list[tuple[str, str]]:
    pages = []
    if found.kind in _OF_ACCOUNTS:
        pages.append(("my-tokens", "My tokens"))
    if found.kind is ActorKind.PERSON:
        pages.append(("my-sessions", "My sessions"))
    return [*pages, ("teams", "Teams"), ("accounts", "Accounts")]
