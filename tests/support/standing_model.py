"""How integrations stand, found anew from all rows, slowly and in another way than the broker keeps it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, select

from broker.domain.decisions.evidence import (
    ComparisonMade,
    ComparisonVerdict,
    DocumentEvidence,
    PairEvidence,
    judge,
)
from broker.domain.overview.standings import RANK, failed_interactions
from broker.domain.overview.summaries import PactStatus
from broker.domain.pacts import outline
from broker.domain.service_contracts.policy import Evidence
from broker.storage import tables
from broker.storage.overview.standing_facts import LOOK_BACK, RESULTS
from broker.storage.overview.standing_renewal import failures_of

Row = Any
Place = tuple[int, int]
LETTERS = {PactStatus.VERIFIED: "v", PactStatus.FAILED: "f", PactStatus.PENDING: "p"}


@dataclass(frozen=True)
class Expected:
    """What is to be kept of a place, as far as it follows from all rows."""

    verdict: PactStatus
    consumer_version_id: int | None = None
    provider_version_id: int | None = None
    pact_version_id: int | None = None
    result: int | None = None
    since: Any = None
    since_version_id: int | None = None
    interactions: int = 0
    failures: Any = None
    results: str = ""


class StandingModel:
    """All rows of a database, and what follows from them."""

    def __init__(self, connection: Connection) -> None:
        def rows(table: Table) -> list[Row]:
            return list(connection.execute(select(table)))

        def by_id(table: Table) -> dict[int, Row]:
            return {row.id: row for row in rows(table)}

        self.integrations = rows(tables.integrations)
        self.pacticipants = by_id(tables.pacticipants)
        self.versions = by_id(tables.versions)
        self.contents = by_id(tables.pact_versions)
        self.publications = rows(tables.pact_publications)
        self.results = sorted(rows(tables.verifications), key=lambda row: -row.id)
        self.tags = rows(tables.tags)
        self.branches = {(row.pacticipant_id, row.name): row for row in rows(tables.branches)}
        self.members: dict[int, set[int]] = defaultdict(set)
        for row in rows(tables.branch_versions):
            self.members[row.branch_id].add(row.version_id)
        self.there = [
            (row.environment_id, row.pacticipant_id, row.version_id)
            for table, ended in (
                (tables.deployed_versions, "undeployed_at"),
                (tables.released_versions, "support_ended_at"),
            )
            for row in rows(table)
            if getattr(row, ended) is None
        ]
        self.sets = {row.version_id: row for row in rows(tables.service_contract_publications)}
        self.set_documents = rows(tables.service_contract_set_documents)
        self.own_results = sorted(rows(tables.service_contract_verifications), key=lambda row: row.id)
        self.policies = {row.pacticipant_id: row for row in rows(tables.service_contract_policies)}
        self.comparisons = rows(tables.comparisons)

    def all(self) -> dict[Place, Expected]:
        """Return what is to be kept, by the ids of integrations and of places."""
        found: dict[Place, Expected] = {}
        for pair in self.integrations:
            found[pair.id, 0] = self._on_main(pair)
            found.update({(pair.id, place): kept for place, kept in self._in_environments(pair).items()})
        return found

    def _on_main(self, pair: Row) -> Expected:
        of_pair = [row for row in self.results if _is_between(row, pair)]
        letters = "".join(LETTERS[_status(row)] for row in of_pair[:RESULTS])[::-1]
        publication = self._pact_on_main(pair)
        if publication is None:
            return Expected(PactStatus.NEVER, results=letters)
        version_id = self._provider_on_main(pair, publication)
        decided = self._decided(pair, publication, version_id)
        on_main = [row for row in of_pair[:LOOK_BACK] if self._is_on_main(row, pair, publication)]
        if decided is None and on_main and not on_main[0].success:
            decided = self._from_result(publication, version_id, on_main[0])
        if decided is None:
            verdict = PactStatus.CHANGED if on_main else PactStatus.NEVER
            decided = self._undecided(publication, version_id, verdict)
        if decided.result is not None and decided.verdict is not PactStatus.VERIFIED:
            run = []
            for row in on_main:
                if row.success:
                    break
                run.append(row)
            if run:
                decided = _changed(
                    decided, since=run[-1].created_at, since_version_id=run[-1].provider_version_id
                )
        return _changed(decided, results=letters)

    def _in_environments(self, pair: Row) -> dict[int, Expected]:
        found: dict[int, list[Expected]] = defaultdict(list)
        current = {
            row.consumer_version_id: row
            for row in self.publications
            if not row.superseded and _is_between(row, pair)
        }
        for environment_id, pacticipant_id, version_id in self.there:
            if pacticipant_id != pair.consumer_id or version_id not in current:
                continue
            publication = current[version_id]
            its = [
                version
                for place, of, version in self.there
                if (place, of) == (environment_id, pair.provider_id)
            ]
            for provider_version in its or [None]:
                was_verified = any(
                    row.success and row.pact_version_id == publication.pact_version_id for row in self.results
                )
                verdict = PactStatus.CHANGED if was_verified else PactStatus.NEVER
                found[environment_id].append(
                    self._decided(pair, publication, provider_version)
                    or self._undecided(publication, provider_version, verdict)
                )
        return {
            place: min(
                met,
                key=lambda item: (
                    RANK[item.verdict],
                    -(item.consumer_version_id or 0),
                    -(item.provider_version_id or 0),
                ),
            )
            for place, met in found.items()
        }

    def _pact_on_main(self, pair: Row) -> Row | None:
        current = [row for row in self.publications if not row.superseded and _is_between(row, pair)]

        on_branch = self.members[branch.id] if (branch := self._branch(pair.consumer_id)) else set()
        tagged = {tag.version_id for tag in self._tagged(pair.consumer_id)}
        for versions in (on_branch, tagged):
            if found := [row for row in current if row.consumer_version_id in versions]:
                return _newest(found)
        return _newest(current)

    def _tagged(self, pacticipant_id: int) -> list[Row]:
        main = self.pacticipants[pacticipant_id].main_branch
        return [tag for tag in self.tags if (tag.pacticipant_id, tag.name) == (pacticipant_id, main)]

    def _branch(self, pacticipant_id: int) -> Row | None:
        branch = self.branches.get((pacticipant_id, self.pacticipants[pacticipant_id].main_branch))
        return branch if branch and branch.head_version_id else None

    def _provider_on_main(self, pair: Row, publication: Row) -> int | None:
        provider = self.pacticipants[pair.provider_id]
        if branch := self._branch(provider.id):
            return int(branch.head_version_id)
        if tag := _newest(self._tagged(provider.id)):
            return int(tag.version_id)
        for row in self.results:
            if row.pact_version_id == publication.pact_version_id:
                return int(row.provider_version_id)
        documented = [
            self.versions[version_id]
            for version_id in self.sets
            if self.versions[version_id].pacticipant_id == provider.id
        ]
        found = _newest(documented)
        return found.id if found else None

    def _is_on_main(self, result: Row, pair: Row, publication: Row) -> bool:
        mine, its = self._branch(pair.consumer_id), self._branch(pair.provider_id)
        if its and result.provider_version_id not in self.members[its.id]:
            return False
        if not mine or result.pact_version_id == publication.pact_version_id:
            return True
        return any(
            row.pact_version_id == result.pact_version_id and row.consumer_version_id in self.members[mine.id]
            for row in self.publications
        )

    def _decided(self, pair: Row, publication: Row, version_id: int | None) -> Expected | None:
        replay = next(
            (
                row
                for row in self.results
                if not row.superseded
                and (row.pact_version_id, row.provider_version_id)
                == (publication.pact_version_id, version_id)
            ),
            None,
        )
        evidence = self._evidence(pair, publication, version_id)
        if evidence is None:
            return self._from_result(publication, version_id, replay) if replay else None
        success = judge(bool(replay.success) if replay else None, evidence).success
        if success is None:
            return None
        if replay and bool(replay.success) is success:
            return self._from_result(publication, version_id, replay)
        verdict = PactStatus.VERIFIED if success else PactStatus.FAILED
        since = (
            evidence.comparison.created_at if evidence.comparison else self._met_at(publication, version_id)
        )
        found = self._undecided(publication, version_id, verdict)
        return _changed(found, since=since)

    def _evidence(self, pair: Row, publication: Row, version_id: int | None) -> PairEvidence | None:
        published, policy = self.sets.get(version_id), self.policies.get(pair.provider_id)
        if published is None or not (published.decides or policy):
            return None
        guaranteed = bool(policy and policy.guaranteed)
        made = next(
            (
                row
                for row in self.comparisons
                if (row.pact_version_id, row.set_id, bool(row.guaranteed))
                == (publication.pact_version_id, published.set_id, guaranteed)
            ),
            None,
        )
        kept = {
            row.service_contract_id: bool(row.success)
            for row in self.own_results
            if row.version_id == version_id
        }
        documents = tuple(
            DocumentEvidence(row.name, "", "", kept.get(row.service_contract_id))
            for row in self.set_documents
            if row.set_id == published.set_id
        )
        return PairEvidence(
            Evidence(policy.evidence) if policy else Evidence.COMPARED,
            ComparisonMade(made.id, ComparisonVerdict(made.verdict), made.created_at) if made else None,
            documents,
        )

    def _from_result(self, publication: Row, version_id: int | None, result: Row) -> Expected:
        found = self._undecided(publication, version_id, _status(result))
        failed = (
            None
            if result.success
            else failed_interactions(
                result.test_results, outline.read(self.contents[result.pact_version_id].outline)
            )
        )
        return _changed(
            found,
            result=result.id,
            since=result.created_at,
            since_version_id=result.provider_version_id,
            failures=failed,
        )

    def _undecided(self, publication: Row, version_id: int | None, verdict: PactStatus) -> Expected:
        content = self.contents[publication.pact_version_id]
        return Expected(
            verdict,
            publication.consumer_version_id,
            version_id,
            publication.pact_version_id,
            since=self._met_at(publication, version_id),
            since_version_id=version_id,
            interactions=content.interactions_count + content.messages_count,
        )

    def _met_at(self, publication: Row, version_id: int | None) -> Any:
        if version_id is None:
            return publication.created_at
        return max(publication.created_at, self.versions[version_id].created_at)


def wrong_standings(connection: Connection) -> list[object]:
    """Return each place that is kept otherwise than it follows from all rows, with both."""
    expected = StandingModel(connection).all()
    kept = {
        (row.integration_id, row.place): _kept(row) for row in connection.execute(select(tables.standings))
    }
    return [
        (place, {"kept": kept.get(place), "expected": expected.get(place)})
        for place in sorted(expected.keys() | kept.keys())
        if kept.get(place) != expected.get(place)
    ]


def _kept(row: Row) -> Expected:
    verdict = next(status for status, rank in RANK.items() if rank == row.verdict)
    return Expected(
        verdict,
        row.consumer_version_id,
        row.provider_version_id,
        row.pact_version_id,
        row.verification_id,
        row.since,
        row.since_version_id,
        row.interactions,
        failures_of(row.failures),
        row.results,
    )


def _changed(found: Expected, **values: Any) -> Expected:
    return Expected(**{**vars(found), **values})


def _is_between(row: Row, pair: Row) -> bool:
    return (row.consumer_id, row.provider_id) == (pair.consumer_id, pair.provider_id)


def _newest(rows: Iterable[Row]) -> Row | None:
    return max(rows, key=lambda row: row.position, default=None)


def _status(result: Row) -> PactStatus:
    if result.success:
        return PactStatus.VERIFIED
    return PactStatus.PENDING if result.pending else PactStatus.FAILED
