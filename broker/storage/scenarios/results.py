"""Results of scenarios, each under the versions that took part."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from broker.domain.model import Version
from broker.domain.pagination import Page, PartOfList
from broker.domain.scenarios.result import NewScenarioResult, Participant, ScenarioResult
from broker.storage.pagination import Pageable, rows_for
from broker.storage.tables import pacticipants, scenario_result_versions, scenario_results, versions

_ADD = insert(scenario_results).returning(scenario_results.c.id)
_ADD_VERSIONS = insert(scenario_result_versions)
_SUMMARY = (
    scenario_results.c.id,
    scenario_results.c.title,
    scenario_results.c.success,
    scenario_results.c.duration_ms,
    scenario_results.c.build_url,
    scenario_results.c.created_at,
)
_FIND = select(*_SUMMARY, scenario_results.c.test_results).where(scenario_results.c.id == bindparam("id"))
_OF_VERSION = scenario_result_versions.c.version_id == bindparam("version_id")
_ALL_OF_VERSION = Pageable(
    select(*_SUMMARY)
    .join(scenario_result_versions, scenario_result_versions.c.scenario_result_id == scenario_results.c.id)
    .where(_OF_VERSION)
    .order_by(scenario_result_versions.c.scenario_result_id.desc()),
    select(scenario_result_versions.c.scenario_result_id).where(_OF_VERSION),
)
_PARTICIPANTS = (
    select(scenario_result_versions.c.scenario_result_id, pacticipants.c.name, versions.c.number)
    .join_from(scenario_result_versions, versions, versions.c.id == scenario_result_versions.c.version_id)
    .join(pacticipants, pacticipants.c.id == versions.c.pacticipant_id)
    .where(scenario_result_versions.c.scenario_result_id.in_(bindparam("ids", expanding=True)))
    .order_by(pacticipants.c.name)
)


class ScenarioResults:
    """What came of scenarios."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, result: NewScenarioResult, participants: Sequence[Version], now: datetime) -> int:
        """Store a result under these versions, and return its id."""
        number: int = self._connection.execute(
            _ADD,
            {
                "title": result.title,
                "success": result.success,
                "duration_ms": result.duration_ms,
                "build_url": result.build_url,
                "test_results": result.test_results,
                "created_at": now,
            },
        ).scalar_one()
        rows = [{"scenario_result_id": number, "version_id": version.id} for version in participants]
        self._connection.execute(_ADD_VERSIONS, rows)
        return number

    def find(self, number: int) -> ScenarioResult | None:
        """Return the result with this id."""
        row = self._connection.execute(_FIND, {"id": number}).one_or_none()
        return _result(row, self._participants([number])[number], row.test_results) if row else None

    def of_version(self, version: Version, page: Page | None) -> PartOfList[ScenarioResult]:
        """Return the results in which *version* took part, newest first, without what came of each step."""
        rows, total = _ALL_OF_VERSION.read(self._connection, {"version_id": version.id}, page)
        participants = self._participants([row.id for row in rows])
        return PartOfList([_result(row, participants[row.id]) for row in rows], total, page)

    def _participants(self, ids: Sequence[int]) -> dict[int, list[Participant]]:
        found: dict[int, list[Participant]] = defaultdict(list)
        for row in rows_for(self._connection, _PARTICIPANTS, "ids", ids):
            found[row.scenario_result_id].append(Participant(row.name, row.number))
        return found


def _result(
    row: Any, participants: Sequence[Participant], test_results: bytes | None = None
) -> ScenarioResult:
    return ScenarioResult(
        id=row.id,
        title=row.title,
        success=row.success,
        duration_ms=row.duration_ms,
        created_at=row.created_at,
        participants=participants,
        build_url=row.build_url,
        test_results=test_results,
    )
