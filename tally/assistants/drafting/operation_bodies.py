"""Bodies and headers of an operation, by its examples or of its schemas, with the rules of these."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from tally.assistants.drafting.schema_rules import SchemaRules, rule_of_text, rule_set
from tally.json_schema.shapes import both
from tally.json_schema.values import valid_values
from tally.pact import Body
from tally.pact.bodies import FORM, is_json, media_type
from tally.service_contract.model import Header, MediaType
from tally.service_contract.serialisation import plain_text
from tally.values import dataclass

HEADER_VALUE: dict[str, Any] = {
    "type": ["string", "number", "integer", "boolean"],
    "minLength": 1,
    "pattern": r"^[!-~]([ -~]*[!-~])?$",
}
_NO_VALUE: Any = object()
_PROMISE = "nobody promises them: add those that the code reads, with a state that has them"

BodyWithRules = tuple[dict[str, Any], dict[str, Any]]


@dataclass(frozen=True)
class BodyMaking:
    """Makes what one *side* has: the request or the response. *notes* gets what is left out."""

    side: str
    notes: list[str]

    def headers(self, declared: Sequence[Header]) -> tuple[dict[str, list[str]], dict[str, Any]]:
        """Return those that are always there, and their rules."""
        headers, rules = {}, {}
        for header in declared:
            value = next(valid_values(both(header.schema, HEADER_VALUE), most=1), None)
            if not header.required or value is None:
                self.notes.append(
                    f"{self.side} header {header.name}: left out: optional, or without an example."
                )
                continue
            headers[header.name] = [plain_text(value)]
            rules[header.name] = rule_set(rule_of_text(value, header.schema))
        return headers, rules

    def body(self, contents: Sequence[MediaType], given: Body | None) -> BodyWithRules:
        """Return the body of a pact, empty where none can be made, and its rules; *given* is an example."""
        content = _chosen(contents, given.content_type if given else None)
        example = next((named.value for named in content.examples.values()), _NO_VALUE)
        value = given.value if given else example
        is_made = value is _NO_VALUE
        if is_made:
            value = next(valid_values(content.schema, most=1), _NO_VALUE)
        kind = "application/json" if "*" in content.content_type else content.content_type
        if value is not _NO_VALUE and is_json(kind):
            return self._json(content, value, is_made=is_made)
        if isinstance(value, str) or (isinstance(value, dict) and media_type(kind) == FORM):
            text = value if isinstance(value, str) else urlencode(_pairs(value))
            rules = {"$": rule_set({"match": "type"})} if self.side == "response" else {}
            return {"content": text, "contentType": kind, "encoded": False}, rules
        self.notes.append(f"{self.side} body: left out: no {kind} could be made of its schema.")
        return {}, {}

    def _json(self, content: MediaType, value: Any, *, is_made: bool) -> BodyWithRules:
        kind = content.content_type if "*" not in content.content_type else "application/json"
        reading = SchemaRules(content.schema, needed_only=self.side == "response" or is_made)
        found = reading.read(value)
        what = _PROMISE if self.side == "response" else "add those that the code sends"
        if reading.optional:
            places = ", ".join(reading.optional)
            self.notes.append(f"{self.side} body: left out, as they are optional: {places}; {what}.")
        if reading.nullable:
            places = ", ".join(reading.nullable)
            self.notes.append(f"{self.side} body: may be null, which is not accepted: {places}.")
        return {"content": found, "contentType": kind, "encoded": False}, reading.rules


def preferred(kinds: Sequence[str]) -> str:
    """Return the first kind of JSON, or else the first."""
    return next((kind for kind in kinds if is_json(kind)), kinds[0])


def _chosen(contents: Sequence[MediaType], kind: str | None) -> MediaType:
    by_kind = {content.content_type: content for content in contents}
    return by_kind[kind] if kind in by_kind else by_kind[preferred(list(by_kind))]


def _pairs(value: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, plain_text(each))
        for name, item in value.items()
        for each in (item if isinstance(item, list) else [item])
    ]
