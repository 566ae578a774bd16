"""Compare an answer with the description of the API: its status, its content type and its body."""

import re
from typing import Any

import jsonschema_rs
import orjson


class Described:
    """The description that a broker serves."""

    def __init__(self, client: Any, **options: Any) -> None:
        self.document = client.get("/openapi.json", **options).json
        self._validators: dict[bytes, jsonschema_rs.Draft202012Validator] = {}

    def _validator(self, schema: bytes) -> jsonschema_rs.Draft202012Validator:
        if schema not in self._validators:
            whole = {**orjson.loads(schema), "components": self.document["components"]}
            self._validators[schema] = jsonschema_rs.Draft202012Validator(whole)
        return self._validators[schema]

    def operations(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Return the method, the path and what is said of each operation."""
        return [
            (method.upper(), path, operation)
            for path, methods in self.document["paths"].items()
            for method, operation in methods.items()
        ]

    def contradictions(self, operation: dict[str, Any], answer: Any) -> list[str]:
        """Return in which ways the answer of an operation is not as described."""
        status = str(answer.status_code)
        if status not in operation["responses"]:
            return [f"{status} is not described"]
        said = operation["responses"][status]
        if name := said.get("$ref", "").rpartition("/")[2]:
            said = self.document["components"]["responses"][name]
        wrong = [f"{status} has no {name}" for name in said.get("headers", {}) if name not in answer.headers]
        kinds = said.get("content", {})
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        if not kinds:
            return [*wrong, *([f"{status} has a body"] if answer.data or kind else [])]
        if kind not in kinds:
            return [*wrong, f"{status} has a body of {kind}"]
        if kind.endswith("json"):
            errors = self._validator(orjson.dumps(kinds[kind]["schema"])).iter_errors(answer.json)
            wrong += [f"{status} {error.instance_path} {error.message}" for error in errors]
        return wrong


def fits(schema: dict[str, Any], name: str) -> bool:
    """Return whether a name in a path is as its schema says."""
    pattern = schema["pattern"].removesuffix("$") + r"\Z"  # as in JavaScript: a "$" is the very end
    return re.search(pattern, name) is not None and 0 < len(name) <= schema.get("maxLength", len(name))
