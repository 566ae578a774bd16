"""An interaction, as a pact file has it."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from consumer_sdk.documents.examples import plain_example
from consumer_sdk.documents.notes import Notes
from consumer_sdk.errors import DeclarationError

SPECIFICATIONS = ("V4", "V3", "V2")
HTTP = "Synchronous/HTTP"
MESSAGE = "Asynchronous/Messages"
EXCHANGE = "Synchronous/Messages"
_WORDS = {MESSAGE: "a message", EXCHANGE: "a message with replies"}
_VERSIONS = {HTTP: SPECIFICATIONS, MESSAGE: ("V4", "V3"), EXCHANGE: ("V4",)}


class Declared(Protocol):
    """What a declaration tells of itself."""

    description: str
    notes: Notes

    @property
    def kind(self) -> str:
        """The type of the interaction, as V4 names it."""

    @property
    def states(self) -> Sequence[tuple[str, Mapping[str, object]]]:
        """The states of the provider, with their parameters."""

    def parts(self, specification: str) -> dict[str, Any]:
        """Return what the kind of interaction has; raises DeclarationError for what is missing."""


def interaction_document(declaration: Declared, specification: str) -> dict[str, Any]:
    """Return the interaction that stands in a pact file of *specification*: "V4", "V3" or "V2".

    The keys of every object are in the order of the alphabet, so that equal declarations give equal bytes.
    Raises DeclarationError for what is incomplete, or what the version cannot say.
    """
    name, kind = declaration.description, declaration.kind
    if specification not in _VERSIONS[kind]:
        raise DeclarationError(
            f'"{name}" is {_WORDS[kind]}, for which {specification} has no form: '
            f"choose {' or '.join(reversed(_VERSIONS[kind]))}."
        )
    document = {
        "description": name,
        **_states(declaration, specification),
        **declaration.notes.document(specification, name),
        **declaration.parts(specification),
    }
    if specification == "V4":
        document["type"] = kind
    return dict(sorted(document.items()))


def list_of(declaration: Declared, specification: str) -> str:
    """Return the list of a pact file that the interaction belongs to: "interactions" or "messages"."""
    return "messages" if declaration.kind == MESSAGE and specification == "V3" else "interactions"


def _states(declaration: Declared, specification: str) -> dict[str, Any]:
    if not declaration.states:
        return {}
    if specification == "V2":
        return {"providerState": _single_state(declaration)}
    states = [
        {"name": name, "params": plain_example(parameters, f'the state "{name}":')}
        if parameters
        else {"name": name}
        for name, parameters in declaration.states
    ]
    return {"providerStates": states}


def _single_state(declaration: Declared) -> str:
    (name, parameters), *others = declaration.states
    if others or parameters:
        what = "several states" if others else f'the state "{name}" with parameters'
        raise DeclarationError(
            f'"{declaration.description}" has {what}; V2 has one state, without parameters: choose V3 or V4.'
        )
    return name
