"""What the events of a publication follow from: earlier contents, missing results (reference §5.8, §10.3)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    FromClause,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    select,
)

from broker.domain.webhooks.events import PreviousContent, Requirement
from broker.storage.conditions import (
    IS_DEPLOYED,
    IS_SUPPORTED,
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
        literal("previous").label("kind"),
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
_unverified = ~exists().where(
    looked_up(verifications.c.pact_version_id, PUBLISHED.c.pact_version_id),
    looked_up(verifications.c.provider_version_id, versions.c.id),
    is_current(verifications),
)
OF_PROVIDER = PUBLISHED.join(PROVIDERS, looked_up(PROVIDERS.c.id, PUBLISHED.c.provider_id))
DEPLOYED = OF_PROVIDER.join(
    deployed_versions, and_(looked_up(deployed_versions.c.pacticipant_id, PROVIDERS.c.id), IS_DEPLOYED)
)
_released = OF_PROVIDER.join(
    released_versions, and_(looked_up(released_versions.c.pacticipant_id, PROVIDERS.c.id), IS_SUPPORTED)
)
_is_main_branch = and_(
    looked_up(branches.c.pacticipant_id, PROVIDERS.c.id),
    looked_up(branches.c.name, PROVIDERS.c.main_branch),
)
# Without a version on it, a tag of its name stands for the main branch (reference §5.3).
_head = func.coalesce(branches.c.head_version_id, latest_with_tag(PROVIDERS.c.id, PROVIDERS.c.main_branch))


def _required(kind: str, joined: Any, version_id: Any, environment: Any = NO_TEXT) -> Select[Any]:
    return (
        select(PUBLISHED.c.provider_id, literal(kind), versions.c.id, NO_ID, versions.c.number, environment)
        .select_from(joined.join(versions, looked_up(versions.c.id, version_id)))
        .where(*OF_VERSION, _unverified)
    )


def _required_in_environment(kind: str, joined: Any, there: FromClause) -> Select[Any]:
    with_name = joined.join(environments, environments.c.id == there.c.environment_id)
    return _required(kind, with_name, there.c.version_id, environments.c.name)


REQUIRED = (
    _required("main", OF_PROVIDER.outerjoin(branches, _is_main_branch), _head),
    _required_in_environment("deployed", DEPLOYED, deployed_versions),
    _required_in_environment("released", _released, released_versions),
)
FACTS = (_previous, *REQUIRED)
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
