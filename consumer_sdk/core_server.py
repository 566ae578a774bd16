"""A second opinion on each request: Pact's core, which the Pact tools of other languages are built on.

What our engine has accepted is sent on to the mock server of pact-python, and the code gets its answer. This
module alone imports pact-python.
"""

import http.client
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any, Literal

from consumer_sdk.errors import MismatchError
from consumer_sdk.in_process.routes import Respond
from consumer_sdk.judging.answers import content_bytes
from consumer_sdk.judging.exchanges import Answer, ReceivedRequest
from consumer_sdk.judging.expected import read_interactions
from consumer_sdk.mock_server import MockServer
from tally.errors import UsageError
from tally.pact import Body, HttpInteraction, Presence

# The core of Pact would report its use over the network; tests should not.
os.environ.setdefault("PACT_DO_NOT_TRACK", "true")

try:
    import pact
    from pact.interaction import HttpInteraction as PactHttp
except ModuleNotFoundError as error:
    raise UsageError(
        "serve(core=True) needs pact-python: pip install 'tallystick[consumer-mock-server]'; "
        "serve() and in_process() need no more than tallystick[consumer]."
    ) from error

Side = Literal["Request", "Response"]
_TIMEOUT = 10
_FRAMING = frozenset({"connection", "content-length", "transfer-encoding", "date", "expect"})


class CoreServer(MockServer):
    """Judges as `MockServer` does, and lets the mock server of pact-python answer what is accepted."""

    def __init__(self, documents: Sequence[Mapping[str, Any]], specification: str) -> None:
        super().__init__()
        self._stack = ExitStack()
        contract = pact.Pact("consumer", "provider").with_specification(specification)
        for interaction, document in zip(read_interactions(documents, specification), documents, strict=True):
            if isinstance(interaction, HttpInteraction):
                _declare(contract, interaction, document)
        server = self._stack.enter_context(contract.serve("127.0.0.1", raises=False, verbose=False))
        self._address = "127.0.0.1", int(server.port or 0)

    def open(self, respond: Respond) -> None:
        """Answer from now on."""

        def both(request: ReceivedRequest) -> Answer:
            respond(request)
            return self._answer_of_core(request)

        super().open(both)

    def close(self) -> None:
        """Answer no more; raise what made it impossible to judge a request, or what the core refused."""
        self._stack.close()
        super().close()

    def _answer_of_core(self, request: ReceivedRequest) -> Answer:
        connection = http.client.HTTPConnection(*self._address, timeout=_TIMEOUT)
        headers = {name: value for name, value in request.headers if name.lower() not in _FRAMING}
        try:
            connection.request(request.method, request.target, request.body or None, headers)
            received = connection.getresponse()
            content = received.read()
        finally:
            connection.close()
        lines = tuple((name, value) for name, value in received.getheaders() if name.lower() not in _FRAMING)
        if received.headers.get("X-Pact"):
            self.problem = _disagreement(request, content)
            raise self.problem
        return Answer(received.status, lines, content)


def _disagreement(request: ReceivedRequest, content: bytes) -> MismatchError:
    said = content.decode(errors="replace")
    return MismatchError(
        f"Pact's core refuses what is declared: {request.method} {request.target}\n"
        f"  it says   {said}\n\n"
        "Other Pact tools may read the pact differently from ours: declare it more plainly, "
        "or record it without core=True."
    )


def _declare(contract: pact.Pact, interaction: HttpInteraction, document: Mapping[str, Any]) -> None:
    request, response = interaction.request, interaction.response
    target = contract.upon_receiving(interaction.description)
    for state in interaction.states:
        target.given(state.name, state.params)
    target.with_request(request.method, request.path)
    for name, values in request.query.items():
        for value in values:
            target.with_query_parameter(name, _as_text(value or ""))
    _declare_part(target, request.headers, request.body, document["request"], "Request")
    target.will_respond_with(response.status or 200)
    _declare_part(target, response.headers, response.body, document["response"], "Response")


def _declare_part(
    target: PactHttp, headers: Mapping[str, tuple[str, ...]], body: Body, document: Any, side: Side
) -> None:
    for name, values in headers.items():
        for value in values:
            target.with_header(name, _as_text(value), side)
    if body.presence is Presence.PRESENT:
        target.with_binary_body(content_bytes(body), body.content_type, side)
    for key, add in (("matchingRules", target.with_matching_rules), ("generators", target.with_generators)):
        if key in document:
            add(json.dumps(document[key]), side)


def _as_text(value: str) -> str:
    """Return a text so that the core does not take it for a matcher."""
    return json.dumps({"value": value}) if value.lstrip().startswith("{") else value
