"""What the page of a version lists: its pacts, those that it has verified, its documents and scenarios."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    CompoundSelect,
    Connection,
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

from broker.domain.decisions.comparisons import ListedComparison
from broker.domain.decisions.evidence import ComparisonVerdict
from broker.domain.decisions.selectors import VersionRef
from broker.domain.decisions.version_page import (
    ComparedDocuments,
    DocumentSummary,
    PactOfVersion,
    ScenarioSummary,
    VerifiedVersion,
)
from broker.domain.model import Version
from broker.domain.scenarios.result import Participant
from broker.storage.conditions import is_current, latest_branch, newest, newest_result
from broker.storage.decisions.contract_sources import newest_result_of
from broker.storage.overview.front_page import PROVIDER_VERSIONS, RESULT, result
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


class _Part(IntEnum):
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


def _part(part: _Part, columns: Mapping[str, ColumnElement[Any]]) -> Select[Any]:
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
        _Part.PACT,
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
        _Part.VERIFIED,
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
    _Part.SCENARIO,
    {
        "name": scenario_results.c.title,
        "id": scenario_results.c.id,
        "since": scenario_results.c.created_at,
        "success": scenario_results.c.success,
    },
).join_from(_of_scenarios, scenario_results, scenario_results.c.id == _of_scenarios.c.id)
_PARTICIPANTS = (
    _part(
        _Part.PARTICIPANT,
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
        _Part.DOCUMENT,
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
        _Part.COMPARISON,
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
_WAITING = _part(_Part.WAITING, {"id": func.count()}).where(comparisons_to_make.c.set_id == _SET)
_LISTS: CompoundSelect[Any] = union_all(
    _PACTS, _VERIFIED, _SCENARIOS, _PARTICIPANTS, _DOCUMENTS, _COMPARISONS, _WAITING
)


@dataclass(frozen=True)
class VersionLists:
    """The lists of a version's page; *set_id* is of its documents, None when it has none."""

    pacts: tuple[PactOfVersion, ...]
    verified: tuple[VerifiedVersion, ...]
    more_verified: bool
    scenarios: tuple[ScenarioSummary, ...]
    documents: tuple[DocumentSummary, ...]
    compared: ComparedDocuments
    set_id: int | None


class VersionPageLists:
    """Find all lists of a version's page with one statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_version(self, version: Version) -> VersionLists:
        """Return the lists; each by name, the newest of a name first."""
        rows = self._connection.execute(_LISTS, {"version_id": version.id}).all()
        of_part = {
            part: sorted((row for row in rows if row.part == part), key=_by_name_newest_first)
            for part in _Part
        }
        verified, compared = of_part[_Part.VERIFIED], of_part[_Part.COMPARISON]
        documents = of_part[_Part.DOCUMENT]
        return VersionLists(
            tuple(map(_pact, of_part[_Part.PACT])),
            tuple(item for row in verified[:MOST] if (item := _verified_version(row))),
            len(verified) > MOST,
            tuple(_scenarios_of(of_part[_Part.SCENARIO], of_part[_Part.PARTICIPANT])),
            tuple(map(_document, documents)),
            ComparedDocuments(
                tuple(_comparison(row, version) for row in compared[:MOST]),
                len(compared) > MOST,
                sum(row.id for row in of_part[_Part.WAITING]),
            ),
            int(documents[0].number) if documents else None,
        )


def _pact(row: Any) -> PactOfVersion:
    return PactOfVersion(
        row.name,
        row.pacticipant_id,
        row.id,
        row.sha,
        row.since,
        result(row),
        VersionRef(row.version_id, row.result_version, row.position) if row.version_id else None,
        bool(row.documents),
    )


def _by_name_newest_first(row: Any) -> tuple[str, str, int]:
    return (row.name or "").lower(), row.name or "", -(row.id or 0)


def _verified_version(row: Any) -> VerifiedVersion | None:
    outcome = result(row)
    if outcome is None:
        return None
    version = VersionRef(row.version_id, row.number, row.position) if row.version_id else None
    return VerifiedVersion(
        row.name, row.pacticipant_id, version, row.branch, row.since, row.sha, row.id, outcome
    )


def _scenarios_of(rows: Any, participants: Any) -> list[ScenarioSummary]:
    newest_first = sorted(rows, key=lambda row: -row.id)
    return [
        ScenarioSummary(
            row.id,
            row.name,
            bool(row.success),
            row.since,
            tuple(Participant(one.name, one.number) for one in participants if one.id == row.id),
        )
        for row in newest_first
    ]


def _document(row: Any) -> DocumentSummary:
    success = None if row.success is None else bool(row.success)
    return DocumentSummary(
        row.name, row.branch, row.sha, row.id, success, row.result_version, row.verified_at
    )


def _comparison(row: Any, version: Version) -> ListedComparison:
    return ListedComparison(
        row.id,
        row.name,
        version.pacticipant,
        row.sha,
        ComparisonVerdict(row.branch),
        row.since,
        row.number,
        version.number,
    )
