"""What publishing changes, compared with what the broker has: applications, versions, contracts."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from hashlib import sha256

from tally.assistants.answers import ToolError, quoted
from tally.assistants.publishing.plans import Plan
from tally.broker_client import BrokerClient, Resource
from tally.commands.answers import pacticipants
from tally.commands.pacts.pact_files import PactFile
from tally.commands.pacts.publish import PactPublication
from tally.commands.service_contracts.documents import Document
from tally.commands.service_contracts.publish_service_contract import RELATION, ServiceContractPublication
from tally.errors import ResourceNotFoundError
from tally.hashing import canonical_json, content_hash, parse_exactly

_ADDED = ("createdAt", "_links")
"""What a broker adds to the content that it shows."""


def plan_of_pacts(broker: BrokerClient, publication: PactPublication, pacts: Sequence[PactFile]) -> Plan:
    """Return what publishing the pacts changes. Raises ToolError where the broker has another one."""
    index = broker.index()
    known = {str(item["name"]) for item in pacticipants(broker)}
    names = dict.fromkeys(name for pact in pacts for name in (pact.consumer, pact.provider))
    new = [pact for pact in pacts if not _is_stored(broker, index, publication.version, pact)]
    steps = [*_new_applications(names, known)]
    links = {}
    for consumer in dict.fromkeys(pact.consumer for pact in pacts):
        steps += _version_steps(broker, index, consumer, publication)
        address = index.link("pb:pacticipant-version")
        links[f"version of {consumer}"] = address.expand(pacticipant=consumer, version=publication.version)
    steps += [
        f"publish the pact of {quoted(pact.consumer)} with {quoted(pact.provider)} from {quoted(pact.source)}"
        for pact in new
    ]
    if steps:
        steps.append("trigger the webhooks that are for these pacts, if there are any")
    aim = f"publish {count(pacts, 'pact')} as version {quoted(publication.version)}"
    contents = [content_hash(parse_exactly(pact.content)) for pact in new]
    return Plan(aim, steps, list(_likely_misspelt(names, known)), links, contents)


def plan_of_documents(
    broker: BrokerClient, publication: ServiceContractPublication, documents: Sequence[Document]
) -> Plan:
    """Return what publishing the documents changes. Raises ToolError where the broker has another one."""
    index = broker.index()
    if not any(index.links(RELATION)):
        raise ToolError("This broker does not take service contracts: it is no Tallystick broker.")
    known = {str(item["name"]) for item in pacticipants(broker)}
    service, version = publication.service, publication.version
    steps = [*_new_applications([service], known), *_version_steps(broker, index, service, publication)]
    stored = _stored_contract(broker, index, service, version)
    new = [document for document in documents if not _is_document_stored(broker, stored, document)]
    steps += [f"publish {quoted(document.file)} ({document.specification})" for document in new]
    if steps:
        steps.append("trigger the webhooks for service contracts, if there are any")
    warnings = [*_likely_misspelt([service], known)]
    warnings += [
        f"{quoted(document.file)}: {quoted(text, 300)}"
        for document in documents
        for text in document.warnings
    ]
    link = index.link("pb:pacticipant-version").expand(pacticipant=service, version=version)
    aim = f"publish the service contract of {quoted(service)} {quoted(version)}"
    contents = [sha256(canonical_json(document.content)).hexdigest() for document in new]
    return Plan(aim, steps, warnings, {"version": link}, contents)


def _is_stored(broker: BrokerClient, index: Resource, version: str, pact: PactFile) -> bool:
    """Whether the broker has this very pact. Raises ToolError when it has another one for the version."""
    link = index.link("pb:publish-pact")
    names = {"consumer": pact.consumer, "provider": pact.provider}
    try:
        stored = parse_exactly(broker.content(link.expand(**names, consumerApplicationVersion=version)))
    except ResourceNotFoundError:
        return False
    if isinstance(stored, dict):
        stored = {name: value for name, value in stored.items() if name not in _ADDED}
    if content_hash(stored) == content_hash(parse_exactly(pact.content)):
        return True
    raise ToolError(
        f"{quoted(pact.consumer)} {quoted(version)} already has another pact with {quoted(pact.provider)}. "
        "What is published is never overwritten here: publish under a new version, such as the commit."
    )


def _is_document_stored(broker: BrokerClient, stored: Resource | None, document: Document) -> bool:
    """Whether the version has this very document. Raises ToolError when it has another one of its name."""
    name = document.name or document.specification
    listed = (stored.embedded("documents") or [stored.state]) if stored else []
    found = next((item for item in listed if item.get("name") == name), None)
    if found is None:
        return False
    if "content" not in found:  # one of several
        found = broker.get(str(found["_links"]["self"]["href"])).state
    if canonical_json(found["content"]) == canonical_json(document.content):
        return True
    raise ToolError(
        f"{quoted(found['pacticipantName'])} {quoted(found['pacticipantVersionNumber'])} already has another "
        f"document {quoted(name)}. What is published is never overwritten here: publish under a new version."
    )


def _stored_contract(broker: BrokerClient, index: Resource, service: str, version: str) -> Resource | None:
    """Fetch the service contract of the version: its only document, or a list of several."""
    try:
        return broker.follow(index, "tally:service-contract", pacticipant=service, version=version)
    except ResourceNotFoundError:
        return None


def _new_applications(names: Sequence[str] | dict[str, None], known: set[str]) -> Iterator[str]:
    for name in names:
        if name not in known:
            yield f"create the application {quoted(name)}"


def _likely_misspelt(names: Sequence[str] | dict[str, None], known: set[str]) -> Iterator[str]:
    for name in names:
        near = [] if name in known else get_close_matches(name, known, n=1)
        for other in near:
            yield f"The broker knows no {quoted(name)}, but {quoted(other)}. Is it the same, misspelt?"


def _version_steps(
    broker: BrokerClient,
    index: Resource,
    pacticipant: str,
    publication: PactPublication | ServiceContractPublication,
) -> Iterator[str]:
    named = f"{quoted(publication.version)} of {quoted(pacticipant)}"
    branch = quoted(publication.branch)
    try:
        found = broker.follow(
            index, "pb:pacticipant-version", pacticipant=pacticipant, version=publication.version
        )
    except ResourceNotFoundError:
        yield f"create version {named} on branch {branch}{_built_at(publication)}"
        return
    if publication.branch not in {item.get("name") for item in found.embedded("branchVersions")}:
        yield f"add version {named}, which is there, to branch {branch}"
    if publication.build_url and found.state.get("buildUrl") != publication.build_url:
        yield f"set the address of the build of version {named} to {quoted(publication.build_url, 500)}"


def _built_at(publication: PactPublication | ServiceContractPublication) -> str:
    return f", built at {quoted(publication.build_url, 500)}" if publication.build_url else ""


def count(items: Sequence[object], noun: str) -> str:
    """Return how many there are, in words."""
    return f"{len(items)} {noun}" if len(items) == 1 else f"{len(items)} {noun}s"
