"""Details of the versions in a decision, and of its obstacles: failures, deliveries, who keeps the pact."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    CompoundSelect,
    Connection,
    LargeBinary,
    Select,
    String,
    cast,
    func,
    null,
    select,
    union_all,
)

from broker.domain.decisions.evidence import Kind
from broker.domain.decisions.matrix import Row, RowVersion
from broker.domain.decisions.obstacles import (
    TEAM,
    Deliveries,
    Failure,
    FailureKey,
    KeepingVersion,
    KeepingVersions,
    PactDelivery,
    Teams,
    failure_of,
)
from broker.domain.pacts import outline
from broker.domain.verifications.failing_since import Since
from broker.domain.webhooks.delivery import Status
from broker.domain.webhooks.delivery_log import answer_in
from broker.domain.webhooks.events import Event
from broker.storage.conditions import is_current
from broker.storage.decisions import version_details_now
from broker.storage.decisions.version_details_now import COLUMNS, DETAIL_COLUMNS, Detail, by_version, rows_of
from broker.storage.dialects import ONE, is_in_unseen, looked_up
from broker.storage.service_contracts.comparisons import unpacked
from broker.storage.tables import (
    branch_versions,
    branches,
    comparisons,
    deliveries,
    delivery_attempts,
    failed_results,
    labels,
    pact_publications,
    pact_versions,
    pacticipants,
    service_contract_verifications,
    verifications,
    versions,
    webhooks,
)
from tally.values import dataclass

_earlier = verifications.alias("earlier")
_FIRST_FAILED = (
    select(func.min(_earlier.c.created_at))
    .where(
        _earlier.c.pact_version_id == verifications.c.pact_version_id,
        _earlier.c.provider_version_id == verifications.c.provider_version_id,
        ~_earlier.c.success,
    )
    .scalar_subquery()
)
_TEXTS = ("provider", "uuid", "status", "event", "branch", "log")
_BEGAN = {
    "began_result": failed_results.c.since_result,
    "began_version": failed_results.c.since_version,
    "began_at": failed_results.c.since_at,
    "began_versions": failed_results.c.versions,
}
"""Since when a result of the branch fails: the columns of `Since`, in its order."""
_COLUMNS = (*COLUMNS, *_TEXTS, *_BEGAN, "json", "outline")
_FAILURES = (
    rows_of(
        Detail.FAILURE,
        {
            "name": verifications.c.build_url,
            "since": _FIRST_FAILED,
            "id": verifications.c.id,
            "json": verifications.c.test_results,
            "outline": pact_versions.c.outline,
            **_BEGAN,
        },
        _COLUMNS,
    )
    .select_from(
        verifications.join(pact_versions, pact_versions.c.id == verifications.c.pact_version_id).outerjoin(
            failed_results, looked_up(failed_results.c.verification_id, verifications.c.id)
        )
    )
    .where(is_in_unseen(verifications.c.id, "numbers"))
)
_LAST_LOG = (
    select(delivery_attempts.c.logs)
    .where(delivery_attempts.c.triggered_webhook_id == deliveries.c.id)
    .order_by(delivery_attempts.c.id.desc())
    .limit(ONE)
    .scalar_subquery()
)
_DELIVERIES = (
    rows_of(
        Detail.DELIVERY,
        {
            "version_id": deliveries.c.consumer_version_id,
            # Without a description several may have the same name.
            "name": func.coalesce(
                func.nullif(webhooks.c.description, ""),
                deliveries.c.name + " (" + deliveries.c.webhook_uuid + ")",
            ),
            "since": deliveries.c.created_at,
            "id": deliveries.c.id,
            "provider": pacticipants.c.name,
            "uuid": deliveries.c.uuid,
            "status": deliveries.c.status,
            "event": deliveries.c.event,
            "log": _LAST_LOG,
            "json": deliveries.c.parameters,
        },
        _COLUMNS,
    )
    .join(pacticipants, pacticipants.c.id == deliveries.c.provider_id)
    .outerjoin(webhooks, webhooks.c.id == deliveries.c.webhook_id)
    .where(
        is_in_unseen(deliveries.c.consumer_version_id, "consumer_version_ids"),
        deliveries.c.verification_id.is_(None),
    )
)
_FINDINGS = rows_of(
    Detail.COMPARISON,
    {"since": comparisons.c.created_at, "id": comparisons.c.id, "json": comparisons.c.findings},
    _COLUMNS,
).where(is_in_unseen(comparisons.c.id, "comparisons"))
_of_document = service_contract_verifications
_earlier_of_document = _of_document.alias("earlier_of_document")
_DOCUMENT_FAILURES = rows_of(
    Detail.DOCUMENT_FAILURE,
    {
        "name": _of_document.c.build_url,
        "since": select(func.min(_earlier_of_document.c.created_at))
        .where(
            _earlier_of_document.c.version_id == _of_document.c.version_id,
            _earlier_of_document.c.service_contract_id == _of_document.c.service_contract_id,
            ~_earlier_of_document.c.success,
        )
        .scalar_subquery(),
        "id": _of_document.c.id,
        "json": _of_document.c.test_results,
    },
    _COLUMNS,
).where(is_in_unseen(_of_document.c.id, "document_results"))
_results = verifications.alias("results")
_NEWEST_SUCCESS = (
    select(_results.c.id)
    .where(
        _results.c.pact_version_id == pact_publications.c.pact_version_id,
        _results.c.success,
        is_current(_results),
    )
    .order_by(_results.c.created_at.desc(), _results.c.id.desc())
    .limit(ONE)
    .scalar_subquery()
)
_newest_branch_id = (
    select(branch_versions.c.branch_id)
    .where(branch_versions.c.version_id == verifications.c.provider_version_id)
    .order_by(branch_versions.c.id.desc())
    .limit(ONE)
    .correlate(verifications)
    .scalar_subquery()
)
# A join would let PostgreSQL read all branches for each row.
_NEWEST_BRANCH = select(branches.c.name).where(branches.c.id == _newest_branch_id).scalar_subquery()
_KEEPING_VERSIONS = (
    rows_of(
        Detail.KEEPING_VERSION,
        {
            "version_id": pact_publications.c.consumer_version_id,
            "name": versions.c.number,
            "since": verifications.c.created_at,
            "id": verifications.c.id,
            "provider": pacticipants.c.name,
            "branch": _NEWEST_BRANCH,
        },
        _COLUMNS,
    )
    .join_from(pact_publications, verifications, looked_up(verifications.c.id, _NEWEST_SUCCESS))
    .join(versions, versions.c.id == verifications.c.provider_version_id)
    .join(pacticipants, pacticipants.c.id == pact_publications.c.provider_id)
    .where(
        is_in_unseen(pact_publications.c.consumer_version_id, "consumer_version_ids"),
        is_current(pact_publications),
        is_in_unseen(pacticipants.c.name, "pacticipants"),
    )
)


_TEAMS = (
    rows_of(
        Detail.TEAM, {"name": labels.c.name, "id": labels.c.id, "provider": pacticipants.c.name}, _COLUMNS
    )
    .join_from(labels, pacticipants, pacticipants.c.id == labels.c.pacticipant_id)
    .where(is_in_unseen(pacticipants.c.name, "pacticipants"), labels.c.name.startswith(TEAM, autoescape=True))
)


def _explained(details: CompoundSelect[Any], advice: Sequence[Select[Any]]) -> CompoundSelect[Any]:
    known = details.subquery("known")
    # The casts give the columns types, which a union has from its first part.
    texts = (cast(null(), String).label(name) for name in _TEXTS)
    began = (cast(null(), column.type).label(name) for name, column in _BEGAN.items())
    contents = (cast(null(), LargeBinary).label(name) for name in ("json", "outline"))
    columns = (*known.c, *texts, *began, *contents)
    return union_all(select(*columns), _FAILURES, _DELIVERIES, _TEAMS, *advice)


class ExplanationStatements:
    """A statement for the *details* of versions, and two that find what explains obstacles as well.

    The last one is for obstacles that service contracts make.

    *advice* is what could be done now: nobody can do anything in the past.
    """

    def __init__(self, details: CompoundSelect[Any], *advice: Select[Any]) -> None:
        self.details = details
        self.explained = _explained(details, advice)
        self.explained_with_contracts = _explained(details, (*advice, _FINDINGS, _DOCUMENT_FAILURES))


_FAILURE_KINDS = {
    Detail.FAILURE: Kind.REPLAYED,
    Detail.COMPARISON: Kind.COMPARED,
    Detail.DOCUMENT_FAILURE: Kind.SERVICE_CONTRACT,
}
NOW = ExplanationStatements(version_details_now.NOW, _KEEPING_VERSIONS)


@dataclass(frozen=True)
class Explanation:
    """The details by the id of the version, and the failures. The deliveries are the newest first.

    *teams* has the labels that name the teams of an application, by its name.
    """

    details: Mapping[int, RowVersion]
    failures: Mapping[FailureKey, Failure] = field(default_factory=dict)
    deliveries: Deliveries = field(default_factory=dict)
    keeping: KeepingVersions = field(default_factory=dict)
    teams: Teams = field(default_factory=dict)


class Explanations:
    """Find details of versions and what explains obstacles, with one statement."""

    def __init__(
        self,
        connection: Connection,
        statements: ExplanationStatements = NOW,
        at: datetime | None = None,
    ) -> None:
        self._connection = connection
        self._statements = statements
        self._at = at

    def find(self, version_ids: Collection[int], in_the_way: Sequence[Row]) -> Explanation:
        """Return the details of the versions, and what explains the rows that stand in the way."""
        given: dict[str, object] = {"ids": list(version_ids)}
        if self._at is not None:
            given["at"] = self._at
        if not in_the_way:
            return Explanation(by_version(self._connection.execute(self._statements.details, given).all()))
        failed = _numbers(in_the_way)
        given["numbers"] = failed.pop(Kind.REPLAYED, [])
        given["pacticipants"] = list({name for row in in_the_way for name in (row.consumer, row.provider)})
        given["consumer_version_ids"] = list({row.consumer_version.id for row in in_the_way})
        statement = self._statements.explained
        if failed:
            statement = self._statements.explained_with_contracts
            given["comparisons"] = failed.get(Kind.COMPARED, [])
            given["document_results"] = failed.get(Kind.SERVICE_CONTRACT, [])
        rows = self._connection.execute(statement, given).all()
        of_kind: dict[int, list[Any]] = {kind: [] for kind in Detail}
        for row in rows:
            of_kind[row.kind].append(row)
        return Explanation(
            by_version(row[:DETAIL_COLUMNS] for row in rows if row.kind < Detail.FAILURE),
            {
                (kind, row.id): Failure(
                    row.since,
                    unpacked(row.json) if detail is Detail.COMPARISON else row.json,
                    row.name,
                    None
                    if row.began_version is None
                    else Since(row.began_result, row.began_version, row.began_at, row.began_versions),
                    outline.read(row.outline),
                )
                for detail, kind in _FAILURE_KINDS.items()
                for row in of_kind[detail]
            },
            self._deliveries(of_kind[Detail.DELIVERY]),
            {
                (row.version_id, row.provider): KeepingVersion(row.name, row.branch)
                for row in of_kind[Detail.KEEPING_VERSION]
            },
            _teams(of_kind[Detail.TEAM]),
        )

    def _deliveries(self, rows: Iterable[Any]) -> dict[tuple[int, str], list[PactDelivery]]:
        found: dict[tuple[int, str], list[PactDelivery]] = {}
        for row in sorted(rows, key=lambda row: -row.id):
            if self._at is None or row.since <= self._at:
                found.setdefault((row.version_id, row.provider), []).append(_delivery(row))
        return found


def _numbers(rows: Iterable[Row]) -> dict[Kind, list[int]]:
    found: dict[Kind, list[int]] = {}
    for kind, number in filter(None, map(failure_of, rows)):
        found.setdefault(kind, []).append(number)
    return found


def _teams(rows: Iterable[Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in sorted(rows, key=lambda row: str(row.name)):
        found[row.provider] = (*found.get(row.provider, ()), row.name)
    return found


def _delivery(row: Any) -> PactDelivery:
    asked = row.event == Event.CONTRACT_REQUIRING_VERIFICATION_PUBLISHED
    return PactDelivery(
        row.uuid,
        row.name,
        Status(row.status),
        row.since,
        row.event,
        orjson.loads(row.json).get("providerVersionNumber") if asked else None,
        answer_in(row.log or ""),
    )
