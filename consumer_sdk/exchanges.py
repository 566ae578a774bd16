"""Let the consumer's code send a declared message, judge what it sends, and hand it the declared replies."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from consumer_sdk.declarations import Message
from consumer_sdk.errors import MismatchError
from tally import json_text
from tally.matching import match_message
from tally.pact import Message as PactMessage
from tally.pact import read_body
from tally.pact.bodies import content_type_of, is_json
from tally.pact.message_parts import read_v4_message


class Exchanging:
    """One run of the consumer's code; *document* is the interaction."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._sent: list[Message] = []

    def send(self, message: Message) -> Sequence[Message]:
        """Take the message that the code sends, and return the replies.

        Raises MismatchError when it is another message than the declared one.
        """
        __tracebackhide__ = True
        self._sent.append(message)
        _refuse_other(self._document, message)
        return [message_of(reply) for reply in self._document["response"]]

    def check(self) -> None:
        """Raise MismatchError when the code has sent no message, or several."""
        __tracebackhide__ = True
        if len(self._sent) != 1:
            raise MismatchError(
                f'"{self._document["description"]}": the code sent {len(self._sent)} messages; '
                "it is declared to send one."
            )


def message_of(document: Mapping[str, Any]) -> Message:
    """Return the message of a document as a queue would deliver it: the examples, as bytes."""
    metadata = dict(document.get("metadata") or {})
    contents: dict[str, Any] = document.get("contents") or {}
    if not contents:
        return Message(b"", metadata)
    content = contents["content"]
    if contents["encoded"] == "base64":
        return Message(base64.b64decode(content), metadata)
    is_text = isinstance(content, str) and (contents["encoded"] or not is_json(contents["contentType"]))
    return Message((content if is_text else json_text.compact(content)).encode(), metadata)


def _refuse_other(document: Mapping[str, Any], message: Message) -> None:
    __tracebackhide__ = True
    expected = read_v4_message(dict(document["request"]), "request")
    content_type = content_type_of(message.metadata) or expected.body.content_type
    received = PactMessage(read_body(message.content, content_type), dict(message.metadata))
    found = match_message(expected, received)
    if found:
        differences = "\n".join(f"  {mismatch.message}" for mismatch in found)
        raise MismatchError(
            f'"{document["description"]}": the code sent another message than declared.\n{differences}'
        )
