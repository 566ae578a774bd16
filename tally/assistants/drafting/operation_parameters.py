"""Parameters of an operation: values by its examples or of their schemas, with the rules of these."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from tally.assistants.answers import ToolError, quoted
from tally.assistants.drafting.operation_bodies import HEADER_VALUE
from tally.assistants.drafting.schema_rules import rule_of_text, rule_set
from tally.drafts.secrets import REDACTED
from tally.json_schema.schema import Schema
from tally.json_schema.shapes import both
from tally.json_schema.values import valid_values
from tally.service_contract.model import Example, HttpOperation, Parameter
from tally.service_contract.serialisation import cookie_of, headers_of, path_of, query_of
from tally.values import dataclass

_ONE_TEXT: Schema = {"type": ["string", "number", "integer", "boolean"], "minLength": 1}
_SEGMENT: Schema = both(_ONE_TEXT, {"pattern": r"^[^/\\]+$", "not": {"enum": [".", ".."]}})
_LIMITS: Mapping[str, Schema] = {"path": _SEGMENT, "header": HEADER_VALUE, "cookie": HEADER_VALUE}
_ANY_SEGMENT = "[^/]+"
_NO_VALUE: Any = object()


@dataclass(frozen=True)
class ParameterMaking:
    """Makes the parameters of one request; *notes* gets what is left out."""

    operation: HttpOperation
    example: Example | None
    notes: list[str]

    def path(self) -> str:
        """Return the path with its parameters, percent-encoded. Raises ToolError for one without a value."""
        try:
            return self.operation.base_path.rstrip("/") + path_of(self.operation, self._values["path"])
        except KeyError as error:
            raise self._missing(str(error.args[0])) from error

    def query(self) -> dict[str, list[str]]:
        """Return the query by name."""
        asked = query_of(self.operation, self._values["query"])
        return {name: [text or "" for text in each] for name, each in asked.items()}

    def headers(self) -> dict[str, list[str]]:
        """Return the headers by name, with that of the cookies."""
        found = headers_of(self.operation, self._values["header"])
        cookie = cookie_of(self._values["cookie"])
        return {name: list(texts) for name, texts in found.items()} | ({"Cookie": [cookie]} if cookie else {})

    def show_credentials(self, headers: dict[str, list[str]], query: dict[str, list[str]]) -> None:
        """Add placeholders for the first credentials that suffice."""
        for scheme in next(iter(self.operation.security or ()), ()):
            where, name = scheme.location, scheme.parameter
            if scheme.type in {"http", "oauth2", "openIdConnect"}:
                kind = "Basic" if scheme.scheme == "basic" else "Bearer"
                headers.setdefault("Authorization", [f"{kind} {REDACTED}"])
            elif where == "cookie" and name:
                headers.setdefault("Cookie", [f"{name}={REDACTED}"])
            elif where in {"header", "query"} and name:
                (headers if where == "header" else query).setdefault(name, [REDACTED])
            else:
                self.notes.append(f"credentials {scheme.name}: left out: they are no part of a request.")
                continue
            self.notes.append(f"credentials {scheme.name}: a placeholder is sent.")

    def rules(self) -> dict[str, Any]:
        """Return the rules of the path, the query and the headers; of what has parts there is none."""
        path = self._path_expression()
        found: dict[str, Any] = {"path": rule_set({"match": "regex", "regex": path})} if path else {}
        for where in ("query", "header"):
            known = {
                name: rule_set(rule_of_text(value, self._declared[where, name].schema))
                for name, value in self._values[where].items()
                if not isinstance(value, dict | list)
            }
            found |= {where: known} if known else {}
        return found

    @cached_property
    def _declared(self) -> dict[tuple[str, str], Parameter]:
        return {(each.location, each.name): each for each in self.operation.parameters}

    @cached_property
    def _values(self) -> dict[str, dict[str, Any]]:
        request = self.example.request if self.example else None
        given: Mapping[str, Mapping[str, Any]] = (
            {
                "path": request.path,
                "query": request.query,
                "header": request.headers,
                "cookie": request.cookies,
            }
            if request
            else {}
        )
        found: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
        for (where, name), parameter in self._declared.items():
            value = given.get(where, {}).get(name, _NO_VALUE)
            if value is _NO_VALUE and (parameter.required or where == "path"):
                value = self._made(parameter)
            if value is _NO_VALUE:
                self.notes.append(f"{where} parameter {name}: left out: it is optional.")
            else:
                found[where][name] = value
        return found

    def _made(self, parameter: Parameter) -> Any:
        """Return an example of the parameter, or else a value of its schema."""
        for named in parameter.examples.values():
            return named.value
        limits = _LIMITS.get(parameter.location, _ONE_TEXT)
        for schema in (both(parameter.schema, limits), parameter.schema):
            for value in valid_values(schema, most=1):
                return value
        raise self._missing(parameter.name)

    def _missing(self, name: str) -> ToolError:
        return ToolError(
            f"operation: {quoted(self.operation.title)} needs {quoted(name)}, and no value was found that "
            "its schema accepts. Give the contract an example of it."
        )

    def _path_expression(self) -> str:
        """Return the expression of all paths of the template; "" where a parameter has parts."""
        template = self.operation.base_path.rstrip("/") + self.operation.path
        pieces = re.split(r"\{([^{}]*)\}", template)
        found = [_literally(pieces[0])]
        for name, literal in zip(pieces[1::2], pieces[2::2], strict=True):
            parameter, value = self._declared.get(("path", name)), self._values["path"].get(name)
            if parameter is None or parameter.style != "simple" or isinstance(value, dict | list):
                return ""
            found += [_segment(rule_of_text(value, parameter.schema)), _literally(literal)]
        return f"^{''.join(found)}$" if len(pieces) > 1 else ""


def _segment(rule: Mapping[str, Any]) -> str:
    """Return the expression of a whole value without its anchors, if it is about one segment alone."""
    expression = str(rule.get("regex", ""))
    is_whole = expression.startswith("^") and expression.endswith("$") and "/" not in expression
    return expression[1:-1] if is_whole and ".*" not in expression else _ANY_SEGMENT


def _literally(text: str) -> str:
    # Expressions of other languages know no escaped hyphen outside of brackets.
    return re.escape(text).replace(r"\-", "-")
