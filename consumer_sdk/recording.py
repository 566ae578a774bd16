"""The fluent recorder over pact-python. This module alone imports it."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from inspect import iscoroutine
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, TypeVar

from consumer_sdk.declarations import (
    Declaration,
    DeclaredPart,
    ExchangeDeclaration,
    Fields,
    HttpDeclaration,
    Message,
    MessageDeclaration,
    Send,
    Value,
)
from consumer_sdk.digits import Declared, content_with_digits, with_digits
from consumer_sdk.documents import interaction_document
from consumer_sdk.errors import DeclarationError, MismatchError
from consumer_sdk.exchanges import exchange
from consumer_sdk.match import Matcher, example_of, integration_json
from consumer_sdk.mismatches import MISSING, explain
from consumer_sdk.pact_files import SPECIFICATIONS, Recording, Recordings
from tally import json_text
from tally.errors import UsageError

# The core of Pact would report its use over the network; tests should not.
os.environ.setdefault("PACT_DO_NOT_TRACK", "true")

try:
    import pact
    from pact.interaction import AsyncMessageInteraction as PactMessage
    from pact.interaction import HttpInteraction as PactHttp
except ModuleNotFoundError as error:
    raise UsageError("Recording needs pact-python: pip install 'tallystick[consumer]'.") from error

T = TypeVar("T")
Side = Literal["Request", "Response"]


class Recorder:
    """Record what *consumer* and *provider* agree on, into *recordings*.

    *specification* is "V4" or "V3". *source* names the test in error messages.
    Declare interactions with `upon_receiving`, then `serve` them to the consumer's code; declare a message
    with `expects_message`, and hand it over with `handled_by`. What succeeds is recorded.
    """

    def __init__(
        self,
        consumer: str,
        provider: str,
        recordings: Recordings,
        *,
        specification: str = "V4",
        source: str = "this test",
    ) -> None:
        if specification not in SPECIFICATIONS:
            known = " or ".join(SPECIFICATIONS)
            raise DeclarationError(f"specification: {specification!r} is not known; give {known}.")
        if not consumer or not provider:
            raise DeclarationError("A pact needs the names of its consumer and its provider.")
        self.consumer = consumer
        self.provider = provider
        self._specification = specification
        self._recordings = recordings
        self._source = source
        self._waiting: list[Declaration] = []

    def upon_receiving(self, description: str) -> HttpDeclaration:
        """Declare a request: its *description* is unique in the pact, together with the provider's states."""
        interaction = HttpDeclaration(description, self._specification)
        self._waiting.append(interaction)
        return interaction

    def expects_message(self, description: str) -> MessageDeclaration:
        """Declare a message that the provider sends, which `handled_by` hands over."""
        interaction = MessageDeclaration(description, self._deliver, self._specification)
        self._waiting.append(interaction)
        return interaction

    def exchanges_messages(self, description: str) -> ExchangeDeclaration:
        """Declare a message that the consumer sends, and its replies (V4); `exchanged_by` runs its code."""
        interaction = ExchangeDeclaration(description, self._exchange, self._specification)
        self._waiting.append(interaction)
        return interaction

    @contextmanager
    def serve(self) -> Iterator[str]:
        """Serve every request declared since the last time; yield the base URL of the mock server.

        All of it must be sent, and nothing else: otherwise MismatchError says what was. Then it is recorded.
        """
        __tracebackhide__ = True
        declared = [each for each in self._waiting if isinstance(each, HttpDeclaration)]
        self._waiting = [each for each in self._waiting if each not in declared]
        if not declared:
            raise DeclarationError("There is nothing to serve: declare a request with upon_receiving first.")
        contract = self._contract()
        for interaction in declared:
            _declare_http(contract, interaction)
        with contract.serve("127.0.0.1", raises=False, verbose=False) as server:
            try:
                yield str(server.url)
            except Exception as error:
                # A request that was only not reached yet is not the reason.
                if any(mismatch.type != MISSING for mismatch in server.mismatches):
                    raise MismatchError(explain(server.mismatches, declared)) from error
                raise
            if not server.matched:
                raise MismatchError(explain(server.mismatches, declared))
        self._record(contract, declared)

    def close(self) -> None:
        """Raise DeclarationError when something was declared that nothing ever used: it would be lost."""
        __tracebackhide__ = True
        if self._waiting:
            names = ", ".join(f'"{each.description}"' for each in self._waiting)
            self._waiting = []
            raise DeclarationError(
                f"Declared, but never used, so not recorded: {names}. "
                "Requests need `with recorder.serve() as url:`, messages need `.handled_by(handler)`."
            )

    def _deliver(self, interaction: MessageDeclaration, handler: Callable[[Message], T]) -> T:
        __tracebackhide__ = True
        self._waiting.remove(interaction)
        contract = self._contract()
        _declare_message(contract, interaction)
        received = _reified(contract)
        content = content_with_digits(received.content, interaction.content)
        answer = handler(replace(received, content=content))
        if iscoroutine(answer):
            answer.close()
            raise DeclarationError(
                f'The handler of "{interaction.description}" is a coroutine function, so it has not run: '
                "give .handled_by(lambda message: asyncio.run(handler(message)))."
            )
        self._record(contract, [interaction])
        return answer

    def _exchange(self, interaction: ExchangeDeclaration, code: Callable[[Send], T]) -> T:
        __tracebackhide__ = True
        self._waiting.remove(interaction)
        document = interaction_document(interaction, self._specification)
        answer = exchange(document, code)
        self._recordings.add(
            Recording(
                self.consumer, self.provider, self._specification, "interactions", document, self._source
            )
        )
        return answer

    def _contract(self) -> pact.Pact:
        # Not the real names: the core would make a path of files of them.
        return pact.Pact("consumer", "provider").with_specification(self._specification)

    def _record(self, contract: pact.Pact, declared: Sequence[Declared]) -> None:
        __tracebackhide__ = True
        with TemporaryDirectory() as directory:
            contract.write_file(directory, overwrite=True)
            (path,) = Path(directory).iterdir()
            document = json_text.read(path.read_text(encoding="utf-8"))
        by_name = {(each.description, tuple(name for name, _ in each.states)): each for each in declared}
        for kind in ("interactions", "messages"):
            for interaction in document.get(kind, []):
                states = tuple(state["name"] for state in interaction.get("providerStates", []))
                known = by_name.get((interaction["description"], states))
                self._recordings.add(
                    Recording(
                        self.consumer,
                        self.provider,
                        self._specification,
                        kind,
                        with_digits(interaction, known) if known else interaction,
                        self._source,
                    )
                )


def _declare_http(contract: pact.Pact, interaction: HttpDeclaration) -> None:
    request, response = interaction.request, interaction.response
    if request is None or response is None:
        missing = "with_request" if request is None else "will_respond_with"
        raise DeclarationError(f'"{interaction.description}" is incomplete: call .{missing}(…).')
    target = contract.upon_receiving(interaction.description)
    _declare_states(target, interaction)
    target.with_request(request.method, _text(request.path))
    for name, value in _pairs(request.query):
        target.with_query_parameter(name, value)
    _declare_part(target, request, "Request")
    target.will_respond_with(example_of(response.status))
    _declare_part(target, response, "Response")


def _declare_part(target: PactHttp, part: DeclaredPart, side: Side) -> None:
    for name, value in _pairs(part.headers):
        target.with_header("Content-Type" if name.lower() == "content-type" else name, value, side)
    _declare_body(target, part.body, part.content_type, side)


def _declare_body(target: PactHttp | PactMessage, body: object, content_type: str | None, side: Side) -> None:
    if body is None:
        return
    if isinstance(body, bytes):
        target.with_binary_body(body, content_type, side)
    else:
        text = body if isinstance(body, str) else json.dumps(integration_json(body))
        target.with_body(text, content_type, side)


def _declare_message(contract: pact.Pact, interaction: MessageDeclaration) -> None:
    if interaction.content is None:
        raise DeclarationError(f'"{interaction.description}" is incomplete: call .with_content(…).')
    target = contract.upon_receiving(interaction.description, "Async")
    _declare_states(target, interaction)
    target.with_metadata({name: integration_json(value) for name, value in interaction.metadata.items()})
    _declare_body(target, interaction.content, interaction.content_type, "Request")


def _declare_states(
    target: PactHttp | PactMessage, interaction: HttpDeclaration | MessageDeclaration
) -> None:
    for state, parameters in interaction.states:
        target.given(state, integration_json(parameters))


def _pairs(fields: Fields) -> Iterator[tuple[str, str]]:
    for name, values in fields.items():
        for value in values if isinstance(values, list | tuple) else [values]:
            yield name, _text(value)


def _text(value: Value | object) -> str:
    """Return one header, query value or path in the form that Pact's core takes."""
    if not isinstance(value, Matcher):
        text = str(value)
        # The core would take the text of an object for a matcher.
        return json.dumps({"value": text}) if text.lstrip().startswith("{") else text
    example = example_of(value)
    as_text = example if isinstance(example, list) else str(example)
    return json.dumps(integration_json(Matcher(value.rule, as_text, value.attributes)))


def _reified(contract: pact.Pact) -> Message:
    received: list[Message] = []

    def receive(content: str | bytes | None, metadata: dict[str, Any]) -> None:
        received.append(Message(content.encode() if isinstance(content, str) else content or b"", metadata))

    contract.verify(receive, "Async")
    return received[0]
