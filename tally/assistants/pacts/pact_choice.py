"""Which pact a question is about: a file, a text, or one that the broker or --pacts has."""

from tally.assistants.answers import ToolError
from tally.assistants.judging.process import judged
from tally.assistants.pacts.pacts import pact_of, version_of
from tally.assistants.sources.file_choice import pacts_of_provider
from tally.assistants.sources.given import Given, content, given
from tally.assistants.sources.sources import Sources
from tally.broker_client import BrokerClient
from tally.values import dataclass


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
    found = pact_of(broker, consumer, provider, version, "consumer_version")
    name = f"{consumer} {version_of(found)}"
    return ChosenPact(name, provider, content(f"pact of {name}", found.state), found.url)
