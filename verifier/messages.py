"""Messages, asked from the provider's own code behind a URL, as the Pact verifiers do."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import orjson
import requests

from tally.pact import Message, read_body
from verifier.cases import MessageCase
from verifier.connecting import answer_of, redacted, without_credentials
from verifier.errors import MessageError
from verifier.results import Received, Sent

METADATA_HEADER = "Pact-Message-Metadata"


@dataclass(frozen=True)
class MessageExchange:
    """The answer to one question for a message, and the message in it."""

    received: Received
    message: Message
    duration_ms: float


class MessageSource:
    """Ask *url* for messages with POST {"description": …, "providerStates": [{"name", "params"}]}.

    The body of the answer is the content; its Content-Type the content's type; the metadata is JSON, in
    Base64, in the header Pact-Message-Metadata. *timeout* is in seconds, for each request.
    """

    def __init__(
        self,
        url: str,
        *,
        http: requests.Session,
        timeout: float = 30,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._url = url
        self._timeout = timeout
        self._clock = clock
        self._http = http

    def sent_for(self, case: MessageCase) -> Sent:
        """Return the question for the message of *case*."""
        states = [{"name": state.name, "params": state.params} for state in case.states]
        body = orjson.dumps({"description": case.description, "providerStates": states})
        return Sent("POST", without_credentials(self._url), (("Content-Type", "application/json"),), body)

    def ask(self, case: MessageCase) -> MessageExchange:
        """Return the message that the provider sends for *case*.

        Raises MessageError when the provider refuses, or another ProviderError when it does not answer.
        """
        sent = self.sent_for(case)
        started = self._clock()
        answer = answer_of(
            self._http,
            method=sent.method,
            url=self._url,
            headers=dict(sent.headers),
            content=sent.body,
            timeout=self._timeout,
        )
        duration_ms = (self._clock() - started) * 1000
        if not answer.ok:
            raise MessageError(
                f"{sent.url} (--message-url) answered {answer.status_code} instead of the message: "
                f"{answer.text.strip()[:500] or 'no text'}"
            )
        received = Received(answer.status_code, redacted(answer.headers), answer.content)
        return MessageExchange(received, message_of(answer), duration_ms)


def message_of(answer: requests.Response) -> Message:
    """Return the message that *answer* holds.

    Raises MessageError when its metadata cannot be read.
    """
    content_type = answer.headers.get("Content-Type")
    metadata = _metadata(answer.headers.get(METADATA_HEADER))
    if content_type and "contentType" not in metadata:
        metadata["contentType"] = content_type
    return Message(read_body(answer.content, metadata.get("contentType") or content_type), metadata)


def _metadata(header: str | None) -> dict[str, Any]:
    if not header:
        return {}
    try:
        metadata = orjson.loads(base64.b64decode(header, validate=True))
    except (binascii.Error, orjson.JSONDecodeError) as error:
        raise MessageError(f"The header {METADATA_HEADER} is not JSON in Base64: {header[:100]!r}") from error
    if not isinstance(metadata, dict):
        raise MessageError(f"The header {METADATA_HEADER} holds no JSON object: {header[:100]!r}")
    return metadata
