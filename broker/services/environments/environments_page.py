"""The pages of an environment: what is in it, what was there before, and what differs from another one."""

from collections.abc import Mapping, Sequence

from broker.domain.environments.grid import Placement, in_order
from broker.domain.environments.history import Stay
from broker.domain.errors import NotFoundError
from broker.domain.model import Environment
from broker.domain.names import did_you_mean
from broker.domain.pagination import Page, PartOfList
from broker.domain.removal import Removal
from broker.services.environments import environments
from broker.services.environments.asked import Asked, wanted
from broker.services.network.teams import team_of
from broker.services.pacticipants import pacticipants
from broker.storage.storage import Storage
from tally.values import dataclass

MOST_CHANGES = 20
BOTH = 2
"""So many environments can be compared."""


@dataclass(frozen=True)
class EnvironmentPage:
    """An environment: what is there, and what came last. *team_of* is by the ids of applications."""

    environment: Environment
    part: PartOfList[Placement]
    changes: Sequence[Stay]
    team_of: Mapping[int, str]
    teams: Sequence[str]


@dataclass(frozen=True)
class HistoryPage:
    """Which versions of an application are and were in an environment, the newest first."""

    environment: Environment
    pacticipant: str
    part: PartOfList[Stay]


@dataclass(frozen=True)
class Difference:
    """An application with its versions in two environments, the newest first."""

    pacticipant_id: int
    first: Sequence[Placement]
    second: Sequence[Placement]

    @property
    def pacticipant(self) -> str:
        """The name of the application."""
        return (*self.first, *self.second)[0].pacticipant

    @property
    def ahead(self) -> int:
        """Which environment has the later version: 1 or 2, or 0 when that cannot be said."""
        newest = [max((one.position for one in side), default=-1) for side in (self.first, self.second)]
        return 0 if newest[0] == newest[1] else 1 if newest[0] > newest[1] else 2


@dataclass(frozen=True)
class Comparison:
    """What differs between two environments; without two, there is nothing to compare.

    *removals* is what was deleted since the moment that is asked about. *team_of* is by the ids of
    applications.
    """

    environments: Sequence[Environment]
    first: Environment | None
    second: Environment | None
    part: PartOfList[Difference]
    removals: Sequence[Removal]
    team_of: Mapping[int, str]
    teams: Sequence[str]


def content(storage: Storage, uuid: str, asked: Asked, page: Page) -> EnvironmentPage:
    """Return one environment: what is in it and, unless it is asked about the past, what changed last.

    Raises NotFoundError for an unknown environment or team.
    """
    environment = environments.find(storage, uuid)
    teams = storage.network.teams()
    return EnvironmentPage(
        environment,
        storage.one_environment.content(environment, wanted(asked, teams), page),
        storage.one_environment.changes(environment, MOST_CHANGES) if asked.at is None else [],
        team_of(teams),
        sorted({team for _, team in teams}),
    )


def history(storage: Storage, pacticipant: str, uuid: str, page: Page) -> HistoryPage:
    """Return which versions of an application are and were in an environment. Raises NotFoundError."""
    environment = environments.find(storage, uuid)
    found = pacticipants.find(storage, pacticipant)
    return HistoryPage(environment, found.name, storage.one_environment.history(found, environment, page))


def compare(storage: Storage, names: tuple[str, str], asked: Asked, page: Page) -> Comparison:
    """Return the applications of which not the same versions are in two environments; five statements.

    Without names it is the last environment with the one before it. Raises NotFoundError for an unknown one.
    """
    known = in_order(storage.environments.all())
    if len(known) < BOTH:
        return Comparison(known, None, None, PartOfList([], 0, page), (), {}, [])
    first, second = _named(known, names[0] or known[-2].name), _named(known, names[1] or known[-1].name)
    teams = storage.network.teams()
    ids, total = storage.one_environment.differing(first, second, wanted(asked, teams), page)
    found = storage.one_environment.of(ids, (first, second), asked.at)
    removals = () if asked.at is None else storage.removals.since(asked.at, {first.name, second.name})
    rows = [
        Difference(
            number,
            [one for one in found if one.pacticipant_id == number and one.environment_id == first.id],
            [one for one in found if one.pacticipant_id == number and one.environment_id == second.id],
        )
        for number in ids
    ]
    return Comparison(
        known,
        first,
        second,
        PartOfList(rows, total, page),
        tuple(removals),
        team_of(teams),
        sorted({team for _, team in teams}),
    )


def _named(known: Sequence[Environment], name: str) -> Environment:
    for environment in known:
        if environment.name == name:
            return environment
    names = [environment.name for environment in known]
    raise NotFoundError(f"Environment '{name}' does not exist{did_you_mean(name, names)}")
