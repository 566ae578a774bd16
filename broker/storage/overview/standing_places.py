"""The places where integrations stand: main, and the environments. Each is found by look-ups by index.

An environment with a version of the consumer that has a pact with the provider is there once for each pair of
versions in it.
"""

from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Table,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    not_,
    select,
    union,
    union_all,
)

from broker.storage.conditions import is_current, latest_with_tag, newest_of_pair
from broker.storage.decisions.contract_sources import newest_of
from broker.storage.dialects import ONE, is_in_unseen, looked_up
from broker.storage.pacts.newest import newest_among, newest_with_tag
from broker.storage.tables import (
    branch_versions,
    branches,
    deployed_versions,
    integrations,
    pact_publications,
    pacticipants,
    released_versions,
    service_contract_sets,
    standings,
    verifications,
)

MAIN = 0
"""The place that is no environment."""
ON_MAIN: ColumnElement[int] = literal_column(str(MAIN), Integer)
"""The same in a statement: each parameter costs the driver more than the database."""
_NOTHING: ColumnElement[Any] = literal_column("NULL")
_PROVIDER_VERSION = "provider_version_id"
_ENDS = {deployed_versions: "undeployed_at", released_versions: "support_ended_at"}
_consumers = pacticipants.alias("consumers")
_providers = pacticipants.alias("providers")
_consumer_branch = branches.alias("consumer_branch")
_provider_branch = branches.alias("provider_branch")
_SIDES = (integrations.c.consumer_id, integrations.c.provider_id)
_OF_INTEGRATIONS = select(integrations.c.id, *_SIDES)
_OF_PAIRS = {
    "provider": _OF_INTEGRATIONS.where(
        integrations.c.consumer_id == bindparam("consumer"),
        integrations.c.provider_id == bindparam("provider"),
    ),
    "providers": _OF_INTEGRATIONS.where(
        is_in_unseen(integrations.c.consumer_id, "consumers"),
        is_in_unseen(integrations.c.provider_id, "providers"),
    ),
}
"""The integrations of the pairs that are marked: one, or several."""
_ONE_PAIR = frozenset({"consumer", "provider"})
_MOVED = {
    "of_pacticipants": select(pacticipants.c.id).where(is_in_unseen(pacticipants.c.id, "of_pacticipants")),
    "of_names": select(pacticipants.c.id).where(is_in_unseen(pacticipants.c.name, "of_names")),
    "with_branches": select(pacticipants.c.id).where(
        is_in_unseen(pacticipants.c.name, "with_branches"),
        is_in_unseen(pacticipants.c.main_branch, "branches"),
    ),
}
"""The pacticipants all of whose integrations are marked, by the name of a list."""
_JOINED = select(pacticipants.c.id).where(
    is_in_unseen(pacticipants.c.name, "joined_names"),
    is_in_unseen(pacticipants.c.main_branch, "joined_branches"),
)


def places_of(marks: frozenset[str]) -> CTE:
    """Return the places of the integrations that parameters of these names mark; without any, of all."""
    pair = _with_pact(_with_heads(_marked(marks)))
    return union_all(_on_main(pair), *_in_environments(pair), _kept_in_environments(pair)).cte("places")


def kept_of_marked(marks: frozenset[str]) -> Select[Any]:
    """Return the ids of the standings on main of the marked integrations, in the order of these.

    Each integration has one, from when it is there until it goes.
    """
    if marks == _ONE_PAIR:  # without joins and order: it is asked with each result
        of_pair = _OF_PAIRS["provider"].with_only_columns(integrations.c.id).scalar_subquery()
        return select(standings.c.id).where(
            standings.c.integration_id == of_pair, standings.c.place == ON_MAIN
        )
    marked = _marked(marks)
    of_marked = and_(looked_up(standings.c.integration_id, marked.c.id), standings.c.place == ON_MAIN)
    return select(standings.c.id).join_from(marked, standings, of_marked).order_by(standings.c.integration_id)


def _marked(marks: frozenset[str]) -> CTE:
    found = [pairs for name, pairs in _OF_PAIRS.items() if name in marks]
    if named := [moved for name, moved in _MOVED.items() if name in marks]:
        moved = union(*named).cte("moved")
        found += [_OF_INTEGRATIONS.join(moved, looked_up(side, moved.c.id)) for side in _SIDES]
    if "joined_versions" in marks:
        found += _of_joined()
    return union(*found).cte("marked") if found else _OF_INTEGRATIONS.cte("marked")


def _of_joined() -> list[Select[Any]]:
    """Select what joined as providers, and what has pacts of the versions that joined."""
    joined, published = _JOINED.cte("joined"), pact_publications.alias("published_by_joined")
    consumer_id, provider_id = _SIDES
    of_its_pacts = and_(
        looked_up(consumer_id, published.c.consumer_id), looked_up(provider_id, published.c.provider_id)
    )
    return [
        _OF_INTEGRATIONS.join(joined, looked_up(provider_id, joined.c.id)),
        _OF_INTEGRATIONS.join(published, of_its_pacts).where(
            is_in_unseen(published.c.consumer_version_id, "joined_versions")
        ),
    ]


def _with_heads(marked: CTE) -> CTE:
    """Add the main branches of both; a tag of its name stands for one that is not there (reference §5.3)."""
    with_tag = latest_with_tag(_providers.c.id, _providers.c.main_branch)
    return (
        select(
            marked.c.id.label("integration_id"),
            marked.c.consumer_id,
            marked.c.provider_id,
            _consumers.c.main_branch.label("consumer_main"),
            _consumer_branch.c.id.label("consumer_branch_id"),
            _provider_branch.c.id.label("provider_branch_id"),
            func.coalesce(_provider_branch.c.head_version_id, with_tag).label("provider_head"),
        )
        .join_from(marked, _consumers, looked_up(_consumers.c.id, marked.c.consumer_id))
        .join(_providers, looked_up(_providers.c.id, marked.c.provider_id))
        .outerjoin(_consumer_branch, _is_main_branch(_consumer_branch, _consumers))
        .outerjoin(_provider_branch, _is_main_branch(_provider_branch, _providers))
        .cte("heads")
    )


def _is_main_branch(branch: FromClause, of: FromClause) -> ColumnElement[bool]:
    return and_(
        looked_up(branch.c.pacticipant_id, of.c.id),
        looked_up(branch.c.name, of.c.main_branch),
        branch.c.head_version_id.is_not(None),
    )


def _with_pact(heads: CTE) -> CTE:
    """Add the latest pact on the consumer's main branch; without one, the latest of all."""
    ids = (heads.c.consumer_id, heads.c.provider_id)
    on_branch = newest_among(branch_versions, *ids, branch_versions.c.branch_id == heads.c.consumer_branch_id)
    latest = func.coalesce(on_branch, newest_with_tag(*ids, heads.c.consumer_main), newest_of_pair(*ids))
    found = select(heads, latest.label("publication_id"))
    return found.cte("pair").prefix_with("MATERIALIZED")


def _place(pair: CTE, place: ColumnElement[int], pact: FromClause | None) -> Select[Any]:
    """Select a place of the pair with the pact there; the version of the provider is still missing."""
    columns = ("consumer_version_id", "pact_version_id", "created_at")
    of_pact = [_NOTHING.label(name) if pact is None else pact.c[name] for name in columns]
    return select(
        pair.c.integration_id,
        pair.c.consumer_id,
        pair.c.provider_id,
        pair.c.consumer_branch_id,
        pair.c.provider_branch_id,
        place.label("place"),
        *of_pact,
    )


def _on_main(pair: CTE) -> Select[Any]:
    """Select the pact with the head of the provider.

    Of a provider without a main branch, it is the version with the newest result of the pact or, without any
    result, the newest that has documents.
    """
    pact = pact_publications.alias("pact_on_main")
    newest_result = (
        select(verifications.c.provider_version_id)
        .where(verifications.c.pact_version_id == pact.c.pact_version_id)
        .order_by(verifications.c.id.desc())
        .limit(ONE)
        .correlate(pact)
        .scalar_subquery()
    )
    has_documents = exists().where(looked_up(service_contract_sets.c.pacticipant_id, pair.c.provider_id))
    documented = case((has_documents, newest_of(pair, past=False)))
    version = func.coalesce(pair.c.provider_head, newest_result, documented)
    place = _place(pair, ON_MAIN, pact).add_columns(version.label(_PROVIDER_VERSION))
    return place.outerjoin_from(pair, pact, looked_up(pact.c.id, pair.c.publication_id))


def _in_environments(pair: CTE) -> list[Select[Any]]:
    """Select what meets in each environment; a row without a version where the provider is not there."""
    there = union_all(*(_consumers_there(pair, table) for table in _ENDS)).cte("there")
    found, absent = [], []
    for table in _ENDS:
        its = table.alias("provider_there")
        meets = and_(
            looked_up(its.c.pacticipant_id, there.c.provider_id),
            looked_up(its.c.environment_id, there.c.place),
            is_there(its),
        )
        found.append(select(there, its.c.version_id).join_from(there, its, meets))
        absent.append(not_(exists().where(meets).correlate(there)))
    return [*found, select(there, _NOTHING).where(*absent)]


def _consumers_there(pair: CTE, table: Table) -> Select[Any]:
    """Select the pacts of what the consumer has in environments."""
    mine, pact = table.alias("consumer_there"), pact_publications.alias("pact_there")
    is_mine = and_(looked_up(mine.c.pacticipant_id, pair.c.consumer_id), is_there(mine))
    is_its_pact = and_(
        looked_up(pact.c.consumer_version_id, mine.c.version_id),
        looked_up(pact.c.provider_id, pair.c.provider_id),
        is_current(pact),
    )
    place = _place(pair, mine.c.environment_id, pact)
    return place.join_from(pair, mine, is_mine).join(pact, is_its_pact)


def _kept_in_environments(pair: CTE) -> Select[Any]:
    """Select the environments in which the integration stood, without a pact: it may be there no more."""
    kept = standings.alias("kept_in_environment")
    is_elsewhere = and_(looked_up(kept.c.integration_id, pair.c.integration_id), kept.c.place != ON_MAIN)
    place = _place(pair, kept.c.place, None).add_columns(_NOTHING)
    return place.join_from(pair, kept, is_elsewhere)


def is_there(record: FromClause) -> ColumnElement[bool]:
    """Whether a version that was deployed or released still is."""
    column = "undeployed_at" if "undeployed_at" in record.c else "support_ended_at"
    return record.c[column].is_(None)
