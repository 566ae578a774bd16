"""The check of a response by what a service contract says about its operation."""

import re
from collections.abc import Iterator
from typing import Any

import orjson

from tally.generators.generated_values import Values
from tally.json_schema.pointers import pointer_parts
from tally.json_schema.schema import Schema
from tally.json_schema.validation import SchemaProblem, Validator
from tally.matching import Mismatch
from tally.pact import Body, Presence, Response
from tally.pact.bodies import is_json
from tally.service_contract.content_types import best_content, is_text
from tally.service_contract.model import Header, HttpOperation, MediaType, OperationResponse

_LONGEST_RULE = 200
_LONGEST_CHAIN = 20
_NO_BODY = frozenset([Presence.MISSING, Presence.EMPTY])


class ResponseCheck:
    """What is wrong with responses of one operation. Raises InvalidContractError for an unusable schema."""

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
        if not _is_expected(status, expected_status, self._operation.response(str(status))):
            message = f"expected the status {expected_status}, got {status}"
            return (Mismatch("status", "", expected_status, status, message),)
        return self.documented(actual, expected_status)

    def documented(self, actual: Response, expected_status: str = "a documented one") -> tuple[Mismatch, ...]:
        """Return every difference between *actual* and what the contract promises for its own status."""
        status = actual.status or 0
        declared = self._operation.response(str(status))
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
    value = _rule(schema, problem.rule_parts)
    if isinstance(value, dict | list) and len(orjson.dumps(value)) > _LONGEST_RULE:
        return problem.keyword
    return {problem.keyword: value}


def _rule(schema: Schema, parts: tuple[str | int, ...]) -> Any:
    """Return what is at this place; the reasons name no reference on the way, or name all."""
    found: Any = schema
    definitions = schema.get("$defs", {}) if isinstance(schema, dict) else {}
    for part in parts:
        for _ in range(_LONGEST_CHAIN):
            if not (
                isinstance(found, dict) and isinstance(found.get("$ref"), str)
            ) or part in found.keys() - {"$ref"}:
                break
            found = definitions.get(pointer_parts(found["$ref"])[-1], {})
        if part != "$ref":
            found = found[part] if _has(found, part) else None
    return found


def _has(value: Any, part: str | int) -> bool:
    return part in value if isinstance(value, dict) else isinstance(value, list) and isinstance(part, int)


def _at(value: Any, parts: tuple[str | int, ...]) -> Any:
    for part in parts:
        value = value[part]
    return value
