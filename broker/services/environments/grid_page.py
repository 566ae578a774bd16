"""The page of all environments: what is where, and what keeps it there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from broker.domain.decisions.contract_rows import with_contracts
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
    if near.with_contracts or asked.at is not None:
        clashes = _with_contracts(storage, near, ids, known, at=asked.at)
    else:
        clashes = storage.clashes.of(ids, order)
    rows = _rows(near, ids, known, clashes)
    by_id = team_of(teams)
    names = {row.pacticipant: by_id[number] for row in rows if (number := near.ids[row.pacticipant]) in by_id}
    return Grid(known, PartOfList(rows, total, page), names, sorted({team for _, team in teams}))


def _rows(
    near: Near,
    ids: Sequence[int],
    environments: Sequence[Environment],
    clashes: Mapping[tuple[int, int], Sequence[Clash]],
) -> list[GridRow]:
    following = next_of(environments)
    found: dict[int, list[Placement]] = {number: [] for number in ids}
    for placement in near.placements:
        if placement.pacticipant_id in found:
            found[placement.pacticipant_id].append(placement)
    names = {number: name for name, number in near.ids.items()}
    rows = []
    for number, placements in found.items():
        cells: dict[int, list[PlacedVersion]] = {}
        for placement in placements:
            after = following.get(placement.environment_id)
            waits = waiting(placement, placements, after)
            why = clashes.get((placement.version_id, after.id), ()) if waits and after else ()
            cells.setdefault(placement.environment_id, []).append(
                PlacedVersion(placement, after if waits else None, tuple(why))
            )
        rows.append(GridRow(names[number], cells))
    return rows


def _with_contracts(
    storage: Storage,
    near: Near,
    ids: Sequence[int],
    environments: Sequence[Environment],
    *,
    at: datetime | None,
) -> dict[tuple[int, int], list[Clash]]:
    """Return the clashes where service contracts count as well, or as they were: one statement."""
    choices = _choices(near, frozenset(ids))
    knowledge = Knowledge(with_contracts(*storage.decisions(at).matrix.find(choices), choices))
    there: dict[int, dict[str, frozenset[str]]] = {each.id: {} for each in environments}
    for placement in near.placements:
        held = there[placement.environment_id]
        held[placement.pacticipant] = held.get(placement.pacticipant, frozenset()) | {placement.version}
    following = next_of(environments)
    found = {}
    for placement in near.placements:
        after = following.get(placement.environment_id)
        if after is not None and placement.pacticipant_id in ids:
            move = Move(placement.pacticipant, placement.version)
            clashes: dict[str, bool] = {}
            for clash in knowledge.clashes(move, there[after.id]):
                other = clash.provider_name if clash.consumer == move else clash.consumer.pacticipant
                clashes[other] = clashes.get(other, False) or clash.verdict is Verdict.FAILED
            found[placement.version_id, after.id] = [
                Clash(*one) for one in sorted(clashes.items(), key=lambda one: (not one[1], one[0].lower()))
            ]
    return found


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
