"""`tally scenario draft`: what a broker knows of some services, as a draft of a workflow."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import field
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import yaml

from tally.broker_client import BrokerClient, Resource
from tally.commands import answers
from tally.errors import InvalidContractError, UsageError
from tally.json_text import plain
from tally.pact import Pact, parse_pact
from tally.service_contract.parsing import parse_service_contract
from tally.values import dataclass
from tally.workflows.drafting import draft, source_name
from tally.workflows.reading import read_workflows
from verifier.scenarios.contracts import CONTRACT, documents_of

_MOST_VERSIONS = 20


@dataclass
class Drafted:
    """A draft, and the documents of the services that it refers to, by the names of their files."""

    document: dict[str, Any]
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The draft as YAML."""
        return yaml.safe_dump(self.document, sort_keys=False, allow_unicode=True, width=100)

    @property
    def undecided(self) -> list[str]:
        """What a person has to decide, with the places."""
        texts = list(self.document["x-contract-undecided"])
        for workflow in self.document["workflows"]:
            for step in (*workflow["steps"], *workflow.get("x-contract-cleanup", [])):
                texts += [f"{step['stepId']}: {text}" for text in step.get("x-contract-undecided", [])]
        return texts


def drafted(broker: BrokerClient, services: Sequence[str]) -> Drafted:
    """Return a draft through *services*. Raises UsageError when no pact joins two of them."""
    pacts = [pact for provider in services for pact in _pacts(broker, provider, services)]
    if not pacts:
        raise UsageError(
            f"The broker knows no pact between {', '.join(services)}: name services that call each other."
        )
    documents = {
        provider: found
        for provider in services
        if any(pact.provider == provider for pact in pacts) and (found := _document(broker, provider))
    }
    contracts = {provider: parse_service_contract(found) for provider, found in documents.items()}
    files = {name: f"{source_name(name)}.openapi.json" for name in services}
    document = draft(services, pacts, contracts, files)
    if not document["workflows"][0]["steps"]:
        raise UsageError(f"The pacts between {', '.join(services)} have no request that succeeds.")
    read_workflows(document)  # what is written can be read
    return Drafted(document, {files[provider]: found for provider, found in documents.items()})


def written(result: Drafted, path: Path) -> tuple[Path, ...]:
    """Write the draft and the documents beside it, and return the files. Raises UsageError."""
    files = {path: result.text.encode()}
    for name, document in result.documents.items():
        files[path.parent / name] = orjson.dumps(document, option=orjson.OPT_INDENT_2)
    there = [file for file in files if file.exists()]
    if there:
        raise UsageError(f"--out: {there[0]} is there already: name another file, or remove it.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            file.write_bytes(content)
    except OSError as error:
        raise UsageError(f"--out {path} cannot be written: {error.strerror}.") from error
    return tuple(files)


def _pacts(broker: BrokerClient, provider: str, services: Sequence[str]) -> list[Pact]:
    with answers.known_pacticipant(broker, provider, f"The broker has no pacts with {provider}."):
        listed = broker.follow(broker.index(), "pb:latest-provider-pacts", provider=provider)
    links = [link for link in listed.links("pb:pacts") if link.name in services and link.name != provider]
    return [parse_pact(plain(broker.document(link.href))) for link in links]


def _document(broker: BrokerClient, service: str) -> dict[str, Any] | None:
    """Return the OpenAPI document of the newest version of the service that has one."""
    pacticipant = broker.follow(broker.index(), "pb:pacticipant", pacticipant=service)
    if not any(pacticipant.links("pb:versions")):
        return None
    url = next(pacticipant.links("pb:versions")).expand()
    listed = broker.get(url, params=[("size", str(_MOST_VERSIONS)), ("page", "1")])
    for version in islice(listed.embedded("versions"), _MOST_VERSIONS):
        # A list of versions does not say which of them has a service contract.
        itself = Resource(listed.url, listed.status, version).link("self")
        links = list(broker.get(itself.expand()).links(CONTRACT))
        if links and (found := _with_requests(documents_of(broker, broker.get(links[0].expand())))):
            return found
    return None


def _with_requests(documents: dict[str, dict[str, Any]]) -> dict[str, Any] | None:
    """Return the first document that has requests."""
    for document in documents.values():
        with suppress(InvalidContractError):
            if parse_service_contract(document).http_operations:
                return document
    return None
