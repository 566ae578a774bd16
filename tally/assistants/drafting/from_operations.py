"""An operation of a service contract as an interaction: by its examples, or values made of its schemas."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tally.assistants.answers import ToolError, quoted
from tally.assistants.drafting.schema_rules import SchemaRules, scalar_rule
from tally.drafts.folding import printable
from tally.drafts.secrets import REDACTED
from tally.json_schema.branches import Branches
from tally.json_schema.schema import Schema
from tally.json_schema.shapes import both
from tally.json_schema.values import valid_values
from tally.json_schema.work import OutOfWorkError, Work
from tally.pact import Presence
from tally.pact.bodies import FORM, is_json, media_type
from tally.service_contract.model import Example, HttpOperation, MediaType, OperationResponse, Parameter
from tally.service_contract.serialisation import cookie_of, headers_of, path_of, plain_text, query_of

_ONE_TEXT: Schema = {"type": ["string", "number", "integer", "boolean"], "minLength": 1}
_SEGMENT: Schema = both(_ONE_TEXT, {"pattern": r"^[^/\\]+$", "not": {"enum": [".", ".."]}})
_HEADER: Schema = both(_ONE_TEXT, {"pattern": r"^[!-~]([ -~]*[!-~])?$"})
_STATUS_OF_CLASS = {"DEFAULT": 500, "1XX": 100, "2XX": 200, "3XX": 302, "4XX": 400, "5XX": 500}
_STEPS = 5_000
_WHOLE, _BOOLEAN = r"-?\d+", "(true|false)"
_NO_VALUE: Any = object()


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
    making = _Making(operation, example)
    request = making.request(response)
    answer = making.response(response, number)
    if not example or not example.states:
        making.notes.append("The contract names no provider state for this answer: add what it needs.")
    name = printable(f"{operation.method} {operation.base_path.rstrip('/')}{operation.path} ({number})")
    states = [{"name": state.name, "params": state.params} for state in example.states] if example else []
    document = {
        "type": "Synchronous/HTTP",
        "description": name,
        "providerStates": states,
        "request": request,
        "response": answer,
    }
    return OperationExchange(document, tuple(making.notes))


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


@dataclass
class _Making:
    operation: HttpOperation
    example: Example | None
    notes: list[str] = field(default_factory=list)

    def request(self, response: OperationResponse) -> dict[str, Any]:
        values = {where: self._values(where) for where in ("path", "query", "header", "cookie")}
        headers = {name: list(texts) for name, texts in headers_of(self.operation, values["header"]).items()}
        kinds = [content.content_type for content in response.content if "*" not in content.content_type]
        if kinds and "accept" not in map(str.lower, headers):
            headers["Accept"] = [_preferred(kinds)]
        cookie = cookie_of(values["cookie"])
        if cookie:
            headers["Cookie"] = [cookie]
        asked = query_of(self.operation, values["query"])
        query = {name: [text or "" for text in each] for name, each in asked.items()}
        self._show_credentials(headers, query)
        document: dict[str, Any] = {
            "method": self.operation.method,
            "path": self.operation.base_path.rstrip("/") + path_of(self.operation, values["path"]),
            "query": query,
            "headers": headers,
        }
        rules: dict[str, Any] = self._rules_of_parameters(values, query)
        content = self._content_of_request()
        if content:
            document |= {"body": content[0]}
            rules |= {"body": content[1]} if content[1] else {}
        return document | {"matchingRules": rules}

    def response(self, response: OperationResponse, number: int) -> dict[str, Any]:
        document: dict[str, Any] = {"status": number}
        headers, header_rules = self._headers(response)
        if headers:
            document |= {"headers": headers}
        content = _chosen(response.content)
        if content is None:
            return document | {"matchingRules": {"header": header_rules} if header_rules else {}}
        given = self.example.response.body if self.example else None
        value = given.value if given and given.presence is Presence.PRESENT else _example(content)
        body, rules = self._body(content, value, "response")
        rule_sets = {"header": header_rules, "body": rules}
        return document | {
            **({"body": body} if body else {}),
            "matchingRules": {name: each for name, each in rule_sets.items() if each},
        }

    def _headers(self, response: OperationResponse) -> tuple[dict[str, list[str]], dict[str, Any]]:
        headers, rules = {}, {}
        for header in response.headers:
            value = next(valid_values(both(header.schema, _HEADER), most=1), None)
            if not header.required or value is None:
                self.notes.append(
                    f"response header {header.name}: left out: optional, or without an example."
                )
                continue
            headers[header.name] = [plain_text(value)]
            rules[header.name] = _set(_rule_of_text(value, header.schema))
        return headers, rules

    def _values(self, where: str) -> dict[str, Any]:
        given = self._given(where)
        found = {}
        for parameter in self.operation.parameters:
            if parameter.location != where:
                continue
            value = given.get(parameter.name, _NO_VALUE)
            if value is _NO_VALUE and (parameter.required or where == "path"):
                value = self._made(parameter)
            if value is _NO_VALUE:
                self.notes.append(f"{where} parameter {parameter.name}: left out: it is optional.")
            else:
                found[parameter.name] = value
        return found

    def _given(self, where: str) -> Mapping[str, Any]:
        if self.example is None:
            return {}
        request = self.example.request
        return {
            "path": request.path,
            "query": request.query,
            "header": request.headers,
            "cookie": request.cookies,
        }[where]

    def _made(self, parameter: Parameter) -> Any:
        """Return an example of the parameter, or else a value of its schema."""
        for named in parameter.examples.values():
            return named.value
        limits = {"path": _SEGMENT, "header": _HEADER, "cookie": _HEADER}.get(parameter.location, _ONE_TEXT)
        for schema in (both(parameter.schema, limits), parameter.schema):
            for value in valid_values(schema, most=1):
                return value
        raise ToolError(
            f"operation: {quoted(self.operation.title)} needs {quoted(parameter.name)}, and no value was "
            "found that its schema accepts. Give the contract an example of it."
        )

    def _show_credentials(self, headers: dict[str, list[str]], query: dict[str, list[str]]) -> None:
        for scheme in next(iter(self.operation.security or ()), ()):
            if scheme.type in {"http", "oauth2", "openIdConnect"}:
                kind = "Basic" if scheme.scheme == "basic" else "Bearer"
                headers.setdefault("Authorization", [f"{kind} {REDACTED}"])
            elif scheme.location == "header" and scheme.parameter:
                headers.setdefault(scheme.parameter, [REDACTED])
            elif scheme.location == "query" and scheme.parameter:
                query.setdefault(scheme.parameter, [REDACTED])
            elif scheme.location == "cookie" and scheme.parameter:
                headers.setdefault("Cookie", [f"{scheme.parameter}={REDACTED}"])
            self.notes.append(f"credentials {scheme.name}: a placeholder is sent.")

    def _rules_of_parameters(
        self, values: Mapping[str, Mapping[str, Any]], query: Mapping[str, list[str]]
    ) -> dict[str, Any]:
        declared = {(each.location, each.name): each for each in self.operation.parameters}
        rules: dict[str, Any] = {}
        path = self._path_expression(values["path"], declared)
        if path:
            rules["path"] = _set({"match": "regex", "regex": path})
        found = {}
        for name, value in values["query"].items():
            if name in query and not isinstance(value, dict | list):
                found[name] = _set(_rule_of_text(value, declared["query", name].schema))
        rules |= {"query": found} if found else {}
        known = {
            name: _set(_rule_of_text(value, declared["header", name].schema))
            for name, value in values["header"].items()
            if ("header", name) in declared and not isinstance(value, dict | list)
        }
        return rules | ({"header": known} if known else {})

    def _path_expression(
        self, values: Mapping[str, Any], declared: Mapping[tuple[str, str], Parameter]
    ) -> str | None:
        """Return the expression of all paths of the template; None where a parameter has parts."""
        template = self.operation.base_path.rstrip("/") + self.operation.path
        pieces = re.split(r"\{([^{}]*)\}", template)
        found = [re.escape(pieces[0]).replace(r"\-", "-")]
        for name, literal in zip(pieces[1::2], pieces[2::2], strict=True):
            parameter = declared.get(("path", name))
            if parameter is None or parameter.style != "simple" or isinstance(values.get(name), dict | list):
                return None
            rule = _rule_of_text(values[name], parameter.schema)
            inner = rule["regex"][1:-1] if rule["match"] == "regex" else "[^/]+"
            is_simple = rule["match"] == "regex" and rule["regex"].startswith("^") and "/" not in inner
            found += [inner if is_simple else "[^/]+", re.escape(literal).replace(r"\-", "-")]
        return f"^{''.join(found)}$" if len(pieces) > 1 else None

    def _content_of_request(self) -> tuple[dict[str, Any], dict[str, Any]] | None:
        asked = self.operation.request
        given = self.example.request.body if self.example else None
        if asked is None or not asked.content:
            return None
        is_given = bool(given and given.presence is Presence.PRESENT)
        content = _chosen(asked.content, given.content_type if given and is_given else None)
        if content is None:
            return None
        if not is_given and not asked.required:
            self.notes.append("request body: left out: it is optional.")
            return None
        body, rules = self._body(content, given.value if given and is_given else _example(content), "request")
        return (body, rules) if body else None

    def _body(self, content: MediaType, value: Any, side: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the body of a pact, empty where it cannot be made, and its rules."""
        kind = "application/json" if "*" in content.content_type else content.content_type
        is_made = value is _NO_VALUE
        if is_made:
            value = next(valid_values(content.schema, most=1), _NO_VALUE)
        can_be_written = is_json(kind) or isinstance(value, str) or media_type(kind) == FORM
        if value is _NO_VALUE or not can_be_written:
            self.notes.append(f"{side} body: left out: no {kind} could be made of its schema.")
            return {}, {}
        if not is_json(kind):
            text = value if isinstance(value, str) else urlencode(_form(value))
            rules = {"$": _set({"match": "type"})} if side == "response" else {}
            return {"content": text, "contentType": kind, "encoded": False}, rules
        reading = SchemaRules(content.schema, needed_only=side == "response" or is_made)
        value = reading.read(value)
        self._note(reading, side)
        return {"content": value, "contentType": kind, "encoded": False}, reading.rules

    def _note(self, reading: SchemaRules, side: str) -> None:
        promise = "nobody promises them: add those that the code reads, with a state that has them"
        what = promise if side == "response" else "add those that the code sends"
        if reading.optional:
            places = ", ".join(reading.optional)
            self.notes.append(f"{side} body: left out, as they are optional: {places}; {what}.")
        if reading.nullable:
            places = ", ".join(reading.nullable)
            self.notes.append(f"{side} body: may be null, which is not accepted: {places}.")


def _form(value: Any) -> list[tuple[str, str]]:
    items = value.items() if isinstance(value, dict) else ()
    return [
        (name, plain_text(each))
        for name, item in items
        for each in (item if isinstance(item, list) else [item])
    ]


def _preferred(kinds: list[str]) -> str:
    return next((kind for kind in kinds if is_json(kind)), kinds[0])


def _chosen(contents: tuple[MediaType, ...], kind: str | None = None) -> MediaType | None:
    """Return the content of that kind, or else JSON, or else a form or the first."""
    by_kind = {content.content_type: content for content in contents}
    if not contents:
        return None
    if kind in by_kind:
        return by_kind[kind]
    return by_kind[_preferred(list(by_kind))]


def _example(content: MediaType) -> Any:
    return next((named.value for named in content.examples.values()), _NO_VALUE)


def _rule_of_text(value: Any, schema: Schema) -> dict[str, Any]:
    """Return the rule of a value that is written as text, in a path, a query or a header."""
    try:
        shapes = Branches(schema, Work(_STEPS)).of(schema)
    except OutOfWorkError:
        shapes = ()
    rule = scalar_rule(value, shapes[0]) if shapes else {"match": "type"}
    if rule["match"] == "integer" or (rule["match"] == "number" and isinstance(value, int)):
        return {"match": "regex", "regex": f"^{_WHOLE}$"}
    if rule["match"] == "boolean":
        return {"match": "regex", "regex": f"^{_BOOLEAN}$"}
    return rule if rule["match"] in {"regex", "equality"} else {"match": "type"}


def _set(rule: dict[str, Any]) -> dict[str, Any]:
    return {"matchers": [rule], "combine": "AND"}
