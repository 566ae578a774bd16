"""Provider states: set up and torn down by the provider, through a URL or functions in this process."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from typing import Any, Literal, Protocol
from urllib.parse import urlencode

from tally.pact import ProviderState
from tally.pact.bodies import NOT_JSON, has_too_large_numbers, parse_json
from tally.values import dataclass
from verifier.contents.json_values import json_bytes, number_without_json
from verifier.errors import (
    NoAnswerError,
    ProviderError,
    ProviderTimeoutError,
    StateChangeError,
    StateRefusedError,
    UnreachableError,
)
from verifier.transport.calls import Call, call_to_the_end
from verifier.transport.redaction import without_credentials
from verifier.transport.transport import HttpRequest, Transport

Action = Literal["setup", "teardown"]
Values = Mapping[str, Any]
_NAMELESS = ProviderState("")


class StateChanger(Protocol):
    """What sets provider states up."""

    def change(self, state: ProviderState, action: Action) -> Values:
        """Set *state* up, or tear it down, and return the values that the provider returns for it.

        Raises StateChangeError when the provider refuses, another ProviderError when it does not respond.
        """


@dataclass(frozen=True)
class StateChanges:
    """Sets up provider states before a case and, with *teardown*, tears them down; None does neither.

    With *also_without_states*, the state "" is set up where there is none: providers clean up then.
    """

    changer: StateChanger | None = None
    teardown: bool = False
    also_without_states: bool = False

    def of(self, states: Sequence[ProviderState]) -> AbstractContextManager[Values]:
        """Set *states* up in order, and yield their parameters and the returned values.

        Tears down in reverse order at the end, also after an error: only states that were set up. Raises
        ProviderError, as `StateChanger.change` does. That the state "" is refused does not matter.
        """
        states = states or ([_NAMELESS] if self.also_without_states else [])
        return self._set_up(states) if states else nullcontext({})

    @contextmanager
    def _set_up(self, states: Sequence[ProviderState]) -> Iterator[Values]:
        values: dict[str, Any] = {}
        set_up: list[ProviderState] = []
        try:
            for state in states:
                values |= {**state.params, **self._change(state, "setup")}
                set_up.append(state)
            yield values
        except BaseException:
            with suppress(ProviderError):  # what went wrong first is what is said
                self._tear_down(set_up)
            raise
        self._tear_down(set_up)

    def _tear_down(self, states: Sequence[ProviderState]) -> None:
        for state in reversed(states if self.teardown else ()):
            self._change(state, "teardown")

    def _change(self, state: ProviderState, action: Action) -> Values:
        if self.changer is None:
            return {}
        try:
            return self.changer.change(state, action)
        except StateRefusedError:
            if state is _NAMELESS:
                return {}
            raise


@dataclass(frozen=True)
class StateUrl:
    """POST {"action": "setup", "state": name, "params": {…}} to *url*; the same with "teardown".

    With *as_query*, the action, the state and its parameters are in the query instead, without a body.
    """

    url: str
    transport: Transport
    as_query: bool = False

    def change(self, state: ProviderState, action: Action) -> Values:
        """Send the change; a JSON object in the response is the values."""
        try:
            response = self.transport.send(self._request(state, action))
        except (ProviderTimeoutError, NoAnswerError) as error:
            raise StateChangeError(
                f"The {action} of the state {state.name!r} got no response (--state-change-url): {error}"
            ) from error
        if not response.ok:
            raise StateRefusedError(
                f"{without_credentials(self.url)} (--state-change-url) responded with {response.status} to "
                f"the {action} of the state {state.name!r}: "
                f"{response.text.strip()[:500] or 'no text'}"
            )
        return _values(response.content)

    def _request(self, state: ProviderState, action: Action) -> HttpRequest:
        headers = (("Content-Type", "application/json"),)
        if self.as_query:
            named = {**state.params, "action": action, "state": state.name}
            query = urlencode(
                {name: _as_text(value) for name, value in named.items()}, errors="surrogatepass"
            )
            url = f"{self.url}{'&' if '?' in self.url else '?'}{query}"
            return HttpRequest(method="POST", url=url, headers=headers)
        body = {"action": action, "state": state.name, "params": state.params}
        return HttpRequest(method="POST", url=self.url, headers=headers, content=json_bytes(body))


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json_bytes(value).decode()


StateFunction = Callable[..., Values | None]


@dataclass(frozen=True)
class StateFunctions:
    """Functions by the name of the state, called with its parameters by name; they may return values.

    A state needs no function for its teardown. Functions may be asynchronous.
    """

    setups: Mapping[str, StateFunction]
    teardowns: Mapping[str, StateFunction]
    call: Call = call_to_the_end

    def change(self, state: ProviderState, action: Action) -> Values:
        """Call the function; raises StateChangeError when it raises anything."""
        function = (self.setups if action == "setup" else self.teardowns).get(state.name)
        if function is None:
            return {}
        try:
            made = self.call(partial(function, **state.params))
        except UnreachableError:
            raise
        except (Exception, SystemExit) as error:  # an exit would be that of the whole run
            raise StateChangeError(
                f"The {action} of the state {state.name!r} raised {type(error).__name__}: {error}"
            ) from error
        if made is not None and not isinstance(made, Mapping):
            raise StateChangeError(
                f"The {action} of the state {state.name!r} returned {type(made).__name__}: return the values "
                "for the request by their names, or nothing"
            )
        if number := number_without_json(made):
            raise StateChangeError(
                f"The {action} of the state {state.name!r} returned {number}, which JSON cannot write"
            )
        return made or {}


def _values(content: bytes) -> dict[str, Any]:
    # An empty body, or a text such as "OK", is a response without values.
    values = parse_json(content) if content else NOT_JSON
    if values is NOT_JSON and has_too_large_numbers(content.decode(errors="replace")):
        raise StateChangeError("The values of a state have numbers too large to be sent (--state-change-url)")
    return values if isinstance(values, dict) else {}
