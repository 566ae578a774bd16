"""Service contracts at a broker: of a version, the newest, that of the main branch, of what is deployed."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Any

from tally.assistants.answers import ToolError, quoted
from tally.broker_client import BrokerClient, Resource
from tally.commands import answers
from tally.commands.environments.deployments import currently
from tally.errors import BrokerError, ResourceNotFoundError

RELATION = "tally:service-contract"
MOST_VERSIONS = 50
"""That are asked for their service contract, newest first: lists of versions do not say which have one."""
_MOST_LISTED = 500
_PAGE = 100


@dataclass(frozen=True)
class ContractAtBroker:
    """The documents of one version of a service, by their names; *url* is their page."""

    version: str
    documents: dict[str, dict[str, Any]]
    url: str


def contract_of_version(broker: BrokerClient, service: str, version: str) -> ContractAtBroker:
    """Return the service contract of a version. Raises ToolError for what the broker does not have."""
    found = _fetched(broker, service, version)
    if found is None:
        check_version(broker, service, version)
        raise ToolError(without_contract(f"version {quoted(version)} of {quoted(service)}"))
    return found


def newest_contract(
    broker: BrokerClient, service: str, *, branch: str | None = None
) -> ContractAtBroker | None:
    """Return the newest service contract, of all versions or of a branch.

    None where none of the newest MOST_VERSIONS has one. Raises UsageError for a service that is not known.
    """
    asked = (each for each in _versions(broker, service) if branch is None or branch in _branches(each))
    for version in islice(asked, MOST_VERSIONS):
        found = _fetched(broker, service, version["number"])
        if found is not None:
            return found
    return None


def main_branch(broker: BrokerClient, service: str) -> str:
    """Return the main branch of a service. Raises ToolError when the broker knows none."""
    branch = _application(broker, service).state.get("mainBranch")
    if not branch:
        raise ToolError(f"The broker does not know the main branch of {quoted(service)}: name a version.")
    return str(branch)


def contracts_in(broker: BrokerClient, service: str, environment: str) -> list[ContractAtBroker]:
    """Return the service contracts of what is deployed or released to an environment.

    Raises ToolError when nothing is, or it has no service contract; UsageError for an unknown name.
    """
    answers.check_pacticipant(broker, service)
    numbers = dict.fromkeys(
        item["_embedded"]["version"]["number"]
        for what, embedded in (
            ("deployed-deployed", "deployedVersions"),
            ("supported-released", "releasedVersions"),
        )
        for item in currently(broker, environment, what, pacticipant=service).embedded(embedded)
        if item["_embedded"]["pacticipant"]["name"] == service
    )
    if not numbers:
        raise ToolError(f"No version of {quoted(service)} is in {quoted(environment)}: name a version.")
    return [contract_of_version(broker, service, number) for number in numbers]


def _fetched(broker: BrokerClient, service: str, version: str) -> ContractAtBroker | None:
    index = broker.index()
    if not any(index.links(RELATION)):
        raise BrokerError(
            f"The broker at {broker.base_url} keeps no service contracts (its index has no {RELATION}): give "
            "a file or the text of the contract."
        )
    url = index.link(RELATION).expand(pacticipant=service, version=version)
    try:
        found = broker.get(url)
    except ResourceNotFoundError:
        return None
    if "content" in found.state:
        return ContractAtBroker(version, {str(found.state.get("name") or "contract"): _content(found)}, url)
    listed = [broker.get(item["_links"]["self"]["href"]) for item in found.embedded("documents")]
    return ContractAtBroker(version, {str(each.state.get("name")): _content(each) for each in listed}, url)


def _content(resource: Resource) -> dict[str, Any]:
    found = resource.state.get("content")
    if not isinstance(found, dict):
        raise BrokerError(f"{resource.url} holds no service contract.")
    return found


def _versions(broker: BrokerClient, service: str) -> Iterator[dict[str, Any]]:
    """Yield versions, newest first."""
    url = _application(broker, service).link("pb:versions").expand()
    for page in range(1, _MOST_LISTED // _PAGE + 1):
        found = broker.get(url, params=[("page", str(page)), ("size", str(_PAGE))]).embedded("versions")
        yield from found
        if len(found) < _PAGE:
            return


def _branches(version: dict[str, Any]) -> set[str]:
    return {each["name"] for each in (version.get("_embedded") or {}).get("branches") or ()}


def _application(broker: BrokerClient, service: str) -> Resource:
    with answers.known_pacticipant(broker, service, f"The broker does not have {service}."):
        return broker.follow(broker.index(), "pb:pacticipant", pacticipant=service)


def without_contract(what: str) -> str:
    """Return that *what* has no service contract, and what to do."""
    return (
        f"The broker has no service contract of {what}. Publish one with `tally publish-service-contract`, "
        "or give a file or the text of the contract."
    )


def check_version(broker: BrokerClient, service: str, version: str) -> None:
    """Raise UsageError or ToolError, with a near name, when the broker knows no such version of a service."""
    answers.check_pacticipant(broker, service)
    try:
        broker.follow(broker.index(), "pb:pacticipant-version", pacticipant=service, version=version)
    except ResourceNotFoundError as error:
        known = [str(each["number"]) for each in islice(_versions(broker, service), _PAGE)]
        near = get_close_matches(version, known, n=1) or known[:1]
        hint = f" Did you mean {quoted(near[0])}?" if near else ""
        raise ToolError(
            f"The broker knows no version {quoted(version)} of {quoted(service)}.{hint}"
        ) from error
