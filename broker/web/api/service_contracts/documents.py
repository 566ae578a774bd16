"""The documents of versions: the only one, a list of several, each by its name or by its content."""

import orjson

from broker.domain.service_contracts.documents import DocumentInSet, DocumentSet
from broker.domain.service_contracts.reading import OperationSummary, operations
from broker.domain.service_contracts.service_contract import PublishedServiceContract, ServiceContractDocument
from broker.services.service_contracts import service_contracts
from broker.services.service_contracts.service_contracts import DocumentsOfVersion
from broker.web.context import links, reading
from broker.web.hal import Hal, Links, resource, timestamp
from broker.web.resource import ApiResource

api = ApiResource("service_contracts", __name__)
api.relation(
    "tally:service-contract",
    "The service contract of this version: its document or, where it has several, a list of them.",
    "service-contract",
    title="The service contract of a version",
)
api.relation(
    "tally:service-contract-documents",
    "The documents of the service contract of this version: a list.",
    "service-contract-documents",
)
api.relation(
    "tally:service-contract-document",
    "One document of the service contract of this version, by its name.",
    "service-contract-document",
)
api.relation(
    "tally:service-contract-content",
    "A service contract by the hash of its content.",
    "service-contract-content",
)


@api.get("service-contract", answers="ServiceContractOrDocuments")
def show(pacticipant: str, version: str) -> Hal:
    """Show the service contract of a version; a list of its documents where it has several."""
    with reading() as storage:
        found = service_contracts.find(storage, pacticipant, version)
    make = links()
    if found.only is None:
        return represent_set(found, make, make.href("service-contract", **_place(found)))
    return represent(found.only, make, make.href("service-contract", **_place(found)))


@api.get("service-contract-documents", answers="ServiceContractDocuments")
def show_all(pacticipant: str, version: str) -> Hal:
    """Show the documents of the service contract of a version."""
    with reading() as storage:
        found = service_contracts.find_set(storage, pacticipant, version)
    make = links()
    return represent_set(found, make, make.href("service-contract-documents", **_place(found)))


@api.get("service-contract-document", answers="ServiceContract")
def show_named(pacticipant: str, version: str, document: str) -> Hal:
    """Show a document of the service contract of a version."""
    with reading() as storage:
        found = service_contracts.find_named(storage, pacticipant, version, document)
    make = links()
    place = {"pacticipant": pacticipant, "version": version, "document": document}
    return represent(found, make, make.href("service-contract-document", **place))


@api.get("service-contract-content", answers="ServiceContract")
def show_content(pacticipant: str, sha: str) -> Hal:
    """Show a service contract by its hash."""
    with reading() as storage:
        found = service_contracts.find_document(storage, pacticipant, sha)
    return represent_content(found, links())


def represent(contract: PublishedServiceContract, links: Links, url: str) -> Hal:
    """Return the HAL document of a document of a version."""
    content = contract.content
    return resource(
        {
            "pacticipantName": content.pacticipant,
            "pacticipantVersionNumber": contract.version,
            "name": contract.name,
            **_state(content),
            "createdAt": timestamp(contract.published_at),
        },
        links={
            "self": {"href": url, "title": "Service contract"},
            **of_version(content.pacticipant, contract.version, links),
            **of_content(content.pacticipant, content.sha, links),
            "curies": links.curies("service-contract"),
        },
    )


def represent_set(found: DocumentsOfVersion, links: Links, url: str) -> Hal:
    """Return the HAL document of the documents of a version, without their texts."""
    version, documents = found.version, found.documents
    return resource(
        {
            "pacticipantName": version.pacticipant,
            "pacticipantVersionNumber": version.number,
            "sha": documents.sha,
            "createdAt": timestamp(documents.published_at),
        },
        embedded={
            "documents": [_in_set(found, document, links) for document in documents.documents],
        },
        links={
            "self": {"href": url, "title": "Documents of the service contract"},
            **of_version(version.pacticipant, version.number, links),
            "curies": links.curies("service-contract"),
        },
    )


def _in_set(found: DocumentsOfVersion, document: DocumentInSet, links: Links) -> Hal:
    version = found.version
    place = {"pacticipant": version.pacticipant, "version": version.number, "document": document.name}
    return {
        "name": document.name,
        "sha": document.sha,
        "specification": document.specification,
        "operationsCount": document.operations_count,
        "_links": {
            "self": links.to("service-contract-document", "Service contract", document.name, **place),
            **of_content(version.pacticipant, document.sha, links),
        },
    }


def represent_content(content: ServiceContractDocument, links: Links) -> Hal:
    """Return the HAL document of a service contract, whichever versions have it."""
    place = {"pacticipant": content.pacticipant, "sha": content.sha}
    return resource(
        {
            "pacticipantName": content.pacticipant,
            **_state(content),
            "createdAt": timestamp(content.created_at),
        },
        links={
            "self": links.to("service-contract-content", "Service contract", content.sha, **place),
            "pb:pacticipant": _pacticipant(content.pacticipant, links),
            **of_content(content.pacticipant, content.sha, links),
            "curies": links.curies("service-contract"),
        },
    )


def document_href(pacticipant: str, documents: DocumentSet, name: str, links: Links) -> str:
    """Return the address of a document of a version: that of the service contract, if it is the only one."""
    place = {"pacticipant": pacticipant, "version": documents.version}
    if len(documents.documents) == 1:
        return links.href("service-contract", **place)
    return links.href("service-contract-document", **place, document=name)


def of_version(pacticipant: str, version: str, links: Links) -> Hal:
    """Return the links from a document to the version that has it."""
    place = {"pacticipant": pacticipant, "version": version}
    return {
        "pb:pacticipant": _pacticipant(pacticipant, links),
        "pb:pacticipant-version": links.to("version", "Pacticipant version", version, **place),
        "tally:service-contract-documents": links.to(
            "service-contract-documents", "Documents of the service contract", **place
        ),
        "tally:comparisons": links.to("service-contract-comparisons", "Comparisons with pacts", **place),
        "tally:compatibilities": links.to(
            "service-contract-compatibilities", "Compared with other versions", **place
        ),
    }


def of_content(pacticipant: str, sha: str, links: Links) -> Hal:
    """Return the links from a document to its content and its results."""
    place = {"pacticipant": pacticipant, "sha": sha}
    return {
        "tally:service-contract-content": links.to(
            "service-contract-content", "Service contract by its content", sha, **place
        ),
        "tally:publish-verification-results": links.to(
            "service-contract-results", "Publish verification results", **place
        ),
        "tally:latest-verification-results": links.to(
            "latest-service-contract-result", "Latest verification result", **place
        ),
    }


def _state(content: ServiceContractDocument) -> Hal:
    return {
        "sha": content.sha,
        "specification": content.specification,
        "operations": [_operation(operation) for operation in operations(content.document)],
        "content": orjson.Fragment(content.document),
    }


def _operation(operation: OperationSummary) -> Hal:
    asked = (
        {"method": operation.method, "path": operation.path}
        if operation.channel is None
        else {"direction": operation.direction, "channel": operation.channel}
    )
    return {"id": operation.id, "kind": operation.kind, **asked, "examples": operation.examples}


def _pacticipant(name: str, links: Links) -> Hal:
    return links.to("pacticipant", "Pacticipant", name, pacticipant=name)


def _place(found: DocumentsOfVersion) -> dict[str, str]:
    return {"pacticipant": found.version.pacticipant, "version": found.version.number}
