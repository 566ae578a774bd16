"""One recorded interaction, and what tells it apart from others."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

SPECIFICATIONS = {"V2": "2.0.0", "V3": "3.0.0", "V4": "4.0"}
Pair = tuple[str, str]


@dataclass(frozen=True)
class Recording:
    """One interaction, as the pact file has it.

    *kind* is the list of the file that it belongs to: "interactions", or "messages" (V3 only).
    *source* is where it comes from, for messages to the user: a place in a test, or a file.
    *test* is the id that pytest gives the test, where there is one.
    """

    consumer: str
    provider: str
    specification: str
    kind: str
    interaction: Mapping[str, Any]
    source: str
    test: str | None = None

    @property
    def pair(self) -> Pair:
        """Consumer and provider."""
        return self.consumer, self.provider

    @property
    def name(self) -> str:
        """The description and the states, for people."""
        states = " and ".join(name for name, _ in states_of(self.interaction))
        return f'"{self.interaction["description"]}"' + (f" given {states}" if states else "")

    @property
    def place(self) -> str:
        """Where it was declared, with the name of the test, for people."""
        if self.test is None or self.test in self.source:
            return self.source
        test = self.test.partition("::")[2]
        return self.source if test and f"({test})" in self.source else f"{self.source} ({self.test})"

    @cached_property
    def identity(self) -> str:
        """What must be unique: the pair, the description and the states with their parameters, hashed."""
        parts = [
            self.consumer,
            self.provider,
            self.interaction["description"],
            states_of(self.interaction),
        ]
        return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def states_of(interaction: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the names and parameters of the states; older files have the name of one instead of a list."""
    for key in ("providerStates", "providerState", "provider_state"):
        found = interaction.get(key)
        if isinstance(found, list):
            return [(state["name"], state.get("params") or {}) for state in found]
        if found:
            return [(found, {})]
    return []
