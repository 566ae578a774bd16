"""Copy the results of scenarios over several services, which only a Tallystick has."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote

from tally.errors import BrokerRefusedError
from tally.importing.brokers import BrokerReader, Document, TargetBroker
from tally.importing.journal import Journal

_OF_RESULT = ("title", "success", "durationMs", "buildUrl", "testResults")
_Identity = tuple[str, bool, str]


def copy_scenarios(
    source: BrokerReader, target: TargetBroker, journal: Journal, pacticipants: Iterable[str]
) -> None:
    """Copy the results that the target lacks, oldest first: the same are those of one title and moment."""
    numbers = {
        number_of(item)
        for name in pacticipants
        for version in source.backwards("versions", "versions", pacticipant=name)
        for item in source.items(
            "scenario-results", "scenarioResults", pacticipant=name, version=version["number"]
        )
    }
    known: dict[tuple[str, str], Counter[_Identity]] = {}
    for number in sorted(numbers):
        found = source.get("scenario-result", number=str(number)).state
        participants = participants_of(found)
        identity = _identity(found)
        first = participants[0]["pacticipantName"], participants[0]["pacticipantVersionNumber"]
        if first not in known:
            known[first] = Counter(_identities(target, *first))
        if known[first][identity]:
            known[first][identity] -= 1
            journal.present["scenario results"] += 1
        else:
            _publish(found, participants, target, journal)


def _publish(
    found: Document, participants: list[dict[str, str]], target: TargetBroker, journal: Journal
) -> None:
    body = {key: found[key] for key in _OF_RESULT if found.get(key) is not None}
    try:
        if not target.keeps_nothing:  # a rehearsal has no versions that it could be of
            target.post(
                "publish-scenario-results", {**body, "participants": participants}, found["createdAt"]
            )
        journal.copied["scenario results"] += 1
    except BrokerRefusedError as error:
        journal.refused(f"The result of the scenario {found['title']!r}", error)


def _identities(target: TargetBroker, pacticipant: str, version: str) -> Iterator[_Identity]:
    place = {"pacticipant": pacticipant, "version": version}
    return map(_identity, target.items("scenario-results", "scenarioResults", **place))


def _identity(item: Document) -> _Identity:
    return item["title"], item["success"], item["createdAt"]


def number_of(item: Document) -> int:
    """Return the number of a result in a list."""
    return int(item["_links"]["self"]["href"].rpartition("/")[2])


def participants_of(result: Document) -> list[dict[str, str]]:
    """Return the versions that took part, as they are published; the broker tells where they are."""
    return [_participant(link) for link in result["_links"].get("tally:participants", ())]


def _participant(link: dict[str, Any]) -> dict[str, str]:
    *_, pacticipant, _, version = (unquote(part) for part in link["href"].split("/"))
    return {"pacticipantName": pacticipant, "pacticipantVersionNumber": version}
