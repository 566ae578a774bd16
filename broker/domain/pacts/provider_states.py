"""The states that consumers expect a provider to be in (Pact Broker reference §4.10)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from broker.domain.pacts.publication import LISTS
from tally.hashing import canonical_json, parse_exactly


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
        for name, params in _states(parse_exactly(text)):
            found.setdefault((name, canonical_json(params)), (params, set()))[1].add(consumer)
    return [
        ExpectedState(name, params, tuple(sorted(expecting)))
        for (name, _), (params, expecting) in sorted(found.items(), key=lambda item: item[0])
    ]


def _states(document: object) -> Iterator[tuple[str, dict[str, Any]]]:
    if not isinstance(document, dict):
        return
    for interaction in (item for key in LISTS for item in _objects(document.get(key))):
        for state in _objects(interaction.get("providerStates")):
            name, params = state.get("name"), state.get("params")
            if isinstance(name, str):
                yield name, params if isinstance(params, dict) else {}
        single = interaction.get("providerState", interaction.get("provider_state"))
        if isinstance(single, str) and single:
            yield single, {}


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
