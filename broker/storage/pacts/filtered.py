"""Pacts of a pair or of a provider, filtered by tag or branch of the consumer version."""

from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    delete,
    select,
    true,
)

from broker.domain.model import Pacticipant
from broker.domain.pacts.filter import PactFilter
from broker.domain.pacts.pact import ListedPact
from broker.storage.conditions import is_current, newest_first, newest_of_pair, oldest_first
from broker.storage.pacts.lists import BY_CONSUMER, LISTED
from broker.storage.pacts.newest import newest_on_branch, newest_untagged, newest_with_tag
from broker.storage.standing_marks import StandingMarks
from broker.storage.tables import (
    branch_versions,
    branches,
    integrations,
    pact_publications,
    pacticipants,
    tags,
)

_NAME: BindParameter[str] = bindparam("name")
_owner = pacticipants.alias("owner")
_main_branch = (
    select(_owner.c.main_branch)
    .where(_owner.c.id == pact_publications.c.consumer_id)
    .correlate(pact_publications)
    .scalar_subquery()
)


def _tagged(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        select(1)
        .where(tags.c.version_id == pact_publications.c.consumer_version_id, *conditions)
        .correlate(pact_publications)
        .exists()
    )


def _on_branch(name: ColumnElement[Any]) -> ColumnElement[bool]:
    return (
        select(1)
        .select_from(branch_versions.join(branches, branches.c.id == branch_versions.c.branch_id))
        .where(
            branch_versions.c.version_id == pact_publications.c.consumer_version_id, branches.c.name == name
        )
        .correlate(pact_publications)
        .exists()
    )


CONDITIONS: dict[str, ColumnElement[bool]] = {
    "all": true(),
    "tag": _tagged(tags.c.name == _NAME),
    "untagged": ~_tagged(),
    "branch": _on_branch(_NAME),
    "main-branch": _on_branch(_main_branch),
}
"""Which publications each kind of filter means."""
_CONSUMER_ID: BindParameter[int] = bindparam("consumer_id")
_PROVIDER_ID: BindParameter[int] = bindparam("provider_id")
_PAIR = (_CONSUMER_ID, _PROVIDER_ID)
_OF_PAIR = and_(
    pact_publications.c.consumer_id == _CONSUMER_ID, pact_publications.c.provider_id == _PROVIDER_ID
)
_main_branch_of_pair = select(_owner.c.main_branch).where(_owner.c.id == _CONSUMER_ID).scalar_subquery()
_NEWEST: dict[str, ColumnElement[int]] = {
    "all": newest_of_pair(*_PAIR),
    "tag": newest_with_tag(*_PAIR, _NAME),
    "untagged": newest_untagged(*_PAIR),
    "branch": newest_on_branch(*_PAIR, _NAME),
    "main-branch": newest_on_branch(*_PAIR, _main_branch_of_pair),
}


_MEANT = {
    (kind, False): (_OF_PAIR, is_current(pact_publications), condition)
    for kind, condition in CONDITIONS.items()
} | {(kind, True): (pact_publications.c.id == found,) for kind, found in _NEWEST.items()}
_BETWEEN = {
    which: LISTED.where(*meant).order_by(newest_first(pact_publications)) for which, meant in _MEANT.items()
}


def _revisions(*meant: ColumnElement[bool]) -> Select[Any]:
    """Select the ids of these publications and of the revisions that they replaced."""
    revisions = pact_publications.alias("revisions")
    version_ids = select(pact_publications.c.consumer_version_id).where(*meant).correlate(None)
    return (
        select(revisions.c.id)
        .where(revisions.c.provider_id == _PROVIDER_ID, revisions.c.consumer_version_id.in_(version_ids))
        .correlate(None)
    )


def _of_provider(condition: ColumnElement[bool]) -> Select[Any]:
    of_provider = pact_publications.c.provider_id == bindparam("provider_id")
    return LISTED.where(of_provider, condition).order_by(*BY_CONSUMER, oldest_first(pact_publications))


_users = (
    select(_owner.c.id, _owner.c.main_branch)
    .join(integrations, integrations.c.consumer_id == _owner.c.id)
    .where(integrations.c.provider_id == bindparam("provider_id"))
    .subquery("users")
)
_heads = select(branches.c.head_version_id).join(_users, _users.c.id == branches.c.pacticipant_id)
# The lists of a provider look at the head of a branch, whether it has a pact with the provider or not.
_HEADS = {
    "branch": pact_publications.c.consumer_version_id.in_(_heads.where(branches.c.name == _NAME)),
    "main-branch": pact_publications.c.consumer_version_id.in_(
        _heads.where(branches.c.name == _users.c.main_branch)
    ),
}
_OF_PROVIDER = {(kind, False): _of_provider(condition) for kind, condition in CONDITIONS.items()} | {
    (kind, True): _of_provider(condition) for kind, condition in _HEADS.items()
}
_DELETE = {
    # The revisions that a pact replaced are deleted with it.
    which: delete(pact_publications)
    .where(pact_publications.c.id.in_(_revisions(*meant)))
    .returning(pact_publications.c.superseded)
    for which, meant in _MEANT.items()
}


class FilteredPacts:
    """Pacts that a filter selects. Each method is one statement."""

    def __init__(self, connection: Connection, marks: StandingMarks) -> None:
        self._connection = connection
        self._marks = marks

    def between(self, consumer: Pacticipant, provider: Pacticipant, which: PactFilter) -> list[ListedPact]:
        """Return the pacts between the two, newest version first."""
        statement = _BETWEEN[which.kind, which.latest]
        return self._list(statement, which, consumer_id=consumer.id, provider_id=provider.id)

    def of_provider(self, provider: Pacticipant, which: PactFilter) -> list[ListedPact]:
        """Return the pacts with the provider, by consumer and oldest first.

        "Latest on a branch" means the pact of the head. A branch whose head has no pact has none.
        """
        return self._list(_OF_PROVIDER[which.kind, which.latest], which, provider_id=provider.id)

    def delete(self, consumer: Pacticipant, provider: Pacticipant, which: PactFilter) -> int:
        """Remove the pacts between the two with all their revisions. Return how many pacts were removed.

        Their versions stay, and so do the results.
        """
        values = {"consumer_id": consumer.id, "provider_id": provider.id}
        statement = _DELETE[which.kind, which.latest]
        superseded = self._connection.scalars(statement, _with_name(values, which))
        self._marks.pair_changed(consumer.id, provider.id)
        return sum(not replaced for replaced in superseded)

    def _list(self, statement: Select[Any], which: PactFilter, **values: object) -> list[ListedPact]:
        rows = self._connection.execute(statement, _with_name(values, which))
        return [ListedPact(*row) for row in rows]


def _with_name(values: dict[str, Any], which: PactFilter) -> dict[str, Any]:
    return values if which.name is None else {**values, "name": which.name}
