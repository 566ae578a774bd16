"""Service contracts at a broker: of a version, the newest, that of the main branch, of what is deployed."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from tally.assistants import names
from tally.assistants.answers import ToolError, quoted
from tally.broker_client import BrokerClient, Resource
from tally.commands.environments.deployments import currently
from tally.errors import BrokerError, ResourceNotFoundError
from tally.values import dataclass

RELATION = "tally:service-contract"
MOST_VERSIONS = 50
"""That are asked for their service contract, newest first: lists of versions do not say which have one."""
_MOST_LISTED = 500
_PAGE = 100
CURRENT = (("deployed-deployed", "deployedVersions"), ("supported-released", "releasedVersions"))
"""What is in an environment now: the middle of the relation, and where its items are."""


@dataclass(frozen=True)
class ContractAtBroker:
    """The documents of one version of a service, by their names; *url* is their page."""

    version: str
    documents: dict[str, dict[str, Any]]
    url: str


@dataclass(frozen=True)
class Service:
    """A service at a broker; *fields* are the arguments that have its name and its version."""

    broker: BrokerClient
    name: str
    fields: tuple[str, str]

    def contract_of(self, version: str) -> ContractAtBroker:
        """Return the service contract of a version. Raises ToolError for what the broker does not have."""
        found = _fetched(self.broker, self.name, version)
        if found is None:
            self._application()
            names.version(self.broker, self.name, version, self.fields[1])
            raise ToolError(without_contract(f"version {quoted(version)} of {quoted(self.name)}"))
        return found

    def newest_contract(self, *, branch: str | None = None) -> ContractAtBroker | None:
        """Return the newest service contract, of all versions or of a branch.

        None where none of the newest MOST_VERSIONS has one. Raises ToolError for an unknown service.
        """
        asked = (each for each in self._versions() if branch is None or branch in _branches(each))
        for version in islice(asked, MOST_VERSIONS):
            found = _fetched(self.broker, self.name, version["number"])
            if found is not None:
                return found
        return None

    def main_branch(self) -> str:
        """Return the main branch. Raises ToolError when the broker knows none."""
        branch = self._application().state.get("mainBranch")
        if not branch:
            raise ToolError(
                f"The broker does not know the main branch of {quoted(self.name)}: name a version."
            )
        return str(branch)

    def contracts_in(self, environment: str) -> list[ContractAtBroker]:
        """Return the service contracts of what is deployed or released to an environment.

        Raises ToolError when nothing is, or it has no service contract, and for unknown names.
        """
        self._application()
        names.environment(self.broker, environment)
        numbers = dict.fromkeys(
            item["_embedded"]["version"]["number"]
            for what, embedded in CURRENT
            for item in currently(self.broker, environment, what, pacticipant=self.name).embedded(embedded)
            if item["_embedded"]["pacticipant"]["name"] == self.name
        )
        if not numbers:
            where = quoted(environment)
            raise ToolError(f"environment: no version of {quoted(self.name)} is in {where}: name a version.")
        return [self.contract_of(number) for number in numbers]

    def _application(self) -> Resource:
        return names.application(self.broker, self.name, self.fields[0])

    def _versions(self) -> Iterator[dict[str, Any]]:
        """Yield versions, newest first."""
        url = self._application().link("pb:versions").expand()
        for page in range(1, _MOST_LISTED // _PAGE + 1):
            params = [("page", str(page)), ("size", str(_PAGE))]
            found = self.broker.get(url, params=params).embedded("versions")
            yield from found
            if len(found) < _PAGE:
                return


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


def _branches(version: dict[str, Any]) -> set[str]:
    return {each["name"] for each in (version.get("_embedded") or {}).get("branches") or ()}


def without_contract(what: str) -> str:
    """Return that *what* has no service contract, and what to do."""
    return (
        f"The broker has no service contract of {what}. Publish one with `tally publish-service-contract`, "
        "or give a file or the text of the contract."
    )
