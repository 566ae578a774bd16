"""What users do with service contracts that were published: read them, and tell how verifying them went."""

from collections.abc import Sequence
from datetime import datetime

from broker.domain.errors import NotFoundError
from broker.domain.model import Version
from broker.domain.service_contracts.documents import DocumentInSet, DocumentSet
from broker.domain.service_contracts.service_contract import (
    NewServiceContractResult,
    PublishedServiceContract,
    ServiceContractDocument,
    ServiceContractResult,
)
from broker.services.pacticipants import pacticipants
from broker.storage.storage import Storage
from tally.values import dataclass


@dataclass(frozen=True)
class DocumentsOfVersion:
    """The documents of a version; *only* is the one when there are no others."""

    version: Version
    documents: DocumentSet
    only: PublishedServiceContract | None = None


def find_set(storage: Storage, pacticipant: str, version: str) -> DocumentsOfVersion:
    """Return the documents of a version, without their texts. Raises NotFoundError."""
    found = pacticipants.find_version(storage, pacticipant, version)
    documents = storage.document_sets.of_version(found)
    if documents is None:
        raise NotFoundError(f"Version {version} of {pacticipant} has no service contract")
    return DocumentsOfVersion(found, documents)


def find(storage: Storage, pacticipant: str, version: str) -> DocumentsOfVersion:
    """Return the documents of a version, with the text if there is only one. Raises NotFoundError."""
    found = find_set(storage, pacticipant, version)
    if len(found.documents.documents) > 1:
        return found
    document = found.documents.documents[0]
    return DocumentsOfVersion(found.version, found.documents, _published(storage, found, document))


def find_named(storage: Storage, pacticipant: str, version: str, name: str) -> PublishedServiceContract:
    """Return the document of a version with this name. Raises NotFoundError that names those there are."""
    found = find_set(storage, pacticipant, version)
    for document in found.documents.documents:
        if document.name == name:
            return _published(storage, found, document)
    names = ", ".join(document.name for document in found.documents.documents)
    raise NotFoundError(f"Version {version} of {pacticipant} has no document {name!r}: it has {names}")


def all_of(storage: Storage, version: Version) -> Sequence[PublishedServiceContract]:
    """Return the documents of a version with their texts, by name."""
    documents = storage.document_sets.of_version(version)
    if documents is None:
        return []
    found = DocumentsOfVersion(version, documents)
    return [_published(storage, found, document) for document in documents.documents]


def _published(
    storage: Storage, found: DocumentsOfVersion, document: DocumentInSet
) -> PublishedServiceContract:
    content = storage.service_contracts.find(found.version.pacticipant, document.sha)
    assert content is not None, "the set refers to it"  # noqa: S101 - for mypy
    return PublishedServiceContract(
        found.version.number, found.documents.published_at, content, document.name
    )


def find_document(storage: Storage, pacticipant: str, sha: str) -> ServiceContractDocument:
    """Return the document with this hash. Raises NotFoundError that names what is missing."""
    found = storage.service_contracts.find(pacticipant, sha)
    if found is None:
        pacticipants.find(storage, pacticipant)
        raise NotFoundError(f"No service contract of {pacticipant} has the content {sha}")
    return found


def record_result(
    storage: Storage, document: ServiceContractDocument, result: NewServiceContractResult, now: datetime
) -> ServiceContractResult:
    """Store a result, and create the provider's version when it is new."""
    service = pacticipants.find(storage, document.pacticipant)
    version, _ = storage.versions.find_or_create(service, result.provider_version, now)
    storage.note(
        "service_contract_results",
        f"{document.pacticipant} / {result.provider_version}",
        after={"document": document.sha, "success": result.success},
    )
    number = storage.service_contracts.add_result(document.id, version, result, now)
    return find_result(storage, document, number)


def find_result(storage: Storage, document: ServiceContractDocument, number: int) -> ServiceContractResult:
    """Return a result by its number. Raises NotFoundError."""
    found = storage.service_contracts.result(document, number)
    if found is None:
        raise NotFoundError(f"No verification result with number {number} found for this service contract")
    return found


def latest_result(storage: Storage, document: ServiceContractDocument) -> ServiceContractResult:
    """Return the newest result. Raises NotFoundError."""
    found = storage.service_contracts.latest_result(document)
    if found is None:
        raise NotFoundError("This service contract has not been verified yet")
    return found
