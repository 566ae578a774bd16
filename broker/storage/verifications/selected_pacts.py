"""Pacts for a provider by selectors. Every look-up begins with the integrations of the provider."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    String,
    Table,
    bindparam,
    false,
    func,
    literal,
    literal_column,
    null,
    select,
    union_all,
)

from broker.domain.verifications.consumer_selectors import Found, FoundPacts, Kind, Search
from broker.storage.conditions import (
    IN_ENVIRONMENT_NOW,
    has_branch,
    id_of,
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
        integrations.c.provider_id == id_of("provider"),
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
_Name = ColumnElement[str]
_BY_NAME: dict[Kind, Callable[[_Name], Select[Any]]] = {
    "branch": lambda name: _HEADS.where(branches.c.name == name),
    "tag": lambda name: _pacts(latest_with_tag(_consumers.c.id, name), name),
    "all-with-tag": lambda name: _pacts(tags.c.version_id, tags.c.name).where(
        tags.c.pacticipant_id == _consumers.c.id, tags.c.name == name
    ),
    "deployed": lambda name: _DEPLOYED.where(environments.c.name == name),
    "released": lambda name: _RELEASED.where(environments.c.name == name),
}
"""The statements of searches with a name, by what they look for."""
_WITHOUT_NAME: dict[Kind, Select[Any]] = {
    "main-branch": _HEADS.where(branches.c.name == _MAIN),
    "main-tag": _pacts(latest_with_tag(_consumers.c.id, _MAIN), _MAIN).where(~_HAS_MAIN_BRANCH),
    "branch": _HEADS,
    "latest": _LATEST,
    "latest-without-main-branch": _LATEST.where(~_HAS_MAIN_BRANCH, ~_HAS_MAIN_TAG),
    "deployed": _DEPLOYED,
    "released": _RELEASED,
}
_PROVIDER = -1
"""In place of the number of a search: marks the row of the provider itself."""
_AT_ONCE = 8
"""Searches of one statement, at most: with all that a client may send, a database would plan for long."""
_Shape = tuple[tuple[Kind, bool, bool], ...]
"""The searches of a statement: kind, whether it has a name, and whether it is for one consumer."""


@lru_cache(maxsize=256)
def _statement(shape: _Shape) -> CompoundSelect[Any]:
    """Return the statement for the provider and what it has to verify by these searches.

    Each row begins with the number of the search. That of the provider has the columns of a pact as well:
    its id, and its main branch as the name.
    """
    nothing: ColumnElement[int] = literal_column("0")
    no_text: ColumnElement[str] = literal_column("''")
    provider = select(
        literal_column(str(_PROVIDER)).label("search"),
        pacticipants.c.name.label("consumer"),
        pacticipants.c.id.label("version_id"),
        no_text.label("version"),
        nothing.label("position"),
        nothing.label("pact_version_id"),
        no_text.label("sha"),
        pacticipants.c.main_branch.label("name"),
        false().label("production"),
    ).where(pacticipants.c.name == bindparam("provider"))
    return union_all(provider, *(_search(number, one) for number, one in enumerate(shape)))


def _search(number: int, shape: tuple[Kind, bool, bool]) -> Select[Any]:
    kind, has_name, of_consumer = shape
    # PostgreSQL needs the type of a parameter that it selects.
    found = _BY_NAME[kind](bindparam(f"name_{number}", type_=String)) if has_name else _WITHOUT_NAME[kind]
    if of_consumer:
        found = found.where(_consumers.c.name == bindparam(f"consumer_{number}"))
    columns = found.selected_columns
    return found.with_only_columns(literal_column(str(number)).label("search"), *columns)


def _tag_names() -> CTE:
    """Return the names of the tags that the consumers use, with one step in an index for each."""
    names = select(integrations.c.consumer_id, _tag_behind(integrations.c.consumer_id).label("name"))
    found = names.where(integrations.c.provider_id == id_of("provider")).cte("used", recursive=True)
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
    """Finds pacts for a provider, which is given by its name."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, provider: str, searches: Iterable[Search]) -> FoundPacts | None:
        """Return what each search finds, a few of them by one statement; None for an unknown provider."""
        wanted = list(dict.fromkeys(searches))
        asking: Any = None
        found: dict[Search, list[Found]] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            asking, of_some = self._find(provider, wanted[start : start + _AT_ONCE])
            found |= of_some
        return None if asking is None else FoundPacts(asking.version_id, asking.name, found)

    def heads_since(self, provider: str, since: datetime) -> list[Found]:
        """Return the pacts of branch heads, and of the latest version with each tag, published since then."""
        given = {"provider": provider, "since": since}
        on_branches = self._connection.execute(_HEADS_SINCE, given).all()
        names = self._tags(provider)
        tagged = self._connection.execute(_OF_VERSIONS_SINCE, {**given, "version_ids": list(names)}).all()
        return [
            *(_found(Search("branch", row.name), *row) for row in on_branches),
            *(_found(Search("tag", name), *row) for row in tagged for name in names[row.version_id]),
        ]

    def unverified_since(self, provider: str, since: datetime) -> list[datetime]:
        """Return when those pacts of `heads_since` were published that nobody has verified successfully."""
        version_ids = list(self._tags(provider))
        given = {"provider": provider, "since": since, "version_ids": version_ids}
        published_at = {
            row.id: row.created_at  # of each once: the head of a branch may have a tag as well
            for statement in _UNVERIFIED_SINCE
            for row in self._connection.execute(statement, given).all()
        }
        return list(published_at.values())

    def _tags(self, provider: str) -> dict[int, list[str]]:
        """Return the names of the tags of which a version is the latest, by the id of the version."""
        names: dict[int, list[str]] = {}
        given = {"provider": provider}
        for version_id, name in self._connection.execute(_LATEST_WITH_EACH_TAG, given).all():
            names.setdefault(version_id, []).append(name)
        return names

    def _find(self, provider: str, searches: Sequence[Search]) -> tuple[Any, Mapping[Search, list[Found]]]:
        """Return the row of the provider, or None, and what each search finds."""
        shape = tuple((one.kind, one.name is not None, one.consumer is not None) for one in searches)
        given: dict[str, str | None] = {"provider": provider}
        for number, one in enumerate(searches):
            given |= {f"name_{number}": one.name, f"consumer_{number}": one.consumer}
        asking = None
        found: dict[Search, list[Found]] = {search: [] for search in searches}
        for row in self._connection.execute(_statement(shape), given).all():
            number, *columns = row
            if number == _PROVIDER:
                asking = row
            else:
                found[searches[number]].append(_found(searches[number], *columns))
        return asking, found


def _found(  # noqa: PLR0913, PLR0917 - the columns of a row; look-ups by name cost as much as all the rest
    search: Search,
    consumer: str,
    version_id: int,
    version: str,
    position: int,
    pact_version_id: int,
    sha: str,
    name: str | None,
    production: bool,  # noqa: FBT001 - a column
) -> Found:
    by = name if search.kind != "tag" else search.name
    return Found(search, consumer, version_id, version, position, pact_version_id, sha, by, bool(production))
