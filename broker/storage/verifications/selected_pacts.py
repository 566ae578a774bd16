"""Pacts for a provider by selectors. Every look-up begins with the integrations of the provider."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    String,
    Table,
    bindparam,
    false,
    func,
    literal,
    null,
    select,
)

from broker.domain.verifications.consumer_selectors import Found, Search
from broker.storage.conditions import (
    IN_ENVIRONMENT_NOW,
    has_branch,
    is_current,
    latest_with_tag,
    newest_of_pair,
)
from broker.storage.dialects import ONE, is_in
from broker.storage.tables import (
    branches,
    environments,
    integrations,
    pact_publications,
    pact_versions,
    pacticipants,
    tags,
    verifications,
    versions,
)

_consumers = pacticipants.alias("consumers")
# PostgreSQL needs the type of a parameter that it selects.
_NAME: BindParameter[str] = bindparam("name", type_=String)
# The id of the provider, as an expression. From an equality of columns, SQLite would infer that it may begin
# with all pacts of the provider, which are its whole history.
_OF_INTEGRATION = func.coalesce(integrations.c.provider_id, integrations.c.consumer_id)


def _pacts(
    version_id: ColumnElement[Any],
    name: ColumnElement[Any],
    production: ColumnElement[Any] = false(),  # noqa: B008 - a constant of SQL
) -> Select[Any]:
    """Select the current pacts of consumer versions with the provider; *version_id* tells which versions."""
    return select(
        _consumers.c.name.label("consumer"),
        versions.c.id.label("version_id"),
        versions.c.number.label("version"),
        versions.c.position,
        pact_versions.c.id.label("pact_version_id"),
        pact_versions.c.sha,
        name.label("name"),
        production.label("production"),
    ).where(
        integrations.c.provider_id == bindparam("provider_id"),
        _consumers.c.id == integrations.c.consumer_id,
        pact_publications.c.provider_id == _OF_INTEGRATION,
        pact_publications.c.consumer_version_id == version_id,
        versions.c.id == pact_publications.c.consumer_version_id,
        is_current(pact_publications),
        pact_versions.c.id == pact_publications.c.pact_version_id,
    )


def _in_environment(table: Table, still_there: ColumnElement[bool]) -> Select[Any]:
    return _pacts(table.c.version_id, environments.c.name, environments.c.production).where(
        table.c.pacticipant_id == _consumers.c.id, still_there, environments.c.id == table.c.environment_id
    )


_MAIN = _consumers.c.main_branch
_HAS_MAIN_BRANCH = has_branch(_consumers.c.id, _MAIN)
_HAS_MAIN_TAG = (
    select(literal(1)).where(tags.c.pacticipant_id == _consumers.c.id, tags.c.name == _MAIN).exists()
)
_HEADS = _pacts(branches.c.head_version_id, branches.c.name).where(
    branches.c.pacticipant_id == _consumers.c.id
)
_LATEST = _pacts(newest_of_pair(_consumers.c.id, integrations.c.provider_id, "consumer_version_id"), null())
_DEPLOYED, _RELEASED = (_in_environment(table, still_there) for table, still_there in IN_ENVIRONMENT_NOW)
_STATEMENTS: dict[tuple[str, bool], tuple[Select[Any], ...]] = {
    # (kind, whether a name is given)
    ("main-branch", False): (_HEADS.where(branches.c.name == _MAIN),),
    ("main-tag", False): (_pacts(latest_with_tag(_consumers.c.id, _MAIN), _MAIN).where(~_HAS_MAIN_BRANCH),),
    ("branch", True): (_HEADS.where(branches.c.name == _NAME),),
    ("branch", False): (_HEADS,),
    ("tag", True): (_pacts(latest_with_tag(_consumers.c.id, _NAME), _NAME),),
    ("all-with-tag", True): (
        _pacts(tags.c.version_id, tags.c.name).where(
            tags.c.pacticipant_id == _consumers.c.id, tags.c.name == _NAME
        ),
    ),
    ("latest", False): (_LATEST,),
    ("latest-without-main-branch", False): (_LATEST.where(~_HAS_MAIN_BRANCH, ~_HAS_MAIN_TAG),),
    ("deployed", True): (_DEPLOYED.where(environments.c.name == _NAME),),
    ("deployed", False): (_DEPLOYED,),
    ("released", True): (_RELEASED.where(environments.c.name == _NAME),),
    ("released", False): (_RELEASED,),
}
_OF_CONSUMER = {
    key: tuple(statement.where(_consumers.c.name == bindparam("consumer")) for statement in statements)
    for key, statements in _STATEMENTS.items()
}


def _tag_names() -> CTE:
    """Return the names of the tags that the consumers use, with one step in an index for each."""
    names = select(integrations.c.consumer_id, _tag_behind(integrations.c.consumer_id).label("name"))
    found = names.where(integrations.c.provider_id == bindparam("provider_id")).cte("used", recursive=True)
    behind = select(found.c.consumer_id, _tag_behind(found.c.consumer_id, found.c.name))
    return found.union_all(behind.where(found.c.name.is_not(None)))


def _tag_behind(
    consumer_id: ColumnElement[Any], name: ColumnElement[Any] | None = None
) -> ColumnElement[Any]:
    following = tags.alias("following")
    found = select(following.c.name).where(following.c.pacticipant_id == consumer_id)
    if name is not None:
        found = found.where(following.c.name > name)
    return found.order_by(following.c.name).limit(ONE).scalar_subquery()


def _latest_with_each_tag() -> Select[Any]:
    used = _tag_names()
    latest = latest_with_tag(used.c.consumer_id, used.c.name)
    return select(latest.label("version_id"), used.c.name).where(used.c.name.is_not(None))


_LATEST_WITH_EACH_TAG = _latest_with_each_tag()
_SINCE = pact_publications.c.created_at >= bindparam("since")
_HEADS_SINCE = _HEADS.where(_SINCE)
_OF_VERSIONS_SINCE = _pacts(pact_publications.c.consumer_version_id, null()).where(
    is_in(pact_publications.c.consumer_version_id, "version_ids"), _SINCE
)
_NEVER_VERIFIED = ~(
    select(literal(1))
    .where(verifications.c.pact_version_id == pact_versions.c.id, verifications.c.success)
    .exists()
)
_UNVERIFIED_SINCE = tuple(
    statement.with_only_columns(pact_publications.c.id, pact_publications.c.created_at).where(_NEVER_VERIFIED)
    for statement in (_HEADS_SINCE, _OF_VERSIONS_SINCE)
)


class SelectedPacts:
    """Finds pacts for a provider, with one or two statements for each search."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, provider_id: int, searches: Iterable[Search]) -> list[Found]:
        """Return what each search finds, in the order of the searches."""
        return [found for search in searches for found in self._find(provider_id, search)]

    def heads_since(self, provider_id: int, since: datetime) -> list[Found]:
        """Return the pacts of branch heads, and of the latest version with each tag, published since then."""
        given = {"provider_id": provider_id, "since": since}
        on_branches = self._connection.execute(_HEADS_SINCE, given).all()
        names = self._tags(provider_id)
        tagged = self._connection.execute(_OF_VERSIONS_SINCE, {**given, "version_ids": list(names)}).all()
        return [
            *(_found(Search("branch", row.name), row) for row in on_branches),
            *(_found(Search("tag", name), row) for row in tagged for name in names[row.version_id]),
        ]

    def unverified_since(self, provider_id: int, since: datetime) -> list[datetime]:
        """Return when those pacts of `heads_since` were published that nobody has verified successfully."""
        version_ids = list(self._tags(provider_id))
        given = {"provider_id": provider_id, "since": since, "version_ids": version_ids}
        published_at = {
            row.id: row.created_at  # of each once: the head of a branch may have a tag as well
            for statement in _UNVERIFIED_SINCE
            for row in self._connection.execute(statement, given).all()
        }
        return list(published_at.values())

    def _tags(self, provider_id: int) -> dict[int, list[str]]:
        """Return the names of the tags of which a version is the latest, by the id of the version."""
        names: dict[int, list[str]] = {}
        given = {"provider_id": provider_id}
        for version_id, name in self._connection.execute(_LATEST_WITH_EACH_TAG, given).all():
            names.setdefault(version_id, []).append(name)
        return names

    def _find(self, provider_id: int, search: Search) -> list[Found]:
        variants = _STATEMENTS if search.consumer is None else _OF_CONSUMER
        values = {"provider_id": provider_id, "name": search.name, "consumer": search.consumer}
        given = {key: value for key, value in values.items() if value is not None}
        return [
            _found(search, row)
            for statement in variants[search.kind, search.name is not None]
            for row in self._connection.execute(statement, given).all()
        ]


def _found(search: Search, row: Any) -> Found:
    # A provider may have thousands of them, and a look-up by name costs as much as all the rest of this.
    consumer, version_id, version, position, pact_version_id, sha, name, production = row
    return Found(
        search,
        consumer,
        version_id,
        version,
        position,
        pact_version_id,
        sha,
        name if search.kind != "tag" else search.name,
        production=bool(production),
    )
