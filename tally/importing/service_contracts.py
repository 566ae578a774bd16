"""Copy the service contracts of another Tallystick, with their newest results, and how they are judged."""

from tally.errors import BrokerRefusedError
from tally.importing.brokers import BrokerReader, Document, TargetBroker
from tally.importing.journal import Journal

_OF_RESULT = ("success", "providerApplicationVersion", "buildUrl", "testResults", "verifiedBy")
_OF_POLICY = ("mode", "lenient", "incompatible", "evidence", "guaranteed", "documents")


def copy_service_contracts(
    source: BrokerReader, target: TargetBroker, journal: Journal, pacticipant: str
) -> None:
    """Copy what the versions of an application have that the target lacks, oldest first; the policy last.

    A policy may refuse documents; those were published when it was another.
    """
    shas: dict[str, None] = {}
    for version in source.backwards("versions", "versions", pacticipant=pacticipant):
        place = {"pacticipant": pacticipant, "version": version["number"]}
        found = source.find("service-contracts", **place)
        if found is None:
            continue
        documents = found.embedded("documents")
        try:
            _publish(source, target, journal, place, found.state["createdAt"], documents)
        except BrokerRefusedError as error:
            journal.refused(f"The service contract of {pacticipant} {version['number']}", error)
            continue
        shas |= dict.fromkeys(item["sha"] for item in documents)
    for sha in shas:
        _copy_result(source, target, journal, {"pacticipant": pacticipant, "sha": sha})
    _copy_policy(source, target, journal, pacticipant)


def _publish(  # noqa: PLR0913, PLR0917 - both sides, and what is published
    source: BrokerReader,
    target: TargetBroker,
    journal: Journal,
    place: dict[str, str],
    date: str,
    documents: list[Document],
) -> None:
    ours = target.find("service-contracts", **place)
    present = {item["name"] for item in ours.embedded("documents")} if ours else set()
    journal.present["service contracts"] += len(present & {item["name"] for item in documents})
    missing = [item for item in documents if item["name"] not in present]
    if not missing:
        return
    pacticipant = place["pacticipant"]
    body = {
        "pacticipantName": pacticipant,
        "pacticipantVersionNumber": place["version"],
        "documents": [
            {
                "name": item["name"],
                "content": source.get("service-contract", pacticipant=pacticipant, sha=item["sha"]).state[
                    "content"
                ],
            }
            for item in missing
        ],
    }
    target.post("publish-service-contract", body, date)
    journal.copied["service contracts"] += len(missing)


def _copy_result(source: BrokerReader, target: TargetBroker, journal: Journal, place: dict[str, str]) -> None:
    theirs = source.find("latest-service-contract-result", **place)
    if theirs is None or target.keeps_nothing:  # a rehearsal has no document that it could be of
        return
    ours = target.find("latest-service-contract-result", **place)
    if ours is not None:
        journal.present["results of service contracts"] += 1
        return
    body = {key: theirs.state[key] for key in _OF_RESULT if theirs.state.get(key) is not None}
    try:
        target.post("service-contract-results", body, theirs.state["verificationDate"], **place)
        journal.copied["results of service contracts"] += 1
    except BrokerRefusedError as error:
        journal.refused(f"A result of a service contract of {place['pacticipant']}", error)


def _copy_policy(source: BrokerReader, target: TargetBroker, journal: Journal, pacticipant: str) -> None:
    theirs = source.find("service-contract-policy", pacticipant=pacticipant)
    if theirs is None or not theirs.state.get("updatedAt"):
        return
    ours = target.find("service-contract-policy", pacticipant=pacticipant)
    if ours is not None and ours.state.get("updatedAt"):
        journal.present["policies"] += 1
        return
    body = {key: theirs.state[key] for key in _OF_POLICY if key in theirs.state}
    try:
        target.put("service-contract-policy", body, theirs.state["updatedAt"], pacticipant=pacticipant)
        journal.copied["policies"] += 1
    except BrokerRefusedError as error:
        journal.refused(f"The policy for service contracts of {pacticipant}", error)
