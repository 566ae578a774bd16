"""Results of verifications, and the successes by branch, so that nobody has to read history."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    BindParameter,
    Connection,
    Executable,
    Select,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well

from broker.domain.model import HeldVersion, Version
from broker.domain.verifications.result import NewVerification, PactContent, ResultSubject, Verification
from broker.storage.conditions import (
    NEWEST_CONSUMER_VERSION,
    is_current,
    lock,
    newest_consumer_version,
    newest_result,
)
from broker.storage.dialects import ONE
from broker.storage.direct_statements import later, soon
from broker.storage.insights.uncounted import NewResultToCount, Uncounted
from broker.storage.standing_marks import AddedResult, StandingMarks
from broker.storage.tables import (
    branch_successes,
    branch_versions,
    deliveries,
    integrations,
    pact_publications,
    pact_versions,
    pacticipants,
    verifications,
    versions,
)
from broker.storage.webhooks.triggers import has_webhooks

_consumers = pacticipants.alias("consumers")
_providers = pacticipants.alias("providers")
_provider_versions = versions.alias("provider_versions")

_CONTENT = (
    select(pact_versions.c.id, pact_versions.c.consumer_id, pact_versions.c.provider_id)
    .join(_consumers, _consumers.c.id == pact_versions.c.consumer_id)
    .join(_providers, _providers.c.id == pact_versions.c.provider_id)
    .where(
        _consumers.c.name == bindparam("consumer"),
        _providers.c.name == bindparam("provider"),
        pact_versions.c.sha == bindparam("sha"),
    )
)
_SUBJECT = _CONTENT.add_columns(
    newest_consumer_version(pact_versions.c.id),
    has_webhooks(pact_versions.c.consumer_id, pact_versions.c.provider_id),
)
_RESULTS = (
    select(
        verifications.c.id,
        _consumers.c.name,
        _providers.c.name,
        pact_versions.c.sha,
        NEWEST_CONSUMER_VERSION,
        _provider_versions.c.number,
        verifications.c.success,
        verifications.c.wip,
        verifications.c.pending,
        verifications.c.build_url,
        verifications.c.test_results,
        verifications.c.verified_by,
        verifications.c.created_at,
    )
    .join(pact_versions, pact_versions.c.id == verifications.c.pact_version_id)
    .join(_consumers, _consumers.c.id == verifications.c.consumer_id)
    .join(_providers, _providers.c.id == verifications.c.provider_id)
    .join(_provider_versions, _provider_versions.c.id == verifications.c.provider_version_id)
)
_OF_CONTENT = _RESULTS.where(verifications.c.pact_version_id == bindparam("content_id"))
_ONE = _OF_CONTENT.where(verifications.c.id == bindparam("number"))
_LATEST = _OF_CONTENT.order_by(verifications.c.id.desc()).limit(ONE)
_LATEST_OF_CONSUMER_VERSION = (
    _RESULTS.join(pact_publications, pact_publications.c.pact_version_id == verifications.c.pact_version_id)
    .where(
        pact_publications.c.consumer_version_id == bindparam("version_id"),
        is_current(pact_publications),
        verifications.c.id == newest_result(pact_publications.c.pact_version_id),
    )
    .order_by(_providers.c.name)
)
_PROVIDERS_OF = (
    select(_providers.c.name)
    .join_from(pact_publications, _providers, _providers.c.id == pact_publications.c.provider_id)
    .where(pact_publications.c.consumer_version_id == bindparam("version_id"), is_current(pact_publications))
    .order_by(_providers.c.name)
)
_LOCK_VERSION = lock(versions)
_SUPERSEDE = (
    update(verifications)
    .where(
        verifications.c.pact_version_id == bindparam("content_id"),
        verifications.c.provider_version_id == bindparam("version_id"),
        is_current(verifications),
    )
    .values(superseded=True)
)
_ADD = insert(verifications).returning(verifications.c.id)
_TOUCH_INTEGRATION = (
    update(integrations)
    .where(
        integrations.c.consumer_id == bindparam("consumer"),
        integrations.c.provider_id == bindparam("provider"),
    )
    .values(contract_data_updated_at=bindparam("now"))
)
_successes_of_version = (
    select(
        verifications.c.pact_version_id,
        branch_versions.c.branch_id,
        verifications.c.wip,
        bindparam("now", type_=branch_successes.c.first_at.type),
    )
    .join_from(
        verifications,
        branch_versions,
        branch_versions.c.version_id == verifications.c.provider_version_id,
    )
    .where(
        verifications.c.provider_version_id == bindparam("version_id"),
        verifications.c.success,
        is_current(verifications),
    )
)


def _remember(successes: Select[Any]) -> Executable:
    columns = ["pact_version_id", "branch_id", "wip", "first_at"]
    return (
        insert(branch_successes)
        .from_select(columns, successes)
        .on_conflict_do_nothing(index_elements=["pact_version_id", "branch_id", "wip"])
    )


_REMEMBER_ALL = _remember(_successes_of_version)
_REMEMBER_ONE = _remember(
    _successes_of_version.where(verifications.c.pact_version_id == bindparam("content_id"))
)
_NUMBER: BindParameter[int] = bindparam("number")
_VERSION_OF = select(verifications.c.provider_version_id).where(verifications.c.id == _NUMBER)
_DELETE_DELIVERIES = delete(deliveries).where(deliveries.c.verification_id == _NUMBER)
_DELETE = delete(verifications).where(verifications.c.id == _NUMBER)
_remaining = verifications.alias("remaining")
_RESTORE_PREVIOUS = (
    update(verifications)
    .where(
        verifications.c.id
        == select(func.max(_remaining.c.id))
        .where(
            _remaining.c.pact_version_id == bindparam("content_id"),
            _remaining.c.provider_version_id == bindparam("version_id"),
        )
        .scalar_subquery()
    )
    .values(superseded=False)
)
_on_branch = branch_versions.alias("on_branch")
_FORGET = delete(branch_successes).where(
    branch_successes.c.pact_version_id == bindparam("content_id"),
    branch_successes.c.branch_id.in_(
        select(branch_versions.c.branch_id).where(branch_versions.c.version_id == bindparam("version_id"))
    ),
    ~(
        select(_remaining.c.id)
        .join_from(_remaining, _on_branch, _on_branch.c.version_id == _remaining.c.provider_version_id)
        .where(
            _remaining.c.pact_version_id == branch_successes.c.pact_version_id,
            _remaining.c.wip == branch_successes.c.wip,
            _remaining.c.success,
            _on_branch.c.branch_id == branch_successes.c.branch_id,
        )
        .correlate(branch_successes)
        .exists()
    ),
)
_STEPS_OF_DELETING = (_DELETE_DELIVERIES, _DELETE, _RESTORE_PREVIOUS, _FORGET)


class VerificationResults:
    """Results. Only the newest of a content and a provider version counts."""

    def __init__(self, connection: Connection, marks: StandingMarks) -> None:
        self._connection = connection
        self._marks = marks

    def content(self, consumer: str, provider: str, sha: str) -> PactContent | None:
        """Return the content with this hash between the two."""
        row = self._connection.execute(
            _CONTENT, {"consumer": consumer, "provider": provider, "sha": sha}
        ).first()
        return PactContent(*row) if row else None

    def subject(self, result: NewVerification) -> ResultSubject | None:
        """Return what the result is about, or None when there is no such content."""
        names = {"consumer": result.consumer, "provider": result.provider, "sha": result.sha}
        row = self._connection.execute(_SUBJECT, names).first()
        if row is None:
            return None
        *content, consumer_version, are_webhooks = row
        return ResultSubject(PactContent(*content), consumer_version, bool(are_webhooks))

    def add(
        self, content: PactContent, version: HeldVersion, result: NewVerification, now: datetime
    ) -> Callable[[], int]:
        """Store a result of *version*, a provider version, and return what returns its number.

        To ask for it in the transaction may take a way to the database; afterwards it is there.

        Two results for one version wait for each other to hold it. At the unique index, the second would fail
        when the first is committed. A version that is new has no other result, and is on no branch.
        """
        key = {"content_id": content.id, "version_id": version.id}
        replaced = 0 if version.is_new else self._connection.execute(_SUPERSEDE, key).rowcount
        rows = soon(
            self._connection,
            _ADD,
            {
                "pact_version_id": content.id,
                "consumer_id": content.consumer_id,
                "provider_id": content.provider_id,
                "provider_version_id": version.id,
                "success": result.success,
                "superseded": False,
                "wip": result.metadata.wip,
                "pending": result.metadata.pending,
                "build_url": result.build_url,
                "test_results": result.test_results,
                "verified_by": result.verified_by,
                "consumer_version_numbers": orjson.dumps(result.metadata.consumer_versions),
                "created_at": now,
            },
        )
        new = NewResultToCount(content, result, version.id, replaces=replaced > 0)
        Uncounted(self._connection).note_result(new, now)
        if result.success and not version.is_new:
            later(self._connection, _REMEMBER_ONE, {**key, "now": now})
        later(
            self._connection,
            _TOUCH_INTEGRATION,
            {"consumer": content.consumer_id, "provider": content.provider_id, "now": now},
        )
        self._marks.result_added(
            AddedResult(content.consumer_id, content.provider_id, content.id, version.id, result.success)
        )
        return lambda: int(rows()[0].id)

    def branch_joined(self, version: Version, now: datetime) -> None:
        """Record the successes of *version* for the branch that it has just joined."""
        later(self._connection, _REMEMBER_ALL, {"version_id": version.id, "now": now})

    def find(self, content: PactContent, number: int) -> Verification | None:
        """Return a result of this content by its number."""
        row = self._connection.execute(_ONE, {"content_id": content.id, "number": number}).first()
        return _verification(row) if row else None

    def latest(self, content: PactContent) -> Verification | None:
        """Return the newest result of this content, whichever version it is of."""
        row = self._connection.execute(_LATEST, {"content_id": content.id}).first()
        return _verification(row) if row else None

    def providers_of(self, version: Version) -> list[str]:
        """Return the names of the providers with which a consumer version has a pact."""
        return list(self._connection.scalars(_PROVIDERS_OF, {"version_id": version.id}))

    def latest_of_consumer_version(self, version: Version) -> list[Verification]:
        """Return the newest result of each pact of a consumer version that has one."""
        rows = self._connection.execute(_LATEST_OF_CONSUMER_VERSION, {"version_id": version.id})
        return [_verification(row) for row in rows]

    def delete(self, content: PactContent, result: Verification) -> None:
        """Remove a result of this content with the deliveries that it triggered.

        The result of the same provider version before it counts again. If no other result of a version on a
        branch is a success, the content no longer counts as verified from the branch.
        """
        version_id = self._connection.scalar(_VERSION_OF, {"number": result.number})
        values = {"number": result.number, "content_id": content.id, "version_id": version_id}
        self._connection.execute(_LOCK_VERSION, {"id": version_id})
        for statement in _STEPS_OF_DELETING:
            self._connection.execute(statement, values)
        self._marks.pair_changed(content.consumer_id, content.provider_id)


def _verification(row: Any) -> Verification:
    return Verification(*row)  # _RESULTS has the fields in their order
