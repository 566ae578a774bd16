"""Copy where versions are and were: deployments and releases (Pact Broker reference §4.12, §9)."""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import replace
from typing import Self

from tally.errors import BrokerRefusedError
from tally.importing.brokers import BrokerReader, Document, TargetBroker
from tally.importing.environments import SharedEnvironment
from tally.importing.journal import Journal
from tally.values import dataclass

_CURRENT = {"deployments": "currently-deployed", "releases": "currently-supported"}
_RELATION = {"deployments": "deployedVersions", "releases": "releasedVersions"}
_PATCHED = {
    "deployments": ("/deployed-versions/", {"currentlyDeployed": False}),
    "releases": ("/released-versions/", {"currentlySupported": False}),
}
_ENDS, _BEGINS = 0, 1
_NEVER = "9999"
"""Later than every date, as text."""


@dataclass(frozen=True)
class PacticipantInEnvironment:
    """A pacticipant in an environment."""

    pacticipant: str
    environment: SharedEnvironment

    def __str__(self) -> str:
        """Return the place as in a sentence."""
        return f"{self.pacticipant} in {self.environment.name}"


@dataclass(frozen=True)
class Record:
    """A deployment or a release; *instance* is "" for none, *ended_at* is None while it lasts."""

    version: str
    instance: str
    created_at: str
    ended_at: str | None
    uuid: str

    @classmethod
    def of(cls, version: str, document: Document) -> Self:
        """Read the document of a deployed or released version."""
        ended_at = document.get("undeployedAt") or document.get("supportEndedAt")
        lasts = document.get("currentlyDeployed", document.get("currentlySupported", True))
        if not lasts and not ended_at:
            ended_at = document.get("updatedAt") or document["createdAt"]
        instance = document.get("applicationInstance") or document.get("target") or ""
        return cls(version, instance, document["createdAt"], ended_at, document["uuid"])

    @property
    def identity(self) -> tuple[str, str, str]:
        """Return what is the same for its copy."""
        return self.version, self.instance, self.created_at


class DeploymentCopier:
    """Copies what happened in one place after the other."""

    def __init__(self, source: BrokerReader, target: TargetBroker, journal: Journal) -> None:
        self._source = source
        self._target = target
        self._journal = journal

    def copy(self, place: PacticipantInEnvironment) -> None:
        """Copy the deployments and releases that the target lacks, in the order in which they happened."""
        numbers = numbers_in(self._source, place, self._journal)
        for kind, copy in (("deployments", self._copy_deployments), ("releases", self._copy_releases)):
            theirs = records_of(self._source, kind, place, numbers)
            if theirs:
                copy(place, theirs, records_of(self._target, kind, place, numbers))

    def _copy_deployments(
        self, place: PacticipantInEnvironment, theirs: list[Record], ours: list[Record]
    ) -> None:
        blocked = self._own_slots(place, theirs)
        copies = _by_identity(ours)
        begun: dict[str, Record | str | None] = {}
        for date, is_begin, record in _timeline(theirs):
            if record.instance in blocked:
                continue
            if is_begin and copies[record.identity]:
                begun[record.uuid] = copies[record.identity].popleft()
                self._journal.present["deployments"] += 1
            elif is_begin:
                begun[record.uuid] = self._begin("deployments", place, record)
            else:
                copy = begun[record.uuid]
                uuid = copy.uuid if isinstance(copy, Record) and copy.ended_at is None else copy
                if isinstance(uuid, str):
                    self._end("deployments", place, replace(record, uuid=uuid, ended_at=date))

    def _own_slots(self, place: PacticipantInEnvironment, theirs: list[Record]) -> set[str]:
        """Return the instances where the target says itself what is deployed, and note them as problems."""
        copied = {record.identity for record in theirs}
        own = [item for item in current(self._target, "deployments", place) if item.identity not in copied]
        instances = {record.instance for record in theirs}
        for record in own:
            if record.instance in instances:
                where = f" (instance {record.instance})" if record.instance else ""
                self._journal.problem(
                    f"{place}{where}: the target has its own deployment of {record.version}, which stays; "
                    "none of the source's is copied there"
                )
        return {record.instance for record in own}

    def _copy_releases(
        self, place: PacticipantInEnvironment, theirs: list[Record], ours: list[Record]
    ) -> None:
        known = {record.version: record for record in ours}
        for record in sorted(theirs, key=lambda item: item.created_at):
            copy = known.get(record.version)
            if copy is not None:
                self._journal.present["releases"] += 1
            uuid = copy.uuid if copy else self._begin("releases", place, record)
            if uuid and record.ended_at and (copy is None or copy.ended_at is None):
                self._end("releases", place, replace(record, uuid=uuid))
            elif copy is not None and copy.ended_at and not record.ended_at:
                self._journal.problem(
                    f"{place}: {record.version} is supported in the source, and no longer in the target"
                )

    def _begin(self, kind: str, place: PacticipantInEnvironment, record: Record) -> str | None:
        """Return the uuid of the copy; None when the target refuses it."""
        try:
            answer = self._target.post(
                kind,
                {"applicationInstance": record.instance} if record.instance else {},
                record.created_at,
                pacticipant=place.pacticipant,
                version=record.version,
                environment=place.environment.target_uuid,
            )
        except BrokerRefusedError as error:
            self._journal.refused(f"The {_title(kind, place, record)}", error)
            return None
        self._journal.copied[kind] += 1
        return str(answer.state["uuid"])

    def _end(self, kind: str, place: PacticipantInEnvironment, copy: Record) -> None:
        collection, change = _PATCHED[kind]
        url = f"{self._target.client.base_url}{collection}{copy.uuid}"
        try:
            self._target.patch(url, change, copy.ended_at or "")
        except BrokerRefusedError as error:
            self._journal.refused(f"The end of the {_title(kind, place, copy)}", error)


def _title(kind: str, place: PacticipantInEnvironment, record: Record) -> str:
    return f"{kind.removesuffix('s')} of {place.pacticipant} {record.version} to {place.environment.name}"


def numbers_in(source: BrokerReader, place: PacticipantInEnvironment, journal: Journal) -> list[str]:
    """Return the versions that were ever in a place; of an old broker, those that are."""
    values = {"pacticipant": place.pacticipant, "environment": place.environment.source_uuid}
    if source.find("environment-versions", **values) is not None:
        items = source.backwards("environment-versions", "versions", **values)
        return list(dict.fromkeys(item["number"] for item in items))
    journal.remark(
        "The source does not list which versions were in an environment: only what is there now is copied"
    )
    return list(dict.fromkeys(record.version for kind in _CURRENT for record in current(source, kind, place)))


def records_of(
    broker: BrokerReader, kind: str, place: PacticipantInEnvironment, numbers: Iterable[str]
) -> list[Record]:
    """Return the deployments or the releases of these versions in a place."""
    uuid = uuid_in(broker, place.environment)
    return [
        Record.of(number, item)
        for number in numbers
        for found in [broker.find(kind, pacticipant=place.pacticipant, version=number, environment=uuid)]
        if found is not None
        # Newest first in the API: what happened in the same second stays in its order.
        for item in reversed(found.embedded(_RELATION[kind]))
    ]


def current(broker: BrokerReader, kind: str, place: PacticipantInEnvironment) -> list[Record]:
    """Return what is deployed, or released and supported, in a place now."""
    uuid = uuid_in(broker, place.environment)
    params = [("pacticipant", place.pacticipant)]
    found = broker.find(_CURRENT[kind], params, environment=uuid)
    items = found.embedded(_RELATION[kind]) if found else []
    return [
        Record.of(embedded["version"]["number"], item)
        for item in items
        for embedded in [item["_embedded"]]
        if embedded["pacticipant"]["name"] == place.pacticipant
    ]


def uuid_in(broker: BrokerReader, environment: SharedEnvironment) -> str:
    """Return how this broker calls the environment."""
    return environment.target_uuid if isinstance(broker, TargetBroker) else environment.source_uuid


def _by_identity(records: Iterable[Record]) -> dict[tuple[str, str, str], deque[Record]]:
    """Return the records that cannot be told apart together, in the order in which they ended."""
    found: dict[tuple[str, str, str], deque[Record]] = defaultdict(deque)
    for record in sorted(records, key=_end_of):
        found[record.identity].append(record)
    return found


def _timeline(records: Iterable[Record]) -> list[tuple[str, bool, Record]]:
    """Return when each deployment began and ended, in order; what ends makes room for what begins then.

    A broker tells the time in seconds, and a script may deploy more often. Of several deployments that began
    in the same second the one that lasts longest was the last: each other one ended because of the next.
    """
    events = []
    for index, record in enumerate(sorted(records, key=lambda item: (item.created_at, _end_of(item)))):
        events.append((record.created_at, _BEGINS, index, True, record))
        if record.ended_at is not None:
            at_once = record.ended_at == record.created_at
            events.append((record.ended_at, _BEGINS if at_once else _ENDS, index, False, record))
    events.sort(key=lambda event: event[:3])
    return [(date, is_begin, record) for date, _, _, is_begin, record in events]


def _end_of(record: Record) -> str:
    return record.ended_at or _NEVER
