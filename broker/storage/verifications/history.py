"""The results of a pair of all contents, newest first."""

from sqlalchemy import Connection, bindparam, select

from broker.domain.overview.interaction_history import ResultOfPair
from broker.domain.pacts import outline
from broker.domain.pacts.outline import Outline
from broker.storage.conditions import NEWEST_CONSUMER_VERSION, is_current, latest_branch, newest
from broker.storage.tables import failed_results, pact_publications, pact_versions, verifications, versions
from broker.storage.verifications.failed_results import IN_SHORT, failed_result

_provider_versions = versions.alias("provider_versions")
_RESULTS = (
    select(
        verifications.c.id,
        verifications.c.pact_version_id,
        pact_versions.c.sha,
        NEWEST_CONSUMER_VERSION,
        _provider_versions.c.number,
        latest_branch(_provider_versions.c.id),
        verifications.c.success,
        verifications.c.created_at,
        *IN_SHORT,
        failed_results.c.interactions,
    )
    .join(pact_versions, pact_versions.c.id == verifications.c.pact_version_id)
    .join(_provider_versions, _provider_versions.c.id == verifications.c.provider_version_id)
    .outerjoin(failed_results, failed_results.c.verification_id == verifications.c.id)
    .where(
        verifications.c.consumer_id == bindparam("consumer_id"),
        verifications.c.provider_id == bindparam("provider_id"),
    )
    .order_by(verifications.c.id.desc())
    .limit(bindparam("size"))
    .offset(bindparam("skipped"))
)
_NEWEST_CONTENTS = (
    select(pact_versions.c.id, pact_versions.c.outline)
    .where(
        pact_versions.c.consumer_id == bindparam("consumer_id"),
        pact_versions.c.provider_id == bindparam("provider_id"),
    )
    .order_by(pact_versions.c.created_at.desc(), pact_versions.c.id.desc())
    .limit(bindparam("most"))
)
# Not the newest content: a pact may have gone back to an older one.
_CURRENT = (
    newest(pact_publications, pact_versions.c.outline)
    .join_from(pact_publications, pact_versions)
    .where(
        pact_publications.c.consumer_id == bindparam("consumer_id"),
        pact_publications.c.provider_id == bindparam("provider_id"),
        is_current(pact_publications),
    )
)


class PairHistory:
    """What there was between a consumer and a provider, by their ids."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def results(self, consumer_id: int, provider_id: int, *, size: int, skipped: int) -> list[ResultOfPair]:
        """Return results of all contents, newest first, also those that newer ones have replaced."""
        values = {"consumer_id": consumer_id, "provider_id": provider_id, "size": size, "skipped": skipped}
        return [
            ResultOfPair(
                *(number, content_id, sha, consumer_version, version, branch, bool(success), at),
                None if kept[0] is None else failed_result(kept),
            )
            for number, content_id, sha, consumer_version, version, branch, success, at, *kept in (
                self._connection.execute(_RESULTS, values)
            )
        ]

    def newest_outlines(self, consumer_id: int, provider_id: int, most: int) -> dict[int, Outline]:
        """Return the outlines of the newest contents, by their ids, the newest first."""
        values = {"consumer_id": consumer_id, "provider_id": provider_id, "most": most}
        rows = self._connection.execute(_NEWEST_CONTENTS, values)
        return {content_id: outline.read(stored) for content_id, stored in rows}

    def current_outline(self, consumer_id: int, provider_id: int) -> Outline:
        """Return the outline of the latest pact; empty without one."""
        values = {"consumer_id": consumer_id, "provider_id": provider_id}
        return outline.read(self._connection.scalar(_CURRENT, values))
