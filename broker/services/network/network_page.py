"""The page of who needs whom: a part of the network, and what belongs to each integration of it."""

from collections import Counter
from collections.abc import Mapping, Sequence

from broker.domain.errors import NotFoundError
from broker.domain.model import Environment, Pacticipant
from broker.domain.names import did_you_mean
from broker.domain.network.network import (
    Network,
    NetworkIntegration,
    Part,
    dependents,
    within,
)
from broker.domain.overview.summaries import PactStatus
from broker.services.network.teams import Teams, members, team_of
from broker.storage.storage import Storage
from tally.values import dataclass

MAIN = 0
MOST_DRAWN = 400
"""Integrations of one picture; of more, the worst are shown."""
MOST_SERVICES = 60
MOST_EDGES = 150
"""Up to so many services and integrations, a graph is readable."""


@dataclass(frozen=True)
class Asked:
    """Which part is wanted: around a service, of a team, with a verdict, in an environment.

    *depth* is how many steps it may be away, None any number. *alone* leaves out what is not around; without,
    it is only faded.
    """

    around: str = ""
    depth: int | None = 1
    environment: str = ""
    team: str = ""
    verdict: PactStatus | None = None
    alone: bool = False
    most: int = MOST_DRAWN


@dataclass(frozen=True)
class NetworkPage:
    """A part of the network. *known* is how many integrations there are in all at the place.

    *focus* is the id of the service that was asked for, and *lit* are the integrations around it; None
    without one. *reach* says how many services need a provider, directly or through others, *direct* how many
    directly, and *needs* how many a consumer needs directly, each by an id.
    """

    network: Network
    known: int
    more: bool
    focus: int | None
    lit: frozenset[tuple[str, str]] | None
    needs: Mapping[int, int]
    reach: Mapping[int, int]
    direct: Mapping[int, int]
    environments: Sequence[Environment]
    teams: Sequence[str]

    @property
    def listed(self) -> Sequence[NetworkIntegration]:
        """The integrations that were asked for: those that are lit, or all."""
        if self.lit is None:
            return self.network.integrations
        return [each for each in self.network.integrations if each.names in self.lit]

    @property
    def is_small(self) -> bool:
        """Whether a graph of it is readable."""
        return len(self.network.services) <= MOST_SERVICES and len(self.network.integrations) <= MOST_EDGES


def network(storage: Storage, asked: Asked) -> NetworkPage:
    """Return the part of the network that is asked for, in at most five statements.

    Raises NotFoundError for an unknown environment, team or service.
    """
    environments = storage.environments.all()
    place = _place(environments, asked.environment)
    teams = storage.network.teams()
    pairs = storage.network.pairs(place)
    focus = _id_of(storage, asked.around) if asked.around else None
    near = None if focus is None else within(pairs, focus, asked.depth)
    is_cut = near is not None and (asked.alone or len(pairs) > MOST_EDGES)
    part = Part(
        frozenset(pairs[pair] for pair in near or ()) if is_cut else None,
        asked.verdict,
        members(teams, asked.team) if asked.team else None,
    )
    found = storage.network.integrations(place, part, asked.most + 1)
    shown = found[: asked.most]
    return NetworkPage(
        Network(shown, _teams_of(shown, teams)),
        len(pairs),
        len(found) > asked.most,
        focus,
        None if near is None else frozenset(each.names for each in shown if each.pair in near),
        Counter(consumer for consumer, _ in pairs),
        dependents(tuple(pairs)),
        Counter(provider for _, provider in pairs),
        environments,
        sorted({team for _, team in teams}),
    )


def around(storage: Storage, pacticipant: Pacticipant) -> Network:
    """Return what a service needs and who needs it, on main: three statements, for a small drawing."""
    pairs = storage.network.pairs(MAIN)
    near = frozenset(pairs[pair] for pair in within(pairs, pacticipant.id, 1))
    shown = storage.network.integrations(MAIN, Part(near), MOST_EDGES)
    return Network(shown, _teams_of(shown, storage.network.teams()))


def _place(environments: Sequence[Environment], name: str) -> int:
    if not name:
        return MAIN
    for environment in environments:
        if environment.name == name:
            return environment.id
    names = [environment.name for environment in environments]
    raise NotFoundError(f"Environment '{name}' does not exist{did_you_mean(name, names)}")


def _id_of(storage: Storage, name: str) -> int:
    found = storage.pacticipants.find(name)
    if found is None:
        hint = did_you_mean(name, storage.pacticipants.names())
        raise NotFoundError(f"There is no application '{name}'{hint}")
    return found.id


def _teams_of(integrations: Sequence[NetworkIntegration], teams: Teams) -> Mapping[str, str]:
    """Return the team of each service that has one; of several, the first by name."""
    by_id = team_of(teams)
    numbers = {
        name: number for each in integrations for name, number in zip(each.names, each.pair, strict=True)
    }
    return {name: by_id[number] for name, number in numbers.items() if number in by_id}
