"""The contents that a provider has verified successfully before (reference §6.5, §6.6)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, String, bindparam, case, func, or_, select

from broker.domain.verifications.consumer_selectors import FoundPacts
from broker.storage.dialects import ONE, is_in
from broker.storage.tables import branch_successes, branches, pact_versions, tags, verifications

_ITS_BRANCH, _MAIN_BRANCH = bindparam("name", type_=String), bindparam("main_branch", type_=String)
_asking = branches.alias("asking")
_BRANCH_CREATED = (
    select(_asking.c.created_at)
    .where(_asking.c.pacticipant_id == bindparam("provider_id"), _asking.c.name == _ITS_BRANCH)
    .scalar_subquery()
)
_FROM_BRANCH = (
    select(
        branch_successes.c.pact_version_id,
        # Of several branches the asking one is named, else the main branch, else the first by name.
        func.coalesce(
            func.max(case((branches.c.name == _ITS_BRANCH, branches.c.name))),
            func.max(case((branches.c.name == _MAIN_BRANCH, branches.c.name))),
            func.min(branches.c.name),
        ),
    )
    .join(branches, branches.c.id == branch_successes.c.branch_id)
    .where(
        is_in(branch_successes.c.pact_version_id, "contents"),
        or_(
            branches.c.name == _ITS_BRANCH,
            branch_successes.c.first_at
            < func.coalesce(_BRANCH_CREATED, bindparam("now", type_=branch_successes.c.first_at.type)),
        ),
    )
    .group_by(branch_successes.c.pact_version_id)
)
_FROM_BRANCH_EXPLICITLY = _FROM_BRANCH.where(~branch_successes.c.wip)
_TAG_FIRST_USED = (
    select(tags.c.created_at)
    .where(tags.c.pacticipant_id == bindparam("provider_id"), tags.c.name == bindparam("name"))
    .order_by(tags.c.position)
    .limit(ONE)
)
_CONTENTS = select(pact_versions.c.id).where(is_in(pact_versions.c.id, "contents"))
_success = (
    select(verifications.c.id)
    .where(verifications.c.pact_version_id == pact_versions.c.id, verifications.c.success)
    .limit(ONE)
    .correlate(pact_versions)
)
_tagged = _success.join(tags, tags.c.version_id == verifications.c.provider_version_id)
# These orders find a success soon as a rule: the oldest one of any version with a tag, and the newest one of
# a version with this tag.
_with_a_tag_before = _tagged.where(
    verifications.c.created_at < bindparam("before", type_=verifications.c.created_at.type)
).order_by(verifications.c.created_at)
_with_this_tag = _tagged.where(tags.c.name == bindparam("name")).order_by(verifications.c.created_at.desc())


def _with(*successes: Select[Any]) -> Select[Any]:
    """Return the statement for the contents that have one of these successes."""
    # Not `exists`: PostgreSQL may answer it by reading all results.
    return _CONTENTS.where(or_(*(success.scalar_subquery().is_not(None) for success in successes)))


_BY_ANYONE = _with(_success)


def _with_tag(*successes: Select[Any]) -> dict[bool, Select[Any]]:
    """Return two statements by `explicit`: for any success, and without successes as work in progress."""
    return {
        False: _with(*successes),
        True: _with(*(success.where(~verifications.c.wip) for success in successes)),
    }


_WITH_TAG = _with_tag(_with_a_tag_before, _with_this_tag)
# For a tag that was never used, it would read all successes to find none. So this leaves out that search.
_WITH_NEW_TAG = _with_tag(_with_a_tag_before)


class Successes:
    """Finds successful results. Every method returns those of *contents* that have one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def from_branch(
        self,
        contents: Collection[int],
        found: FoundPacts,
        branch: str,
        now: datetime,
        *,
        explicit: bool = False,
    ) -> dict[int, str]:
        """Verified from the branch, or from another one before the branch was created; with its name.

        With *explicit*, a success as work in progress does not count.
        """
        values = {
            "contents": list(contents),
            "provider_id": found.provider_id,
            "name": branch,
            "main_branch": found.main_branch or "",
            "now": now,
        }
        statement = _FROM_BRANCH_EXPLICITLY if explicit else _FROM_BRANCH
        return {row[0]: row[1] for row in self._connection.execute(statement, values).all()}

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
        began = self._connection.scalar(_TAG_FIRST_USED, {"provider_id": provider_id, "name": tag})
        values = {"contents": list(contents), "before": began or now}
        if began is None:
            return set(self._connection.scalars(_WITH_NEW_TAG[explicit], values))
        return set(self._connection.scalars(_WITH_TAG[explicit], {**values, "name": tag}))

    def by_anyone(self, contents: Collection[int]) -> set[int]:
        """Verified by any version at all."""
        return set(self._connection.scalars(_BY_ANYONE, {"contents": list(contents)}))
