"""Statements that find the versions of selectors, one for each kind of selector, and who depends on whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Executable,
    FromClause,
    Select,
    and_,
    bindparam,
    false,
    select,
    true,
    union_all,
)

from broker.storage.conditions import (
    IN_ENVIRONMENT_NOW,
    is_branch,
    is_current,
    latest_with_tag,
    newest,
)
from broker.storage.decisions.contract_sources import sets_of_versions
from broker.storage.dialects import ONE, is_in
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

NAME: BindParameter[str] = bindparam("name")
_FOUND = (
    pacticipants.c.name.label("pacticipant"),
    pacticipants.c.id.label("pacticipant_id"),
    versions.c.id.label("version_id"),
    versions.c.number,
    versions.c.position,
    service_contract_publications.c.version_id.label("with_contract"),
)
_AMONG = is_in(pacticipants.c.name, "pacticipants")


def of(members: FromClause, version_id: ColumnElement[Any]) -> Select[Any]:
    """Select the versions of the members, with a row of nulls for a pacticipant without any."""
    found = members.outerjoin(versions, versions.c.id == version_id)
    return select(*_FOUND).select_from(with_contracts(found)).where(_AMONG)


def with_contracts(found: FromClause) -> FromClause:
    """Join the documents of the versions, or null. They may have got them after the moment of a question."""
    documents = service_contract_publications
    return found.outerjoin(documents, documents.c.version_id == versions.c.id)


def on_branch(name: ColumnElement[Any]) -> FromClause:
    """Join the applications with their branch of this name, or with nulls."""
    return pacticipants.outerjoin(branches, is_branch(pacticipants.c.id, name))


def _with_tag(name: ColumnElement[Any]) -> Select[Any]:
    tagged = (tags.c.pacticipant_id == pacticipants.c.id) & (tags.c.name == name)
    return of(pacticipants.outerjoin(tags, tagged), tags.c.version_id)


def _latest_with_tag(name: ColumnElement[Any]) -> Select[Any]:
    return of(pacticipants, latest_with_tag(pacticipants.c.id, name))


def _versions_on_branch(name: ColumnElement[Any]) -> Select[Any]:
    members = on_branch(name).outerjoin(branch_versions, branch_versions.c.branch_id == branches.c.id)
    return of(members, branch_versions.c.version_id)


def _head_of_branch(name: ColumnElement[Any]) -> Select[Any]:
    return of(on_branch(name), branches.c.head_version_id)


_newest = versions.alias("newest")


def _latest() -> Select[Any]:
    found = newest(_newest, _newest.c.id).where(_newest.c.pacticipant_id == pacticipants.c.id)
    return of(pacticipants, found.scalar_subquery())


def _in_environment() -> Executable:
    environment = select(environments.c.id).where(environments.c.name == NAME).scalar_subquery()
    parts = []
    for table, still in IN_ENVIRONMENT_NOW:
        there = (
            (table.c.pacticipant_id == pacticipants.c.id) & (table.c.environment_id == environment) & still
        )
        parts.append(of(pacticipants.outerjoin(table, there), table.c.version_id))
    return union_all(*parts)


_MAIN = pacticipants.c.main_branch
_BY_KIND: dict[str, Executable] = {
    "branch": _versions_on_branch(NAME),
    "head": _head_of_branch(NAME),
    "main-branch": _versions_on_branch(_MAIN),
    "main-head": _head_of_branch(_MAIN),
    "tag": _with_tag(NAME),
    "latest-tag": _latest_with_tag(NAME),
    "latest": _latest(),
    "environment": _in_environment(),
}


def numbered(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Select the versions that have one of the numbers and fulfil the conditions."""
    of_number = is_in(versions.c.number, "numbers")
    same = and_(versions.c.pacticipant_id == pacticipants.c.id, of_number, *conditions)
    # Where any version will do, it is enough that one has documents.
    any_set = (
        select(service_contract_sets.c.id)
        .where(service_contract_sets.c.pacticipant_id == pacticipants.c.id)
        .limit(ONE)
        .correlate(pacticipants)
        .scalar_subquery()
    )
    return (
        select(*_FOUND[:-1], any_set.label("with_contract"))
        .select_from(pacticipants.outerjoin(versions, same))
        .where(_AMONG)
    )


_consumers = pacticipants.alias("consumers")
_providers = pacticipants.alias("providers")
PUBLISHED = select(
    pact_publications.c.consumer_id,
    pact_publications.c.provider_id,
    true().label("required"),
    false().label("declared"),
).where(is_in(pact_publications.c.consumer_version_id, "version_ids"))
NEEDED = select(integrations.c.consumer_id, integrations.c.provider_id, true(), false()).where(
    is_in(integrations.c.consumer_id, "open_ids")
)
CONSUMED = select(integrations.c.consumer_id, integrations.c.provider_id, false(), false()).where(
    is_in(integrations.c.provider_id, "pacticipant_ids")
)


def declared(*, past: bool) -> Select[Any]:
    """Select the services that the documents of the versions need."""
    sets = sets_of_versions(past=past).subquery("sets")
    documents, needed = service_contract_set_documents, service_contract_dependencies
    return (
        select(needed.c.consumer_id, needed.c.provider_id, needed.c.required, true())
        .join_from(sets, documents, documents.c.set_id == sets.c.set_id)
        .join(needed, needed.c.service_contract_id == documents.c.service_contract_id)
        .distinct()
    )


def named(*parts: Select[Any]) -> Select[Any]:
    """Select the names of these pairs of applications."""
    pairs = union_all(*parts).subquery()
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


@dataclass(frozen=True)
class SelectionStatements:
    """One statement for versions by number, one for each other kind of selector, and two for integrations.

    *declared_integrations* looks for what service contracts declare as well.
    """

    numbered: Executable
    by_kind: Mapping[str, Executable]
    integrations: Executable
    declared_integrations: Executable


_INTEGRATIONS = (PUBLISHED.where(is_current(pact_publications)).distinct(), NEEDED, CONSUMED)
NOW = SelectionStatements(
    numbered(),
    _BY_KIND,
    named(*_INTEGRATIONS),
    named(*_INTEGRATIONS, declared(past=False)),
)
