"""An interaction, as a pact file has it."""

from typing import Any

from consumer_sdk.declarations import Declaration, HttpDeclaration, MessageDeclaration
from consumer_sdk.documents.json_values import json_value
from consumer_sdk.documents.messages import message_document
from consumer_sdk.documents.parts import request_document, response_document
from consumer_sdk.errors import DeclarationError
from consumer_sdk.match import example_of

HTTP = "Synchronous/HTTP"
MESSAGE = "Asynchronous/Messages"


def interaction_document(declaration: Declaration, specification: str) -> dict[str, Any]:
    """Return the interaction that stands in a pact file of *specification*: "V4", "V3" or "V2".

    The keys of every object are in the order of the alphabet, so that equal declarations give equal bytes.
    Raises DeclarationError for what is incomplete, or what the version cannot say.
    """
    if isinstance(declaration, HttpDeclaration):
        said = _http(declaration, specification)
    elif isinstance(declaration, MessageDeclaration):
        said = _message(declaration, specification)
    else:
        raise TypeError(f"{type(declaration).__name__} is no declaration of an interaction.")
    document = {"description": declaration.description, **_states(declaration, specification), **said}
    return dict(sorted(document.items()))


def list_of(declaration: Declaration, specification: str) -> str:
    """Return the list of a pact file that the interaction belongs to: "interactions" or "messages"."""
    is_message = not isinstance(declaration, HttpDeclaration)
    return "messages" if is_message and specification == "V3" else "interactions"


def _http(declaration: HttpDeclaration, specification: str) -> dict[str, Any]:
    request, response = declaration.request, declaration.response
    if request is None or response is None:
        missing = "with_request" if request is None else "will_respond_with"
        raise DeclarationError(f'"{declaration.description}" is incomplete: call .{missing}(…).')
    said = {
        "request": request_document(request, specification),
        "response": response_document(response, specification),
    }
    return {**said, **_kind(HTTP, specification)}


def _message(declaration: MessageDeclaration, specification: str) -> dict[str, Any]:
    if declaration.content is None:
        raise DeclarationError(f'"{declaration.description}" is incomplete: call .with_content(…).')
    if specification == "V2":
        raise DeclarationError(
            f'"{declaration.description}" is a message, and V2 has requests alone: choose V3 or V4.'
        )
    said = message_document(
        declaration.content, declaration.content_type, declaration.metadata, specification
    )
    return {**said, **_kind(MESSAGE, specification)}


def _kind(kind: str, specification: str) -> dict[str, Any]:
    """Return the keys that only V4 has."""
    return {"type": kind, "pending": False} if specification == "V4" else {}


def _states(declaration: Declaration, specification: str) -> dict[str, Any]:
    if not declaration.states:
        return {}
    if specification == "V2":
        return {"providerState": _single_state(declaration)}
    states = [
        {"name": name, "params": json_value(example_of(parameters))} if parameters else {"name": name}
        for name, parameters in declaration.states
    ]
    return {"providerStates": states}


def _single_state(declaration: Declaration) -> str:
    (name, parameters), *others = declaration.states
    if others or parameters:
        what = "several states" if others else f'the state "{name}" with parameters'
        raise DeclarationError(
            f'"{declaration.description}" has {what}; V2 has one state, without parameters: choose V3 or V4.'
        )
    return name
