"""The conditions of a filter on pairs of a consumer and a provider."""

from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select, union_all

from broker.domain.insights.gates import TEAM
from broker.domain.insights.question import Filter, KnownNames
from broker.storage.conditions import IN_ENVIRONMENT_NOW
from broker.storage.tables import environments, labels


def restrict(
    statement: Select[Any],
    chosen: Filter,
    provider_id: ColumnElement[Any],
    consumer_id: ColumnElement[Any] | None = None,
) -> Select[Any]:
    """Return the statement for the pairs of the filter; its values are those of `values`."""
    if chosen.service:
        statement = statement.where(provider_id == bindparam("service_id"))
    if chosen.team:
        of_team = select(labels.c.pacticipant_id).where(labels.c.name == bindparam("team_label"))
        statement = statement.where(provider_id.in_(of_team))
    if chosen.environment:
        there = union_all(
            *(
                select(table.c.pacticipant_id)
                .join_from(table, environments, environments.c.id == table.c.environment_id)
                .where(environments.c.name == bindparam("environment"), is_there)
                for table, is_there in IN_ENVIRONMENT_NOW
            )
        )
        statement = statement.where(provider_id.in_(there))
    if chosen.consumer and consumer_id is not None:
        statement = statement.where(consumer_id == bindparam("consumer_id"))
    return statement


def shape(chosen: Filter) -> Filter:
    """Return the filter without its values, of which there are too many to keep a statement for each."""
    return Filter(*("x" if value else "" for value in vars(chosen).values()))


def values(chosen: Filter, names: KnownNames) -> dict[str, Any]:
    """Return the values of the parameters in what `restrict` adds."""
    found = {
        "service_id": names.service_id if chosen.service else None,
        "team_label": f"{TEAM}{chosen.team}" if chosen.team else None,
        "environment": chosen.environment or None,
        "consumer_id": names.consumer_id if chosen.consumer else None,
    }
    return {name: value for name, value in found.items() if value is not None}
