"""What requests and messages have in common: a description, the states of the provider, and notes."""

import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

from consumer_sdk.documents.examples import plain_example
from consumer_sdk.documents.interactions import SPECIFICATIONS
from consumer_sdk.documents.json_values import json_value
from consumer_sdk.documents.notes import Notes
from consumer_sdk.errors import DeclarationError

_PACKAGE = "consumer_sdk"


class Declaration(ABC):
    """One interaction. *specification* is the version of the pact: what it cannot say is refused at once.

    `source` is where the test declares it: "tests/test_orders.py:7".
    """

    kind = ""

    def __init__(self, description: str, specification: str = "V4") -> None:
        if not description or not isinstance(description, str):
            raise DeclarationError(
                "An interaction needs a description: what the consumer asks for, in words."
            )
        if specification not in SPECIFICATIONS:
            raise DeclarationError(
                f"specification: {specification!r} is not known; give {' or '.join(SPECIFICATIONS)}."
            )
        self.description = str(json_value(description, "the description"))
        self.specification = specification
        self.source = _caller()
        self.states: list[tuple[str, dict[str, object]]] = []
        self.notes = Notes()

    def given(self, state: str, parameters: Mapping[str, object] | None = None, /, **named: object) -> Self:
        """Add a state that the provider must be in, with its parameters; call it once for each state.

        Parameters whose names are no Python names go into the mapping.
        """
        if not isinstance(state, str) or not state:
            raise DeclarationError(f"given: {state!r} is no name of a state; give what is true, in words.")
        said = {**(parameters or {}), **named}
        plain_example(said, f'the state "{state}":')
        self.states.append((state, said))
        return self

    def with_comment(self, text: str) -> Self:
        """Add a comment for people who read the pact, or the result of its verification (V4)."""
        return self._noted(texts=(*self.notes.texts, text))

    def with_comments(self, comments: Mapping[str, object]) -> Self:
        """Add comments under names, which may have any values of JSON (V4)."""
        return self._noted(comments={**self.notes.comments, **comments})

    def with_reference(self, system: str, name: str, url: str) -> Self:
        """Add a link to another system: ``with_reference("Jira", "SHOP-7", "https://…")`` (V4)."""
        known = self.notes.references
        return self._noted(references={**known, system: {**known.get(system, {}), name: url}})

    def with_tags(self, *tags: str) -> Self:
        """Add tags to the interaction, by which a provider's team may sort what it verifies (V4)."""
        return self._noted(tags=(*self.notes.tags, *tags))

    def with_key(self, key: str) -> Self:
        """Give the interaction a key, which stays when its description changes (V4)."""
        return self._noted(key=key)

    def with_test_name(self, name: str) -> Self:
        """Say which test declares the interaction (V4; left out in earlier versions)."""
        return self._noted(test_name=name)

    def pending(self, *, pending: bool = True) -> Self:
        """Say that the provider does not have it yet: a verification that fails is no failure (V4)."""
        return self._noted(pending=pending)

    @abstractmethod
    def parts(self, specification: str) -> dict[str, Any]:
        """Return what the kind of interaction has; raises DeclarationError for what is missing."""

    def _noted(self, **said: Any) -> Self:
        notes = replace(self.notes, **said)
        notes.document(self.specification, self.description)
        self.notes = notes
        return self

    def _missing(self, call: str) -> DeclarationError:
        return DeclarationError(
            f'"{self.description}" is incomplete: call .{call}(…). It is declared at {self.source}.'
        )


def _caller() -> str:
    """Return the file and the line of the first caller outside of this package."""
    frame = sys._getframe(1)  # noqa: SLF001 - the documented way, and inspect.stack reads every file
    while frame.f_back and str(frame.f_globals.get("__name__", "")).partition(".")[0] == _PACKAGE:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
