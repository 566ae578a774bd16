"""The page that says what somebody may not do, what is lacking, and who grants it."""

from collections.abc import Sequence

from flask import Response

from broker.domain.accounts.actor import ActorKind
from broker.domain.accounts.denial import denial
from broker.domain.accounts.permissions import Action
from broker.web.context import actor
from broker.web.pages.permitted import may, teams_of
from broker.web.pages.rendering import render


def lacking(action: Action, names: Sequence[str] = ()) -> Response:
    """Return the page for who may not do this to all of these pacticipants."""
    missing = [name for name in names if not may(action, name)][:1]
    owners = [team for name in missing for team in teams_of(name)[name]]
    return refused(denial(actor(), action, "".join(missing), owners), [*missing], owners)


def refused(reason: str, names: Sequence[str] = (), teams: Sequence[str] = ()) -> Response:
    """Return the page for who was refused something, with links to the pacticipant and its teams."""
    is_known = actor().kind in {ActorKind.PERSON, ActorKind.SERVICE}
    return render("only_reading.html", status=403, is_known=is_known, reason=reason, names=names, teams=teams)
