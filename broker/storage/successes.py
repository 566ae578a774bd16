"""Which contents a provider has verified successfully before (reference §6.5, §6.6)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, or_, select

from broker.storage.among import among
from broker.storage.tables import branch_successes, branches, tags, verifications

_BRANCH_CREATED = select(branches.c.created_at).where(
    branches.c.pacticipant_id == bindparam("provider_id"), branches.c.name == bindparam("name")
)
_FROM_BRANCH = (
    select(branch_successes.c.pact_version_id)
    .join(branches, branches.c.id == branch_successes.c.branch_id)
    .where(
        among(branch_successes.c.pact_version_id, "contents"),
        or_(
            branches.c.name == bindparam("name"),
            branch_successes.c.first_at < bindparam("before", type_=branch_successes.c.first_at.type),
        ),
    )
    .distinct()
)
_FROM_BRANCH_EXPLICITLY = _FROM_BRANCH.where(~branch_successes.c.wip)
_BY_ANYONE = (
    select(verifications.c.pact_version_id)
    .where(among(verifications.c.pact_version_id, "contents"), verifications.c.success)
    .distinct()
)
_TAG_FIRST_USED = (
    select(tags.c.created_at)
    .where(tags.c.pacticipant_id == bindparam("provider_id"), tags.c.name == bindparam("name"))
    .order_by(tags.c.position)
    .limit(1)
)
_WITH_TAG = _BY_ANYONE.join(tags, tags.c.version_id == verifications.c.provider_version_id).where(
    or_(
        tags.c.name == bindparam("name"),
        verifications.c.created_at < bindparam("before", type_=verifications.c.created_at.type),
    )
)
_WITH_TAG_EXPLICITLY = _WITH_TAG.where(~verifications.c.wip)


class Successes:
    """Look up successful results. Every method returns those of *contents* that have one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def from_branch(
        self,
        contents: Collection[int],
        provider_id: int,
        branch: str,
        now: datetime,
        *,
        explicit: bool = False,
    ) -> set[int]:
        """Verified from the branch, or from another one before the branch was created.

        With *explicit*, a success as work in progress does not count.
        """
        statement = _FROM_BRANCH_EXPLICITLY if explicit else _FROM_BRANCH
        return self._since(statement, _BRANCH_CREATED, contents, provider_id, branch, now)

    def with_tag(
        self,
        contents: Collection[int],
        provider_id: int,
        tag: str,
        now: datetime,
        *,
        explicit: bool = False,
    ) -> set[int]:
        """Verified by a version with the tag, or with another one before the tag was first used.

        Tags count as they are now, whenever they were put on the version (reference §16). With *explicit*, a
        success as work in progress does not count.
        """
        statement = _WITH_TAG_EXPLICITLY if explicit else _WITH_TAG
        return self._since(statement, _TAG_FIRST_USED, contents, provider_id, tag, now)

    def by_anyone(self, contents: Collection[int]) -> set[int]:
        """Verified by any version at all."""
        return set(self._connection.scalars(_BY_ANYONE, {"contents": list(contents)}))

    def _since(  # noqa: PLR0913, PLR0917 - one call for two pairs of statements
        self,
        statement: Select[Any],
        beginning: Select[Any],
        contents: Collection[int],
        provider_id: int,
        name: str,
        now: datetime,
    ) -> set[int]:
        began = self._connection.scalar(beginning, {"provider_id": provider_id, "name": name})
        values = {"contents": list(contents), "name": name, "before": began or now}
        return set(self._connection.scalars(statement, values))
