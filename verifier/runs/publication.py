"""Publication of results to the broker (reference §7.1)."""

import platform
from typing import TYPE_CHECKING, Any

from tally.errors import BrokerError, UsageError
from tally.hal import Resource
from verifier.contents.json_values import mismatch_body, portable
from verifier.contracts.contract import Contract
from verifier.options import ProviderVersion
from verifier.results.result import CaseResult, ContractResult
from verifier.selection.shard import Shard

if TYPE_CHECKING:  # its library is slow to load, and not every run has a broker
    from tally.broker_client import BrokerClient

PART = "tally:publish-verification-part"
RELATIONS = ("pb:publish-verification-results", "tally:publish-verification-results")
IMPLEMENTATION = "Tallystick"


class Publisher:
    """Publishes results for one version of the provider, after recording its branch and tags."""

    def __init__(self, broker: "BrokerClient", version: ProviderVersion, shard: Shard | None = None) -> None:
        self._broker = broker
        self._version = version
        self._shard = shard
        self._recorded: set[str] = set()

    def publish(self, verified: ContractResult) -> None:
        """Publish one result; raises BrokerError."""
        resource = published_resource(verified.contract)
        # First, because the broker judges by branch and tags when the result arrives.
        self._record_version(verified.contract, resource)
        body = portable(result_body(verified, self._version))
        if self._shard is None:
            self._broker.post(_results_url(resource), body)
        else:
            self._broker.post(resource.link(PART).href, body | {"shard": self._part(self._shard)})

    def _part(self, shard: Shard) -> dict[str, Any]:
        """Return the part as the broker reads it; parts with the same build URL or version are joined."""
        run = self._version.build_url or str(self._version.number)
        return {"index": shard.index, "count": shard.count, "run": run}

    def _record_version(self, contract: Contract, resource: Resource) -> None:
        """Add branch and tags to the version, once; the broker needs them to judge what is pending or WIP."""
        number, branch = str(self._version.number), self._version.branch
        if contract.provider in self._recorded or not (branch or self._version.tags):
            return
        pacticipant = self._broker.get(_pacticipant_url(resource))
        if branch:
            link = pacticipant.link("pb:branch-version")
            self._broker.put(link.expand(branch=branch, version=number), {})
        for tag in self._version.tags:
            self._broker.put(pacticipant.link("pb:version-tag").expand(version=number, tag=tag), {})
        self._recorded.add(contract.provider)


def published_resource(contract: Contract) -> Resource:
    """Return the resource that links to where results are published; raises UsageError if there is none."""
    if contract.resource is None:
        raise UsageError(
            f"The results of {contract.source} cannot be published: it did not come from the broker. "
            "Leave out the file to verify the broker's pacts, or leave out --publish."
        )
    return contract.resource


def takes_parts(resource: Resource) -> bool:
    """Return whether the broker joins the results of several parts."""
    return next(resource.links(PART), None) is not None


def _results_url(resource: Resource) -> str:
    # A pact has the first relation, a service contract the second one.
    for relation in RELATIONS:
        for link in resource.links(relation):
            return link.href
    raise BrokerError(
        f"The broker accepts no verification results for the contract at {resource.url} and may be too old"
    )


def _pacticipant_url(resource: Resource) -> str:
    """Return the URL of the provider; a pact links to it by its role, a service contract as pacticipant."""
    link = next(resource.links("pb:provider"), None) or resource.link("pb:pacticipant")
    return link.href


def result_body(verified: ContractResult, version: ProviderVersion) -> dict[str, Any]:
    """Return the body that a Pact Broker accepts, with further keys for brokers that know them."""
    from importlib.metadata import version as installed_version  # noqa: PLC0415 - slow to load

    body = {
        "success": verified.success,
        "providerApplicationVersion": version.number,
        "testResults": [_test_result(result) for result in verified.results],
        "verifiedBy": {
            "implementation": IMPLEMENTATION,
            "version": installed_version("tallystick"),
            "clientLanguage": {
                "name": "Python",
                "version": platform.python_version(),
                "testFramework": "tally verify",
            },
        },
    }
    return body | ({"buildUrl": version.build_url} if version.build_url else {})


def _test_result(result: CaseResult) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "interactionId": result.case.id,
        "interactionDescription": result.case.description,
        "success": result.passed,
        "durationMs": round(result.duration_ms, 3),
    }
    if result.case.pending:
        entry["pending"] = True
    if result.failure:
        entry["failure"] = result.failure.value
    if result.mismatches:
        entry["mismatches"] = [mismatch_body(mismatch) for mismatch in result.mismatches]
    if result.problem:
        entry["exceptions"] = [{"message": result.problem}]
    return {name: value for name, value in entry.items() if value is not None}
