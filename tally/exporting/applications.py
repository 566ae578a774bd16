"""Write the applications with their versions, and where these are and were."""

from collections.abc import Iterable, Mapping
from typing import Any

from tally.exporting.folder import Folder
from tally.importing.brokers import BrokerReader, Document
from tally.importing.deployments import PacticipantInEnvironment, Record, numbers_in, records_of
from tally.importing.environments import SharedEnvironment
from tally.importing.folder_names import folder_name
from tally.importing.journal import Journal
from tally.importing.pacticipants import PROPERTIES, label_names
from tally.importing.versions import ImportedVersion

_ENDED = {"deployments": "undeployedAt", "releases": "supportEndedAt"}


def folder_of(pacticipant: str) -> str:
    """Return where an application is."""
    return f"pacticipants/{folder_name(pacticipant)}"


def write_places(
    source: BrokerReader,
    folder: Folder,
    pacticipant: str,
    environments: Iterable[SharedEnvironment],
    journal: Journal,
) -> None:
    """Write the deployments and releases of an application, with the ended ones, by environment."""
    found: dict[str, list[Document]] = {kind: [] for kind in _ENDED}
    for environment in environments:
        place = PacticipantInEnvironment(pacticipant, environment)
        numbers = numbers_in(source, place, journal)
        for kind in _ENDED:
            there = sorted(records_of(source, kind, place, numbers), key=_moment)
            found[kind] += [_record(kind, environment.name, record) for record in there]
    for kind, records in found.items():
        folder.write(f"{folder_of(pacticipant)}/{kind}.json", records)
        journal.copied[kind] += len(records)
        lasting = {"deployments": "currently deployed", "releases": "currently supported"}[kind]
        journal.copied[lasting] += sum(_ENDED[kind] not in record for record in records)


def _moment(record: Record) -> tuple[str, str, str, str]:
    return record.created_at, record.ended_at or "9999", record.version, record.instance


def _record(kind: str, environment: str, record: Record) -> Document:
    said = {
        "environment": environment,
        "version": record.version,
        "applicationInstance": record.instance or None,
        "createdAt": record.created_at,
        _ENDED[kind]: record.ended_at,
    }
    return {key: value for key, value in said.items() if value is not None}


def write_versions(source: BrokerReader, folder: Folder, pacticipant: str, journal: Journal) -> list[str]:
    """Write the versions, oldest first, and the branches of an application; return their numbers."""
    dates = {
        item["name"]: {"name": item["name"], "createdAt": item["createdAt"]}
        for item in source.items("branches", "branches", pacticipant=pacticipant)
    }
    found: dict[str, Document] = {}
    for document in source.backwards("versions", "versions", pacticipant=pacticipant):
        version = ImportedVersion.of(document)
        found[version.number] = _version(version)
    where = folder_of(pacticipant)
    folder.write(f"{where}/branches.json", [dates[name] for name in sorted(dates)])
    folder.write(f"{where}/versions.json", list(found.values()))
    journal.copied["versions"] += len(found)
    journal.copied["branches"] += len(dates)
    journal.copied["tags"] += sum(len(version["tags"]) for version in found.values())
    return list(found)


def _version(version: ImportedVersion) -> Document:
    said = {
        "number": version.number,
        "createdAt": version.created_at,
        "buildUrl": version.build_url,
        "branches": [{"name": name, "head": head} for name, head in sorted(version.branches.items())],
        "tags": sorted(version.tags),
    }
    return {key: value for key, value in said.items() if value is not None}


def write_pacticipant(folder: Folder, item: Mapping[str, Any], journal: Journal) -> None:
    """Write what is told of an application itself: last, as it is the sign that all of it is there."""
    said = {"name": item["name"], **{key: item[key] for key in PROPERTIES if item.get(key)}}
    said |= {"labels": sorted(label_names(dict(item))), "createdAt": item["createdAt"]}
    folder.write(f"{folder_of(item['name'])}/pacticipant.json", said)
    journal.copied["pacticipants"] += 1
