"""What the pages of the matrix show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from broker.domain.decisions import matrix
from broker.domain.decisions.contract_rows import with_contracts
from broker.domain.decisions.heat_map import HeatMap, heat_map, heat_maps
from broker.domain.decisions.matrix import LatestBy, Row, RowVersion, Verdict
from broker.domain.decisions.selectors import Choice, Selector, VersionRef
from broker.domain.errors import NotFoundError
from broker.domain.names import did_you_mean
from broker.domain.overview.standings import Order, Standing, StandingFilter
from broker.domain.pagination import Page
from broker.services.decisions.decide import ExplainedDecision
from broker.storage.decisions.axes import Presence
from broker.storage.storage import Storage
from tally.values import dataclass

WORST = 24
MOST_MAPS = 6
"""How many grids a page shows: with more pairs of applications, the table says more."""


@dataclass(frozen=True)
class InPlace:
    """What is in an environment of both sides, and whether it goes together."""

    environment: str
    consumer: VersionRef
    provider: VersionRef
    row: Row | None

    @property
    def verdict(self) -> Verdict:
        """What is known of the two."""
        return self.row.verdict if self.row else Verdict.UNKNOWN


@dataclass(frozen=True)
class MatrixPage:
    """The grids, the rows, and what else is known of the versions by their ids.

    *in_place* says what is where of both sides, and *places* are the names of environments of versions.
    *older_consumers* and *older_providers* are the numbers of the versions with which older ones begin.
    """

    maps: Sequence[HeatMap]
    rows: Sequence[Row]
    details: Mapping[int, RowVersion]
    places: Mapping[int, Sequence[str]] = field(default_factory=dict)
    in_place: Sequence[InPlace] = ()
    older_consumers: str | None = None
    older_providers: str | None = None
    is_mutual: bool = False
    ignored: Sequence[Row] = field(default_factory=tuple)


def of_decision(found: ExplainedDecision) -> MatrixPage:
    """Return the page of an answer of the matrix."""
    rows = found.decision.considered
    maps = [item for item in heat_maps(rows) if len(item.columns) > 1 or len(item.lines) > 1]
    return MatrixPage(maps[:MOST_MAPS], rows, found.details, ignored=found.decision.ignored)


def worst_pairs(storage: Storage) -> list[Standing]:
    """Return some integrations, those first that stand worst on main."""
    return storage.standings.page(StandingFilter(), Order.WORST, Page(1, WORST))


def of_pair(
    storage: Storage,
    consumer: str,
    provider: str,
    *,
    consumer_from: str | None = None,
    provider_from: str | None = None,
) -> MatrixPage:
    """Return the page of a pair, from these versions on or from the newest. Raises NotFoundError."""
    known = storage.pacticipants.find_many([consumer, provider])
    for role, name in (("consumer", consumer), ("provider", provider)):
        if name not in known:
            hint = did_you_mean(name, storage.pacticipants.names())
            raise NotFoundError(f"No {role} with name '{name}' found{hint}")
    axes = storage.version_axes.of_pair(
        known[consumer], known[provider], consumer_from=consumer_from, provider_from=provider_from
    )
    there = {
        name: [item.version for item in axes.there if item.pacticipant == name]
        for name in (consumer, provider)
    }
    choices = [
        Choice(
            Selector(name, latest=True),
            tuple(dict.fromkeys([*versions, *there[name]])),
            pacticipant_id=known[name].id,
            has_contracts=axes.have_contracts,
        )
        for name, versions in ((consumer, axes.consumers), (provider, axes.providers))
    ]
    decisions = storage.decisions()
    rows = matrix.deduplicate(with_contracts(*decisions.matrix.find(choices), choices), LatestBy.CVPV)
    of_pacts = [
        row for row in rows if not row.subject and (row.consumer, row.provider) == (consumer, provider)
    ]
    grid = heat_map(
        (consumer, provider),
        of_pacts,
        axes.consumers,
        [*axes.providers, *there[provider]],
        there=there[consumer],
    )
    ids = {version.id for choice in choices for version in choice.versions}
    return MatrixPage(
        [grid],
        _failed_first(of_pacts),
        decisions.explanations.find(ids, []).details,
        _places(axes.there),
        _in_place(axes.there, consumer, provider, of_pacts),
        grid.left_out[0].number if grid.left_out else axes.more_consumers,
        axes.more_providers,
        axes.is_mutual,
    )


def _failed_first(rows: Iterable[Row]) -> list[Row]:
    with_result = (row for row in rows if row.verdict is not Verdict.UNKNOWN)
    return sorted(with_result, key=lambda row: row.verdict is not Verdict.FAILED)


def _places(there: Iterable[Presence]) -> dict[int, list[str]]:
    places: dict[int, list[str]] = {}
    for item in there:
        places.setdefault(item.version.id, []).append(item.environment)
    return {key: sorted(set(names)) for key, names in places.items()}


def _in_place(there: Sequence[Presence], consumer: str, provider: str, rows: Iterable[Row]) -> list[InPlace]:
    found = {(row.consumer_version, row.provider_version): row for row in rows}
    environments = sorted({(not item.production, item.environment) for item in there})
    return [
        InPlace(name, one.version, other.version, found.get((one.version, other.version)))
        for _, name in environments
        for one in there
        if (one.pacticipant, one.environment) == (consumer, name)
        for other in there
        if (other.pacticipant, other.environment) == (provider, name)
    ]
