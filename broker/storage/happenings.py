"""What has to be known to tell others of an event (reference §5.8, §10.3, §10.4)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    Text,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    select,
    true,
    union_all,
)

from broker.domain.events import Previous, RequiredVersion
from broker.domain.model import Version
from broker.domain.webhooks import ANY, Criterion
from broker.storage.tables import (
    branch_versions,
    branches,
    deployed_versions,
    environments,
    labels,
    pact_publications,
    pact_versions,
    pacticipants,
    released_versions,
    tags,
    verifications,
    versions,
)

_consumers = pacticipants.alias("consumers")
_providers = pacticipants.alias("providers")
_published = pact_publications.alias("published")
_earlier = pact_publications.alias("earlier")
_earlier_tags = tags.alias("earlier_tags")
_OF_VERSION = (
    _published.c.consumer_version_id == bindparam("version_id"),
    _published.c.provider_id.in_(bindparam("provider_ids", expanding=True)),
    ~_published.c.superseded,
)
_before = (
    select(_earlier.c.pact_version_id)
    .where(
        _earlier.c.provider_id == _published.c.provider_id,
        _earlier.c.consumer_id == _published.c.consumer_id,
        _earlier.c.position < _published.c.position,
        ~_earlier.c.superseded,
    )
    .order_by(_earlier.c.position.desc())
    .limit(1)
)
_before_with_tag = _before.where(
    exists()
    .where(_earlier_tags.c.version_id == _earlier.c.consumer_version_id, _earlier_tags.c.name == tags.c.name)
    .correlate(_earlier, tags)
).correlate(_published, tags)
_before_untagged = _before.where(
    ~exists().where(_earlier_tags.c.version_id == _earlier.c.consumer_version_id)
).correlate(_published)
_NO_ID = cast(null(), BigInteger)
_NO_TEXT = cast(null(), Text)
_previous = (
    select(
        _published.c.provider_id,
        literal("previous").label("kind"),
        _published.c.pact_version_id,
        case(
            (tags.c.id.is_(None), _before_untagged.scalar_subquery()),
            else_=_before_with_tag.scalar_subquery(),
        ),
        _NO_TEXT,
        _NO_TEXT,
    )
    .outerjoin_from(_published, tags, tags.c.version_id == _published.c.consumer_version_id)
    .where(*_OF_VERSION)
)
_verified = select(_published.c.provider_id, literal("verified"), _NO_ID, _NO_ID, _NO_TEXT, _NO_TEXT).where(
    *_OF_VERSION,
    exists().where(
        verifications.c.consumer_id == _published.c.consumer_id,
        verifications.c.provider_id == _published.c.provider_id,
    ),
)
_unverified = ~exists().where(
    verifications.c.pact_version_id == _published.c.pact_version_id,
    verifications.c.provider_version_id == versions.c.id,
    ~verifications.c.superseded,
)
_has_main_branch = exists().where(
    branches.c.pacticipant_id == _providers.c.id, branches.c.name == _providers.c.main_branch
)
_head_of_main_tag = (
    select(tags.c.version_id)
    .where(tags.c.pacticipant_id == _providers.c.id, tags.c.name == _providers.c.main_branch)
    .order_by(tags.c.position.desc())
    .limit(1)
    .correlate(_providers)
    .scalar_subquery()
)


def _required(kind: str, joined: Any, environment: Any = _NO_TEXT) -> Select[Any]:  # noqa: ANN401 - parts of a statement
    return (
        select(_published.c.provider_id, literal(kind), versions.c.id, _NO_ID, versions.c.number, environment)
        .select_from(joined)
        .where(*_OF_VERSION, _unverified)
    )


_of_provider = _published.join(_providers, _providers.c.id == _published.c.provider_id)
_deployed = _of_provider.join(
    deployed_versions,
    (deployed_versions.c.pacticipant_id == _providers.c.id) & deployed_versions.c.undeployed_at.is_(None),
)
_released = _of_provider.join(
    released_versions,
    (released_versions.c.pacticipant_id == _providers.c.id) & released_versions.c.support_ended_at.is_(None),
)
_OF_PUBLICATION = union_all(
    _previous,
    _verified,
    _required(
        "main",
        _of_provider.join(
            branches,
            (branches.c.pacticipant_id == _providers.c.id) & (branches.c.name == _providers.c.main_branch),
        ).join(versions, versions.c.id == branches.c.head_version_id),
    ),
    # The main branch may be a tag of that name (reference §5.3).
    _required("main", _of_provider.join(versions, versions.c.id == _head_of_main_tag)).where(
        ~_has_main_branch
    ),
    _required(
        "deployed",
        _deployed.join(environments, environments.c.id == deployed_versions.c.environment_id).join(
            versions, versions.c.id == deployed_versions.c.version_id
        ),
        environments.c.name,
    ),
    _required(
        "released",
        _released.join(environments, environments.c.id == released_versions.c.environment_id).join(
            versions, versions.c.id == released_versions.c.version_id
        ),
        environments.c.name,
    ),
)
_REASONS = {"main": "latest from main branch", "deployed": "deployed in {}", "released": "released in {}"}

_results = verifications.alias("results")
_newest = (
    select(_results.c.id)
    .where(_results.c.pact_version_id == pact_versions.c.id)
    .order_by(_results.c.id.desc())
    .limit(1)
)
_newest_from_main = (
    _newest.join_from(
        _results, branch_versions, branch_versions.c.version_id == _results.c.provider_version_id
    )
    .join(branches, branches.c.id == branch_versions.c.branch_id)
    .where(branches.c.name == _providers.c.main_branch)
    .correlate(pact_versions, _providers)
)
_RESULTS = (
    select(
        pact_versions.c.provider_id,
        verifications.c.id,
        verifications.c.success,
        verifications.c.provider_version_id,
        pact_versions.c.sha,
    )
    .join_from(pact_versions, _published, _published.c.pact_version_id == pact_versions.c.id)
    .join(_providers, _providers.c.id == pact_versions.c.provider_id)
    .outerjoin(
        verifications,
        verifications.c.id
        == func.coalesce(
            _newest_from_main.scalar_subquery(), _newest.correlate(pact_versions).scalar_subquery()
        ),
    )
    .where(*_OF_VERSION)
)
_IDS = select(versions.c.id).where(
    versions.c.pacticipant_id == bindparam("pacticipant_id"),
    versions.c.number.in_(bindparam("numbers", expanding=True)),
)


def _criteria(side: Any, role: str) -> dict[str, Any]:  # noqa: ANN401 - an alias of pacticipants
    has_label = exists().where(labels.c.pacticipant_id == side.c.id, labels.c.name == bindparam(role))
    return {"any": true(), "name": side.c.name == bindparam(role), "label": has_label.correlate(side)}


_LATEST = {
    (of_consumer, of_provider): select(_consumers.c.name, _providers.c.name, versions.c.number)
    .join_from(_published, _consumers, _consumers.c.id == _published.c.consumer_id)
    .join(_providers, _providers.c.id == _published.c.provider_id)
    .join(versions, versions.c.id == _published.c.consumer_version_id)
    .where(~_published.c.superseded, consumer, provider)
    .order_by(_published.c.position.desc())
    .limit(1)
    for of_consumer, consumer in _criteria(_consumers, "consumer").items()
    for of_provider, provider in _criteria(_providers, "provider").items()
}


@dataclass(frozen=True)
class LatestPublication:
    """The newest pact that a webhook is for."""

    consumer: str
    provider: str
    version: str


@dataclass(frozen=True)
class PublicationFacts:
    """What there is to know of a publication, by the id of the provider.

    *previous* has what was published before with each tag of the version, or without any when it has none;
    *required* the provider versions that have no result; *verified* those that ever had one.
    """

    previous: Mapping[int, Sequence[Previous]]
    required: Mapping[int, Sequence[RequiredVersion]]
    verified: frozenset[int]


@dataclass(frozen=True)
class KnownResult:
    """The content's newest result, of the provider's main branch if it has one; None if there is none."""

    number: int | None
    success: bool | None
    provider_version_id: int | None
    sha: str


class Happenings:
    """Look up what an event means, for all providers of a publication at once; keys are their ids."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_publication(self, version: Version, provider_ids: Collection[int]) -> PublicationFacts:
        """Return what it means that the version has published its pacts with these providers."""
        previous: dict[int, list[Previous]] = {}
        required: dict[int, list[RequiredVersion]] = {}
        verified = set()
        rows = self._of_version(_OF_PUBLICATION, version, provider_ids)
        for provider_id, kind, first, second, number, environment in sorted(rows, key=_in_order):
            if kind == "previous":
                previous.setdefault(provider_id, []).append(Previous(first, second))
            elif kind == "verified":
                verified.add(provider_id)
            else:
                reason = _REASONS[kind].format(environment)
                item = RequiredVersion(first, number, reason, on_main_branch=kind == "main")
                required.setdefault(provider_id, []).append(item)
        return PublicationFacts(previous, required, frozenset(verified))

    def results(self, version: Version, provider_ids: Collection[int]) -> Mapping[int, KnownResult]:
        """Return what is known of the contents that the version has published."""
        rows = self._of_version(_RESULTS, version, provider_ids)
        return {provider_id: KnownResult(*rest) for provider_id, *rest in rows}

    def latest_publication(self, consumer: Criterion, provider: Criterion) -> LatestPublication | None:
        """Return the newest pact between pacticipants that match."""
        criteria = {"consumer": consumer, "provider": provider}
        values = {role: item.name or item.label for role, item in criteria.items() if item != ANY}
        statement = _LATEST[_kind(consumer), _kind(provider)]
        row = self._connection.execute(statement, values).first()
        return LatestPublication(*row) if row else None

    def version_ids(self, pacticipant_id: int, numbers: Collection[str]) -> list[int]:
        """Return the ids of the versions that exist."""
        values = {"pacticipant_id": pacticipant_id, "numbers": list(numbers)}
        return list(self._connection.scalars(_IDS, values))

    def _of_version(self, statement: Any, version: Version, provider_ids: Collection[int]) -> list[Any]:  # noqa: ANN401 - one of the above
        values = {"version_id": version.id, "provider_ids": list(provider_ids)}
        return list(self._connection.execute(statement, values).all())


def _kind(criterion: Criterion) -> str:
    if criterion.name is not None:
        return "name"
    return "any" if criterion.label is None else "label"


def _in_order(row: Any) -> tuple[str, str, int]:  # noqa: ANN401 - the columns of _OF_PUBLICATION
    # The main branch first: "main" stands behind "deployed" in the alphabet.
    return ("" if row.kind == "main" else row.kind, row[5] or "", row[2] or 0)
