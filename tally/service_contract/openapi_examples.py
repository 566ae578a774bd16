"""Which examples of an OpenAPI operation belong together, and so can be replayed.

A named example of a parameter or of a request body, and the example with the same name of a response, are one
pair. What has no example with that name takes its unnamed one (`example`, or the first of the schema). A
parameter that a path declares for all of its operations has examples for some of them alone: those with a
response, or another part of the request, of the same name.
"""

from collections.abc import Iterator
from typing import Any

from tally.pact import Body, Presence, ProviderState
from tally.service_contract.model import (
    Example,
    ExampleRequest,
    ExampleResponse,
    HttpOperation,
    MediaType,
    NamedValue,
    OperationResponse,
)

_UNNAMED = "example"


def names_meant(operation: HttpOperation) -> frozenset[str]:
    """Return the names of the examples that belong to this operation, and to no other of its path."""
    parts = [
        *_own(operation),
        *(content.examples for answer in operation.responses for content in answer.content),
    ]
    return frozenset(name for examples in parts for name in examples if name is not None)


def names_of_examples(operation: HttpOperation) -> int:
    """Return how many names the examples of an operation have: at most so many pairs are made of them."""
    names = {name for examples in _asked(operation) for name in examples}
    return len(operation.examples) + len(names) + sum(1 for _ in _named_answers(operation))


def paired_examples(
    operation: HttpOperation, meant_for_others: frozenset[str] = frozenset()
) -> tuple[Example, ...]:
    """Return what can be replayed of the operation's own examples, and of those that its path shares.

    *meant_for_others* are the names that belong to other operations of its path (`names_meant`).

    A response's example that no request example is paired with is replayed only when it is a success, or
    names its provider states: nothing else says which request leads there. No two are the same exchange.
    """
    found: list[Example] = []
    alike: dict[tuple[object, ...], list[Example]] = {}
    for name, status, content in _candidates(operation, meant_for_others):
        request = _request(operation, name)
        if request is None:
            continue
        response = content.examples.get(name) if content else None
        body = (
            Body(Presence.PRESENT, response.value, content.content_type) if content and response else Body()
        )
        example = Example(
            name=name or _UNNAMED,
            request=request,
            response=ExampleResponse(status, body),
            states=_states(operation, name, response),
            pointer=operation.pointer,
            strict=False,
        )
        others = alike.setdefault(_scalars(example), [])
        if not any(_same_exchange(example, other) for other in others):
            others.append(example)
            found.append(example)
    return tuple(found)


def _candidates(
    operation: HttpOperation, meant_for_others: frozenset[str]
) -> Iterator[tuple[str | None, str, MediaType | None]]:
    """Yield (name, status, content of the response that has the example), the named ones first."""
    asked = dict.fromkeys(name for examples in _asked(operation) for name in examples)
    paired = set()
    for response, content, answered_name in _named_answers(operation):
        states = content.examples[answered_name].states
        if answered_name in asked or states or _is_success(response.status):
            paired.add(answered_name)
            yield answered_name, response.status, content
    success = _success(operation)
    if success is None:
        return
    own = names_meant(operation)
    for name in asked:
        if name is not None and name not in paired and (name in own or name not in meant_for_others):
            yield name, success, None
    answered = next(
        (
            content
            for response in operation.responses
            for content in response.content
            if _is_success(response.status) and None in content.examples
        ),
        None,
    )
    if answered or (None in asked and not paired):
        yield None, success, answered


def _named_answers(operation: HttpOperation) -> Iterator[tuple[OperationResponse, MediaType, str]]:
    for response in operation.responses:
        for content in response.content:
            yield from ((response, content, name) for name in content.examples if name is not None)


def _asked(operation: HttpOperation) -> list[dict[str | None, NamedValue]]:
    """Return the examples of each part of the request."""
    bodies = operation.request.content if operation.request else ()
    return [*(part.examples for part in operation.parameters), *(part.examples for part in bodies)]


def _own(operation: HttpOperation) -> list[dict[str | None, NamedValue]]:
    """Return the examples of each part of the request that no other operation has."""
    bodies = operation.request.content if operation.request else ()
    parameters = (part for part in operation.parameters if not part.shared)
    return [*(part.examples for part in parameters), *(part.examples for part in bodies)]


def _is_success(status: str) -> bool:
    return status.startswith("2")


def _success(operation: HttpOperation) -> str | None:
    """Return the status of success: the only one, "2XX" when there are several, None when there is none."""
    statuses = [response.status for response in operation.responses if _is_success(response.status)]
    if len(statuses) > 1:
        return "2XX"
    return statuses[0] if statuses else None


def _request(operation: HttpOperation, name: str | None) -> ExampleRequest | None:
    """Return the request named so, or None when something that it needs has no example."""
    values: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
    for parameter in operation.parameters:
        value = _value(parameter.examples, name)
        if value is not None:
            values[parameter.location][parameter.name] = value.value
        elif parameter.required:
            return None
    body = Body()
    if operation.request:
        body = _body(operation.request.content, name)
        if operation.request.required and body.presence is Presence.MISSING:
            return None
    return ExampleRequest(values["path"], values["query"], values["header"], values["cookie"], body)


def _body(contents: tuple[MediaType, ...], name: str | None) -> Body:
    named = next((content for content in contents if name in content.examples), None)
    content = named or next((content for content in contents if None in content.examples), None)
    value = _value(content.examples, name) if content else None
    return Body(Presence.PRESENT, value.value, content.content_type) if content and value else Body()


def _value(examples: dict[str | None, NamedValue], name: str | None) -> NamedValue | None:
    return examples.get(name) or examples.get(None)


def _states(
    operation: HttpOperation, name: str | None, response: NamedValue | None
) -> tuple[ProviderState, ...]:
    """Return the states that any part of the pair asks for, each once."""
    parts = [examples[name] for examples in _asked(operation) if name in examples]
    found: list[ProviderState] = []
    for part in [*parts, *([response] if response else [])]:
        found += [state for state in part.states if state not in found]
    return tuple(found)


def _scalars(example: Example) -> tuple[object, ...]:
    """Return what is quickly told apart of an exchange."""
    request = example.request
    places = (request.path, request.query, request.headers, request.cookies)
    values = (pair for place in places for pair in place.items() if not isinstance(pair[1], dict | list))
    return (example.response.status, *values)


def _same_exchange(one: Example, other: Example) -> bool:
    return (one.request, one.response.status, one.states) == (
        other.request,
        other.response.status,
        other.states,
    )
