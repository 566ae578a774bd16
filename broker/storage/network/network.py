"""Who needs whom, and how that stands at a place: each method is one statement."""

from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, or_, select

from broker.domain.network.network import MOST_PAIRS, NetworkIntegration, Pair, Part
from broker.domain.overview.standings import RANK, WORST_FIRST
from broker.storage.dialects import is_in
from broker.storage.tables import labels, pact_versions, pacticipants, standings

_TEAM = "team:"
_AFTER_TEAMS = "team;"  # the first word after all that begin with _TEAM
_consumers = pacticipants.alias("consumers")
_providers = pacticipants.alias("providers")
_HERE = standings.c.place == bindparam("place")
_PAIRS = (
    select(standings.c.consumer_id, standings.c.provider_id, standings.c.id)
    .where(_HERE)
    .order_by(standings.c.id)
    .limit(MOST_PAIRS)
)
_TEAMS = (
    select(labels.c.pacticipant_id, labels.c.name)
    .where(labels.c.name >= _TEAM, labels.c.name < _AFTER_TEAMS)
    .order_by(labels.c.name)
    .limit(MOST_PAIRS)
)


@cache
def _integrations(*, numbers: bool, verdict: bool, team: bool) -> Select[Any]:
    names = (func.lower(_consumers.c.name), func.lower(_providers.c.name))
    found = (
        select(
            standings.c.consumer_id,
            _consumers.c.name,
            standings.c.provider_id,
            _providers.c.name,
            standings.c.verdict,
            func.coalesce(pact_versions.c.interactions_count, 0),
            func.coalesce(pact_versions.c.messages_count, 0),
        )
        .join_from(standings, _consumers, _consumers.c.id == standings.c.consumer_id)
        .join(_providers, _providers.c.id == standings.c.provider_id)
        .outerjoin(pact_versions, pact_versions.c.id == standings.c.pact_version_id)
        .where(_HERE)
        .order_by(standings.c.verdict, *names, standings.c.id)
        .limit(bindparam("most"))
    )
    if numbers:
        found = found.where(is_in(standings.c.id, "numbers"))
    if verdict:
        found = found.where(standings.c.verdict == bindparam("rank"))
    if team:
        of_team = is_in(standings.c.consumer_id, "members"), is_in(standings.c.provider_id, "members")
        found = found.where(or_(*of_team))
    return found


class NetworkFacts:
    """Who needs whom. *place* is 0 for main, or the id of an environment."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def pairs(self, place: int) -> dict[Pair, int]:
        """Return the number of each integration by the ids of its two, at most MOST_PAIRS."""
        rows = self._connection.execute(_PAIRS, {"place": place}).all()
        return {(consumer, provider): number for consumer, provider, number in rows}

    def teams(self) -> list[tuple[int, str]]:
        """Return which pacticipant has which team, by the name of the team: labels such as `team:selling`."""
        rows = self._connection.execute(_TEAMS).all()
        return [(pacticipant_id, label.removeprefix(_TEAM)) for pacticipant_id, label in rows]

    def integrations(self, place: int, part: Part, most: int) -> list[NetworkIntegration]:
        """Return at most so many integrations, the worst first, those of equal verdicts by their names."""
        statement = _integrations(
            numbers=part.numbers is not None, verdict=part.verdict is not None, team=part.members is not None
        )
        values = {
            "place": place,
            "most": most,
            "numbers": sorted(part.numbers or ()),
            "members": sorted(part.members or ()),
            "rank": RANK.get(part.verdict, 0) if part.verdict else 0,
        }
        return [
            NetworkIntegration(
                consumer_id, consumer, provider_id, provider, WORST_FIRST[rank], interactions, messages
            )
            for consumer_id, consumer, provider_id, provider, rank, interactions, messages in (
                self._connection.execute(statement, values).all()
            )
        ]
