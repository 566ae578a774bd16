"""What the events of a publication follow from: earlier contents, missing results (reference §5.8, §10.3)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal_column,
    null,
    select,
    union_all,
)

from broker.domain.webhooks.events import PreviousContent, Requirement
from broker.storage.conditions import (
    IS_DEPLOYED,
    IS_SUPPORTED,
    is_branch,
    is_current,
    latest_with_tag,
    newest,
    newest_first,
)
from broker.storage.dialects import ONE, constant, is_in_unseen, looked_up
from broker.storage.tables import (
    branches,
    deployed_versions,
    environments,
    pact_publications,
    pacticipants,
    released_versions,
    tags,
    verifications,
    versions,
)
from tally.values import dataclass

PROVIDERS = pacticipants.alias("providers")
PUBLISHED = pact_publications.alias("published")
_earlier = pact_publications.alias("earlier")
_earlier_tags = tags.alias("earlier_tags")
OF_VERSION = (
    PUBLISHED.c.consumer_version_id == bindparam("version_id"),
    is_in_unseen(PUBLISHED.c.provider_id, "provider_ids"),
    is_current(PUBLISHED),
)
LOOK_BACK = 100
"""How many earlier publications, or versions with a tag, are searched for the one to compare with; if it is
not among them, the content counts as new. Where versions are tagged later, the search would read the whole
history otherwise. It is also how many results of a content are searched for one of the main branch."""
_recent_tags = (
    select(_earlier_tags.c.version_id, _earlier_tags.c.position)
    .where(
        _earlier_tags.c.pacticipant_id == PUBLISHED.c.consumer_id,
        _earlier_tags.c.name == tags.c.name,
        _earlier_tags.c.position < PUBLISHED.c.position,
    )
    .order_by(newest_first(_earlier_tags))
    .limit(constant(LOOK_BACK))
    .correlate(PUBLISHED, tags)
    .subquery("recent_tags")
)
_before_with_tag = (
    newest(_recent_tags, _earlier.c.pact_version_id)
    .join_from(_recent_tags, _earlier, _earlier.c.consumer_version_id == _recent_tags.c.version_id)
    .where(_earlier.c.provider_id == PUBLISHED.c.provider_id, is_current(_earlier))
    .correlate(PUBLISHED, tags)
)
_recent = (
    select(_earlier.c.pact_version_id, _earlier.c.consumer_version_id, _earlier.c.position)
    .where(
        _earlier.c.provider_id == PUBLISHED.c.provider_id,
        _earlier.c.consumer_id == PUBLISHED.c.consumer_id,
        _earlier.c.position < PUBLISHED.c.position,
        is_current(_earlier),
    )
    .order_by(newest_first(_earlier))
    .limit(constant(LOOK_BACK))
    .correlate(PUBLISHED)
    .subquery("recent")
)
# Not `exists`, which PostgreSQL may answer by reading all tags.
_any_tag = (
    select(_earlier_tags.c.id).where(_earlier_tags.c.version_id == _recent.c.consumer_version_id).limit(ONE)
)
_before_untagged = (
    newest(_recent, _recent.c.pact_version_id)
    .where(_any_tag.scalar_subquery().is_(None))
    .correlate(PUBLISHED)
)
NO_ID = cast(null(), BigInteger)
NO_TEXT = cast(null(), Text)
_previous = (
    select(
        # Of a union, the first part names the columns.
        PUBLISHED.c.provider_id.label("about_id"),
        literal_column("'previous'").label("kind"),
        PUBLISHED.c.pact_version_id.label("id"),
        case(
            (tags.c.id.is_(None), _before_untagged.scalar_subquery()),
            else_=_before_with_tag.scalar_subquery(),
        ).label("other_id"),
        NO_TEXT.label("text"),
        NO_TEXT.label("environment"),
    )
    .outerjoin_from(PUBLISHED, tags, tags.c.version_id == PUBLISHED.c.consumer_version_id)
    .where(*OF_VERSION)
)
_main = (PROVIDERS.c.id, PROVIDERS.c.main_branch)
_head = select(branches.c.head_version_id).where(is_branch(*_main)).correlate(PROVIDERS).scalar_subquery()
OF_PROVIDER = PUBLISHED.join(PROVIDERS, looked_up(PROVIDERS.c.id, PUBLISHED.c.provider_id))
DEPLOYED = PUBLISHED.join(
    deployed_versions,
    and_(looked_up(deployed_versions.c.pacticipant_id, PUBLISHED.c.provider_id), IS_DEPLOYED),
)
_released = PUBLISHED.join(
    released_versions,
    and_(looked_up(released_versions.c.pacticipant_id, PUBLISHED.c.provider_id), IS_SUPPORTED),
)


def _wanted(kind: str, joined: Any, version_id: Any, environment_id: Any = NO_ID) -> Select[Any]:
    return (
        select(
            PUBLISHED.c.provider_id,
            PUBLISHED.c.pact_version_id,
            literal_column(f"'{kind}'").label("kind"),
            version_id.label("version_id"),
            environment_id.label("environment_id"),
        )
        .select_from(joined)
        .where(*OF_VERSION)
    )


_all_wanted = union_all(
    # Without a version on it, a tag of its name stands for the main branch (reference §5.3).
    _wanted("main", OF_PROVIDER, func.coalesce(_head, latest_with_tag(*_main))),
    _wanted("deployed", DEPLOYED, deployed_versions.c.version_id, deployed_versions.c.environment_id),
    _wanted("released", _released, released_versions.c.version_id, released_versions.c.environment_id),
).subquery("wanted")
REQUIRED = (
    select(
        _all_wanted.c.provider_id,
        _all_wanted.c.kind,
        versions.c.id,
        NO_ID,
        versions.c.number,
        environments.c.name,
    )
    .join_from(_all_wanted, versions, looked_up(versions.c.id, _all_wanted.c.version_id))
    .outerjoin(environments, looked_up(environments.c.id, _all_wanted.c.environment_id))
    .where(
        ~exists().where(
            looked_up(verifications.c.pact_version_id, _all_wanted.c.pact_version_id),
            looked_up(verifications.c.provider_version_id, versions.c.id),
            is_current(verifications),
        )
    )
)
FACTS = (_previous, REQUIRED)
_REASONS = {"main": "latest from main branch", "deployed": "deployed in {}", "released": "released in {}"}


@dataclass(frozen=True)
class PublicationFacts:
    """The facts of a publication, by the id of the provider.

    *previous* has the content that was published before, with each tag of the version, or without any when it
    has none; *required* the provider versions that have no result.
    """

    previous: Mapping[int, Sequence[PreviousContent]]
    required: Mapping[int, Sequence[Requirement]]


def facts(rows: Iterable[Any]) -> PublicationFacts:
    """Return the facts in the rows; rows of other kinds are ignored."""
    previous: dict[int, list[PreviousContent]] = {}
    required: dict[int, list[Requirement]] = {}
    for row in sorted(rows, key=_in_order):
        if row.kind == "previous":
            previous.setdefault(row.about_id, []).append(PreviousContent(row.id, row.other_id))
        elif row.kind in _REASONS:
            reason = _REASONS[row.kind].format(row.environment)
            item = Requirement(row.id, row.text, reason, on_main_branch=row.kind == "main")
            required.setdefault(row.about_id, []).append(item)
    return PublicationFacts(previous, required)


def _in_order(row: Any) -> tuple[str, str, int]:
    # The main branch first: "main" stands behind "deployed" in the alphabet.
    return ("" if row.kind == "main" else row.kind, row.environment or "", row.id or 0)
