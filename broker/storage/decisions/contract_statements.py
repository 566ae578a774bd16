"""The statement for a decision in which service contracts count: the rows, and what is known besides.

It is one statement, so that a decision costs as many as without service contracts. Its parts have the same
columns; what is of no use in a part is null.
"""

from collections.abc import Mapping
from enum import IntEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Executable,
    FromClause,
    Integer,
    Select,
    String,
    and_,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
    union,
    union_all,
)

from broker.storage.decisions.contract_sources import (
    newest_of,
    newest_result_of,
    newest_with,
    publications_then,
    sets_of,
    sets_of_versions,
)
from broker.storage.decisions.matrix_statements import (
    CONSUMER_VERSIONS,
    CONSUMERS,
    PROVIDERS,
    Shape,
    counting_pacts,
    pacts_of,
    rows_of,
)
from broker.storage.decisions.past import AT
from broker.storage.dialects import is_in
from broker.storage.tables import (
    comparisons,
    comparisons_to_make,
    pact_publications,
    pact_versions,
    service_contract_dependencies,
    service_contract_needs,
    service_contract_operations,
    service_contract_publications,
    service_contract_set_documents,
    service_contracts,
    versions,
)


class Part(IntEnum):
    """What a row of the statement is about."""

    ROW = 0
    """A pact, and a result or none: as without service contracts."""
    PAIR = 1
    """A pact, a version of its provider that has a set which counts, and their comparison if there is one."""
    DOCUMENT = 2
    """A document of a version, and its newest result by that version."""
    NEED = 3
    """What a consumer version needs of a provider: one operation or channel, or none."""
    OFFER = 4
    """A provider version that has documents; what it has of what is needed is in rows of their own."""
    NEWEST = 5
    """The newest version of a provider that has documents: for questions in which any version will do."""


COLUMNS = (
    *("consumer", "consumer_version_id", "consumer_version", "position"),
    *("provider", "provider_version_id", "provider_version", "provider_position"),
    *("success", "sha", "published_at", "revision", "result", "verified_at"),
)
"""Those of the rows; the other parts use them for the same."""
_TEXTS = ("verdict", "policy", "name", "specification", "key", "versions")
_documents = service_contract_set_documents
_published = service_contract_publications.alias("published")


@cache
def statement_with_contracts(shape: Shape) -> Executable:
    """Return the statement; see `Part` for what it finds."""
    pacts = pacts_of(shape).cte("pacts")
    sets = _sets(shape, pacts)
    declared = _declared(sets)
    rows = rows_of(shape, pacts).subquery("rows")
    return union_all(
        select(
            # The first part gives the columns their types.
            _constant(Part.ROW).label("part"),
            *(rows.c[name] for name in COLUMNS),
            cast(null(), BigInteger).label("comparison"),
            *(cast(null(), String).label(name) for name in _TEXTS),
        ),
        _pairs(shape, pacts, sets),
        *([_pairs_of_it(shape, sets)] if shape.alone else []),
        _documents_of(shape, sets),
        _needs(declared),
        *(
            _offers(shape, declared, part, with_keys=with_keys)
            for part in (Part.OFFER, *([Part.NEWEST] if shape.alone or shape.open else []))
            for with_keys in (False, True)
        ),
    )


def _constant(number: int) -> ColumnElement[int]:
    # Each parameter costs the driver more than the database.
    return literal_column(str(int(number)), Integer)


def _part(part: Part, columns: Mapping[str, ColumnElement[Any]]) -> Select[Any]:
    names = (*COLUMNS, "comparison", *_TEXTS)
    return select(_constant(part), *(columns.get(name, null()).label(name) for name in names))


def _sets(shape: Shape, pacts: CTE) -> CTE:
    """Return the sets that count of the chosen versions.

    Where any version will do, they are joined by the newest with each set that was compared with the pacts.
    An application that is asked about alone, in any version, is asked about as a provider too: its newest
    version with documents stands for it.
    """
    chosen = sets_of_versions(past=shape.past)
    if shape.alone and shape.open:
        published: Any = publications_then() if shape.past else _published
        it = (
            select(PROVIDERS.c.id.label("provider_id"))
            .where(is_in(PROVIDERS.c.id, "open_ids"))
            .subquery("it")
        )
        newest_one = select(newest_of(it, past=shape.past)).select_from(it).scalar_subquery()
        chosen = sets_of(published, past=shape.past).where(published.c.version_id == newest_one)
    if not (shape.alone or shape.open):
        return chosen.add_columns(_constant(0).label("is_any")).cte("sets")
    compared = select(comparisons.c.set_id).join_from(
        pacts, comparisons, comparisons.c.pact_version_id == pacts.c.pact_version_id + 0
    )
    if not shape.alone:
        compared = compared.where(is_in(pacts.c.provider_id, "open_ids"))
    each = newest_with(compared.distinct().subquery("compared_sets"), past=shape.past)
    any_version = sets_of(each, past=shape.past).add_columns(_constant(1).label("is_any"))
    return union(chosen.add_columns(_constant(0).label("is_any")), any_version).cte("sets")


def _of_pact(pacts: FromClause, sets: CTE) -> dict[str, ColumnElement[Any]]:
    return {
        "consumer": CONSUMERS.c.name,
        "consumer_version_id": CONSUMER_VERSIONS.c.id,
        "consumer_version": CONSUMER_VERSIONS.c.number,
        "position": pacts.c.position,
        "provider": PROVIDERS.c.name,
        "provider_version_id": sets.c.version_id,
        "provider_version": sets.c.number,
        "provider_position": sets.c.position,
        "sha": pact_versions.c.sha,
        "published_at": pacts.c.created_at,
        "revision": pacts.c.revision,
        "verified_at": comparisons.c.created_at,
        "comparison": comparisons.c.id,
        "verdict": comparisons.c.verdict,
        "policy": sets.c.evidence,
    }


# A comparison that was not made has no moment: the column then has the moment of the next try.
_NEXT_TRY = {
    "verified_at": func.coalesce(comparisons.c.created_at, comparisons_to_make.c.due_at),
    "name": comparisons_to_make.c.reason,
}


def _named(found: Any, pacts: FromClause) -> Any:
    return (
        found.join(pact_versions, pact_versions.c.id == pacts.c.pact_version_id)
        .join(CONSUMERS, CONSUMERS.c.id == pacts.c.consumer_id)
        .join(PROVIDERS, PROVIDERS.c.id == pacts.c.provider_id)
        .join(CONSUMER_VERSIONS, CONSUMER_VERSIONS.c.id == pacts.c.consumer_version_id)
    )


def _as_the_policy_asks(shape: Shape, sets: CTE) -> list[ColumnElement[bool]]:
    then = [comparisons.c.created_at <= AT] if shape.past else []
    return [
        comparisons.c.set_id == sets.c.set_id + 0,
        comparisons.c.guaranteed == sets.c.guaranteed,
        *then,
    ]


def _pairs(shape: Shape, pacts: CTE, sets: CTE) -> Select[Any]:
    same = [comparisons.c.pact_version_id == pacts.c.pact_version_id + 0, *_as_the_policy_asks(shape, sets)]
    # Sums keep the database from making indexes for a few rows, and from reading all comparisons.
    joined = pacts.join(sets, sets.c.pacticipant_id + 0 == pacts.c.provider_id + 0).outerjoin(
        comparisons, and_(*same)
    )
    columns = _of_pact(pacts, sets)
    if not shape.past:
        joined = joined.outerjoin(
            comparisons_to_make,
            (comparisons_to_make.c.pact_version_id == pacts.c.pact_version_id + 0)
            & (comparisons_to_make.c.set_id == sets.c.set_id + 0)
            & (comparisons_to_make.c.failures > 0),
        )
        columns |= _NEXT_TRY
    # A version of which nobody has asked counts for what it was compared with.
    return (
        _part(Part.PAIR, columns)
        .select_from(_named(joined, pacts))
        .where(or_(sets.c.is_any == 0, comparisons.c.id.is_not(None)))
    )


def _pairs_of_it(shape: Shape, sets: CTE) -> Select[Any]:
    """Select the pacts with the contents that were compared with what the chosen versions have."""
    pacts = pact_publications.alias("compared_pacts")
    joined = sets.join(comparisons, and_(*_as_the_policy_asks(shape, sets))).join(
        pacts, pacts.c.pact_version_id == comparisons.c.pact_version_id + 0
    )
    return (
        _part(Part.PAIR, _of_pact(pacts, sets))
        .select_from(_named(joined, pacts))
        .where(sets.c.is_any == 0, *counting_pacts(shape, pacts))
    )


def _documents_of(shape: Shape, sets: CTE) -> Select[Any]:
    def result(name: str) -> ColumnElement[Any]:
        document = _documents.c.service_contract_id
        return newest_result_of(document, sets.c.version_id, name, past=shape.past)

    return (
        _part(
            Part.DOCUMENT,
            {
                "provider": PROVIDERS.c.name,
                "provider_version_id": sets.c.version_id,
                "provider_version": sets.c.number,
                "provider_position": sets.c.position,
                "success": result("success"),
                "sha": service_contracts.c.sha,
                "published_at": sets.c.created_at,
                "result": result("id"),
                "verified_at": result("created_at"),
                "name": _documents.c.name,
                "specification": service_contracts.c.specification,
            },
        )
        .select_from(sets)
        .join(PROVIDERS, PROVIDERS.c.id == sets.c.pacticipant_id)
        .join(_documents, _documents.c.set_id == sets.c.set_id)
        .join(service_contracts, service_contracts.c.id == _documents.c.service_contract_id)
    )


def _declared(sets: CTE) -> CTE:
    """Return what the documents of the chosen versions need of other services."""
    needed = service_contract_dependencies
    return (
        select(
            needed.c.id,
            needed.c.provider_id,
            needed.c.required,
            needed.c.versions,
            sets.c.version_id,
            sets.c.pacticipant_id,
            sets.c.number,
            sets.c.position,
            sets.c.created_at,
        )
        .select_from(sets)
        .join(_documents, _documents.c.set_id == sets.c.set_id)
        .join(needed, needed.c.service_contract_id == _documents.c.service_contract_id)
        .where(sets.c.is_any == 0)
        .cte("declared")
    )


def _needs(declared: CTE) -> Select[Any]:
    needs = service_contract_needs
    return (
        _part(
            Part.NEED,
            {
                "consumer": CONSUMERS.c.name,
                "consumer_version_id": declared.c.version_id,
                "consumer_version": declared.c.number,
                "position": declared.c.position,
                "provider": PROVIDERS.c.name,
                "success": declared.c.required,
                "published_at": declared.c.created_at,
                "result": declared.c.id,
                "name": needs.c.name,
                "key": needs.c.key,
                "versions": declared.c.versions,
            },
        )
        .select_from(declared)
        .join(CONSUMERS, CONSUMERS.c.id == declared.c.pacticipant_id)
        .join(PROVIDERS, PROVIDERS.c.id == declared.c.provider_id)
        .outerjoin(needs, needs.c.dependency_id == declared.c.id)
    )


def _offers(shape: Shape, declared: CTE, part: Part, *, with_keys: bool) -> Select[Any]:
    """Select the versions of the providers that have documents; *with_keys* what they have of what is needed.

    The part says which versions: the chosen ones, or the newest of each provider.
    """
    published: Any = publications_then() if shape.past else _published
    providers = select(declared.c.provider_id).distinct().subquery("needed_providers")
    columns: dict[str, ColumnElement[Any]] = {
        "provider": PROVIDERS.c.name,
        "provider_version_id": versions.c.id,
        "provider_version": versions.c.number,
        "provider_position": versions.c.position,
    }
    if with_keys:
        columns["key"] = service_contract_operations.c.key
    # Sums keep the database from the index on this column, and so from all versions of a provider.
    of_provider = versions.c.pacticipant_id + 0 == providers.c.provider_id + 0
    which = (
        is_in(versions.c.id, "version_ids")
        if part is Part.OFFER
        else versions.c.id == newest_of(providers, past=shape.past)
    )
    found = (
        _part(part, columns)
        .select_from(providers)
        .join(PROVIDERS, PROVIDERS.c.id == providers.c.provider_id)
        .join(versions, and_(of_provider, which))
        .join(published, published.c.version_id == versions.c.id)
    )
    if not with_keys:
        return found
    needed = select(service_contract_needs.c.key).join_from(
        declared, service_contract_needs, service_contract_needs.c.dependency_id == declared.c.id
    )
    operations = service_contract_operations
    return (
        found.join(_documents, _documents.c.set_id == published.c.set_id)
        .join(operations, operations.c.service_contract_id == _documents.c.service_contract_id)
        .where(operations.c.key.in_(needed))
    )
