"""The message that the consumer's handler gets: the declared one, with its generators applied."""

from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import Any, cast

from consumer_sdk.declarations import Message
from consumer_sdk.judging.answers import content_bytes
from consumer_sdk.judging.expected import read_interactions
from tally.pact import Message as DeclaredMessage
from tally.pact import MessageInteraction


def delivered(document: Mapping[str, Any], specification: str, kind: str) -> Message:
    """Return what a queue would deliver for a declared interaction; *kind* is its list in the pact file."""
    (interaction,) = read_interactions([document], specification, kind)
    return as_delivered(cast("MessageInteraction", interaction).message)


def as_delivered(message: DeclaredMessage) -> Message:
    """Return the bytes and the metadata of a declared message."""
    if message.generators:
        from tally.generators.generated_values import message_with_generated_values  # noqa: PLC0415 - few need it
        from tally.generators.generator import GeneratorContext  # noqa: PLC0415 - as above

        context = GeneratorContext(random=Random(), now=datetime.now().astimezone())  # noqa: S311 - no secret
        message = message_with_generated_values(message, lambda: context)
    return Message(content_bytes(message.body), message.metadata)
