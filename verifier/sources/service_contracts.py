"""Service contracts from a file or from the broker."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tally.broker_client import BrokerClient, Resource
from tally.errors import BrokerError, InvalidContractError, ResourceNotFoundError, UsageError
from tally.service_contract.files import load_document
from tally.service_contract.model import HttpOperation, ServiceContract
from tally.service_contract.parsing import parse_service_contract, service_contract_hash
from verifier.contracts.cases import AnyCase, Case
from verifier.contracts.contract import Contract
from verifier.contracts.message_cases import message_cases
from verifier.contracts.service_contract_cases import operations_without_examples, service_contract_cases
from verifier.generation.cases import generated_cases
from verifier.generation.settings import EXAMPLES, VALID
from verifier.options import Options

RELATION = "tally:service-contract"


def service_contract_of_file(path: Path, options: Options) -> Contract:
    """Return the service contract in *path*; with --publish, linked to the same one at the broker.

    Raises InvalidContractError, which names the file and the place; UsageError when the broker has another.
    """
    if not path.is_file():
        raise InvalidContractError(f"{path}: there is no such file (--service-contract).")
    document = load_document(path)
    contract = _contract(document, str(path), options)
    if not (options.publish and options.broker and options.version.number):
        return contract
    resource = _same_at_broker(document, path, options.broker, contract.provider, options.version.number)
    return replace(contract, resource=resource)


def service_contracts_of_broker(
    broker: BrokerClient, provider: str, options: Options
) -> tuple[Contract, ...]:
    """Return the documents of the version of *provider* that is asked for; raises UsageError without any."""
    return tuple(
        replace(_contract(content_of(resource), resource.url, options), resource=resource)
        for resource in _documents(broker, provider, str(options.service_contract_version))
    )


def _documents(broker: BrokerClient, provider: str, version: str) -> tuple[Resource, ...]:
    """Return each document of a version; the broker answers with the only one, or with a list of several."""
    found = _fetch(broker, provider, version)
    if "content" in found.state:
        return (found,)
    listed = found.embedded("documents")
    return tuple(broker.get(document["_links"]["self"]["href"]) for document in listed) or (found,)


def content_of(resource: Resource) -> dict[str, Any]:
    """Return the document as it was published, without the keys that the broker adds."""
    content = resource.state.get("content")
    if not isinstance(content, dict):
        raise InvalidContractError(f"{resource.url} does not hold a service contract.")
    return content


def _fetch(broker: BrokerClient, provider: str, version: str) -> Resource:
    index = broker.index()
    if not any(index.links(RELATION)):
        raise BrokerError(
            f"The broker at {broker.base_url} accepts no service contracts (its index has no {RELATION}): "
            "only a Tallystick broker does."
        )
    try:
        return broker.follow(index, RELATION, pacticipant=provider, version=version)
    except ResourceNotFoundError as error:
        raise UsageError(
            f"The broker has no service contract of {provider!r}, version {version!r}: publish it first with "
            f"tally publish-service-contract FILE --service {provider} --version {version}."
        ) from error


def _same_at_broker(
    document: dict[str, Any], path: Path, broker: BrokerClient, provider: str, version: str
) -> Resource:
    documents = _documents(broker, provider, version)
    sha = service_contract_hash(document)
    same = next((resource for resource in documents if resource.state.get("sha") == sha), None)
    if same is None:
        raise UsageError(
            f"{path} is not the service contract that the broker has of {provider!r}, version {version!r}: "
            "publish this one first, or verify with --service-contract-from-broker."
        )
    return same


def _contract(document: dict[str, Any], source: str, options: Options) -> Contract:
    generation = options.generation
    try:
        contract = _below(parse_service_contract(document), options.provider_url)
        # Nobody who verifies the HTTP part of a contract has to have a source of messages.
        with_messages = bool(options.message_url or options.message_functions or not contract.http_operations)
        messages = message_cases(contract) if with_messages else ()
        examples = (*service_contract_cases(contract), *messages) if EXAMPLES in generation.phases else ()
        given = {name.lower() for name, _ in options.headers}
        generated = generated_cases(contract, generation, with_messages=with_messages)
        sendable = [
            case
            for case in generated.cases
            # Without credentials of the user, every request goes without any.
            if not (isinstance(case, Case) and case.without_headers) or case.without_headers & given
        ]
        cases = (*examples, *sendable, *_of_workflows(contract, options))
    except InvalidContractError as error:
        which = f"The service contract at {source} cannot be used" if "://" in source else source
        raise InvalidContractError(f"{which}: {error}") from error
    name = options.provider or contract.service or Path(source).name
    warnings = () if VALID in generation.phases else _without_examples(contract)
    warnings += generated.warnings
    if contract.message_operations and not with_messages:
        warnings += (f"The messages of {name} are not verified: {options.message_hint}",)
    return Contract(provider=name, source=source, cases=cases, warnings=warnings, service_contract=contract)


def _below(contract: ServiceContract, provider_url: str) -> ServiceContract:
    """Return the contract without base paths that the address of the provider has already."""
    path = urlsplit(provider_url).path.rstrip("/")
    operations = tuple(
        replace(each, base_path="")
        if isinstance(each, HttpOperation) and each.base_path and path.endswith(each.base_path)
        else each
        for each in contract.operations
    )
    return replace(contract, operations=operations)


def _of_workflows(contract: ServiceContract, options: Options) -> Iterator[AnyCase]:
    if options.workflows:
        from verifier.contracts.workflow_cases import arazzo_cases  # noqa: PLC0415 - few runs have workflows

        for name in options.workflows:
            yield from arazzo_cases(Path(name), contract)


def _without_examples(contract: ServiceContract) -> tuple[str, ...]:
    operations = [
        f"{operation.method} {operation.path}" for operation in operations_without_examples(contract)
    ]
    if not operations:
        return ()
    return (f"The service contract has no example for {', '.join(operations)}: not verified.",)
