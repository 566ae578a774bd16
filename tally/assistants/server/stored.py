"""Whole documents of the broker: pacts, results and service contracts, without the broker's own links."""

from collections.abc import Iterator
from typing import Any

from tally.assistants.answers import ToolError, quoted
from tally.broker_client import BrokerClient, Resource
from tally.errors import ResourceNotFoundError

Place = tuple[str, str]
""""latest", "versions" or "branches", and the name of that version or branch of the consumer."""


def latest_pacts(broker: BrokerClient) -> Iterator[tuple[str, str]]:
    """Yield consumer and provider of each pact that is the newest of its pair."""
    for item in broker.follow(broker.index(), "pb:latest-pact-versions").state.get("pacts") or ():
        yield item["_embedded"]["consumer"]["name"], item["_embedded"]["provider"]["name"]


def pact(broker: BrokerClient, consumer: str, provider: str, place: Place) -> dict[str, Any]:
    """Return the pact. Raises ToolError where there is none."""
    return _document(_pact(broker, consumer, provider, place))


def result(broker: BrokerClient, consumer: str, provider: str, place: Place) -> dict[str, Any]:
    """Return the newest verification result of the pact. Raises ToolError where there is none."""
    found = _pact(broker, consumer, provider, place)
    try:
        return _document(broker.follow(found, "pb:latest-verification-results"))
    except ResourceNotFoundError as error:
        raise ToolError(
            f"Nobody has verified this pact of {quoted(consumer)} with {quoted(provider)} yet: its result is "
            "unknown."
        ) from error


def service_contract(broker: BrokerClient, service: str, version: str) -> Any:
    """Return the document of the version, or all of them, each with its name. Raises ToolError."""
    try:
        found = broker.follow(broker.index(), "tally:service-contract", pacticipant=service, version=version)
        if "content" in found.state:
            return found.state["content"]
        return {
            each["name"]: broker.get(each["_links"]["self"]["href"]).state.get("content")
            for each in found.embedded("documents")
        }
    except ResourceNotFoundError as error:
        raise ToolError(
            f"Version {quoted(version)} of {quoted(service)} has no service contract at the broker: {error}"
        ) from error


def _pact(broker: BrokerClient, consumer: str, provider: str, place: Place) -> Resource:
    try:
        return broker.get(_address(broker, consumer, provider, place))
    except ResourceNotFoundError as error:
        raise _no_pact(consumer, provider, place, str(error)) from error


def _address(broker: BrokerClient, consumer: str, provider: str, place: Place) -> str:
    kind, name = place
    index = broker.index()
    if kind == "versions":
        names = {"consumer": consumer, "provider": provider, "consumerApplicationVersion": name}
        return index.link("pb:publish-pact").expand(**names)
    if kind == "branches":
        names = {"consumer": consumer, "provider": provider, "branch": name}
        embedded = broker.follow(index, "pb:latest-branch-pact-versions", **names).embedded("pacts")
        found = [str(each["_links"]["self"]["href"]) for each in embedded]
    else:
        listed = broker.follow(index, "pb:latest-provider-pacts", provider=provider)
        found = [link.href for link in listed.links("pb:pacts") if link.name == consumer]
    if not found:
        raise _no_pact(consumer, provider, place, "")
    return found[0]


def _no_pact(consumer: str, provider: str, place: Place, said: str) -> ToolError:
    kind, name = place
    where = {"versions": f" of version {quoted(name)}", "branches": f" on branch {quoted(name)}"}.get(
        kind, ""
    )
    return ToolError(
        f"There is no pact of {quoted(consumer)} with {quoted(provider)}{where}. {said} List the resources "
        "to see the pacts that there are."
    )


def _document(found: Resource) -> dict[str, Any]:
    return {key: value for key, value in found.state.items() if key != "_links"}
