"""What the page of a pact shows beside its content. Each method is one statement."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    String,
    and_,
    bindparam,
    cast,
    literal_column,
    or_,
    select,
    union_all,
)

from broker.domain.model import BranchMembership
from broker.domain.overview.pact_page import PactResult, ResultDetails, Surroundings
from broker.domain.pacts.pact import PublishedPact
from broker.storage.conditions import id_of, is_current, latest_branch
from broker.storage.dialects import AS_BYTES, ONE
from broker.storage.tables import (
    branch_versions,
    branches,
    comparisons,
    failed_results,
    labels,
    pact_versions,
    pacticipants,
    tags,
    verifications,
    versions,
)
from broker.storage.verifications.failed_results import IN_SHORT, failed_result

_TEAM = "team:"
_provider_versions = versions.alias("provider_versions")
_NAMES = (id_of("consumer"), id_of("provider"))


def _entry(kind: str, text: ColumnElement[Any], is_head: ColumnElement[Any], order: Any) -> Any:
    return select(
        literal_column(f"'{kind}'").label("kind"),
        cast(text, String).label("text"),
        cast(is_head, Integer).label("is_head"),
        order.label("in_order"),
    )


_NO: ColumnElement[int] = literal_column("0")
_SURROUNDINGS = union_all(
    _entry("build", versions.c.build_url, _NO, versions.c.id).where(
        versions.c.id == bindparam("version_id"), versions.c.build_url.is_not(None)
    ),
    _entry(
        "branch",
        branches.c.name,
        branches.c.head_version_id == branch_versions.c.version_id,
        branch_versions.c.id,
    )
    .join_from(branch_versions, branches)
    .where(branch_versions.c.version_id == bindparam("version_id")),
    _entry("tag", tags.c.name, _NO, tags.c.id).where(tags.c.version_id == bindparam("version_id")),
    *(
        _entry(f"team of {role}", labels.c.name, _NO, labels.c.id).where(
            labels.c.pacticipant_id == pacticipant, labels.c.name.startswith(_TEAM, autoescape=True)
        )
        for role, pacticipant in zip(("consumer", "provider"), _NAMES, strict=True)
    ),
    *(
        _entry(f"id of {role}", pacticipants.c.id, _NO, pacticipants.c.id).where(
            pacticipants.c.name == bindparam(role)
        )
        for role in ("consumer", "provider")
    ),
).order_by("in_order")

_content_id = (
    select(pact_versions.c.id)
    .where(
        pact_versions.c.consumer_id == _NAMES[0],
        pact_versions.c.provider_id == _NAMES[1],
        pact_versions.c.sha == bindparam("sha"),
    )
    .scalar_subquery()
)
_results = verifications.alias("of_content")
_main = (
    select(_results.c.id)
    .join_from(_results, branch_versions, branch_versions.c.version_id == _results.c.provider_version_id)
    .join(branches, branches.c.id == branch_versions.c.branch_id)
    .join(
        pacticipants,
        and_(pacticipants.c.id == branches.c.pacticipant_id, pacticipants.c.main_branch == branches.c.name),
    )
    .where(_results.c.pact_version_id == _content_id, is_current(_results))
    .order_by(_results.c.id.desc())
    .limit(ONE)
    .scalar_subquery()
)
_newest = (
    select(_results.c.id)
    .where(_results.c.pact_version_id == _content_id, is_current(_results))
    .order_by(_results.c.id.desc())
    .limit(bindparam("most"))
)
_RESULTS = (
    select(
        verifications.c.id,
        _provider_versions.c.number,
        latest_branch(_provider_versions.c.id),
        verifications.c.success,
        verifications.c.pending,
        verifications.c.created_at,
        verifications.c.build_url,
        verifications.c.id == _main,
        *IN_SHORT,
    )
    .join(_provider_versions, _provider_versions.c.id == verifications.c.provider_version_id)
    .outerjoin(failed_results, failed_results.c.verification_id == verifications.c.id)
    .where(
        verifications.c.pact_version_id == _content_id,
        or_(
            verifications.c.id.in_(select(_newest.subquery().c.id)),
            verifications.c.id == _main,
            verifications.c.id == bindparam("number"),
        ),
    )
    .order_by(verifications.c.id.desc())
)
_COMPARISON = (
    select(comparisons.c.id)
    .where(comparisons.c.pact_version_id == bindparam("content_id"), comparisons.c.verdict == "incompatible")
    .order_by(comparisons.c.id.desc())
    .limit(ONE)
)
_DETAILS = (
    select(verifications.c.test_results, verifications.c.verified_by, failed_results.c.interactions)
    .outerjoin(failed_results, failed_results.c.verification_id == verifications.c.id)
    .where(verifications.c.id == bindparam("number"))
    .execution_options(**AS_BYTES)
)


class PactPages:
    """What is around a pact: its version, who answers for it, and its results."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def surroundings(self, pact: PublishedPact) -> Surroundings:
        """Return the build, branches and tags of the consumer version, and the teams of both sides."""
        values = {"version_id": pact.version_id, "consumer": pact.consumer, "provider": pact.provider}
        found: dict[str, list[Any]] = {}
        for kind, text, is_head, _ in self._connection.execute(_SURROUNDINGS, values):
            found.setdefault(kind, []).append(
                BranchMembership(text, bool(is_head)) if kind == "branch" else text
            )
        consumer_id, provider_id = (int(found[f"id of {role}"][0]) for role in ("consumer", "provider"))
        return Surroundings(
            next(iter(found.get("build", ())), None),
            tuple(found.get("branch", ())),
            tuple(found.get("tag", ())),
            tuple(found.get("team of consumer", ())),
            tuple(found.get("team of provider", ())),
            consumer_id,
            provider_id,
        )

    def results(self, pact: PublishedPact, most: int, number: int | None = None) -> list[PactResult]:
        """Return the newest results of the content, one for each provider version, newest first.

        The newest of the provider's main branch, and the one with this *number*, are among them.
        """
        values = {
            "consumer": pact.consumer,
            "provider": pact.provider,
            "sha": pact.sha,
            "most": most,
            "number": number,
        }
        return [
            PactResult(
                result,
                version,
                branch,
                bool(success),
                bool(pending),
                at,
                build_url,
                bool(is_main),
                None if success or kept[0] is None else failed_result(kept),
            )
            for result, version, branch, success, pending, at, build_url, is_main, *kept in (
                self._connection.execute(_RESULTS, values)
            )
        ]

    def incompatible_comparison(self, content_id: int) -> int | None:
        """Return the number of the newest comparison in which the content does not fit."""
        found: int | None = self._connection.scalar(_COMPARISON, {"content_id": content_id})
        return found

    def details(self, result: PactResult) -> ResultDetails:
        """Return what a result says of its interactions."""
        row = self._connection.execute(_DETAILS, {"number": result.number}).first()
        if row is None:
            return ResultDetails()
        test_results, verified_by, interactions = row
        failure = result.failure and result.failure.with_interactions(bytes(interactions or b""))
        return ResultDetails(test_results, verified_by, failure)
