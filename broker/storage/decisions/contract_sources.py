"""Which documents versions have, and how their services judge them: now, and at a moment in the past."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    not_,
    select,
    union_all,
)

from broker.domain.service_contracts.policy import Policy
from broker.storage.decisions.past import AT
from broker.storage.dialects import ONE
from broker.storage.tables import (
    former_service_contract_policies,
    former_service_contracts,
    service_contract_policies,
    service_contract_publications,
    service_contract_verifications,
    versions,
)

_DEFAULT = Policy()
_NOW = service_contract_publications
_FORMER = former_service_contracts
_POLICY = service_contract_policies
_FORMER_POLICY = former_service_contract_policies


def publications_then() -> Subquery:
    """Return the documents that versions had at the moment, as rows like those of the table for now."""
    later = _FORMER.alias("later")
    changed_later = (
        select(literal(1))
        .where(later.c.version_id == _NOW.c.version_id, later.c.removed_at > AT)
        .correlate(_NOW)
        .exists()
    )
    between = (
        select(literal(1))
        .where(
            later.c.version_id == _FORMER.c.version_id,
            later.c.removed_at > AT,
            later.c.removed_at < _FORMER.c.removed_at,
        )
        .correlate(_FORMER)
        .exists()
    )
    columns = ("version_id", "set_id", "decides", "created_at")
    return union_all(
        select(*(_NOW.c[name] for name in columns)).where(_NOW.c.created_at <= AT, not_(changed_later)),
        select(*(_FORMER.c[name] for name in columns)).where(
            _FORMER.c.created_at <= AT, _FORMER.c.removed_at > AT, not_(between)
        ),
    ).subquery("publications_then")


def sets_of(condition: Any, *, past: bool) -> Select[Any]:
    """Select the sets that count of the versions that fulfil *condition*, with the policy of their service.

    *condition* is called with the column of the version's id.
    """
    publications: Any = publications_then() if past else _NOW
    evidence, guaranteed, joined = _policy_then() if past else _policy_now()
    return (
        select(
            publications.c.version_id,
            publications.c.set_id,
            publications.c.created_at,
            versions.c.pacticipant_id,
            versions.c.number,
            versions.c.position,
            func.coalesce(evidence, _DEFAULT.evidence.value).label("evidence"),
            func.coalesce(guaranteed, _DEFAULT.guaranteed).label("guaranteed"),
        )
        .select_from(joined(publications.join(versions, versions.c.id == publications.c.version_id)))
        .where(condition(publications.c.version_id), publications.c.decides | evidence.is_not(None))
    )


def _policy_now() -> tuple[ColumnElement[Any], ColumnElement[Any], Any]:
    def joined(found: Any) -> Any:
        return found.outerjoin(_POLICY, _POLICY.c.pacticipant_id == versions.c.pacticipant_id)

    return _POLICY.c.evidence, _POLICY.c.guaranteed, joined


def _policy_then() -> tuple[ColumnElement[Any], ColumnElement[Any], Any]:
    """Return the columns of the policy that held at the moment: the first that was changed after it."""
    first = _FORMER_POLICY.alias("first_changed")
    first_changed = (
        select(first.c.id)
        .where(first.c.pacticipant_id == versions.c.pacticipant_id, first.c.until > AT)
        .order_by(first.c.until, first.c.id)
        .limit(ONE)
        .correlate(versions)
        .scalar_subquery()
    )

    def joined(found: Any) -> Any:
        return found.outerjoin(_POLICY, _POLICY.c.pacticipant_id == versions.c.pacticipant_id).outerjoin(
            _FORMER_POLICY, _FORMER_POLICY.c.id == first_changed
        )

    is_former = _FORMER_POLICY.c.id.is_not(None)
    return (
        case((is_former, _FORMER_POLICY.c.evidence), else_=_POLICY.c.evidence),
        case((is_former, _FORMER_POLICY.c.guaranteed), else_=_POLICY.c.guaranteed),
        joined,
    )


def newest_result_of(
    document: ColumnElement[Any], version: ColumnElement[Any], *, past: bool
) -> ColumnElement[Any]:
    """Return the number of the newest result of a document and a version, as a subquery."""
    results = service_contract_verifications.alias("newest_of_document")
    then = [results.c.created_at <= AT] if past else []
    return (
        select(results.c.id)
        .where(and_(results.c.version_id == version, results.c.service_contract_id == document, *then))
        .order_by(results.c.id.desc())
        .limit(ONE)
        .correlate_except(results)
        .scalar_subquery()
    )
