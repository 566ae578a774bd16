"""An operation of a service contract as an interaction: by its examples, or values made of its schemas."""

from typing import Any

from tally.assistants.answers import ToolError, quoted
from tally.assistants.drafting.operation_bodies import BodyMaking, preferred
from tally.assistants.drafting.operation_parameters import ParameterMaking
from tally.drafts.folding import printable
from tally.pact import Presence
from tally.service_contract.model import Example, HttpOperation, OperationResponse
from tally.values import dataclass

_STATUS_OF_CLASS = {"DEFAULT": 500, "1XX": 100, "2XX": 200, "3XX": 302, "4XX": 400, "5XX": 500}


@dataclass(frozen=True)
class OperationExchange:
    """The interaction as a document of V4, and what was left out of it."""

    document: dict[str, Any]
    notes: tuple[str, ...]


def exchange_of(operation: HttpOperation, status: int | None) -> OperationExchange:
    """Return an exchange with the answer of *status*, or with that of the first success.

    Raises ToolError for a status that the operation does not have, and for one that needs a value which
    cannot be made.
    """
    response, number = _response(operation, status)
    example = next((each for each in operation.examples if _shows(each, response, number)), None)
    notes: list[str] = []
    request = _request(operation, example, response, notes)
    answer = _answer(response, number, example, notes)
    if not example or not example.states:
        notes.append("The contract names no provider state for this answer: add what it needs.")
    name = printable(f"{operation.method} {operation.base_path.rstrip('/')}{operation.path} ({number})")
    states = [{"name": state.name, "params": state.params} for state in example.states] if example else []
    document = {
        "type": "Synchronous/HTTP",
        "description": name,
        "providerStates": states,
        "request": request,
        "response": answer,
    }
    return OperationExchange(document, tuple(notes))


def _response(operation: HttpOperation, status: int | None) -> tuple[OperationResponse, int]:
    if status is not None:
        found = operation.response(str(status))
        if found is None:
            known = ", ".join(quoted(each.status) for each in operation.responses) or "none"
            raise ToolError(f"status: {quoted(operation.title)} has no answer {status}. It has {known}.")
        return found, status
    successes = [each for each in operation.responses if each.status.startswith("2")]
    chosen = next(iter((*successes, *operation.responses)), None)
    if chosen is None:
        raise ToolError(f"operation: {quoted(operation.title)} says nothing about its answers.")
    if chosen.status.isdigit():
        return chosen, int(chosen.status)
    # What is said for all statuses is the success, where nothing else is said.
    is_only = chosen.status.upper() == "DEFAULT" and len(operation.responses) == 1
    return chosen, 200 if is_only else _STATUS_OF_CLASS.get(chosen.status.upper(), 200)


def _shows(example: Example, response: OperationResponse, number: int) -> bool:
    return example.response.status.upper() in {response.status.upper(), str(number), f"{str(number)[0]}XX"}


def _request(
    operation: HttpOperation, example: Example | None, response: OperationResponse, notes: list[str]
) -> dict[str, Any]:
    making = ParameterMaking(operation, example, notes)
    headers = making.headers()
    kinds = [content.content_type for content in response.content if "*" not in content.content_type]
    if kinds and "accept" not in map(str.lower, headers):
        headers["Accept"] = [preferred(kinds)]
    query = making.query()
    making.show_credentials(headers, query)
    rules = making.rules()
    document = {"method": operation.method, "path": making.path(), "query": query, "headers": headers}
    asked = operation.request
    given = example.request.body if example and example.request.body.presence is Presence.PRESENT else None
    if asked and asked.content and not given and not asked.required:
        notes.append("request body: left out: it is optional.")
    elif asked and asked.content:
        body, body_rules = BodyMaking("request", notes).body(asked.content, given)
        document |= {"body": body} if body else {}
        rules |= {"body": body_rules} if body_rules else {}
    return document | {"matchingRules": rules}


def _answer(
    response: OperationResponse, number: int, example: Example | None, notes: list[str]
) -> dict[str, Any]:
    making = BodyMaking("response", notes)
    headers, header_rules = making.headers(response.headers)
    document: dict[str, Any] = {"status": number, "headers": headers}
    rules = {"header": header_rules} if header_rules else {}
    if response.content:
        is_given = example is not None and example.response.body.presence is Presence.PRESENT
        body, body_rules = making.body(
            response.content, example.response.body if example and is_given else None
        )
        document |= {"body": body} if body else {}
        rules |= {"body": body_rules} if body_rules else {}
    return document | {"matchingRules": rules}
