"""The page that says what somebody may not do, what is lacking, and who grants it."""

from collections.abc import Sequence

from flask import Response

from broker.domain.accounts.actor import ActorKind
from broker.domain.accounts.permissions import Action
from broker.web.context import actor
from broker.web.pages.rendering import render

_BY_ADMINISTRATORS = frozenset({Action.ADMINISTER, Action.ACCOUNTS, Action.OVERRIDE})
"""What no team gives."""


def lacking(action: Action, names: Sequence[str] = (), *, said: str = "") -> Response:
    """Return the page for who may not do this to pacticipants.

    *said* is the sentence of a refusal that names all of it already.
    """
    return render(
        "only_reading.html",
        status=403,
        is_known=actor().kind in {ActorKind.PERSON, ActorKind.SERVICE},
        who=actor().name,
        permission=action.value,
        names=names,
        by_administrators=action in _BY_ADMINISTRATORS,
        reason=said,
    )
