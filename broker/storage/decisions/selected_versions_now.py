"""Parts of statements that find the versions of selectors, by kind of selector, and who depends on whom."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    cast,
    false,
    null,
    select,
    true,
)

from broker.storage.conditions import (
    IN_ENVIRONMENT_NOW,
    is_branch,
    is_current,
    latest_with_tag,
    newest,
)
from broker.storage.decisions.contract_sources import sets_among
from broker.storage.decisions.past import AT
from broker.storage.dialects import ONE, is_in_unseen
from broker.storage.tables import (
    branch_versions,
    branches,
    environments,
    integrations,
    pact_publications,
    pacticipants,
    service_contract_dependencies,
    service_contract_publications,
    service_contract_set_documents,
    service_contract_sets,
    tags,
    versions,
)
from tally.values import dataclass

Parts = list[Select[Any]]
"""Parts of a union: they have the same columns."""
_FOUND = (
    pacticipants.c.name.label("pacticipant"),
    pacticipants.c.id.label("pacticipant_id"),
    versions.c.id.label("version_id"),
    versions.c.number,
    versions.c.position,
    service_contract_publications.c.version_id.label("with_contract"),
)


def of(members: FromClause, version_id: ColumnElement[Any]) -> Select[Any]:
    """Select the versions of the members, with a row of nulls for a pacticipant without any."""
    found = members.outerjoin(versions, versions.c.id == version_id)
    return select(*_FOUND).select_from(with_contracts(found))


def with_contracts(found: FromClause) -> FromClause:
    """Join the documents of the versions, or null. They may have got them after the moment of a question."""
    documents = service_contract_publications
    return found.outerjoin(documents, documents.c.version_id == versions.c.id)


def on_branch(name: ColumnElement[Any]) -> FromClause:
    """Join the applications with their branch of this name, or with nulls."""
    return pacticipants.outerjoin(branches, is_branch(pacticipants.c.id, name))


def _with_tag(name: ColumnElement[Any]) -> Parts:
    tagged = (tags.c.pacticipant_id == pacticipants.c.id) & (tags.c.name == name)
    return [of(pacticipants.outerjoin(tags, tagged), tags.c.version_id)]


def _latest_with_tag(name: ColumnElement[Any]) -> Parts:
    return [of(pacticipants, latest_with_tag(pacticipants.c.id, name))]


def _versions_on_branch(name: ColumnElement[Any]) -> Parts:
    members = on_branch(name).outerjoin(branch_versions, branch_versions.c.branch_id == branches.c.id)
    return [of(members, branch_versions.c.version_id)]


def _head_of_branch(name: ColumnElement[Any]) -> Parts:
    return [of(on_branch(name), branches.c.head_version_id)]


_newest = versions.alias("newest")


def _latest(_: ColumnElement[Any]) -> Parts:
    found = newest(_newest, _newest.c.id).where(_newest.c.pacticipant_id == pacticipants.c.id)
    return [of(pacticipants, found.scalar_subquery())]


def _in_environment(name: ColumnElement[Any]) -> Parts:
    environment = select(environments.c.id).where(environments.c.name == name).scalar_subquery()
    parts = []
    for table, still in IN_ENVIRONMENT_NOW:
        there = (
            (table.c.pacticipant_id == pacticipants.c.id) & (table.c.environment_id == environment) & still
        )
        parts.append(of(pacticipants.outerjoin(table, there), table.c.version_id))
    return parts


# Where any version will do, it is enough that one has documents.
_ANY_SET = (
    select(service_contract_sets.c.id)
    .where(service_contract_sets.c.pacticipant_id == pacticipants.c.id)
    .limit(ONE)
    .correlate(pacticipants)
    .scalar_subquery()
    .label("with_contract")
)
UNVERSIONED = select(
    *_FOUND[:2],
    *(cast(null(), column.type).label(column.name) for column in _FOUND[2:5]),
    _ANY_SET,
)
"""Applications of which any version will do, in the columns of those with versions."""


def numbered(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Select the versions that fulfil the conditions, and applications of which none does."""
    same = and_(versions.c.pacticipant_id == pacticipants.c.id, *conditions)
    return select(*_FOUND[:-1], _ANY_SET).select_from(pacticipants.outerjoin(versions, same))


_consumers = pacticipants.alias("consumers")
_providers = pacticipants.alias("providers")


@dataclass(frozen=True)
class Chosen:
    """What a question has chosen, as conditions on columns: versions, and applications.

    Of *any_version* are the applications that are chosen in whatever version, if there may be any.
    """

    versions: Callable[[ColumnElement[Any]], ColumnElement[bool]]
    pacticipants: Callable[[ColumnElement[Any]], ColumnElement[bool]]
    any_version: Callable[[ColumnElement[Any]], ColumnElement[bool]] | None


GIVEN = Chosen(
    lambda column: is_in_unseen(column, "version_ids"),
    lambda column: is_in_unseen(column, "pacticipant_ids"),
    lambda column: is_in_unseen(column, "open_ids"),
)
"""What a question has chosen, as parameters."""


def integrations_of(chosen: Chosen, *, past: bool) -> Parts:
    """Select the applications that the chosen versions have pacts with, and whether they require them."""
    # Superseded publications count in the past: a later revision does not change who depends on whom.
    counts = pact_publications.c.created_at <= AT if past else is_current(pact_publications)
    known = [integrations.c.created_at <= AT] if past else []
    published = (
        select(
            pact_publications.c.consumer_id,
            pact_publications.c.provider_id,
            true().label("required"),
            false().label("declared"),
        )
        .where(chosen.versions(pact_publications.c.consumer_version_id), counts)
        .distinct()
    )
    pair = (integrations.c.consumer_id, integrations.c.provider_id)
    consumed = select(*pair, false(), false()).where(chosen.pacticipants(integrations.c.provider_id), *known)
    if chosen.any_version is None:
        return [published, consumed]
    needed = select(*pair, true(), false()).where(chosen.any_version(integrations.c.consumer_id), *known)
    return [published, needed, consumed]


def declared_by(chosen: Chosen, *, past: bool) -> Select[Any]:
    """Select the services that the documents of the chosen versions need."""
    sets = sets_among(chosen.versions, past=past).subquery("sets")
    documents, needed = service_contract_set_documents, service_contract_dependencies
    return (
        select(needed.c.consumer_id, needed.c.provider_id, needed.c.required, true())
        .join_from(sets, documents, documents.c.set_id == sets.c.set_id)
        .join(needed, needed.c.service_contract_id == documents.c.service_contract_id)
        .distinct()
    )


def named(pairs: FromClause) -> Select[Any]:
    """Select the names of these pairs of applications."""
    return (
        select(
            _consumers.c.name.label("consumer"),
            _providers.c.name.label("provider"),
            pairs.c.required,
            pairs.c.declared,
        )
        .join_from(pairs, _consumers, _consumers.c.id == pairs.c.consumer_id)
        .join(_providers, _providers.c.id == pairs.c.provider_id)
    )


@dataclass(frozen=True, eq=False)
class Selection:
    """How versions are found: those that fulfil conditions, and by kind of selector, with a name.

    *past* tells that it is for a moment in the past.
    """

    numbered: Callable[..., Select[Any]]
    by_kind: Mapping[str, Callable[[ColumnElement[Any]], Parts]]
    past: bool


def _main(found: Callable[[ColumnElement[Any]], Parts]) -> Callable[[ColumnElement[Any]], Parts]:
    return lambda _: found(pacticipants.c.main_branch)


NOW = Selection(
    numbered,
    {
        "branch": _versions_on_branch,
        "head": _head_of_branch,
        "main-branch": _main(_versions_on_branch),
        "main-head": _main(_head_of_branch),
        "tag": _with_tag,
        "latest-tag": _latest_with_tag,
        "latest": _latest,
        "environment": _in_environment,
    },
    past=False,
)
