"""The provider states in a pact as it is written, also in one that cannot be read as a whole."""

from collections.abc import Iterator
from typing import Any

_LISTS = ("interactions", "messages")


def states_in(document: object) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield each state's name, its parameters, and the interaction that expects it.

    What is not a state is skipped, because any JSON may be published.
    """
    if not isinstance(document, dict):
        return
    for interaction in (item for key in _LISTS for item in _objects(document.get(key))):
        for state in _objects(interaction.get("providerStates")):
            name, params = state.get("name"), state.get("params")
            if isinstance(name, str):
                yield name, params if isinstance(params, dict) else {}, interaction
        single = interaction.get("providerState", interaction.get("provider_state"))
        if isinstance(single, str) and single:
            yield single, {}, interaction


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
