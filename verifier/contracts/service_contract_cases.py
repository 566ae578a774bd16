"""Cases of a service contract: the request of each example, with a check of the response by the schemas."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import orjson

from tally.errors import InvalidContractError
from tally.generators.generated_values import Values
from tally.json_schema.schema import Schema
from tally.json_schema.validation import SchemaProblem, Validator
from tally.matching import Mismatch
from tally.pact import Body, Presence, Request, Response
from tally.pact.bodies import is_json
from tally.service_contract.content_types import best_content, is_text
from tally.service_contract.model import (
    Example,
    ExampleRequest,
    Header,
    HttpOperation,
    MediaType,
    OperationResponse,
    ServiceContract,
)
from tally.service_contract.serialisation import cookie_of, headers_of, path_of, query_of
from verifier.contracts.cases import AnyCase, Case, UnsupportedCase
from verifier.contracts.written_bodies import BodyError, written_body

_LONGEST_RULE = 200
_NO_BODY = frozenset([Presence.MISSING, Presence.EMPTY])


def service_contract_cases(contract: ServiceContract) -> tuple[AnyCase, ...]:
    """Return one case for each example of each operation, in the order of the document.

    The response must have the status of the example, and the body and headers must satisfy the schemas for
    that status; the content may differ from the example's. *id* is "operation/example".
    """
    return tuple(case for operation in contract.http_operations for case in _cases(operation))


def operations_without_examples(contract: ServiceContract) -> tuple[HttpOperation, ...]:
    """Return the operations without any example: nothing verifies these."""
    return tuple(operation for operation in contract.http_operations if not operation.examples)


def answer_check(operation: HttpOperation) -> Callable[[Response], tuple[Mismatch, ...]]:
    """Return the check that an answer is documented, and as its schemas say, whatever its status.

    Raises InvalidContractError for an unusable schema.
    """
    check = _ResponseCheck(operation)
    return lambda actual: check.mismatches(str(actual.status or 0), actual, {})


def _cases(operation: HttpOperation) -> Iterator[AnyCase]:
    try:
        check = _ResponseCheck(operation)
    except InvalidContractError as error:
        for example in operation.examples:
            yield _unsupported(operation, example, str(error))
    else:
        yield from (_case(operation, example, check) for example in operation.examples)


def _case(operation: HttpOperation, example: Example, check: "_ResponseCheck") -> AnyCase:
    try:
        request = request_of(operation, example.request)
    except KeyError as missing:
        return _unsupported(operation, example, f"the example has no value for the path parameter {missing}")
    except BodyError as error:
        return _unsupported(operation, example, str(error))
    return Case(
        description=_description(operation, example),
        request=request,
        check=partial(check.mismatches, example.response.status),
        states=example.states,
        id=f"{operation.id}/{example.name}",
    )


def _unsupported(operation: HttpOperation, example: Example, reason: str) -> UnsupportedCase:
    return UnsupportedCase(
        description=_description(operation, example),
        reason=reason,
        states=example.states,
        id=f"{operation.id}/{example.name}",
    )


def _description(operation: HttpOperation, example: Example) -> str:
    return f"{operation.method} {operation.path}: {example.name}"


def request_of(operation: HttpOperation, example: ExampleRequest) -> Request:
    """Return the request; raises KeyError when a path parameter has no value, BodyError for the body."""
    headers = headers_of(operation, example.headers)
    cookie = cookie_of(example.cookies)
    if cookie:
        headers["Cookie"] = (cookie,)
    body = written_body(operation, example.body)
    return Request(
        operation.method,
        path_of(operation, example.path),
        query_of(operation, example.query),
        headers | _negotiation(operation, body, headers),
        body,
    )


def _negotiation(
    operation: HttpOperation, body: Body, headers: dict[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Return Accept and Content-Type, unless the example sets them itself."""
    types = dict.fromkeys(
        content.content_type for response in operation.responses for content in response.content
    )
    added = {"Accept": (", ".join(types),)} if types else {}
    given = {name.lower() for name in headers}
    if body.content_type:
        added["Content-Type"] = (body.content_type,)
        # Nobody but who writes the body knows where its parts end.
        given -= {"content-type"} if "boundary=" in body.content_type else set()
    return {name: values for name, values in added.items() if name.lower() not in given}


class _ResponseCheck:
    """The check of the responses of one operation. Raises InvalidContractError for an unusable schema."""

    def __init__(self, operation: HttpOperation) -> None:
        self._operation = operation
        # By identity: a media type holds its schema, a dictionary, so it cannot be hashed.
        self._bodies = {
            id(content): Validator(content.schema)
            for response in operation.responses
            for content in response.content
        }
        self._headers = {
            id(header): Validator(header.schema)
            for response in operation.responses
            for header in response.headers
        }

    def mismatches(self, expected_status: str, actual: Response, _: Values) -> tuple[Mismatch, ...]:
        """Return every difference between *actual* and what the contract promises for this status."""
        status = actual.status or 0
        declared = self._operation.response(str(status))
        if not _is_expected(status, expected_status, declared):
            message = f"expected the status {expected_status}, got {status}"
            return (Mismatch("status", "", expected_status, status, message),)
        if declared is None:
            message = f"the contract says nothing about the status {status} of this operation"
            return (Mismatch("status", "", expected_status, status, message),)
        return (*self._in_headers(declared, actual), *self._in_body(declared, actual.body))

    def _in_headers(self, declared: OperationResponse, actual: Response) -> Iterator[Mismatch]:
        received = {name.lower(): ", ".join(values) for name, values in actual.headers.items()}
        for header in declared.headers:
            value = received.get(header.name.lower())
            if value is not None:
                yield from self._in_header(header, value)
            elif header.required:
                message = f"the header {header.name} is missing"
                yield Mismatch("header", header.name, "a value", None, message)

    def _in_header(self, header: Header, value: str) -> Iterator[Mismatch]:
        validator = self._headers[id(header)]
        # A header is text, so one that is a number, or a list with commas, has to be read as such first.
        readings = (value, *_as_json(value), [item.strip() for item in value.split(",")])
        if not any(validator.accepts(reading) for reading in readings):
            # Of the reading that the author most likely meant: the JSON value if it is one, or the text.
            problem = validator.problems(readings[-2])[0]
            message = f"the header {header.name}: {problem.message}"
            rule = _broken_rule(header.schema, problem)
            yield Mismatch("header", header.name, rule, value, message)

    def _in_body(self, declared: OperationResponse, body: Body) -> Iterator[Mismatch]:
        if not declared.content or self._operation.method == "HEAD":
            return
        content = best_content(declared.content, body.content_type)
        if content is None:
            wanted = " or ".join(content.content_type for content in declared.content)
            message = f"expected a body of type {wanted}, got {body.content_type or 'no Content-Type'}"
            yield Mismatch("body-type", "", wanted, body.content_type, message)
        else:
            yield from self._in_content(content, body)

    def _in_content(self, content: MediaType, body: Body) -> Iterator[Mismatch]:
        kind = body.content_type or content.content_type
        if not (is_json(kind) or is_text(kind)):
            return  # a JSON Schema says nothing about other content, such as an image
        if isinstance(body.value, bytes) or (is_json(kind) and body.presence in _NO_BODY):
            got = "none" if body.presence in _NO_BODY else "one that is not"
            message = f"expected a body of type {content.content_type}, got {got}"
            yield Mismatch("body", "$", content.content_type, body.value, message)
            return
        for problem in self._bodies[id(content)].problems(body.value):
            place = path_expression(problem.parts)
            rule = _broken_rule(content.schema, problem)
            yield Mismatch("body", place, rule, _at(body.value, problem.parts), problem.message)


def _is_expected(status: int, expected: str, declared: OperationResponse | None) -> bool:
    if expected.lower() == "default":
        return declared is not None and declared.status == expected
    return str(status) == expected or expected.upper() == f"{status // 100}XX"


def _as_json(text: str) -> tuple[Any, ...]:
    """Return *text* parsed as a JSON value other than a string, if it is one: a header is always text."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return ()
    return () if isinstance(value, str) else (value,)


def path_expression(parts: tuple[str | int, ...]) -> str:
    """Return the path in a body as a path expression of Pact: "$.items[0].price"."""
    return "$" + "".join(_step(part) for part in parts)


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    return f".{part}" if re.fullmatch(r"[\w-]+", part) else f"['{part}']"


def _broken_rule(schema: Schema, problem: SchemaProblem) -> Any:
    """Return the keyword that is not satisfied; together with its value in the schema where that is short."""
    value = _at(schema, problem.rule_parts)
    if isinstance(value, dict | list) and len(orjson.dumps(value)) > _LONGEST_RULE:
        return problem.keyword
    return {problem.keyword: value}


def _at(value: Any, parts: tuple[str | int, ...]) -> Any:
    for part in parts:
        value = value[part]
    return value
