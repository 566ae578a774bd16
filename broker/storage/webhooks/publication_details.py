"""What the templates of webhooks may say of the publication of pacts (reference §10.4)."""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import bindparam, case, func, literal, or_, select, union

from broker.domain.webhooks.parameters import ProviderVersionSummary
from broker.storage.dialects import ONE, constant, is_in_unseen
from broker.storage.tables import (
    branch_versions,
    branches,
    deployed_versions,
    labels,
    pact_versions,
    tags,
    verifications,
    versions,
)
from broker.storage.webhooks.publication_facts import (
    DEPLOYED,
    LOOK_BACK,
    NO_ID,
    NO_TEXT,
    OF_PROVIDER,
    OF_VERSION,
    PROVIDERS,
    PUBLISHED,
    REQUIRED,
)
from tally.values import dataclass

_results = verifications.alias("results")
_of_content = (
    select(_results.c.id, _results.c.provider_version_id)
    .where(_results.c.pact_version_id == PUBLISHED.c.pact_version_id)
    .order_by(_results.c.id.desc())
    .correlate(PUBLISHED)
)
_newest = _of_content.with_only_columns(_results.c.id).limit(ONE)
# A content that does not change may have thousands of results, and none of the main branch.
_recent = _of_content.limit(constant(LOOK_BACK)).subquery("recent_results")
_newest_from_main = (
    select(_recent.c.id)
    .join_from(_recent, branch_versions, branch_versions.c.version_id == _recent.c.provider_version_id)
    .join(branches, branches.c.id == branch_versions.c.branch_id)
    .where(branches.c.name == PROVIDERS.c.main_branch)
    .order_by(_recent.c.id.desc())
    .limit(ONE)
    .correlate(PUBLISHED, PROVIDERS)
)
_known = (
    select(
        PUBLISHED.c.provider_id,
        verifications.c.id.label("number"),
        verifications.c.provider_version_id,
        verifications.c.success,
    )
    .select_from(OF_PROVIDER)
    .join(
        verifications,
        verifications.c.id
        == func.coalesce(_newest_from_main.scalar_subquery(), _newest.correlate(PUBLISHED).scalar_subquery()),
    )
    .where(*OF_VERSION)
    .cte("known")
)
_needed = REQUIRED.with_only_columns(versions.c.id.label("version_id")).subquery()
_described = union(select(_needed.c.version_id), select(_known.c.provider_version_id)).cte("described")
_consumer = select(versions.c.pacticipant_id).where(versions.c.id == bindparam("version_id"))


# The columns are those of FACTS. What a row is about is a provider, a version or, for a label, a pacticipant.
DETAILS = (
    select(PUBLISHED.c.provider_id, literal("content"), NO_ID, NO_ID, pact_versions.c.sha, NO_TEXT)
    .join_from(PUBLISHED, pact_versions, pact_versions.c.id == PUBLISHED.c.pact_version_id)
    .where(*OF_VERSION),
    select(
        _known.c.provider_id,
        literal("result"),
        _known.c.number,
        _known.c.provider_version_id,
        case((_known.c.success, "success"), else_="failure"),
        NO_TEXT,
    ),
    select(versions.c.id, literal("version"), NO_ID, NO_ID, versions.c.number, NO_TEXT).where(
        versions.c.id.in_(select(_described.c.version_id))
    ),
    select(tags.c.version_id, literal("tag"), tags.c.id, NO_ID, tags.c.name, NO_TEXT).where(
        tags.c.version_id.in_(select(_described.c.version_id))
    ),
    select(
        branch_versions.c.version_id, literal("branch"), branch_versions.c.id, NO_ID, branches.c.name, NO_TEXT
    )
    .join_from(branch_versions, branches, branches.c.id == branch_versions.c.branch_id)
    .where(branch_versions.c.version_id.in_(select(_described.c.version_id))),
    select(
        PUBLISHED.c.provider_id, literal("current"), deployed_versions.c.id, NO_ID, versions.c.number, NO_TEXT
    )
    .select_from(DEPLOYED.join(versions, versions.c.id == deployed_versions.c.version_id))
    .where(*OF_VERSION),
    select(labels.c.pacticipant_id, literal("label"), NO_ID, NO_ID, labels.c.name, NO_TEXT).where(
        or_(
            labels.c.pacticipant_id == _consumer.scalar_subquery(),
            is_in_unseen(labels.c.pacticipant_id, "provider_ids"),
        )
    ),
)


@dataclass(frozen=True)
class KnownResult:
    """The content's newest result, of the provider's main branch if it has one."""

    number: int
    success: bool
    provider_version_id: int


@dataclass(frozen=True)
class PublicationDetails:
    """What templates may say of a publication: contents, results and deployments by the id of the provider.

    *contents* are hashes, *deployed* the numbers of the provider versions that are deployed anywhere;
    *versions*, by their own ids, are those that have the result or need one; *labels* are by pacticipant.
    """

    contents: Mapping[int, str]
    results: Mapping[int, KnownResult]
    versions: Mapping[int, ProviderVersionSummary]
    deployed: Mapping[int, Sequence[str]]
    labels: Mapping[int, tuple[str, ...]]


NO_DETAILS = PublicationDetails({}, {}, {}, {}, {})


def details(rows: Iterable[Any]) -> PublicationDetails:
    """Return the details in the rows; rows of other kinds are ignored."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.kind, []).append(row)
    tags_of, branches_of = (_grouped(found.get(kind, ()), "id") for kind in ("tag", "branch"))
    return PublicationDetails(
        {row.about_id: row.text for row in found.get("content", ())},
        {
            row.about_id: KnownResult(row.id, row.text == "success", row.other_id)
            for row in found.get("result", ())
        },
        {
            row.about_id: ProviderVersionSummary(
                row.text, tags_of.get(row.about_id, ()), branches_of.get(row.about_id, ("",))[-1]
            )
            for row in found.get("version", ())
        },
        {
            provider: tuple(dict.fromkeys(numbers))
            for provider, numbers in _grouped(found.get("current", ()), "id").items()
        },
        _grouped(found.get("label", ()), "text"),
    )


def _grouped(rows: Iterable[Any], order: str) -> dict[int, tuple[str, ...]]:
    """Return the texts by what they are about, in the order of a column."""
    grouped: dict[int, tuple[str, ...]] = {}
    for row in sorted(rows, key=attrgetter(order)):
        grouped[row.about_id] = (*grouped.get(row.about_id, ()), row.text)
    return grouped
