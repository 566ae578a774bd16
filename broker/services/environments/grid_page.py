"""The page of all environments: what is where, and what keeps it there."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from broker.domain.decisions.contract_rows import with_contracts
from broker.domain.decisions.deploy_plan import Clash as PlannedClash
from broker.domain.decisions.deploy_plan import Knowledge, Move
from broker.domain.decisions.matrix import Verdict
from broker.domain.decisions.selectors import Choice, Selector, VersionRef
from broker.domain.environments.grid import (
    Clash,
    GridRow,
    PlacedVersion,
    Placement,
    in_order,
    next_of,
    waiting,
)
from broker.domain.model import Environment
from broker.domain.pagination import Page, PartOfList
from broker.services.environments.asked import Asked, wanted
from broker.services.network.teams import team_of
from broker.storage.environments.placements import Near
from broker.storage.storage import Storage
from tally.values import dataclass


@dataclass(frozen=True)
class Grid:
    """The environments in order, and a part of the applications with what is where. *teams* are by name."""

    environments: Sequence[Environment]
    part: PartOfList[GridRow]
    team_of: Mapping[str, str]
    teams: Sequence[str]


def grid(storage: Storage, asked: Asked, page: Page) -> Grid:
    """Return which versions are where; six statements at most.

    A version cannot go on when the deployment plan of it alone would say so: every version that is in the
    next environment counts. Raises NotFoundError for an unknown team.
    """
    known = in_order(storage.environments.all())
    order = {here: after.id for here, after in next_of(known).items()}
    teams = storage.network.teams()
    ids, total = storage.placements.page(wanted(asked, teams), order, page)
    near = storage.placements.near(ids, asked.at)
    next_places = _next_places(near, ids, known)
    if near.with_contracts or asked.at is not None:
        clashes = _with_contracts(storage, near, ids, next_places, at=asked.at)
    else:
        clashes = storage.clashes.of(ids, order)
    rows = _rows(near, ids, next_places, clashes)
    by_id = team_of(teams)
    names = {row.pacticipant: by_id[number] for row in rows if (number := near.ids[row.pacticipant]) in by_id}
    return Grid(known, PartOfList(rows, total, page), names, sorted({team for _, team in teams}))


def _next_places(
    near: Near, ids: Sequence[int], environments: Sequence[Environment]
) -> dict[tuple[int, int], Environment]:
    """Return where versions that wait would go, by the version and the environment that it is in."""
    following = next_of(environments)
    found = {}
    for placements in _by_application(near, ids).values():
        for one in placements:
            after = following.get(one.environment_id)
            if after is not None and waiting(one, placements, after):
                found[one.version_id, one.environment_id] = after
    return found


def _rows(
    near: Near,
    ids: Sequence[int],
    next_places: Mapping[tuple[int, int], Environment],
    clashes: Mapping[tuple[int, int], Sequence[Clash]],
) -> list[GridRow]:
    names = {number: name for name, number in near.ids.items()}
    rows = []
    for number, placements in _by_application(near, ids).items():
        cells: dict[int, list[PlacedVersion]] = {}
        for one in placements:
            after = next_places.get((one.version_id, one.environment_id))
            why = clashes.get((one.version_id, after.id), ()) if after else ()
            cells.setdefault(one.environment_id, []).append(PlacedVersion(one, after, tuple(why)))
        rows.append(GridRow(names[number], cells))
    return rows


def _by_application(near: Near, ids: Sequence[int]) -> dict[int, list[Placement]]:
    found: dict[int, list[Placement]] = {number: [] for number in ids}
    for one in near.placements:
        if one.pacticipant_id in found:
            found[one.pacticipant_id].append(one)
    return found


def _with_contracts(
    storage: Storage,
    near: Near,
    ids: Sequence[int],
    next_places: Mapping[tuple[int, int], Environment],
    *,
    at: datetime | None,
) -> dict[tuple[int, int], list[Clash]]:
    """Return the clashes where service contracts count as well, or as they were: one statement."""
    choices = _choices(near, frozenset(ids))
    rows = with_contracts(*storage.decisions(at).matrix.find(choices), choices)
    knowledge = Knowledge(rows)
    beside: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        beside[row.consumer].add(row.provider)
        beside[row.provider].add(row.consumer)
    there: defaultdict[tuple[int, str], set[str]] = defaultdict(set)
    for one in near.placements:
        there[one.environment_id, one.pacticipant].add(one.version)
    found = {}
    for one in near.placements:
        after = next_places.get((one.version_id, one.environment_id))
        if after is not None:
            # Only with what has a contract with it can it clash.
            others = {name: frozenset(there[after.id, name]) for name in beside[one.pacticipant]}
            clashes = knowledge.clashes(Move(one.pacticipant, one.version), others)
            found[one.version_id, after.id] = _told(one, clashes)
    return found


def _told(one: Placement, clashes: Iterable[PlannedClash]) -> list[Clash]:
    """Return each application that a version clashes with once, those of failures first."""
    failed: dict[str, bool] = {}
    for clash in clashes:
        is_need = clash.consumer == Move(one.pacticipant, one.version)
        other = clash.provider_name if is_need else clash.consumer.pacticipant
        failed[other] = failed.get(other, False) or clash.verdict is Verdict.FAILED
    return [Clash(*each) for each in sorted(failed.items(), key=lambda each: (not each[1], each[0].lower()))]


def _choices(near: Near, ids: frozenset[int]) -> list[Choice]:
    versions: dict[str, dict[int, VersionRef]] = {name: {} for name in near.ids}
    for one in near.placements:
        versions[one.pacticipant][one.version_id] = VersionRef(one.version_id, one.version, one.position)
    return [
        Choice(
            Selector(name, environment=""),
            tuple(found.values()),
            specified=near.ids[name] in ids,
            pacticipant_id=near.ids[name],
            has_contracts=not near.with_contracts.isdisjoint(found),
        )
        for name, found in versions.items()
    ]
