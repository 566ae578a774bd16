"""What the pages show at a glance: a few statements for a page, whatever the history."""

from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, func, literal, or_, select

from broker.domain.overview import Integration, PactSummary, Page, ResultSummary
from broker.storage.tables import (
    integrations,
    pact_publications,
    pact_versions,
    pacticipants,
    verifications,
    versions,
)

_consumers = pacticipants.alias("consumers")
_providers = pacticipants.alias("providers")
_consumer_versions = versions.alias("consumer_versions")
_provider_versions = versions.alias("provider_versions")
_newest = pact_publications.alias("newest")
_result = verifications.alias("result")
_any_result = verifications.alias("any_result")

_latest_pact = (
    select(_newest.c.id)
    .where(
        _newest.c.provider_id == integrations.c.provider_id,
        _newest.c.consumer_id == integrations.c.consumer_id,
        ~_newest.c.superseded,
    )
    .order_by(_newest.c.position.desc())
    .limit(1)
    .scalar_subquery()
)
_latest_result = (
    select(_result.c.id)
    .where(_result.c.pact_version_id == pact_publications.c.pact_version_id)
    .order_by(_result.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_was_verified = (
    select(literal(1))
    .where(
        _any_result.c.consumer_id == integrations.c.consumer_id,
        _any_result.c.provider_id == integrations.c.provider_id,
    )
    .exists()
)
_PATTERN: BindParameter[str] = bindparam("pattern")
_found = integrations.join(_consumers, _consumers.c.id == integrations.c.consumer_id).join(
    _providers, _providers.c.id == integrations.c.provider_id
)
_matches = or_(
    func.lower(_consumers.c.name).like(_PATTERN, escape="\\"),
    func.lower(_providers.c.name).like(_PATTERN, escape="\\"),
)
_of_pacticipant = or_(
    integrations.c.consumer_id == bindparam("pacticipant_id"),
    integrations.c.provider_id == bindparam("pacticipant_id"),
)
_SUMMARIES = (
    select(
        _consumers.c.name,
        _providers.c.name,
        _consumer_versions.c.number,
        pact_versions.c.sha,
        pact_publications.c.created_at,
        pact_versions.c.interactions_count + pact_versions.c.messages_count,
        verifications.c.id,
        _provider_versions.c.number,
        verifications.c.success,
        verifications.c.created_at,
        _was_verified,
    )
    .select_from(
        _found.outerjoin(pact_publications, pact_publications.c.id == _latest_pact)
        .outerjoin(_consumer_versions, _consumer_versions.c.id == pact_publications.c.consumer_version_id)
        .outerjoin(pact_versions, pact_versions.c.id == pact_publications.c.pact_version_id)
        .outerjoin(verifications, verifications.c.id == _latest_result)
        .outerjoin(_provider_versions, _provider_versions.c.id == verifications.c.provider_version_id)
    )
    .order_by(func.lower(_consumers.c.name), func.lower(_providers.c.name))
)
_ONE_PAGE = _SUMMARIES.where(_matches).limit(bindparam("size")).offset(bindparam("skipped"))
_COUNT = select(func.count()).select_from(_found).where(_matches)
_OF_PACTICIPANT = _SUMMARIES.where(_of_pacticipant)


class Overview:
    """Integrations with their latest pact and its newest result."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, search: str, number: int, size: int) -> Page:
        """Return the integrations whose consumer or provider has *search* in its name, in any case."""
        escaped = search.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        pattern = {"pattern": f"%{escaped}%"}
        total = self._connection.scalar(_COUNT, pattern) or 0
        rows = self._connection.execute(_ONE_PAGE, {**pattern, "size": size, "skipped": (number - 1) * size})
        return Page(tuple(_integration(row) for row in rows), number, size, total)

    def of_pacticipant(self, pacticipant_id: int) -> list[Integration]:
        """Return the integrations that a pacticipant is part of, on either side."""
        rows = self._connection.execute(_OF_PACTICIPANT, {"pacticipant_id": pacticipant_id})
        return [_integration(row) for row in rows]


def _integration(row: Any) -> Integration:  # noqa: ANN401 - the columns of _SUMMARIES
    (consumer, provider, version, sha, published_at, interactions, result, by, success, verified_at, ever) = (
        row
    )
    return Integration(
        consumer=consumer,
        provider=provider,
        pact=None if sha is None else PactSummary(version, sha, published_at, interactions),
        result=None if result is None else ResultSummary(result, by, bool(success), verified_at),
        was_verified=bool(ever),
    )
