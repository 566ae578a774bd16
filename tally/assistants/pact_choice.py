"""Which pact a question is about: a file, a text, or one that the broker or --pacts has."""

from dataclasses import dataclass
from difflib import get_close_matches

from tally.assistants.answers import ToolError, listed, quoted
from tally.assistants.broker_contracts import check_version
from tally.assistants.file_choice import pacts_of_provider
from tally.assistants.given import Given, content, given
from tally.assistants.judging.process import judged
from tally.assistants.sources import Sources
from tally.broker_client import BrokerClient
from tally.commands import answers
from tally.errors import ResourceNotFoundError


@dataclass(frozen=True)
class ChosenPact:
    """A pact with the name of its provider. *name* is how sentences call it, *url* its page at the broker."""

    name: str
    provider: str | None
    document: Given
    url: str | None = None


@dataclass(frozen=True)
class PactChoice:
    """What the arguments say: the *text* or the path of a pact, or which one the broker or --pacts has."""

    text: str | None = None
    consumer: str | None = None
    provider: str | None = None
    version: str | None = None


def chosen_pacts(sources: Sources, choice: PactChoice) -> list[ChosenPact]:
    """Return the pacts that are meant: one, or several files of one pair. Raises ToolError or UsageError."""
    if choice.text is not None:
        document = given(sources, "pact", choice.text)
        if choice.consumer or choice.version:
            raise ToolError("Give either pact, or consumer and provider: each says which pact is meant.")
        provider = choice.provider or judged("provider_of", pact=document)
        return [ChosenPact(document["name"], provider, document)]
    if choice.consumer is None or choice.provider is None:
        raise ToolError("Which pact? Give pact, a path or a text, or both consumer and provider.")
    if sources.asked is not None:
        return [_at_broker(sources.asked, choice.consumer, choice.provider, choice.version)]
    if choice.version:
        raise ToolError("consumer_version: files do not say versions. Leave it out, or name a broker.")
    return [
        ChosenPact(str(each.path), each.provider, content(str(each.path), each.document))
        for each in pacts_of_provider(sources.files, choice.provider, consumer=choice.consumer)
    ]


def _at_broker(broker: BrokerClient, consumer: str, provider: str, version: str | None) -> ChosenPact:
    url = _address(broker, consumer, provider, version)
    try:
        state = broker.get(url).state
    except ResourceNotFoundError as error:
        answers.check_pacticipant(broker, provider)
        check_version(broker, consumer, version or "")
        raise ToolError(
            f"{quoted(consumer)} {quoted(version)} has no pact with {quoted(provider)} at the broker."
        ) from error
    named = ((state.get("_links") or {}).get("pb:consumer-version") or {}).get("name") or version or ""
    return ChosenPact(f"{consumer} {named}", provider, content(f"pact of {consumer} {named}", state), url)


def _address(broker: BrokerClient, consumer: str, provider: str, version: str | None) -> str:
    index = broker.index()
    if version is not None:
        return index.link("pb:publish-pact").expand(
            provider=provider, consumer=consumer, consumerApplicationVersion=version
        )
    with answers.known_pacticipant(broker, provider, f"The broker has no pacts with {provider}."):
        found = broker.follow(index, "pb:latest-provider-pacts", provider=provider)
    known = {link.name or "": link.href for link in found.links("pb:pacts")}
    if consumer not in known:
        near = get_close_matches(consumer, known, n=1)
        hint = f" Did you mean {quoted(near[0])}?" if near else ""
        there = f" Consumers that have one: {listed(sorted(known))}." if known else ""
        raise ToolError(f"{quoted(consumer)} has no pact with {quoted(provider)}.{hint}{there}")
    return known[consumer]
