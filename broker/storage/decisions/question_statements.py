"""The statement for what a question is about, in parts with the same columns.

It finds the environments, the versions of the selectors, who depends on whom, and what is at the destination.
"""

from collections.abc import Mapping
from enum import IntEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Executable,
    Select,
    String,
    bindparam,
    cast,
    func,
    null,
    select,
    union,
    union_all,
)

from broker.storage.decisions.contract_parts import constant
from broker.storage.decisions.selected_versions_now import (
    GIVEN,
    UNVERSIONED,
    Chosen,
    Parts,
    Selection,
    declared_by,
    integrations_of,
    named,
)
from broker.storage.dialects import is_in, is_in_unseen
from broker.storage.tables import environments, pacticipants, versions

NUMBER = "number"
ANY = "any"


class Part(IntEnum):
    """What a row of the statement is about."""

    ENVIRONMENT = 0
    VERSION = 1
    INTEGRATION = 2
    THERE = 3
    """A version at the destination."""


_ENVIRONMENT: Mapping[str, ColumnElement[Any]] = {
    name: environments.c[name]
    for name in (
        *("id", "uuid", "name", "display_name", "production", "contacts", "created_at", "updated_at"),
        *("protected", "requires_can_i_deploy"),
    )
}
"""The columns for the fields of an Environment, in their order; the other parts use them, too."""
FIELDS = len(_ENVIRONMENT)
_COLUMNS = (*_ENVIRONMENT, "version_id", "position")
_AMONG = is_in_unseen(pacticipants.c.name, "pacticipants")


def _part(part: Part, columns: Mapping[str, ColumnElement[Any]]) -> Select[Any]:
    return select(constant(part).label("part"), *(columns.get(name, null()).label(name) for name in _COLUMNS))


ENVIRONMENTS = _part(
    Part.ENVIRONMENT,
    {
        **_ENVIRONMENT,
        "version_id": cast(null(), BigInteger),
        "position": func.row_number().over(order_by=func.lower(environments.c.display_name)),
    },
)
"""All environments, with their place in the order in which people see them.

This part gives the columns their types.
"""


@cache
def question_statement(selection: Selection, kind: str, target: str | None) -> Executable:
    """Return the statement for selectors that are of one kind, and of one name where the kind has names.

    Where documents declare what versions need, that is found as well, whether documents count or not.
    """
    it = union_all(*(part.where(_AMONG) for part in _versions(selection, kind, "name"))).cte("it")
    chosen = Chosen(
        versions=lambda column: column.in_(select(it.c.version_id)),
        pacticipants=lambda column: column.in_(select(it.c.pacticipant_id)),
        any_version=(lambda column: column.in_(select(it.c.pacticipant_id))) if kind == ANY else None,
    )
    pairs = union_all(
        *integrations_of(chosen, past=selection.past), declared_by(chosen, past=selection.past)
    ).cte("pairs")
    parts = [ENVIRONMENTS, _of_versions(Part.VERSION, it), _of_integrations(named(pairs).subquery("named"))]
    if target is not None:
        sides = union(select(pairs.c.consumer_id.label("id")), select(pairs.c.provider_id)).cte("sides")
        among = pacticipants.c.id.in_(select(sides.c.id)) & ~chosen.pacticipants(pacticipants.c.id)
        there = union_all(*(part.where(among) for part in _versions(selection, target, "target")))
        parts.append(_of_versions(Part.THERE, there.subquery("there")))
    return union_all(*parts)


@cache
def versions_of_kind(selection: Selection, kind: str) -> Executable:
    """Return the statement for the versions that selectors of one kind, and of one name, find."""
    return union_all(*(part.where(_AMONG) for part in _versions(selection, kind, "name")))


@cache
def versions_of_numbers(selection: Selection) -> Executable:
    """Return the statement for the versions that have one of the parameters `numbers`."""
    # With numbers that it does not see, PostgreSQL would read all versions.
    return selection.numbered(is_in(versions.c.number, "numbers")).where(
        is_in(pacticipants.c.name, "pacticipants")
    )


@cache
def integrations_statement(selection: Selection, *, declared: bool) -> Executable:
    """Return the statement for who depends on whom; *declared* by service contracts as well."""
    parts = integrations_of(GIVEN, past=selection.past)
    if declared:
        parts.append(declared_by(GIVEN, past=selection.past))
    return named(union_all(*parts).subquery())


def _versions(selection: Selection, kind: str, parameter: str) -> Parts:
    if kind == ANY:
        return [UNVERSIONED]
    name = bindparam(parameter, type_=String)
    if kind == NUMBER:
        return [selection.numbered(versions.c.number == name)]
    return selection.by_kind[kind](name)


def _of_versions(part: Part, found: Any) -> Select[Any]:
    return _part(
        part,
        {
            "id": found.c.pacticipant_id,
            "name": found.c.pacticipant,
            "display_name": found.c.number,
            "production": found.c.with_contract.is_not(None),
            "version_id": found.c.version_id,
            "position": found.c.position,
        },
    )


def _of_integrations(found: Any) -> Select[Any]:
    return _part(
        Part.INTEGRATION,
        {
            "name": found.c.consumer,
            "display_name": found.c.provider,
            "production": found.c.required,
            "protected": found.c.declared,
        },
    )
