"""How integrations stand, as it was kept. What reading costs does not grow with history."""

from collections.abc import Collection
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
)

from broker.domain.overview.standings import (
    RANK,
    WORST_FIRST,
    Order,
    Standing,
    StandingFilter,
)
from broker.domain.overview.summaries import PactStatus
from broker.domain.pagination import Page
from broker.storage.conditions import id_of
from broker.storage.dialects import is_in
from broker.storage.overview.standing_places import ON_MAIN
from broker.storage.overview.standing_renewal import failures_of
from broker.storage.pagination import containing, pattern
from broker.storage.tables import environments, integrations, labels, pacticipants, standings, versions
from tally.values import dataclass

_consumers = pacticipants.alias("consumers")
_providers = pacticipants.alias("providers")
_LETTERS = {"v": PactStatus.VERIFIED, "f": PactStatus.FAILED, "p": PactStatus.PENDING}
_IS_MAIN = standings.c.place == ON_MAIN
_IN_ENVIRONMENT = (
    standings.c.place
    == select(environments.c.id).where(environments.c.name == bindparam("environment")).scalar_subquery()
)


def _number(version_id: ColumnElement[int]) -> ColumnElement[str]:
    return select(versions.c.number).where(versions.c.id == version_id).scalar_subquery()


_JOINED = (
    standings.join(integrations, integrations.c.id == standings.c.integration_id)
    .join(_consumers, _consumers.c.id == standings.c.consumer_id)
    .join(_providers, _providers.c.id == standings.c.provider_id)
)
_ALL = (
    select(
        standings.c.integration_id,
        _consumers.c.name,
        _providers.c.name,
        environments.c.name,
        standings.c.verdict,
        _number(standings.c.consumer_version_id),
        _number(standings.c.provider_version_id),
        standings.c.pact_version_id,
        standings.c.interactions,
        standings.c.since,
        _number(standings.c.since_version_id),
        standings.c.failures,
        standings.c.verification_id,
        standings.c.results,
        integrations.c.contract_data_updated_at,
    )
    .select_from(_JOINED)
    .outerjoin(environments, environments.c.id == standings.c.environment_id)
)
_BY_NAME = (func.lower(_consumers.c.name), func.lower(_providers.c.name))
_MAIN_FIRST = (*_BY_NAME, standings.c.place)
_CONSUMER, _PROVIDER = standings.c.consumer_id, standings.c.provider_id
_OF_PAIR = _ALL.where(bindparam("consumer_id") == _CONSUMER, bindparam("provider_id") == _PROVIDER).order_by(
    case((_IS_MAIN, literal_column("0")), else_=literal_column("1")),
    environments.c.production,
    environments.c.created_at,
    environments.c.id,
)
_OF_PACTICIPANT = _ALL.where(
    or_(bindparam("pacticipant_id") == _CONSUMER, bindparam("pacticipant_id") == _PROVIDER)
).order_by(*_MAIN_FIRST)
_THESE_ON_MAIN = _ALL.where(is_in(standings.c.integration_id, "integration_ids"), _IS_MAIN)
_ORDERS: dict[Order, tuple[ColumnElement[Any], ...]] = {
    # As the index on place, verdict and since has them.
    Order.WORST: (standings.c.verdict, standings.c.since, standings.c.id),
    Order.CONSUMER: _BY_NAME,
    Order.PROVIDER: _BY_NAME[::-1],
    Order.CHANGED: (integrations.c.contract_data_updated_at, integrations.c.id),
}


@dataclass(frozen=True)
class Shape:
    """Which conditions a statement has."""

    environment: bool
    verdict: bool
    team: bool
    search: bool
    consumer: bool
    provider: bool


class Standings:
    """Standings. Each method is one statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_pair(self, consumer_id: int, provider_id: int) -> list[Standing]:
        """Return how an integration stands: on main, then where it is, production at the end."""
        return self._list(_OF_PAIR, consumer_id=consumer_id, provider_id=provider_id)

    def of_pacticipant(self, pacticipant_id: int) -> list[Standing]:
        """Return how all integrations of a pacticipant stand, each on main first, by names."""
        return self._list(_OF_PACTICIPANT, pacticipant_id=pacticipant_id)

    def page(
        self, which: StandingFilter, order: Order, page: Page, *, descending: bool = False
    ) -> list[Standing]:
        """Return a page of the standings at the place of the filter, which is main or an environment."""
        statement = _page(shape_of(which), order, descending=descending)
        return self._list(statement, **values_of(which), size=page.size, skipped=page.offset)

    def on_main(self, integration_ids: Collection[int]) -> list[Standing]:
        """Return how these integrations stand on main."""
        return self._list(_THESE_ON_MAIN, integration_ids=list(integration_ids))

    def _list(self, statement: Select[Any], **values: object) -> list[Standing]:
        return [_standing(row) for row in self._connection.execute(statement, values).all()]


def shape_of(which: StandingFilter) -> Shape:
    """Return which conditions a statement has for this filter."""
    return Shape(
        environment=which.environment is not None,
        verdict=which.verdict is not None,
        team=which.team is not None,
        search=bool(which.search),
        consumer=which.consumer is not None,
        provider=which.provider is not None,
    )


def values_of(which: StandingFilter) -> dict[str, object]:
    """Return the parameters of such a statement."""
    values = {
        "environment": which.environment,
        "verdict": None if which.verdict is None else RANK[which.verdict],
        "team": which.team,
        "consumer": which.consumer,
        "provider": which.provider,
        "q": pattern(which.search) if which.search else None,
    }
    return {name: value for name, value in values.items() if value is not None}


@cache
def _page(shape: Shape, order: Order, *, descending: bool) -> Select[Any]:
    columns = [column.desc() for column in _ORDERS[order]] if descending else _ORDERS[order]
    # The ids first: a database that has to sort would read everything else of ten thousand rows before.
    ids = (
        select(standings.c.id)
        .select_from(_JOINED)
        .where(*_conditions(shape))
        .order_by(*columns)
        .limit(bindparam("size"))
        .offset(bindparam("skipped"))
        .subquery("on_this_page")
    )
    return _ALL.join(ids, ids.c.id == standings.c.id).order_by(*columns)


def counted(shape: Shape, *columns: ColumnElement[Any]) -> Select[Any]:
    """Select *columns*, and how many standings there are of each verdict."""
    found: FromClause = standings
    if shape.search:
        found = found.join(_consumers, _consumers.c.id == standings.c.consumer_id).join(
            _providers, _providers.c.id == standings.c.provider_id
        )
    verdicts = select(*columns, standings.c.verdict, func.count()).select_from(found)
    return verdicts.where(*_conditions(shape)).group_by(standings.c.verdict)


def _conditions(shape: Shape) -> list[ColumnElement[bool]]:
    conditions = [_IN_ENVIRONMENT if shape.environment else _IS_MAIN]
    if shape.verdict:
        conditions.append(standings.c.verdict == bindparam("verdict"))
    if shape.team:
        of_either = or_(labels.c.pacticipant_id == _CONSUMER, labels.c.pacticipant_id == _PROVIDER)
        conditions.append(exists().where(labels.c.name == bindparam("team"), of_either))
    if shape.consumer:
        conditions.append(id_of("consumer") == _CONSUMER)
    if shape.provider:
        conditions.append(id_of("provider") == _PROVIDER)
    if shape.search:
        conditions.append(or_(containing(_consumers.c.name), containing(_providers.c.name)))
    return conditions


def _standing(row: Any) -> Standing:
    # All columns at once: a page has hundreds of rows, and look-ups by name take their time.
    (
        integration_id,
        consumer,
        provider,
        environment,
        verdict,
        consumer_version,
        provider_version,
        pact_version_id,
        interactions,
        since,
        since_version,
        failures,
        result,
        results,
        changed_at,
    ) = row
    return Standing(
        integration_id,
        consumer,
        provider,
        environment,
        WORST_FIRST[verdict],
        consumer_version,
        provider_version,
        pact_version_id,
        interactions,
        since,
        since_version,
        failures_of(failures),
        result,
        _results(results),
        changed_at,
    )


@lru_cache(maxsize=4096)
def _results(letters: str) -> tuple[PactStatus, ...]:
    return tuple(_LETTERS[letter] for letter in letters)
