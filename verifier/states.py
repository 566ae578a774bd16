"""Provider states: brought about by the provider's own code, behind a URL."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
import requests

from tally.pact import ProviderState
from verifier.connecting import answer_of, without_credentials
from verifier.errors import StateChangeError


class StateChanges:
    """Ask *url* for provider states; None asks nobody.

    A set-up is POST {"action": "setup", "state": name, "params": {…}}; with *teardown* the same is sent with
    "teardown" after the case, in reverse order. *timeout* is in seconds, for each request.
    """

    def __init__(
        self, url: str | None, *, http: requests.Session, teardown: bool = False, timeout: float = 30
    ) -> None:
        self._url = url
        self._teardown = teardown
        self._timeout = timeout
        self._http = http

    @contextmanager
    def of(self, states: Sequence[ProviderState]) -> Iterator[Mapping[str, Any]]:
        """Set *states* up in order, and yield what the provider handed back; tear down at the end.

        Raises StateChangeError when the provider refuses, or a ProviderError when it does not answer.
        """
        values: dict[str, Any] = {}
        set_up: list[ProviderState] = []
        try:
            for state in states:
                values |= {**state.params, **self._change(state, "setup")}
                set_up.append(state)
            yield values
        finally:
            for state in reversed(set_up if self._teardown else ()):
                self._change(state, "teardown")

    def _change(self, state: ProviderState, action: str) -> dict[str, Any]:
        if self._url is None:
            return {}
        answer = answer_of(
            self._http,
            method="POST",
            url=self._url,
            headers={"Content-Type": "application/json"},
            content=orjson.dumps({"action": action, "state": state.name, "params": state.params}),
            timeout=self._timeout,
        )
        if not answer.ok:
            raise StateChangeError(
                f"The {action} of the state {state.name!r} was answered {answer.status_code} by "
                f"{without_credentials(self._url)} (--state-change-url): "
                f"{answer.text.strip()[:500] or 'no text'}"
            )
        return _values(answer.content)


def _values(content: bytes) -> dict[str, Any]:
    try:
        values = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return values if isinstance(values, dict) else {}
