"""What whoever looks at a page may do, so that no page shows a button that would be refused.

Who owns what is looked up once for a page, with one statement, and only for who may do something in some
teams and not everywhere: for administrators, for readers, and without accounts it is not asked.
"""

from collections.abc import Mapping, Sequence

from flask import g, request

from broker.domain.accounts.permissions import ALWAYS_ENFORCED, Action
from broker.web.context import actor, reading_newest, refusals
from broker.web.permitted import may_try

_OWNERS = "owners_on_page"
_NAMES = ("pacticipant", "consumer", "provider")
"""What paths call pacticipants."""


def may(action: str, *pacticipants: str) -> bool:
    """Return whether they may do this to all these pacticipants; without any, to whatever there is."""
    wanted, asker = Action(action), actor()
    if asker.may_everywhere(wanted) or _is_only_reported(wanted):
        return True
    if not pacticipants or not asker.may_somewhere(wanted):
        return False
    owners = _owners(pacticipants)
    return all(asker.may(wanted, name, owners.get(name, frozenset())) for name in pacticipants)


def may_for_team(action: str, team_id: int | None) -> bool:
    """Return whether they may do this for a team; without one, for all."""
    wanted = Action(action)
    return actor().may_for_team(wanted, team_id) or _is_only_reported(wanted)


def may_somewhere(action: str) -> bool:
    """Return whether there is a team for which they may do this."""
    wanted = Action(action)
    return may_try(actor(), wanted) or _is_only_reported(wanted)


def teams_of(*names: str) -> Mapping[str, Sequence[str]]:
    """Return the names of the teams that own each of these pacticipants."""
    with reading_newest() as storage:
        return {name: storage.teams.owners(name) for name in names}


def _is_only_reported(action: Action) -> bool:
    """Return whether whoever is known may do this for now, and it is only counted that they should not."""
    return not refusals().is_enforced and action not in ALWAYS_ENFORCED and actor().may_somewhere(Action.READ)


def _owners(names: Sequence[str]) -> Mapping[str, frozenset[int]]:
    """Return the teams of pacticipants: of these, and with them of those that the path names."""
    known: dict[str, frozenset[int]] = g.setdefault(_OWNERS, {})
    if unknown := set(names) - set(known):
        given = request.view_args or {}
        unknown.update(str(given[name]) for name in _NAMES if name in given)
        with reading_newest() as storage:
            found = storage.access.owners(sorted(unknown))
        known.update({name: found.get(name, frozenset()) for name in unknown})
    return known
