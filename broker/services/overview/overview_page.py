"""The overview: how every integration stands, and what needs somebody."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from broker.domain.errors import NotFoundError
from broker.domain.names import did_you_mean
from broker.domain.overview.overview_parts import Choices, NewestDelivery
from broker.domain.overview.standings import (
    Order,
    ShortStanding,
    Standing,
    StandingCounts,
    StandingFilter,
)
from broker.domain.overview.summaries import PactStatus, ServiceSummary
from broker.domain.pagination import Page, PartOfList
from broker.storage.storage import Storage
from tally.values import dataclass

PAGE_SIZE = 100
MOST_COLUMNS = 4
"""Environments that have a column; others can be chosen."""
MOST_ACTS = 6
MOST_SERVICES = 20
FAILURES = frozenset({PactStatus.FAILED, PactStatus.PENDING})


@dataclass(frozen=True)
class OverviewRow:
    """An integration: how it stands on main, and in environments by their names."""

    main: Standing
    environments: Mapping[str, ShortStanding]
    delivery: NewestDelivery | None


@dataclass(frozen=True)
class Act:
    """A failure that somebody has to do something about.

    *blocks* are environments into which the provider cannot go, as the same pact is there; *fails_in* those
    in which the integration fails. *teams* are labels of the provider or, without any, of the consumer.
    """

    standing: Standing
    blocks: Sequence[str]
    fails_in: Sequence[str]
    teams: Sequence[str]


@dataclass(frozen=True)
class Overview:
    """One page of the integrations that the filter leaves, and how many there are of each verdict.

    *counts* are those of the filter without its verdict. *columns* are the environments with a column,
    *environments* and *teams* all that can be chosen.
    """

    which: StandingFilter
    counts: StandingCounts
    part: PartOfList[OverviewRow]
    acts: Sequence[Act]
    columns: Sequence[str]
    environments: Sequence[str]
    teams: Sequence[str]
    applications: int
    services: Sequence[ServiceSummary]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever published."""
        is_open = self.which == StandingFilter()
        return is_open and not self.counts.total and not self.services

    @property
    def listed_services(self) -> Sequence[ServiceSummary]:
        """The services with service contracts that the page lists."""
        return self.services[:MOST_SERVICES]

    @property
    def more_services(self) -> bool:
        """Whether there are more services with service contracts than a page lists."""
        return len(self.services) > MOST_SERVICES

    @property
    def shares(self) -> Mapping[str, int]:
        """How many there are of each verdict, by its name."""
        return {verdict.name: number for verdict, number in self.counts.by_verdict.items()}

    @property
    def failing(self) -> int:
        """How many integrations fail, pending ones included."""
        return sum(self.counts.of(verdict) for verdict in FAILURES)


def overview(
    storage: Storage, which: StandingFilter, order: Order, number: int, *, descending: bool = False
) -> Overview:
    """Return a page of the overview: five statements at most, whatever there is.

    Raises NotFoundError for an environment or a team that is not there.
    """
    page = Page(number, PAGE_SIZE)
    standings = storage.standings.page(which, order, page, descending=descending)
    is_first = order is Order.WORST and not descending and number == 1
    failing = [found for found in standings[:MOST_ACTS] if is_first and found.verdict in FAILURES]
    names = {name for found in failing for name in (found.consumer, found.provider)}
    choices, counts = storage.overview_parts.choices(names, replace(which, verdict=None))
    _check("environment", which.environment, choices.environments)
    _check("team", which.team, choices.teams)
    rows = _rows(storage, standings)
    total = counts.total if which.verdict is None else counts.of(which.verdict)
    return Overview(
        which,
        counts,
        PartOfList(rows, total, page),
        [_act(found, row, choices) for found, row in zip(failing, rows, strict=False)],
        _columns(which, choices.environments),
        choices.environments,
        choices.teams,
        choices.applications,
        _services(storage, which) if number == 1 else [],
    )


def _rows(storage: Storage, standings: Sequence[Standing]) -> list[OverviewRow]:
    ids = [found.integration_id for found in standings]
    on_main = {found.integration_id: found for found in standings if found.environment is None}
    if len(on_main) < len(ids):
        on_main = {found.integration_id: found for found in storage.standings.on_main(ids)}
    there, deliveries = storage.overview_parts.beside(ids)
    return [OverviewRow(on_main[key], there.get(key, {}), deliveries.get(key)) for key in ids]


def _services(storage: Storage, which: StandingFilter) -> list[ServiceSummary]:
    """Return the services with service contracts; those that have no pact are in no integration."""
    if which.environment or which.team or which.verdict:
        return []
    return storage.front_page.services(which.search, MOST_SERVICES + 1)


def _columns(which: StandingFilter, environments: Sequence[str]) -> Sequence[str]:
    first = [which.environment] if which.environment else []
    return [*first, *(name for name in environments if name not in first)][:MOST_COLUMNS]


def _act(found: Standing, row: OverviewRow, choices: Choices) -> Act:
    there = [(name, row.environments[name]) for name in choices.environments if name in row.environments]
    fails_in = [name for name, one in there if one.verdict in FAILURES]
    same_pact = [name for name, one in there if one.pact_version_id == found.pact_version_id]
    teams = choices.teams_of.get(found.provider) or choices.teams_of.get(found.consumer, ())
    blocks = [name for name in same_pact if name not in fails_in and found.environment is None]
    return Act(found, blocks, fails_in, teams)


def _check(what: str, name: str | None, known: Sequence[str]) -> None:
    if name is not None and name not in known:
        these = f"; there are {', '.join(known)}" if known else ""
        raise NotFoundError(f"There is no {what} '{name}'{did_you_mean(name, known)}{these}")
