"""The service contracts of sources: of files, or of the versions that take part, at the broker."""

from pathlib import Path
from typing import Any

from tally.broker_client import BrokerClient, Resource
from tally.errors import InvalidContractError, ResourceNotFoundError, UsageError
from tally.json_text import plain
from tally.service_contract.joining import joined
from tally.service_contract.model import ServiceContract
from tally.service_contract.parsing import parse_service_contract
from tally.workflows.model import Source
from tally.workflows.sources import ContractOf, contract_of_source, is_there, load_contract
from verifier.scenarios.options import ScenarioOptions

CONTRACT = "tally:service-contract"


def contract_finder(options: ScenarioOptions) -> ContractOf:
    """Return what finds the contract of a source.

    It is that of --document; or the file that the Arazzo document names; or, where that is not there, the one
    that the broker has of the version that takes part.
    """

    def contract_of(source: Source, path: Path) -> ServiceContract:
        if source.name in options.documents:
            return load_contract(options.documents[source.name])
        version = options.versions.get(source.name)
        if options.broker and version and not is_there(source, path):
            return contract_of_broker(options.broker, source.service or source.name, version)
        return contract_of_source(source, path)

    return contract_of


def contract_of_broker(broker: BrokerClient, service: str, version: str) -> ServiceContract:
    """Return the contract of a version, all its documents together; raises UsageError when there is none."""
    try:
        resource = broker.follow(broker.index(), CONTRACT, pacticipant=service, version=version)
    except ResourceNotFoundError as error:
        raise UsageError(
            f"The broker has no service contract of {service!r}, version {version!r}: publish it with tally "
            "publish-service-contract, or give --document."
        ) from error
    documents = documents_of(broker, resource)
    try:
        contracts = [parse_service_contract(document) for document in documents.values()]
        return joined(contracts, tuple(documents))
    except InvalidContractError as error:
        raise InvalidContractError(f"{resource.url}: {error}") from error


def documents_of(broker: BrokerClient, resource: Resource) -> dict[str, dict[str, Any]]:
    """Return the documents of a service contract by their names; it has one, or a list of several."""
    if "content" in resource.state:
        return {str(resource.state.get("name") or "document"): plain(resource.state["content"])}
    found = {}
    for document in resource.embedded("documents"):
        linked = Resource(resource.url, resource.status, document).link("self")
        found[str(document["name"])] = plain(broker.get(linked.expand()).state["content"])
    return found
