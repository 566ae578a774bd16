"""The pact that somebody asks about, found by the names of its parties."""

from urllib.parse import unquote, urlsplit

from tally.assistants import names
from tally.assistants.answers import ToolError, listed, quoted
from tally.broker_client import BrokerClient, Resource
from tally.errors import BrokerError, BrokerRefusedError, BrokerUnreachableError, ResourceNotFoundError


def pact_of(broker: BrokerClient, consumer: str, provider: str, version: str | None, field: str) -> Resource:
    """Return the pact of a version, or else the newest of the main branch, or of any.

    Raises ToolError that names the *field* of the version, and what there is.
    """
    names.application(broker, consumer, "consumer")
    names.application(broker, provider, "provider")
    if version is None:
        return _newest(broker, consumer, provider)
    found = names.version(broker, consumer, version, field)
    by_provider = {_provider(link.href): link for link in found.links("pb:pact-versions")}
    if provider not in by_provider:
        others = listed(by_provider) or "nobody"
        raise ToolError(
            f"{field}: {quoted(consumer)} {quoted(version)} has no pact with {quoted(provider)}. "
            f"It has pacts with {others}."
        )
    return _fetched(broker, by_provider[provider].expand())


def version_of(pact: Resource) -> str:
    """Return the consumer version of a pact."""
    return pact.link("pb:consumer-version").name or ""


def _provider(href: str) -> str:
    """Return the provider in the address of a pact: the link has no other field that names it alone."""
    segments = urlsplit(href).path.split("/")
    return unquote(segments[segments.index("provider") + 1]) if "provider" in segments[:-1] else ""


def _newest(broker: BrokerClient, consumer: str, provider: str) -> Resource:
    pair = {"consumer": consumer, "provider": provider}
    try:
        listed = broker.follow(broker.index(), "pb:latest-main-branch-pact-versions", **pair)
        pacts = listed.embedded("pacts")
    except ResourceNotFoundError:
        pacts = []
    if not pacts:
        every = broker.follow(broker.index(), "pb:latest-provider-pacts", provider=provider)
        pacts = [{"_links": {"self": each}} for each in every.state["_links"].get("pb:pacts", ())]
        pacts = [each for each in pacts if each["_links"]["self"].get("name") == consumer]
    if not pacts:
        raise ToolError(
            f"consumer: {quoted(consumer)} has no pact with {quoted(provider)}. "
            "Whom it needs, and who needs it, is on the page of the application."
        )
    return _fetched(broker, pacts[0]["_links"]["self"]["href"])


def _fetched(broker: BrokerClient, url: str) -> Resource:
    try:
        return broker.get(url)
    except (BrokerRefusedError, BrokerUnreachableError):
        raise
    except BrokerError as error:  # a list has no place for links, and is given as it is
        raise ToolError(f"The document at {url} is no JSON object, so it is no pact: look at it.") from error
