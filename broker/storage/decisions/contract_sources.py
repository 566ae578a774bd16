"""Which documents versions have, and how their services judge them: now, and at a moment in the past."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    String,
    Subquery,
    and_,
    case,
    false,
    func,
    literal,
    literal_column,
    not_,
    select,
    true,
    union_all,
)

from broker.domain.service_contracts.policy import Policy
from broker.storage.conditions import newest
from broker.storage.decisions.past import AT
from broker.storage.dialects import ONE, is_in
from broker.storage.tables import (
    former_service_contract_policies,
    former_service_contracts,
    pacticipants,
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


def publications_then(*among: Callable[[FromClause], ColumnElement[bool]]) -> Subquery:
    """Return which set of documents each version had at that time, in the columns of the table of today.

    Only what fulfils the conditions *among* is looked at: they are asked of each table.
    """
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

    def rows(table: FromClause, *conditions: ColumnElement[bool]) -> Select[Any]:
        columns = (table.c[name] for name in ("version_id", "set_id", "decides", "created_at"))
        asked = (condition(table) for condition in among)
        return select(*columns).where(table.c.created_at <= AT, *conditions, *asked)

    return union_all(
        rows(_NOW, not_(changed_later)), rows(_FORMER, _FORMER.c.removed_at > AT, not_(between))
    ).subquery("publications_then")


def sets_among(versions: Callable[[ColumnElement[Any]], ColumnElement[bool]], *, past: bool) -> Select[Any]:
    """Select the sets that count of the versions that fulfil the condition."""
    if not past:
        return sets_of(_NOW, past=past).where(versions(_NOW.c.version_id))
    # Asked of the union, SQLite would read it from end to end.
    return sets_of(publications_then(lambda table: versions(table.c.version_id)), past=past)


def sets_of_versions(*, past: bool) -> Select[Any]:
    """Select the sets that count of the versions with the parameter `version_ids`."""
    return sets_among(lambda column: is_in(column, "version_ids"), past=past)


def sets_of_newest(*, past: bool) -> Select[Any]:
    """Select the set of the newest version with documents of the application in the parameter `open_ids`."""
    source: Any = publications_then() if past else _NOW
    provider_id = pacticipants.c.id.label("provider_id")
    it = select(provider_id).where(is_in(pacticipants.c.id, "open_ids")).subquery("it")
    newest_id = select(newest_of(it, past=past)).select_from(it).scalar_subquery()
    return sets_of(source, past=past).where(source.c.version_id == newest_id)


def newest_with(sets: FromClause, *, past: bool) -> Subquery:
    """Return the newest version with each of these sets, as rows like those of the table.

    Columns are looked up one by one: PostgreSQL would read a whole table for a join with so few rows.
    """
    if past:
        return _newest_then_with(sets)
    having = _NOW.alias("having_set")
    found = select(
        sets.c.set_id,
        select(func.max(having.c.version_id))
        .where(having.c.set_id == sets.c.set_id)
        .correlate(sets)
        .scalar_subquery()
        .label("version_id"),
    ).subquery("newest_with_set")

    def column(name: str) -> ColumnElement[Any]:
        published = _NOW.alias(f"{name}_of_newest")
        value = select(published.c[name]).where(published.c.version_id == found.c.version_id)
        return value.correlate(found).scalar_subquery().label(name)

    return select(found, column("decides"), column("created_at")).subquery("any_version")


def _newest_then_with(sets: FromClause) -> Subquery:
    # A version may have got another set since.
    def with_set(table: FromClause) -> ColumnElement[bool]:
        return table.c.set_id.in_(select(sets.c.set_id))

    having = publications_then(with_set).alias("having_set")
    published = publications_then(with_set).alias("of_newest_with")
    found = (
        select(having.c.set_id, func.max(having.c.version_id).label("version_id"))
        .group_by(having.c.set_id)
        .subquery("newest_with_set")
    )
    return (
        select(found, published.c.decides, published.c.created_at)
        .join_from(found, published, published.c.version_id == found.c.version_id)
        .subquery("any_version")
    )


def sets_of(source: Any, *, past: bool) -> Select[Any]:
    """Select the sets that count of the publications in *source*, with the policy of their service."""
    evidence, guaranteed, joined = _policy_then() if past else _policy_now()
    return (
        select(
            source.c.version_id,
            source.c.set_id,
            source.c.created_at,
            versions.c.pacticipant_id,
            versions.c.number,
            versions.c.position,
            func.coalesce(evidence, literal_column(f"'{_DEFAULT.evidence.value}'", String)).label("evidence"),
            func.coalesce(guaranteed, true() if _DEFAULT.guaranteed else false()).label("guaranteed"),
        )
        .select_from(joined(source.join(versions, versions.c.id == source.c.version_id)))
        .where(source.c.decides | evidence.is_not(None))
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
    document: ColumnElement[Any], version: ColumnElement[Any], name: str, *, past: bool
) -> ColumnElement[Any]:
    """Return a column of the newest result of a document and a version, as a subquery."""
    results = service_contract_verifications.alias("newest_of_document")
    then = [results.c.created_at <= AT] if past else []
    return (
        select(results.c[name])
        .where(and_(results.c.version_id == version, results.c.service_contract_id == document, *then))
        .order_by(results.c.id.desc())
        .limit(ONE)
        .correlate_except(results)
        .scalar_subquery()
    )


def newest_of(providers: FromClause, *, past: bool) -> ColumnElement[Any]:
    """Return the newest version of a provider that has documents."""
    of_provider, published = versions.alias("of_provider"), service_contract_publications.alias("of_newest")
    then = [published.c.created_at <= AT] if past else []
    return (
        newest(of_provider, of_provider.c.id)
        .join(published, published.c.version_id == of_provider.c.id)
        .where(of_provider.c.pacticipant_id == providers.c.provider_id, *then)
        .correlate(providers)
        .scalar_subquery()
    )
