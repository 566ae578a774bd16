"""The states that consumers expect a provider to be in (Pact Broker reference §4.10)."""

from collections.abc import Iterable, Mapping
from typing import Any

from tally.hashing import canonical_json, parse_exactly
from tally.pact.provider_states import states_in
from tally.values import dataclass


@dataclass(frozen=True)
class ExpectedState:
    """A state with its parameters, if it has any, and the names of the consumers that expect it."""

    name: str
    params: Mapping[str, Any]
    consumers: tuple[str, ...]


def expected_states(contents: Iterable[tuple[str, bytes]]) -> list[ExpectedState]:
    """Return the states in contents, pairs of a consumer and JSON: each once, sorted by name.

    What is not a state is skipped, because any JSON may be published.
    """
    found: dict[tuple[str, bytes], tuple[Mapping[str, Any], set[str]]] = {}
    for consumer, text in contents:
        for name, params, _ in states_in(parse_exactly(text)):
            found.setdefault((name, canonical_json(params)), (params, set()))[1].add(consumer)
    return [
        ExpectedState(name, params, tuple(sorted(expecting)))
        for (name, _), (params, expecting) in sorted(found.items(), key=lambda item: item[0])
    ]
