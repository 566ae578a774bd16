"""The statement for a decision in which service contracts count: the rows, and what is known besides.

It is one statement, so that a decision costs as many as without service contracts. Its parts have the same
columns; what is of no use in a part is null.
"""

from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Executable,
    FromClause,
    Select,
    String,
    and_,
    cast,
    func,
    null,
    or_,
    select,
    union,
    union_all,
)

from broker.storage.decisions.contract_needs import declared_by, needs_of, offers_of
from broker.storage.decisions.contract_parts import NAMES, TEXTS, Part, constant, part_of
from broker.storage.decisions.contract_sources import (
    newest_result_of,
    newest_with,
    sets_of,
    sets_of_newest,
    sets_of_versions,
)
from broker.storage.decisions.matrix_details import details_of, first_part
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
    service_contract_publications,
    service_contract_set_documents,
    service_contracts,
)

_documents = service_contract_set_documents
_published = service_contract_publications.alias("published")


_NO_TEXTS = [cast(null(), String).label(name) for name in TEXTS]


@cache
def statement_with_contracts(shape: Shape) -> Executable:
    """Return the statement; see `Part` for what it finds."""
    pacts = pacts_of(shape).cte("pacts")
    sets = _sets(shape, pacts)
    declared = declared_by(sets)
    return union_all(
        first_part(rows_of(shape, pacts), cast(null(), BigInteger).label("comparison"), *_NO_TEXTS),
        *([details_of(shape, NAMES)] if shape.detailed else []),
        _pairs(shape, pacts, sets),
        *([_pairs_of_it(shape, sets)] if shape.alone else []),
        _documents_of(shape, sets),
        needs_of(declared),
        *(
            offers_of(shape, declared, part, with_keys=with_keys)
            for part in (Part.OFFER, *([Part.NEWEST] if shape.alone or shape.open else []))
            for with_keys in (False, True)
        ),
    )


def _sets(shape: Shape, pacts: CTE) -> CTE:
    """Return the sets that count of the chosen versions.

    Where any version will do, they are joined by the newest with each set that was compared with the pacts.
    For an application that is asked about alone, in any version, its newest one with documents is chosen.
    """
    chosen = (sets_of_newest if shape.alone and shape.open else sets_of_versions)(past=shape.past)
    if not (shape.alone or shape.open):
        return chosen.add_columns(constant(0).label("is_any")).cte("sets")
    compared = select(comparisons.c.set_id).join_from(
        pacts, comparisons, comparisons.c.pact_version_id == pacts.c.pact_version_id + 0
    )
    if not shape.alone:
        compared = compared.where(is_in(pacts.c.provider_id, "open_ids"))
    each = newest_with(compared.distinct().subquery("compared_sets"), past=shape.past)
    any_version = sets_of(each, past=shape.past).add_columns(constant(1).label("is_any"))
    return union(chosen.add_columns(constant(0).label("is_any")), any_version).cte("sets")


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
        part_of(Part.PAIR, columns)
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
        part_of(Part.PAIR, _of_pact(pacts, sets))
        .select_from(_named(joined, pacts))
        .where(sets.c.is_any == 0, *counting_pacts(shape, pacts))
    )


def _documents_of(shape: Shape, sets: CTE) -> Select[Any]:
    def result(name: str) -> ColumnElement[Any]:
        document = _documents.c.service_contract_id
        return newest_result_of(document, sets.c.version_id, name, past=shape.past)

    return (
        part_of(
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
