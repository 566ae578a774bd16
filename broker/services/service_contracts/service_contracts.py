"""What users do with service contracts: publish one with a version, read it, tell how verifying it went."""

from datetime import datetime

from broker.domain.errors import ContractsConflictError, NotFoundError
from broker.domain.model import Notice, Pacticipant, Version
from broker.domain.names import resembling
from broker.domain.service_contracts.documents import NewDocument
from broker.domain.service_contracts.service_contract import (
    NewServiceContract,
    NewServiceContractResult,
    PublishedServiceContract,
    ServiceContractDocument,
    ServiceContractPublished,
    ServiceContractResult,
    changes,
)
from broker.services.circumstances import Circumstances
from broker.services.pacticipants import pacticipants, versions
from broker.services.service_contracts import offers
from broker.storage.storage import Storage


def publish(
    storage: Storage, contract: NewServiceContract, circumstances: Circumstances
) -> ServiceContractPublished:
    """Store the contract of a version, once: publishing the same content again changes nothing.

    Raises ContractsConflictError when the version has another contract, and when the service is new and its
    name resembles that of another one.
    """
    now = circumstances.now
    _check_name(storage, contract.pacticipant)
    service = storage.pacticipants.find_or_create([contract.pacticipant], now)[contract.pacticipant]
    version, _ = versions.record_version(
        storage,
        service,
        contract.version,
        circumstances,
        branch=contract.branch,
        tags=contract.tags,
        build_url=contract.build_url,
    )
    is_new = _give(storage, service, version, contract, now)
    published = find(storage, contract.pacticipant, contract.version)
    if published.content.sha != contract.sha:
        raise _conflict(published, contract)
    return ServiceContractPublished(version, published, is_new, contract.warnings)


def _give(
    storage: Storage, service: Pacticipant, version: Version, contract: NewServiceContract, now: datetime
) -> bool:
    if storage.document_sets.of_version(version, lock=True):
        return False
    document = NewDocument(
        contract.specification,
        contract.specification,
        contract.sha,
        contract.document,
        contract.operations_count,
    )
    storage.document_sets.add_contents(service, [document], now)
    offers.keep(storage, service, [document], now)
    set_id = storage.document_sets.find_or_create(service, {document.name: document.sha}, now)
    return storage.document_sets.give(version, set_id, now)


def find(storage: Storage, pacticipant: str, version: str) -> PublishedServiceContract:
    """Return the contract of a version. Raises NotFoundError that names what is missing."""
    found = only_document(storage, pacticipants.find_version(storage, pacticipant, version))
    if found is None:
        raise NotFoundError(f"Version {version} of {pacticipant} has no service contract")
    return found


def only_document(storage: Storage, version: Version) -> PublishedServiceContract | None:
    """Return the document of a version that has one."""
    found = storage.document_sets.of_version(version)
    if found is None:
        return None
    content = storage.service_contracts.find(version.pacticipant, found.documents[0].sha)
    return PublishedServiceContract(version.number, found.published_at, content) if content else None


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
    number = storage.service_contracts.add_result(document, version, result, now)
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


def _check_name(storage: Storage, name: str) -> None:
    if storage.pacticipants.find(name) is not None:
        return
    similar = resembling(name, storage.pacticipants.names())
    if similar:
        raise ContractsConflictError(
            lambda: [
                Notice(
                    "error",
                    f"The service {name!r} is new, and its name is much like that of "
                    f"{' and '.join(map(repr, sorted(similar)))}. If it is the same one, use that name.",
                )
            ]
        )


def _conflict(published: PublishedServiceContract, contract: NewServiceContract) -> ContractsConflictError:
    return ContractsConflictError(
        lambda: [
            Notice(
                "error",
                f"Version {contract.version} of {contract.pacticipant} already has another service contract. "
                "Publish the changed one with a version of its own.",
            ),
            Notice("info", "What would change:\n" + _lines(published.content.document, contract.document)),
        ]
    )


def _lines(before: bytes, after: bytes) -> str:
    return "\n".join(f"  {change}" for change in changes(before, after))
