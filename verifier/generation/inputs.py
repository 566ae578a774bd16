"""Everything that one operation can be sent, as one schema, and values of that schema as requests."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from tally.json_schema.schema import Schema
from tally.json_schema.shapes import both
from tally.json_schema.validation import Validator
from tally.pact import Body, Presence, Request
from tally.pact.bodies import is_json
from tally.service_contract.content_types import is_text
from tally.service_contract.form_bodies import is_form
from tally.service_contract.model import Example, ExampleRequest, HttpOperation, MediaType, Parameter
from verifier.contracts.requests import request_of
from verifier.generation.definitions import Definitions, typed

SECTIONS = {"path": "path", "query": "query", "header": "headers", "cookie": "cookies"}
_NO_NULL: Schema = {"not": {"type": "null"}, "minItems": 1, "minProperties": 1}
# A slash ends a segment, and most servers read an encoded one so as well.
_SEGMENT: Schema = {"minLength": 1, "pattern": r"^[^/\\]+$", "not": {"enum": [".", ".."]}}
_HEADER: Schema = {"pattern": r"^[!-~]([ -~]*[!-~])?$"}
_COOKIE: Schema = {"pattern": r"^[!#-+.-:<-\[\]-~]+$"}
_JOINED: Schema = {"type": ["string", "number", "boolean"], "pattern": r"^[^,;|&=./\s]+$"}
_ITEM: Schema = {"type": ["string", "number", "boolean"]}
_BY_LOCATION: Mapping[str, Schema] = {"path": _SEGMENT, "header": _HEADER, "cookie": _COOKIE, "query": True}
_BINARY = frozenset(["application/octet-stream"])


class Inputs:
    """What *operation* can be sent. A value of *schema* has a key for each part of a request.

    "path", "query", "headers" and "cookies" hold parameters by name, "body" a "contentType" and a "value",
    and "accept" the media types that are asked for.
    """

    def __init__(self, operation: HttpOperation) -> None:
        self.operation = operation
        self.parameters = {(SECTIONS[each.location], each.name): each for each in self._written()}
        self._definitions = Definitions()
        self._judges: dict[tuple[str, str], Validator] = {}
        self._object = self._schema()
        self.needed = frozenset(self._object["required"])
        self.schema = typed(self._object)

    @property
    def definitions(self) -> dict[str, Schema]:
        """What the schemas of bodies refer to."""
        return self._definitions.all

    @cached_property
    def validator(self) -> Validator:
        """What judges values; raises InvalidContractError for a schema that is none."""
        return Validator(self.schema)

    def judge(self, section: str, name: str) -> Validator:
        """Return what judges one parameter, or the body of one media type, as the document says."""
        known = self._judges.get((section, name))
        if known is None:
            schema = self.bodies[name] if section == "body" else self.parameters[section, name].schema
            if section == "body":
                own = schema if isinstance(schema, dict) else {"allOf": [schema]}
                schema = {**own, "$defs": self._definitions.all}
            known = self._judges[section, name] = Validator(schema)
        return known

    @cached_property
    def bodies(self) -> dict[str, Schema]:
        """What bodies look like, by media type: of those that can be written."""
        return {
            each.content_type: _body(each, self._definitions.without_own(each.schema))
            for each in self._contents
        }

    @cached_property
    def _contents(self) -> list[MediaType]:
        request = self.operation.request
        return [content for content in request.content if _can_be_written(content)] if request else []

    def request(self, value: Mapping[str, Any]) -> Request:
        """Return the request; raises KeyError or BodyError for a value that cannot be written."""
        return request_of(self.operation, self.example(value))

    def example(self, value: Mapping[str, Any]) -> ExampleRequest:
        """Return the values of a request."""
        headers = dict(value.get("headers", {}))
        if "accept" in value:
            headers["Accept"] = value["accept"]
        return ExampleRequest(
            path=value.get("path", {}),
            query=value.get("query", {}),
            headers=headers,
            cookies=value.get("cookies", {}),
            body=_written_body(value.get("body")),
        )

    def of_example(self, example: Example) -> dict[str, Any]:
        """Return the value of an example, as a hint for others."""
        request = example.request
        found: dict[str, Any] = {
            "path": request.path,
            "query": request.query,
            "headers": request.headers,
            "cookies": request.cookies,
        }
        body = request.body
        if body.presence is Presence.PRESENT and not isinstance(body.value, bytes):
            found["body"] = {"contentType": body.content_type, "value": body.value}
        return {name: value for name, value in found.items() if value}

    def of_parts(self) -> dict[str, Any]:
        """Return the examples of parameters and bodies, where no whole example can be made of them."""
        found: dict[str, Any] = {}
        for (section, name), parameter in self.parameters.items():
            if parameter.examples:
                first = parameter.examples.get(None) or next(iter(parameter.examples.values()))
                found.setdefault(section, {})[name] = first.value
        for content in self._contents:
            if content.examples and "body" not in found:
                value = next(iter(content.examples.values())).value
                found["body"] = {"contentType": content.content_type, "value": value}
        return found

    def _written(self) -> list[Parameter]:
        return [each for each in self.operation.parameters if each.location in SECTIONS]

    def _schema(self) -> dict[str, Any]:
        properties: dict[str, Schema] = {}
        for section in SECTIONS.values():
            named = {name: each for (where, name), each in self.parameters.items() if where == section}
            if named:
                properties[section] = _object(
                    {name: self._parameter(each) for name, each in named.items()},
                    [name for name, each in named.items() if each.required or section == "path"],
                )
        required = [*properties]
        if self.bodies:
            bodies = [
                _object({"contentType": {"const": kind}, "value": schema}, ["contentType", "value"])
                for kind, schema in self.bodies.items()
            ]
            properties["body"] = bodies[0] if len(bodies) == 1 else {"anyOf": bodies}
            request = self.operation.request
            required += ["body"] if request and request.required else []
        if accepted := self._accepted():
            properties["accept"] = {"enum": accepted}
            required.append("accept")
        return {**_object(properties, required), "$defs": self._definitions.all}

    def _accepted(self) -> list[str]:
        """Return what to ask for: everything, and each type of a success alone, if there are several."""
        answers = self.operation.responses
        types = dict.fromkeys(
            content.content_type
            for response in answers
            if response.status.startswith("2")
            for content in response.content
            if "*" not in content.content_type
        )
        every = dict.fromkeys(content.content_type for response in answers for content in response.content)
        return [", ".join(every), *types] if len(types) > 1 else []

    def _parameter(self, parameter: Parameter) -> Schema:
        own = self._definitions.without_own(parameter.schema)
        if parameter.style == "json":
            return own
        joined = parameter.location != "query" or not parameter.explode
        item = _JOINED if joined else _ITEM
        written: dict[str, Any] = {"items": item, "patternProperties": {"^[A-Za-z_]": item}}
        return both(own, _NO_NULL, written, _BY_LOCATION[parameter.location])


def _object(properties: dict[str, Schema], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _can_be_written(content: MediaType) -> bool:
    kind = content.content_type
    if is_json(kind) or is_form(kind) or kind in {"*/*", "application/*"} or kind in _BINARY:
        return True
    # Texts in other languages cannot be made of a schema.
    return is_text(kind) and "xml" not in kind


def _body(content: MediaType, schema: Schema) -> Schema:
    kind = content.content_type
    if kind in _BINARY or (is_text(kind) and not is_json(kind)):
        return both(schema, {"type": "string"})
    return both(schema, {"type": "object"}) if is_form(kind) else schema


def _written_body(body: Mapping[str, Any] | None) -> Body:
    if body is None:
        return Body()
    kind = "application/json" if "*" in body["contentType"] else body["contentType"]
    return Body(Presence.PRESENT, body["value"], kind)
