"""Service contracts as PactFlow's clients publish them, who call them provider contracts.

Their command reads all these links of an answer, and takes a missing one for a failure.
"""

from collections.abc import Sequence
from functools import partial

from broker.domain import limits
from broker.domain.accounts.permissions import Action
from broker.domain.service_contracts.documents import NewServiceContract, ServiceContractPublished
from broker.services.service_contracts.comparing import MadeComparison
from broker.services.service_contracts.compatibility import Outlook
from broker.web import parsing
from broker.web.api.service_contracts import new_documents, publishing
from broker.web.api.service_contracts.documents import document_href
from broker.web.api.service_contracts.new_documents import Read
from broker.web.context import links
from broker.web.description.needs import Needs
from broker.web.hal import Hal, Links
from broker.web.parsing import Fields
from broker.web.resource import ApiResource

api = ApiResource("provider_contracts", __name__)
api.relation(
    "pf:publish-provider-contract",
    "Publish the contract of a service as `pact pactflow publish-provider-contract` does.",
    "publish-provider-contract",
    title="Publish a provider contract, as PactFlow's clients do",
)
api.relation(
    "pf:publish-provider-contracts",
    "Publish several documents of the contract of a service as PactFlow's clients do, all or nothing.",
    "publish-provider-contracts",
    title="Publish provider contracts, as PactFlow's clients do",
)


@api.post(
    "publish-provider-contract",
    answers="PublishedProviderContract",
    refuses=(409,),
    takes="NewProviderContract",
    needs=Needs(Action.PUBLISH, "provider"),
)
def publish(provider: str) -> Hal:
    """Publish the contract of a version of a service, as PactFlow's clients do."""
    return _publish(parsing.once(lambda body: _publication(provider, body)))


@api.post(
    "publish-provider-contracts",
    answers="PublishedProviderContract",
    refuses=(409,),
    takes="NewProviderContracts",
    needs=Needs(Action.PUBLISH, "provider"),
)
def publish_many(provider: str) -> Hal:
    """Publish several documents of a version of a service, as PactFlow's clients do."""
    return _publish(parsing.once(lambda body: _publication_of_many(provider, body)))


@api.put(
    "provider-contract",
    answers="PublishedProviderContract",
    refuses=(409,),
    takes="ProviderContractOfVersion",
    needs=Needs(Action.PUBLISH, "provider"),
)
def put(provider: str, version: str) -> Hal:
    """Publish the contract of a version of a service, as older clients of PactFlow do."""
    return _publish(parsing.once(lambda body: _older_publication(provider, version, body)))


def _publish(contract: NewServiceContract) -> Hal:
    return publishing.publish_and_compare(contract, partial(_represent, contract, links=links()))


def _publication(provider: str, body: object) -> NewServiceContract:
    fields = Fields(parsing.an_object(body))
    contract = fields.nested("contract")
    if contract is None:
        fields.refuse("contract", "is missing")
        found = []
    else:
        found = [new_documents.document(contract)]
    return _of_version(provider, fields, found)


def _publication_of_many(provider: str, body: object) -> NewServiceContract:
    fields = Fields(parsing.an_object(body))
    items = fields.objects("contracts", most=limits.DOCUMENTS, required=True) or []
    if not items:
        fields.refuse("contracts", "must have one at least")
    return _of_version(provider, fields, [new_documents.document(item) for item in items])


def _older_publication(provider: str, version: str, body: object) -> NewServiceContract:
    fields = Fields(parsing.an_object(body))
    words = new_documents.Words(specification="contractType", verification="verificationResults")
    found = new_documents.document(fields, words)
    fields.done()
    return NewServiceContract(provider, version, new_documents.together([found] if found else []))


def _of_version(provider: str, fields: Fields, found: Sequence[Read | None]) -> NewServiceContract:
    version = fields.text("pacticipantVersionNumber", limit=limits.REFERENCE, required=True)
    branch = fields.text("branch", limit=limits.REFERENCE)
    tags = fields.texts("tags", limit=limits.REFERENCE, most=limits.TAGS)
    build_url = fields.text("buildUrl", limit=limits.URL, blank=True)
    fields.done()
    return NewServiceContract(
        pacticipant=provider,
        version=version or "",
        documents=new_documents.together(item for item in found if item is not None),
        branch=branch,
        tags=tags or (),
        build_url=build_url or None,
    )


def _represent(
    contract: NewServiceContract,
    publication: ServiceContractPublished,
    outlook: Outlook,
    made: Sequence[MadeComparison],
    links: Links,
) -> Hal:
    found = publishing.represent(publication, outlook, made, links)
    version = publication.version
    place = {"pacticipant": version.pacticipant, "version": version.number}
    first = publication.published[0]
    found["contracts"] = [document.name for document in publication.published]
    found["_embedded"]["version"]["_links"]["self"] |= {
        "name": version.number,
        "title": "Pacticipant version",
    }
    found["_links"] |= {
        "pb:pacticipant-version-tags": [
            links.to("version-tag", "Tag", tag, **place, tag=tag) for tag in contract.tags
        ],
        "pf:provider-contract": {
            "href": document_href(version.pacticipant, publication.documents, first.name, links),
            "title": "Provider contract",
            "name": first.name,
        },
    }
    return found
