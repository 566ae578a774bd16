"""Write the service contracts of an application, how they are judged, and its scenarios."""

from collections.abc import Sequence
from typing import Any

from tally.exporting.applications import folder_of
from tally.exporting.folder import Folder
from tally.importing.brokers import BrokerReader, ahead
from tally.importing.journal import Journal
from tally.importing.scenarios import number_of, participants_of

_OF_POLICY = ("mode", "lenient", "incompatible", "evidence", "guaranteed", "documents", "updatedAt")
_LINKS = frozenset({"_links", "_embedded"})


def write(  # noqa: PLR0913 - both sides and the circumstances, all named at the call
    source: BrokerReader,
    folder: Folder,
    pacticipant: str,
    numbers: Sequence[str],
    *,
    journal: Journal,
    at_once: int,
) -> None:
    """Write which version has which documents, each document and its latest result once, and the policy."""
    where = folder_of(pacticipant)

    def read(number: str) -> tuple[Any, list[dict[str, Any]]]:
        place = {"pacticipant": pacticipant, "version": number}
        return source.find("service-contracts", **place), list(
            source.items("scenario-results", "scenarioResults", **place)
        )

    publications = []
    for number, (found, scenarios) in ahead(read, numbers, at_once):
        if found is not None:
            documents = [
                {"name": item["name"], "content": item["sha"]} for item in found.embedded("documents")
            ]
            created_at = found.state["createdAt"]
            publications.append({"version": number, "createdAt": created_at, "documents": documents})
        for item in scenarios:
            _write_scenario(source, folder, item)
    shas = list(dict.fromkeys(each["content"] for item in publications for each in item["documents"]))
    results = [_write_document(source, folder, pacticipant, sha) for sha in shas]
    folder.keep_only(f"{where}/service-contracts", {f"{sha}.json" for sha in shas})
    if publications:
        folder.write(f"{where}/service-contracts.json", publications)
        folder.write(f"{where}/service-contract-results.json", [item for item in results if item])
    _write_policy(source, folder, pacticipant)
    journal.copied["service contracts"] += len(shas)


def _write_document(
    source: BrokerReader, folder: Folder, pacticipant: str, sha: str
) -> dict[str, Any] | None:
    """Write a document, and return its latest result."""
    place = {"pacticipant": pacticipant, "sha": sha}
    name = f"{folder_of(pacticipant)}/service-contracts/{sha}.json"
    if not folder.has(name):
        folder.write(name, source.get("service-contract", **place).state["content"])
    found = source.find("latest-service-contract-result", **place)
    return (
        None
        if found is None
        else {
            "content": sha,
            **{key: value for key, value in found.state.items() if key not in _LINKS},
        }
    )


def _write_policy(source: BrokerReader, folder: Folder, pacticipant: str) -> None:
    found = source.find("service-contract-policy", pacticipant=pacticipant)
    if found is not None and found.state.get("updatedAt"):
        policy = {key: found.state[key] for key in _OF_POLICY if key in found.state}
        folder.write(f"{folder_of(pacticipant)}/service-contract-policy.json", policy)


def _write_scenario(source: BrokerReader, folder: Folder, item: dict[str, Any]) -> None:
    number = number_of(item)
    name = f"scenario-results/{number}.json"
    if not folder.has(name):
        found = source.get("scenario-result", number=str(number)).state
        content = {key: value for key, value in found.items() if key not in _LINKS}
        folder.write(name, {**content, "participants": participants_of(found)})
