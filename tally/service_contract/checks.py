"""What a service contract's language says beyond its structure, and whether the examples keep their word."""

import re
from collections.abc import Iterator
from typing import Any

from tally.errors import InvalidContractError
from tally.pact import Body, Presence
from tally.pact.bodies import is_json
from tally.service_contract.content_types import best_content, is_text
from tally.service_contract.model import Example, MediaType, Operation, Parameter, Schema, ServiceContract
from tally.service_contract.parsing import parse_service_contract
from tally.service_contract.references import pointer
from tally.service_contract.schemas import Validator

_TEMPLATE = re.compile(r"\{([^{}]*)\}")
_LOCATIONS = {"path": "path", "query": "query", "header": "headers", "cookie": "cookies"}


def check_service_contract(document: object) -> tuple[str, ...]:
    """Return warnings about *document*, each a sentence that begins with a JSON pointer.

    Raises InvalidContractError, naming the place, for what makes it no contract: its structure, a reference
    to nothing, two operations that are one, a path and its parameters that disagree, and an example written
    to be replayed (native documents, `x-contract-examples`) that contradicts the schemas. OpenAPI lets its
    own examples contradict theirs, so that is a warning.
    """
    return check_operations(parse_service_contract(document))


def check_operations(contract: ServiceContract) -> tuple[str, ...]:
    """Do the same for a contract that was parsed already."""
    _check_unique(contract)
    warnings: list[str] = []
    for operation in contract.operations:
        _check_path(operation)
        for example in operation.examples:
            warnings += _warnings(operation, example)
    return tuple(dict.fromkeys(warnings))


def _warnings(operation: Operation, example: Example) -> tuple[str, ...]:
    problems = tuple(_example_problems(operation, example))
    if problems and example.strict:
        raise InvalidContractError(problems[0])
    return problems


def _check_unique(contract: ServiceContract) -> None:
    by_id: dict[str, Operation] = {}
    by_route: dict[tuple[str, str], Operation] = {}
    for operation in contract.operations:
        other = by_id.setdefault(operation.id, operation)
        if other is not operation:
            raise InvalidContractError(
                f"{operation.pointer}: the id {operation.id!r} is also that of {other.pointer}"
            )
        route = (operation.method, _TEMPLATE.sub("{}", operation.path))
        other = by_route.setdefault(route, operation)
        if other is not operation:
            raise InvalidContractError(
                f"{operation.pointer}: {operation.method} {operation.path} is also at {other.pointer}"
            )


def _check_path(operation: Operation) -> None:
    in_template = _TEMPLATE.findall(operation.path)
    declared = [parameter.name for parameter in operation.parameters if parameter.location == "path"]
    for name in in_template:
        if name not in declared:
            raise InvalidContractError(
                f"{operation.pointer}: {operation.path} has no path parameter {name!r}"
            )
    for name in declared:
        if name not in in_template:
            raise InvalidContractError(
                f"{operation.pointer}: the path parameter {name!r} has no {{{name}}} in {operation.path}"
            )
    repeated = {name for name in in_template if in_template.count(name) > 1}
    if repeated:
        raise InvalidContractError(f"{operation.pointer}: {operation.path} has {repeated.pop()!r} twice")


def _example_problems(operation: Operation, example: Example) -> Iterator[str]:
    """Yield what contradicts the schemas; a request that leads to an error may be wrong on purpose."""
    place = f"{example.pointer}: example {example.name!r}"
    response = operation.response(example.response.status)
    if response is None and example.response.status.isdigit():
        yield f"{place}: the operation has no response {example.response.status}"
    elif response is not None:
        yield from _body_problems(example.response.body, response.content, f"{place}, response body")
    yield from _missing(operation, example, place)
    if not example.response.status.startswith(("4", "5")):
        for parameter in operation.parameters:
            yield from _parameter_problems(parameter, example, place)
        content = operation.request.content if operation.request else ()
        yield from _body_problems(example.request.body, content, f"{place}, request body")


def _missing(operation: Operation, example: Example, place: str) -> Iterator[str]:
    for parameter in operation.parameters:
        if parameter.location == "path" and parameter.name not in example.request.path:
            yield f"{place}, path: {parameter.name!r} has no value, and without it there is no request"


def _parameter_problems(parameter: Parameter, example: Example, place: str) -> Iterator[str]:
    location = _LOCATIONS[parameter.location]
    values: dict[str, Any] = getattr(example.request, location)
    if parameter.name in values:
        where = f"{place}, {location}{pointer([parameter.name])}"
        yield from _problems(parameter.schema, values[parameter.name], where)
    elif parameter.required and parameter.location != "path":
        yield f"{place}, {location}: {parameter.name!r} is required and has no value"


def _body_problems(body: Body, declared: tuple[MediaType, ...], place: str) -> Iterator[str]:
    if body.presence is not Presence.PRESENT or not declared:
        return
    content = best_content(declared, body.content_type) or declared[0]
    if is_json(content.content_type) or is_text(content.content_type):
        yield from _problems(content.schema, body.value, place)


def _problems(schema: Schema, value: object, place: str) -> Iterator[str]:
    try:
        problem = Validator(schema).best_problem(value)
    except InvalidContractError as error:
        raise InvalidContractError(f"{place}: {error}") from error
    if problem is not None:
        yield f"{place}{problem.pointer}: {problem.message}"
