"""The parts of selected_versions_now.py, for a moment in the past."""

from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, select

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
    Parts,
    Selection,
    numbered,
    of,
    on_branch,
)
from broker.storage.tables import branches, environments, pacticipants, versions

_MAIN = main_branch()


def _with_tag(name: ColumnElement[Any]) -> Parts:
    return [
        of(
            pacticipants.outerjoin(
                table, and_(_of_pacticipant(table), table.c.name == name, was_there(table))
            ),
            table.c.version_id,
        )
        for table in TAGGED
    ]


def _versions_on_branch(name: ColumnElement[Any]) -> Parts:
    return [
        of(
            on_branch(name).outerjoin(table, and_(table.c.branch_id == branches.c.id, was_there(table))),
            table.c.version_id,
        )
        for table in ON_BRANCH
    ]


def _head_of_branch(name: ColumnElement[Any]) -> Parts:
    return [of(on_branch(name), head())]


def _latest_with_tag(name: ColumnElement[Any]) -> Parts:
    return [of(pacticipants, newest_tagged(pacticipants, pacticipants.c.id, name))]


_newest = versions.alias("newest")


def _latest(_: ColumnElement[Any]) -> Parts:
    found = newest(_newest, _newest.c.id).where(
        _newest.c.pacticipant_id == pacticipants.c.id, _newest.c.created_at <= AT
    )
    return [of(pacticipants, found.scalar_subquery())]


def _in_environment(name: ColumnElement[Any]) -> Parts:
    environment = select(environments.c.id).where(environments.c.name == name).scalar_subquery()
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


def _numbered(*conditions: ColumnElement[bool]) -> Select[Any]:
    return numbered(versions.c.created_at <= AT, *conditions)


THEN = Selection(
    _numbered,
    {
        "branch": _versions_on_branch,
        "head": _head_of_branch,
        "main-branch": lambda _: _versions_on_branch(_MAIN),
        "main-head": lambda _: _head_of_branch(_MAIN),
        "tag": _with_tag,
        "latest-tag": _latest_with_tag,
        "latest": _latest,
        "environment": _in_environment,
    },
    past=True,
)
