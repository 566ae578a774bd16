"""Service contracts: publishing and reading them."""

from typing import Any

import orjson

from broker.domain import limits
from broker.domain.model import Notice
from broker.domain.service_contracts.service_contract import (
    NewServiceContract,
    PublishedServiceContract,
    ServiceContractDocument,
    ServiceContractPublished,
    checked,
    operations,
)
from broker.services.service_contracts import service_contracts
from broker.web import parsing
from broker.web.api.pacticipants.pacticipants import embedded_pacticipant, embedded_version
from broker.web.context import circumstances, links, reading, transaction
from broker.web.hal import Hal, Links, resource, timestamp
from broker.web.parsing import Fields
from broker.web.resource import ApiResource

api = ApiResource("service_contracts", __name__)
api.relation(
    "tally:publish-service-contract",
    "Publish the contract of a service: an OpenAPI, AsyncAPI or service-contract/1 document.",
    "publish-service-contract",
    title="Publish the contract of a service",
)
api.relation(
    "tally:service-contract",
    "The service contract of this version.",
    "service-contract",
    title="The service contract of a version",
)
api.relation(
    "tally:service-contract-content",
    "A service contract by the hash of its content.",
    "service-contract-content",
)


@api.post(
    "publish-service-contract", answers="PublishedServiceContract", refuses=(409,), takes="NewServiceContract"
)
def publish() -> Hal:
    """Publish the service contract of a version."""
    contract = _publication()
    with transaction() as storage:
        publication = service_contracts.publish(storage, contract, circumstances())
    return represent_publication(publication, links())


@api.get("service-contract", answers="ServiceContract")
def show(pacticipant: str, version: str) -> Hal:
    """Show the service contract of a version."""
    with reading() as storage:
        found = service_contracts.find(storage, pacticipant, version)
    return represent(found, links())


@api.get("service-contract-content", answers="ServiceContract")
def show_content(pacticipant: str, sha: str) -> Hal:
    """Show a service contract by its hash."""
    with reading() as storage:
        found = service_contracts.find_document(storage, pacticipant, sha)
    return represent_document(found, links())


def _publication() -> NewServiceContract:
    document = parsing.json_object()
    fields = Fields(document)
    pacticipant = fields.text("pacticipantName", limit=limits.NAME, required=True)
    version = fields.text("pacticipantVersionNumber", limit=limits.REFERENCE, required=True)
    branch = fields.text("branch", limit=limits.REFERENCE)
    tags = fields.texts("tags", limit=limits.REFERENCE, most=limits.TAGS)
    build_url, specification = fields.text("buildUrl", limit=limits.URL), fields.text("specification")
    if "content" not in document:
        fields.refuse("content", "is missing")
    fields.done()
    content = checked(document["content"])
    if specification not in (None, content.specification):
        fields.refuse("specification", f"must be {content.specification}: that is what the content is")
    fields.done()
    return NewServiceContract(
        pacticipant=pacticipant or "",
        version=version or "",
        specification=content.specification,
        sha=content.sha,
        document=content.text,
        operations_count=content.operations_count,
        branch=branch,
        tags=tags or (),
        build_url=build_url,
        warnings=content.warnings,
    )


def represent_publication(publication: ServiceContractPublished, links: Links) -> Hal:
    """Return what was published, with sentences for the user."""
    version, contract = publication.version, publication.contract
    url = _href(contract, links)
    notices = [*_notices(publication), Notice("debug", f"  View it at {url}")]
    told = [{"type": notice.type, "text": notice.text} for notice in notices]
    return {
        "notices": told,
        "sha": contract.content.sha,
        "_embedded": {
            "pacticipant": embedded_pacticipant(version.pacticipant, links),
            "version": embedded_version(version, links),
        },
        "_links": {
            **_related(contract.content, contract.version, links),
            "tally:service-contract": {"href": url, "title": "Service contract"},
        },
    }


def _notices(publication: ServiceContractPublished) -> list[Notice]:
    version, content = publication.version, publication.contract.content
    count = "1 operation" if content.operations_count == 1 else f"{content.operations_count} operations"
    done = "Published" if publication.is_new else "Already published, and unchanged:"
    text = f"{done} the service contract of {version.pacticipant} version {version.number} ({count})."
    doubts = [Notice("warning", f"  {warning}") for warning in publication.warnings]
    return [Notice("success", text), *doubts]


def represent(contract: PublishedServiceContract, links: Links) -> Hal:
    """Return the HAL document of the service contract of a version."""
    content = contract.content
    return resource(
        {
            "pacticipantName": content.pacticipant,
            "pacticipantVersionNumber": contract.version,
            **_state(content),
            "createdAt": timestamp(contract.published_at),
        },
        links={
            "self": {"href": _href(contract, links), "title": "Service contract"},
            **_related(content, contract.version, links),
            "curies": links.curies("service-contract"),
        },
    )


def represent_document(content: ServiceContractDocument, links: Links) -> Hal:
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
            **_related(content, None, links),
            "curies": links.curies("service-contract"),
        },
    )


def _state(content: ServiceContractDocument) -> Hal:
    return {
        "sha": content.sha,
        "specification": content.specification,
        "operations": [
            {
                "id": operation.id,
                "kind": operation.kind,
                "method": operation.method,
                "path": operation.path,
                "examples": operation.examples,
            }
            for operation in operations(content.document)
        ],
        "content": orjson.Fragment(content.document),
    }


def _related(content: ServiceContractDocument, version: str | None, links: Links) -> Hal:
    name, place = content.pacticipant, {"pacticipant": content.pacticipant, "sha": content.sha}
    related: dict[str, Any] = {
        "pb:pacticipant": links.to("pacticipant", "Pacticipant", name, pacticipant=name)
    }
    if version is not None:
        related["pb:pacticipant-version"] = links.to(
            "version", "Pacticipant version", version, pacticipant=name, version=version
        )
    return {
        **related,
        "tally:service-contract-content": links.to(
            "service-contract-content", "Service contract by its content", content.sha, **place
        ),
        "tally:publish-verification-results": links.to(
            "service-contract-results", "Publish verification results", **place
        ),
        "tally:latest-verification-results": links.to(
            "latest-service-contract-result", "Latest verification result", **place
        ),
    }


def _href(contract: PublishedServiceContract, links: Links) -> str:
    return links.href("service-contract", pacticipant=contract.content.pacticipant, version=contract.version)
