"""What the page of a version lists: its pacts, those that it has verified, its documents and scenarios."""

from typing import Any

from sqlalchemy import Connection

from broker.domain.decisions.comparisons import ListedComparison
from broker.domain.decisions.evidence import ComparisonVerdict
from broker.domain.decisions.selectors import VersionRef
from broker.domain.decisions.version_page import (
    ComparedDocuments,
    DocumentSummary,
    PactOfVersion,
    ScenarioSummary,
    VerifiedVersion,
)
from broker.domain.model import Version
from broker.domain.scenarios.result import Participant
from broker.storage.overview.front_page import result
from broker.storage.overview.version_page_statements import LISTS, MOST, Part
from tally.values import dataclass


@dataclass(frozen=True)
class VersionLists:
    """The lists of a version's page; *set_id* is of its documents, None when it has none."""

    pacts: tuple[PactOfVersion, ...]
    verified: tuple[VerifiedVersion, ...]
    more_verified: bool
    scenarios: tuple[ScenarioSummary, ...]
    documents: tuple[DocumentSummary, ...]
    compared: ComparedDocuments
    set_id: int | None


class VersionPageLists:
    """Find all lists of a version's page with one statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_version(self, version: Version) -> VersionLists:
        """Return the lists; each by name, the newest of a name first."""
        rows = self._connection.execute(LISTS, {"version_id": version.id}).all()
        of_part = {
            part: sorted((row for row in rows if row.part == part), key=_by_name_newest_first)
            for part in Part
        }
        verified, compared = of_part[Part.VERIFIED], of_part[Part.COMPARISON]
        documents = of_part[Part.DOCUMENT]
        return VersionLists(
            tuple(map(_pact, of_part[Part.PACT])),
            tuple(item for row in verified[:MOST] if (item := _verified_version(row))),
            len(verified) > MOST,
            tuple(_scenarios_of(of_part[Part.SCENARIO], of_part[Part.PARTICIPANT])),
            tuple(map(_document, documents)),
            ComparedDocuments(
                tuple(_comparison(row, version) for row in compared[:MOST]),
                len(compared) > MOST,
                sum(row.id for row in of_part[Part.WAITING]),
            ),
            int(documents[0].number) if documents else None,
        )


def _pact(row: Any) -> PactOfVersion:
    return PactOfVersion(
        row.name,
        row.pacticipant_id,
        row.id,
        row.sha,
        row.since,
        result(row),
        VersionRef(row.version_id, row.result_version, row.position) if row.version_id else None,
        bool(row.documents),
    )


def _by_name_newest_first(row: Any) -> tuple[str, str, int]:
    return (row.name or "").lower(), row.name or "", -(row.id or 0)


def _verified_version(row: Any) -> VerifiedVersion | None:
    outcome = result(row)
    if outcome is None:
        return None
    version = VersionRef(row.version_id, row.number, row.position) if row.version_id else None
    return VerifiedVersion(
        row.name, row.pacticipant_id, version, row.branch, row.since, row.sha, row.id, outcome
    )


def _scenarios_of(rows: Any, participants: Any) -> list[ScenarioSummary]:
    newest_first = sorted(rows, key=lambda row: -row.id)
    return [
        ScenarioSummary(
            row.id,
            row.name,
            bool(row.success),
            row.since,
            tuple(Participant(one.name, one.number) for one in participants if one.id == row.id),
        )
        for row in newest_first
    ]


def _document(row: Any) -> DocumentSummary:
    success = None if row.success is None else bool(row.success)
    return DocumentSummary(
        row.name, row.branch, row.sha, row.id, success, row.result_version, row.verified_at
    )


def _comparison(row: Any, version: Version) -> ListedComparison:
    return ListedComparison(
        row.id,
        row.name,
        version.pacticipant,
        row.sha,
        ComparisonVerdict(row.branch),
        row.since,
        row.number,
        version.number,
    )
