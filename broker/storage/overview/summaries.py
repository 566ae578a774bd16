"""Results in short, for badges."""

from sqlalchemy import (
    Connection,
    bindparam,
    select,
)

from broker.domain.model import Pacticipant
from broker.domain.overview.summaries import ResultSummary
from broker.domain.pacts.filter import PactFilter
from broker.domain.verifications.result import PactContent
from broker.storage.conditions import (
    is_current,
    newest_first,
    newest_result,
)
from broker.storage.overview.front_page import PROVIDER_VERSIONS, RESULT, result
from broker.storage.pacts.filtered import CONDITIONS
from broker.storage.tables import (
    pact_publications,
    verifications,
)

_RESULTS_OF = (
    select(*RESULT)
    .select_from(verifications)
    .join(PROVIDER_VERSIONS, PROVIDER_VERSIONS.c.id == verifications.c.provider_version_id)
    .where(verifications.c.pact_version_id == bindparam("content_id"), is_current(verifications))
    .order_by(verifications.c.id.desc())
    .limit(bindparam("size"))
)

_LAST_VERIFIED = {
    kind: select(*RESULT)
    .select_from(pact_publications)
    .join(verifications, verifications.c.id == newest_result(pact_publications.c.pact_version_id))
    .join(PROVIDER_VERSIONS, PROVIDER_VERSIONS.c.id == verifications.c.provider_version_id)
    .where(
        pact_publications.c.consumer_id == bindparam("consumer_id"),
        pact_publications.c.provider_id == bindparam("provider_id"),
        which,
    )
    .order_by(newest_first(pact_publications), pact_publications.c.revision.desc())
    .limit(bindparam("size"))
    for kind, which in CONDITIONS.items()
}


class Summaries:
    """Results in short. Each method is one statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def results_of(self, content: PactContent, size: int) -> list[ResultSummary]:
        """Return the newest results of a content, one for each provider version, newest first."""
        rows = self._connection.execute(_RESULTS_OF, {"content_id": content.id, "size": size})
        return [found for row in rows if (found := result(row))]

    def last_result(
        self, consumer: Pacticipant, provider: Pacticipant, which: PactFilter
    ) -> ResultSummary | None:
        """Return the newest result of the last pact of this kind that has any, which may be an old one."""
        values = {"consumer_id": consumer.id, "provider_id": provider.id, "name": which.name, "size": 1}
        rows = self._connection.execute(_LAST_VERIFIED[which.kind], values)
        return next((found for row in rows if (found := result(row))), None)
