"""The statements of selected_versions_now.py, for a moment in the past."""

from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, select, union_all

from broker.storage.conditions import newest
from broker.storage.decisions.past import (
    AT,
    IN_ENVIRONMENT,
    ON_BRANCH,
    TAGGED,
    head,
    main_branch,
    newest_tagged,
    was_there,
)
from broker.storage.decisions.selected_versions_now import (
    CONSUMED,
    NAME,
    NEEDED,
    PUBLISHED,
    SelectionStatements,
    declared,
    named,
    numbered,
    of,
    on_branch,
)
from broker.storage.tables import (
    branches,
    environments,
    integrations,
    pact_publications,
    pacticipants,
    versions,
)

_MAIN = main_branch()


def _with_tag(name: ColumnElement[Any]) -> list[Select[Any]]:
    return [
        of(
            pacticipants.outerjoin(
                table, and_(_of_pacticipant(table), table.c.name == name, was_there(table))
            ),
            table.c.version_id,
        )
        for table in TAGGED
    ]


def _versions_on_branch(name: ColumnElement[Any]) -> list[Select[Any]]:
    return [
        of(
            on_branch(name).outerjoin(table, and_(table.c.branch_id == branches.c.id, was_there(table))),
            table.c.version_id,
        )
        for table in ON_BRANCH
    ]


def _head_of_branch(name: ColumnElement[Any]) -> Select[Any]:
    return of(on_branch(name), head())


def _latest_with_tag(name: ColumnElement[Any]) -> Select[Any]:
    return of(pacticipants, newest_tagged(pacticipants, pacticipants.c.id, name))


_newest = versions.alias("newest")


def _latest() -> Select[Any]:
    found = newest(_newest, _newest.c.id).where(
        _newest.c.pacticipant_id == pacticipants.c.id, _newest.c.created_at <= AT
    )
    return of(pacticipants, found.scalar_subquery())


def _in_environment() -> list[Select[Any]]:
    environment = select(environments.c.id).where(environments.c.name == NAME).scalar_subquery()
    return [
        of(
            pacticipants.outerjoin(
                table, and_(_of_pacticipant(table), table.c.environment_id == environment, was_current)
            ),
            table.c.version_id,
        )
        for table, was_current in IN_ENVIRONMENT
    ]


def _of_pacticipant(table: Table) -> ColumnElement[bool]:
    return table.c.pacticipant_id == pacticipants.c.id


_INTEGRATIONS = (
    # Superseded publications count as well: a later revision does not change who depends on whom.
    PUBLISHED.where(pact_publications.c.created_at <= AT).distinct(),
    NEEDED.where(integrations.c.created_at <= AT),
    CONSUMED.where(integrations.c.created_at <= AT),
)
STATEMENTS = SelectionStatements(
    numbered=numbered(versions.c.created_at <= AT),
    by_kind={
        "branch": union_all(*_versions_on_branch(NAME)),
        "head": _head_of_branch(NAME),
        "main-branch": union_all(*_versions_on_branch(_MAIN)),
        "main-head": _head_of_branch(_MAIN),
        "tag": union_all(*_with_tag(NAME)),
        "latest-tag": _latest_with_tag(NAME),
        "latest": _latest(),
        "environment": union_all(*_in_environment()),
    },
    integrations=named(*_INTEGRATIONS),
    declared_integrations=named(*_INTEGRATIONS, declared(past=True)),
)
