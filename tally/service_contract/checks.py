"""What a service contract's language says beyond its structure, and whether the examples keep their word."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tally.errors import InvalidContractError
from tally.json_schema.pointers import pointer
from tally.pact import Body, Presence
from tally.pact.bodies import is_json
from tally.service_contract.content_types import best_content, is_text
from tally.service_contract.joining import check_unique
from tally.service_contract.links import link_warnings
from tally.service_contract.message_checks import message_warnings
from tally.service_contract.model import Example, HttpOperation, MediaType, Parameter, ServiceContract
from tally.service_contract.parsing import parse_service_contract
from tally.service_contract.state_checks import state_warnings
from tally.service_contract.validators import Validators

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
    check_unique(contract.operations)
    warnings = list(contract.warnings)
    if not contract.operations:
        warnings.append("/: there are no operations, so nothing is promised")
    validators = Validators()
    for operation in contract.http_operations:
        _check_path(operation)
        for example in operation.examples:
            warnings += _warnings(operation, example, validators)
    for message_operation in contract.message_operations:
        warnings += message_warnings(message_operation, validators)
    warnings += [*state_warnings(contract, validators), *link_warnings(contract)]
    if validators.left_out:
        warnings.append(
            f"{validators.left_out} and what follows was not checked: the schemas refer to too many others"
        )
    return tuple(dict.fromkeys(warnings))


def _warnings(operation: HttpOperation, example: Example, validators: Validators) -> tuple[str, ...]:
    problems = tuple(_example_problems(operation, example, validators))
    if problems and example.strict:
        raise InvalidContractError(problems[0])
    return problems


def _check_path(operation: HttpOperation) -> None:
    in_template = Counter(_TEMPLATE.findall(operation.path))
    declared = dict.fromkeys(
        parameter.name for parameter in operation.parameters if parameter.location == "path"
    )
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
    repeated = next((name for name, times in in_template.items() if times > 1), None)
    if repeated is not None:
        raise InvalidContractError(f"{operation.pointer}: {operation.path} has {repeated!r} twice")


def _example_problems(operation: HttpOperation, example: Example, validators: Validators) -> Iterator[str]:
    """Yield what contradicts the schemas; a request that leads to an error may be wrong on purpose."""
    place = f"{example.pointer}: example {example.name!r}"
    response = operation.response(example.response.status)
    if response is None and example.response.status.isdigit():
        yield f"{place}: the operation has no response {example.response.status}"
    elif response is not None:
        yield from _body_problems(
            example.response.body, response.content, f"{place}, response body", validators
        )
    yield from _missing(operation, example, place)
    if not example.response.status.startswith(("4", "5")):
        for parameter in operation.parameters:
            yield from _parameter_problems(parameter, example, place, validators)
        content = operation.request.content if operation.request else ()
        yield from _body_problems(example.request.body, content, f"{place}, request body", validators)


def _missing(operation: HttpOperation, example: Example, place: str) -> Iterator[str]:
    for parameter in operation.parameters:
        if parameter.location == "path" and parameter.name not in example.request.path:
            yield f"{place}, path: {parameter.name!r} has no value, and without it there is no request"


def _parameter_problems(
    parameter: Parameter, example: Example, place: str, validators: Validators
) -> Iterator[str]:
    location = _LOCATIONS[parameter.location]
    values: dict[str, Any] = getattr(example.request, location)
    if parameter.name in values:
        where = f"{place}, {location}{pointer([parameter.name])}"
        yield from validators.problems(parameter.schema, values[parameter.name], where)
    elif parameter.required and parameter.location != "path":
        yield f"{place}, {location}: {parameter.name!r} is required and has no value"


def _body_problems(
    body: Body, declared: tuple[MediaType, ...], place: str, validators: Validators
) -> Iterator[str]:
    if body.presence is not Presence.PRESENT or not declared:
        return
    content = best_content(declared, body.content_type) or declared[0]
    if is_json(content.content_type) or is_text(content.content_type):
        yield from validators.problems(content.schema, body.value, place)
