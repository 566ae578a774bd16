"""The statement for all lists of a version's page, which are parts of it with the same columns."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    null,
    select,
    union_all,
)

from broker.storage.conditions import is_current, latest_branch, newest, newest_result
from broker.storage.decisions.contract_sources import newest_result_of
from broker.storage.overview.front_page import PROVIDER_VERSIONS, RESULT
from broker.storage.tables import (
    comparisons,
    comparisons_to_make,
    pact_publications,
    pact_versions,
    pacticipants,
    scenario_result_versions,
    scenario_results,
    service_contract_policies,
    service_contract_publications,
    service_contract_set_documents,
    service_contract_verifications,
    service_contracts,
    verifications,
    versions,
)

MOST = 60
MOST_SCENARIOS = 5
_MOST: ColumnElement[int] = literal_column(str(MOST + 1))
_MOST_SCENARIOS: ColumnElement[int] = literal_column(str(MOST_SCENARIOS))


class Part(IntEnum):
    """What a row of the statement is about."""

    PACT = 0
    VERIFIED = 1
    SCENARIO = 2
    PARTICIPANT = 3
    DOCUMENT = 4
    COMPARISON = 5
    WAITING = 6


_VERSION_ID: ColumnElement[int] = bindparam("version_id", type_=BigInteger)
_COLUMNS = (
    "name",
    "pacticipant_id",
    "version_id",
    "number",
    "position",
    "branch",
    "sha",
    "id",
    "since",
    "documents",
    *(column.name for column in RESULT),
)
_TYPES: Mapping[str, Any] = {
    "name": String,
    "number": String,
    "branch": String,
    "sha": String,
    "id": BigInteger,
    "pacticipant_id": BigInteger,
    "version_id": BigInteger,
    "position": BigInteger,
    "result_version": String,
    "result_branch": String,
    "documents": Boolean,
    "success": Boolean,
    "pending": Boolean,
}


def _part(part: Part, columns: Mapping[str, ColumnElement[Any]]) -> Select[Any]:
    labelled = (
        columns.get(name, cast(null(), _TYPES[name]) if name in _TYPES else null()).label(name)
        for name in _COLUMNS
    )
    return select(literal(part.value).label("part"), *labelled)


_result_columns = {column.name: column for column in RESULT}
_interactions = pact_versions.c.interactions_count + pact_versions.c.messages_count
_has_documents = (
    select(service_contract_publications.c.version_id)
    .where(service_contract_publications.c.version_id == PROVIDER_VERSIONS.c.id)
    .correlate(PROVIDER_VERSIONS)
    .exists()
)
_PACTS = (
    _part(
        Part.PACT,
        {
            "name": pacticipants.c.name,
            "pacticipant_id": pacticipants.c.id,
            "version_id": PROVIDER_VERSIONS.c.id,
            "position": PROVIDER_VERSIONS.c.position,
            "sha": pact_versions.c.sha,
            "id": _interactions,
            "since": pact_publications.c.created_at,
            "documents": _has_documents,
            **_result_columns,
        },
    )
    .select_from(pact_publications)
    .join(pacticipants, pacticipants.c.id == pact_publications.c.provider_id)
    .join(pact_versions, pact_versions.c.id == pact_publications.c.pact_version_id)
    .outerjoin(verifications, verifications.c.id == newest_result(pact_publications.c.pact_version_id))
    .outerjoin(PROVIDER_VERSIONS, PROVIDER_VERSIONS.c.id == verifications.c.provider_version_id)
    .where(pact_publications.c.consumer_version_id == _VERSION_ID, is_current(pact_publications))
)
_verified = (
    select(
        verifications.c.id,
        verifications.c.pact_version_id,
        verifications.c.consumer_id,
        newest(pact_publications, pact_publications.c.id)
        .where(pact_publications.c.pact_version_id == verifications.c.pact_version_id)
        .correlate(verifications)
        .scalar_subquery()
        .label("publication_id"),
    )
    .where(verifications.c.provider_version_id == _VERSION_ID, is_current(verifications))
    .order_by(verifications.c.id.desc())
    .limit(_MOST)
    .subquery("verified")
)
_consumer_versions = versions.alias("consumer_versions")
_VERIFIED = (
    _part(
        Part.VERIFIED,
        {
            "name": pacticipants.c.name,
            "pacticipant_id": pacticipants.c.id,
            "version_id": _consumer_versions.c.id,
            "number": _consumer_versions.c.number,
            "position": _consumer_versions.c.position,
            "branch": latest_branch(_consumer_versions.c.id),
            "sha": pact_versions.c.sha,
            "id": verifications.c.id,
            "since": pact_publications.c.created_at,
            **_result_columns,
        },
    )
    .select_from(_verified)
    .join(verifications, verifications.c.id == _verified.c.id)
    .join(pacticipants, pacticipants.c.id == _verified.c.consumer_id)
    .join(pact_versions, pact_versions.c.id == _verified.c.pact_version_id)
    .join(PROVIDER_VERSIONS, PROVIDER_VERSIONS.c.id == verifications.c.provider_version_id)
    .outerjoin(pact_publications, pact_publications.c.id == _verified.c.publication_id)
    .outerjoin(_consumer_versions, _consumer_versions.c.id == pact_publications.c.consumer_version_id)
)
_scenarios = (
    select(scenario_result_versions.c.scenario_result_id.label("id"))
    .where(scenario_result_versions.c.version_id == _VERSION_ID)
    .order_by(scenario_result_versions.c.scenario_result_id.desc())
    .limit(_MOST_SCENARIOS)
)
_of_scenarios, _with_participants = _scenarios.subquery("of_scenarios"), _scenarios.subquery("with_them")
_SCENARIOS = _part(
    Part.SCENARIO,
    {
        "name": scenario_results.c.title,
        "id": scenario_results.c.id,
        "since": scenario_results.c.created_at,
        "success": scenario_results.c.success,
    },
).join_from(_of_scenarios, scenario_results, scenario_results.c.id == _of_scenarios.c.id)
_PARTICIPANTS = (
    _part(
        Part.PARTICIPANT,
        {"name": pacticipants.c.name, "number": versions.c.number, "id": _with_participants.c.id},
    )
    .select_from(_with_participants)
    .join(scenario_result_versions, scenario_result_versions.c.scenario_result_id == _with_participants.c.id)
    .join(versions, versions.c.id == scenario_result_versions.c.version_id)
    .join(pacticipants, pacticipants.c.id == versions.c.pacticipant_id)
)
_published, _documents = service_contract_publications, service_contract_set_documents
_any_result = service_contract_verifications.alias("any_result")
_newest_of_any = (
    select(_any_result.c.id)
    .where(_any_result.c.service_contract_id == _documents.c.service_contract_id)
    .order_by(_any_result.c.id.desc())
    .limit(1)
    .correlate(_documents)
    .scalar_subquery()
)
_of_document = service_contract_verifications.alias("of_document")
_DOCUMENTS = (
    _part(
        Part.DOCUMENT,
        {
            "name": _documents.c.name,
            "number": cast(_documents.c.set_id, String),
            "branch": service_contracts.c.specification,
            "sha": service_contracts.c.sha,
            "id": service_contracts.c.operations_count,
            "since": _published.c.created_at,
            "result_version": PROVIDER_VERSIONS.c.number,
            "success": _of_document.c.success,
            "verified_at": _of_document.c.created_at,
        },
    )
    .select_from(_published)
    .join(_documents, _documents.c.set_id == _published.c.set_id)
    .join(service_contracts, service_contracts.c.id == _documents.c.service_contract_id)
    .outerjoin(
        _of_document,
        _of_document.c.id
        == func.coalesce(
            newest_result_of(_documents.c.service_contract_id, _published.c.version_id, "id", past=False),
            _newest_of_any,
        ),
    )
    .outerjoin(PROVIDER_VERSIONS, PROVIDER_VERSIONS.c.id == _of_document.c.version_id)
    .where(_published.c.version_id == _VERSION_ID)
)
_SET = select(_published.c.set_id).where(_published.c.version_id == _VERSION_ID).scalar_subquery()
_guaranteed = func.coalesce(
    select(service_contract_policies.c.guaranteed)
    .join(versions, versions.c.pacticipant_id == service_contract_policies.c.pacticipant_id)
    .where(versions.c.id == _VERSION_ID)
    .scalar_subquery(),
    literal(False),  # noqa: FBT003 - SQL's false
)
_compared = (
    select(
        comparisons.c.id,
        comparisons.c.consumer_id,
        comparisons.c.pact_version_id,
        newest(_consumer_versions, _consumer_versions.c.number)
        .join_from(
            _consumer_versions,
            pact_publications,
            pact_publications.c.consumer_version_id == _consumer_versions.c.id,
        )
        .where(pact_publications.c.pact_version_id == comparisons.c.pact_version_id)
        .correlate(comparisons)
        .scalar_subquery()
        .label("consumer_version"),
    )
    .where(comparisons.c.set_id == _SET, comparisons.c.guaranteed == _guaranteed)
    .order_by(comparisons.c.id.desc())
    .limit(_MOST)
    .subquery("compared")
)
_COMPARISONS = (
    _part(
        Part.COMPARISON,
        {
            "name": pacticipants.c.name,
            "number": _compared.c.consumer_version,
            "branch": comparisons.c.verdict,
            "sha": pact_versions.c.sha,
            "id": comparisons.c.id,
            "since": comparisons.c.created_at,
        },
    )
    .select_from(_compared)
    .join(comparisons, comparisons.c.id == _compared.c.id)
    .join(pacticipants, pacticipants.c.id == _compared.c.consumer_id)
    .join(pact_versions, pact_versions.c.id == _compared.c.pact_version_id)
)
_WAITING = _part(Part.WAITING, {"id": func.count()}).where(comparisons_to_make.c.set_id == _SET)
LISTS: CompoundSelect[Any] = union_all(
    _PACTS, _VERIFIED, _SCENARIOS, _PARTICIPANTS, _DOCUMENTS, _COMPARISONS, _WAITING
)
