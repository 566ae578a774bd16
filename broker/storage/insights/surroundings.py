"""What the page of the insights shows beside the counters, in one statement."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    String,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)

from broker.domain.insights.counts import ALL
from broker.domain.insights.gates import TEAM
from broker.domain.insights.periods import DAY
from broker.domain.insights.question import Filter, KnownNames, Surroundings
from broker.storage.dialects import ONE
from broker.storage.tables import (
    environments,
    integration_activity,
    integrations,
    labels,
    pacticipants,
    result_counts,
    results_to_count,
    webhooks,
)

MOST_WORDS = 200
"""How many teams, and environments, can be chosen from a list."""
MOST_COUNTED = 10_000
"""What is more than this is not counted one by one."""
_TEXT, _NUMBER = cast(null(), String), cast(null(), BigInteger)
_DAY = cast(null(), result_counts.c.start.type)
_active = integration_activity.c


def _words(kind: str, words: Select[Any]) -> Select[Any]:
    found = words.limit(MOST_WORDS).subquery()
    return select(literal(kind), found.c.name, _NUMBER, _NUMBER, _DAY)


def _number(kind: str, some: Select[Any]) -> Select[Any]:
    found = some.limit(MOST_COUNTED + 1).subquery()
    return select(literal(kind), _TEXT, func.count(), _NUMBER, _DAY).select_from(found)


def _chosen(kind: str, name: str) -> Select[Any]:
    found = select(literal(kind), pacticipants.c.name, pacticipants.c.id, _NUMBER, _DAY)
    return found.where(pacticipants.c.name == bindparam(name))


_teams = (
    select(labels.c.name)
    .where(labels.c.name.startswith(TEAM, autoescape=True))
    .distinct()
    .order_by(labels.c.name)
)
_quiet = (
    select(literal(1).label("one"))
    .join_from(
        integration_activity,
        integrations,
        (integrations.c.consumer_id == _active.consumer_id)
        & (integrations.c.provider_id == _active.provider_id),
    )
    .where(_active.result_at < bindparam("quiet_since", type_=_active.result_at.type))
)
_since = (
    select(result_counts.c.start)
    .where(
        result_counts.c.provider_id == ALL, result_counts.c.consumer_id == ALL, result_counts.c.span == DAY
    )
    .order_by(result_counts.c.start)
    .limit(ONE)
    .scalar_subquery()
)
_FIND = union_all(
    _words("team", _teams),
    _words("environment", select(environments.c.name).order_by(environments.c.name)),
    _number("uncounted", select(results_to_count.c.id)),
    _number("quiet", _quiet),
    select(
        literal("webhooks"),
        _TEXT,
        func.coalesce(func.sum(webhooks.c.failures), 0),
        func.count(case((webhooks.c.disabled_at.is_not(None), 1))),
        _DAY,
    ),
    select(literal("since"), _TEXT, _NUMBER, _NUMBER, _since),
    _chosen("service", "service"),
    _chosen("consumer", "consumer"),
)


class InsightSurroundings:
    """What is known beside the counters."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, chosen: Filter, quiet_since: datetime) -> Surroundings:
        """Return the names to choose from, and some numbers of everything."""
        values = {"service": chosen.service, "consumer": chosen.consumer, "quiet_since": quiet_since}
        words: dict[str, list[str]] = {}
        numbers: dict[str, tuple[int, int]] = {}
        since = None
        for kind, name, first, second, day in self._connection.execute(_FIND, values):
            words.setdefault(kind, []).append(name)
            numbers[kind] = (int(first or 0), int(second or 0))
            since = day or since
        failures, given_up = numbers["webhooks"]
        return Surroundings(
            KnownNames(
                [name.removeprefix(TEAM) for name in words.get("team", ())],
                words.get("environment", []),
                numbers["service"][0] if "service" in numbers else None,
                numbers["consumer"][0] if "consumer" in numbers else None,
            ),
            since,
            numbers["uncounted"][0],
            numbers["quiet"][0],
            failures,
            given_up,
        )
