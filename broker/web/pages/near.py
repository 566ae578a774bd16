"""What somebody may have meant who asked for what is not there: the same address with another name."""

from collections.abc import Sequence
from functools import cache

from flask import request

from broker.domain.search.near import Asked, Near
from broker.services.search.near import near_names
from broker.web.context import reading
from broker.web.paths import PAGES
from broker.web.routes import PATHS, path, rule
from tally.values import dataclass

_NAMES = {
    Near.APPLICATION: ("pacticipant", "consumer", "provider"),
    Near.VERSION: ("version", "consumer_version"),
    Near.BRANCH: ("branch",),
    Near.ENVIRONMENT: ("environment",),
}
"""What the paths call a name; an application's versions and branches are of the first that a path has."""


@dataclass(frozen=True)
class Suggestions:
    """What was *asked* for and is not there, if that can be told, and *names* that are, with their paths."""

    asked: str = ""
    names: Sequence[tuple[str, str]] = ()


def suggestions() -> Suggestions:
    """Return what the address of this request may have meant."""
    given = {name: value for name, value in (request.view_args or {}).items() if isinstance(value, str)}
    route = _routes().get(request.url_rule.rule.removeprefix(PAGES)) if request.url_rule else None
    asked = Asked(
        tuple(given[name] for name in _NAMES[Near.APPLICATION] if name in given),
        *(next((given[name] for name in _NAMES[near] if name in given), None) for near in list(Near)[1:]),
    )
    if route is None or not any(asked.names()):
        return Suggestions()
    with reading() as storage:
        found = near_names(storage, asked)
    if found is None:
        return Suggestions()
    changed = next(name for name in _NAMES[found.near] if given.get(name) == found.asked)
    return Suggestions(found.asked, [(name, path(route, **given | {changed: name})) for name in found.names])


@cache
def _routes() -> dict[str, str]:
    return {rule(name): name for name in reversed(PATHS)}
