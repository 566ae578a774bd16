"""Publishing the documents of a version of a service."""

from collections.abc import Callable, Sequence
from functools import partial

from broker.domain import limits
from broker.domain.accounts.permissions import Action
from broker.domain.model import Notice
from broker.domain.service_contracts.documents import (
    NewDocument,
    NewServiceContract,
    ServiceContractPublished,
)
from broker.services.service_contracts import compatibility
from broker.services.service_contracts.comparing import MadeComparison
from broker.services.service_contracts.compatibility import Outlook
from broker.services.service_contracts.publish import publish as publish_documents
from broker.web import parsing
from broker.web.api.pacticipants.pacticipants import embedded_pacticipant, embedded_version
from broker.web.api.service_contracts import compared, compatibilities, new_documents
from broker.web.api.service_contracts.documents import document_href, of_content, of_version
from broker.web.comparing_at_once import after_comparing, look_back
from broker.web.context import circumstances, links, transaction
from broker.web.description.needs import Needs
from broker.web.hal import Hal, Links
from broker.web.parsing import Fields
from broker.web.resource import ApiResource

api = ApiResource("publishing_service_contracts", __name__)
api.relation(
    "tally:publish-service-contract",
    "Publish the documents of a version of a service, all or nothing: OpenAPI, AsyncAPI, JSON Schema of a "
    "message, or service-contract/1, as JSON, or as the Base64 of JSON or YAML. A document whose name is new "
    "is added to those that the version has; another content under a name that it has is a conflict.",
    "publish-service-contract",
    title="Publish the contract of a service",
)


@api.post(
    "publish-service-contract",
    answers="PublishedServiceContract",
    refuses=(409,),
    takes="NewServiceContract",
    needs=Needs(Action.PUBLISH),
)
def publish() -> Hal:
    """Publish the documents of a version of a service, all or nothing."""
    contract = parsing.once(_publication)
    return publish_and_compare(contract, partial(represent, links=links()))


def publish_and_compare(
    contract: NewServiceContract,
    answer: Callable[[ServiceContractPublished, Outlook, Sequence[MadeComparison]], Hal],
) -> Hal:
    """Publish documents, compared with earlier ones before that, and with pacts afterwards."""
    outlook = look_back(contract)
    with transaction() as storage:
        publication = publish_documents(storage, contract, circumstances(), outlook)
    return after_comparing(publication.to_compare, lambda made: answer(publication, outlook, made))


def _publication(body: object) -> NewServiceContract:
    given = parsing.an_object(body)
    fields = Fields(given)
    pacticipant = fields.text("pacticipantName", limit=limits.NAME, required=True)
    version = fields.text("pacticipantVersionNumber", limit=limits.REFERENCE, required=True)
    branch = fields.text("branch", limit=limits.REFERENCE)
    tags = fields.texts("tags", limit=limits.REFERENCE, most=limits.TAGS)
    build_url = fields.text("buildUrl", limit=limits.URL)
    return NewServiceContract(
        pacticipant=pacticipant or "",
        version=version or "",
        documents=_documents(fields, given),
        branch=branch,
        tags=tags or (),
        build_url=build_url,
    )


def _documents(fields: Fields, given: dict[str, object]) -> tuple[NewDocument, ...]:
    """Return the documents of either form: one in the body itself, or a list of them."""
    if given.get("documents") is None:
        found = [new_documents.document(fields, new_documents.Words(name="document"))]
    else:
        if given.get("content") is not None:
            fields.refuse("content", "cannot be given beside documents")
        items = fields.objects("documents", most=limits.DOCUMENTS)
        if items == []:
            fields.refuse("documents", "must have one at least")
        found = [new_documents.document(item) for item in items or ()]
    fields.done()
    return new_documents.together(item for item in found if item is not None)


def represent(
    publication: ServiceContractPublished,
    outlook: Outlook,
    made: Sequence[MadeComparison],
    links: Links,
) -> Hal:
    """Return what was published, and what came of comparing it, with sentences for the user."""
    version, published = publication.version, publication.published
    only = published[0] if len(published) == 1 else None
    told = [
        {"type": notice.type, "text": notice.text} for notice in notices(publication, outlook, made, links)
    ]
    return {
        "notices": told,
        **({"sha": only.sha} if only else {}),
        "documents": [_document(publication, document, links) for document in published],
        "compatibility": [compatibilities.in_answer(item, version, links) for item in outlook.documents],
        "lacking": [compatibilities.lacking(item) for item in outlook.lacking],
        "comparisonsUnderWay": len(publication.to_compare) - len(made),
        "_embedded": {
            "pacticipant": embedded_pacticipant(version.pacticipant, links),
            "version": embedded_version(version, links),
        },
        "_links": _links(publication, only, links),
    }


def _document(publication: ServiceContractPublished, document: NewDocument, links: Links) -> Hal:
    return {
        "name": document.name,
        "sha": document.sha,
        "specification": document.specification,
        "new": document.name in publication.added,
        "_links": {
            "self": _link(publication, document, links),
            **of_content(publication.version.pacticipant, document.sha, links),
        },
    }


def _links(publication: ServiceContractPublished, only: NewDocument | None, links: Links) -> Hal:
    version = publication.version
    related = of_version(version.pacticipant, version.number, links)
    if only is None:
        documents = [_link(publication, document, links) for document in publication.published]
        return {**related, "tally:service-contract-document": documents}
    return {
        **related,
        **of_content(version.pacticipant, only.sha, links),
        "tally:service-contract": _link(publication, only, links),
    }


def _link(publication: ServiceContractPublished, document: NewDocument, links: Links) -> Hal:
    url = document_href(publication.version.pacticipant, publication.documents, document.name, links)
    return {"href": url, "title": "Service contract", "name": document.name}


def notices(
    publication: ServiceContractPublished,
    outlook: Outlook,
    made: Sequence[MadeComparison],
    links: Links,
) -> list[Notice]:
    """Return what the person who reads the log of the build should know."""
    version = publication.version
    found = []
    for document in publication.published:
        count = "1 operation" if document.operations_count == 1 else f"{document.operations_count} operations"
        done = "Published" if document.name in publication.added else "Already published, and unchanged:"
        which = f"the document {document.name!r} of " if len(publication.documents.documents) > 1 else ""
        text = f"{done} {which}the service contract of {version.pacticipant} version {version.number}"
        found.append(Notice("success", f"{text} ({count})."))
        found += [Notice("warning", f"  {warning}") for warning in document.warnings]
        url = document_href(version.pacticipant, publication.documents, document.name, links)
        found.append(Notice("debug", f"  View it at {url}"))
        told = [compatibility.told(item) for item in outlook.documents if item.name == document.name]
        found += [notice for notice in told if notice]
    found += [compatibility.told_of_lacking(item, version.number) for item in outlook.lacking]
    comparisons = _comparisons(publication, links)["href"]
    found += compared.of_service_contract(made, links)
    return found + compared.under_way(len(publication.to_compare) - len(made), comparisons)


def _comparisons(publication: ServiceContractPublished, links: Links) -> Hal:
    version = publication.version
    place = {"pacticipant": version.pacticipant, "version": version.number}
    return links.to("service-contract-comparisons", "Comparisons with pacts", **place)
