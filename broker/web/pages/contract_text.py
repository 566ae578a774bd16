"""A contract as readable text: requests, responses, messages, and matching rules in words."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from broker.domain.readable_json import lines, shortened
from tally.amounts import counted
from tally.hashing import compact_json
from tally.pact import (
    Body,
    HttpInteraction,
    Interaction,
    MatchingRules,
    Message,
    MessageInteraction,
    Presence,
    Request,
    Response,
    RuleSet,
)

_LONGEST = 20_000
_READABLE = "/:,[]{} @'\"!$()*;?"
_WORDS = {
    "equality": "exactly this value",
    "integer": "an integer",
    "decimal": "a decimal number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
    "notEmpty": "not empty",
    "semver": "a semantic version",
    "values": "any keys, with values like the example",
    "arrayContains": "a list that contains the variants of the example",
}
_WITH_A_VALUE = {
    "regex": ("regex", "text that matches"),
    "include": ("value", "text that contains"),
    "contentType": ("value", "content of the type"),
}
_MOMENTS = {"date": "a date", "time": "a time", "datetime": "a date and time", "timestamp": "a date and time"}


def kind(interaction: Interaction) -> str:
    """Return "http", "message" or "synchronous"."""
    if isinstance(interaction, HttpInteraction):
        return "http"
    return "message" if isinstance(interaction, MessageInteraction) else "synchronous"


def target(request: Request) -> str:
    """Return the path with the query, as a person writes it."""
    pairs = [
        name if value is None else f"{name}={quote(value, safe=_READABLE)}"
        for name, values in request.query.items()
        for value in values
    ]
    return f"{request.path}?{'&'.join(pairs)}" if pairs else request.path


def request_text(request: Request) -> str:
    """Return a request, roughly as it is sent."""
    return _joined([f"{request.method.upper()} {target(request)}", *_headers(request.headers)], request.body)


def response_text(response: Response) -> str:
    """Return a response, roughly as it is sent."""
    status = "any status" if response.status is None else f"status {response.status}"
    return _joined([status, *_headers(response.headers)], response.body)


def message_text(message: Message) -> str:
    """Return the metadata and the content of a message."""
    metadata = [
        f"{name}: {value if isinstance(value, str) else compact_json(value).decode()}"
        for name, value in message.metadata.items()
    ]
    return _joined(metadata, message.body) or "no content"


def rules(matching: MatchingRules) -> list[tuple[str, str]]:
    """Return each place that has a rule, with the rule in words."""
    whole = {"method": matching.method, "path": matching.path, "status": matching.status}
    found = [(name, rule_set) for name, rule_set in whole.items() if rule_set is not None]
    for name, rule_sets in (("header", matching.header), ("query", matching.query)):
        found += [(f"{name} {place}", rule_set) for place, rule_set in rule_sets.items()]
    found += [(f"metadata {place}", rule_set) for place, rule_set in matching.metadata.items()]
    found += [(f"body {place}", rule_set) for place, rule_set in matching.body.items()]
    return [(place, _of_set(rule_set)) for place, rule_set in found]


def remarks(interaction: Interaction) -> list[str]:
    """Return the comments that the consumer wrote for readers (V4: `comments.text`)."""
    lines = interaction.comments.get("text")
    return [line for line in lines if isinstance(line, str)] if isinstance(lines, list) else []


def _joined(head: list[str], body: Body) -> str:
    content = _content(body)
    return "\n".join(head) + ("\n\n" if head and content else "") + content


def _headers(headers: Mapping[str, Iterable[str]]) -> list[str]:
    return [f"{name}: {', '.join(values)}" for name, values in headers.items()]


def _content(body: Body) -> str:
    """Return a body as text: JSON indented, and only the size of bytes."""
    if body.presence is not Presence.PRESENT:
        return "null" if body.presence is Presence.NULL else ""
    if isinstance(body.value, bytes):
        return f"{counted(len(body.value), 'byte')} of {body.content_type or 'unknown content'}"
    if isinstance(body.value, str) and "json" not in (body.content_type or "json"):
        return shortened(body.value, _LONGEST)
    return shortened("\n".join(lines(body.value, longest=_LONGEST)), _LONGEST)


def _of_set(rule_set: RuleSet) -> str:
    words = [_of_rule(rule.match, rule.attributes) for rule in rule_set.rules]
    return f" {rule_set.combine.lower()} ".join(words)


def _of_rule(match: str, attributes: Mapping[str, Any]) -> str:
    if match in _MOMENTS:
        form = attributes.get("format") or attributes.get(match)
        return f"{_MOMENTS[match]} in the form {form}" if form else _MOMENTS[match]
    if match in _WITH_A_VALUE:
        name, words = _WITH_A_VALUE[match]
        return f"{words} {attributes.get(name)}"
    if match == "type":
        return _of_type(attributes.get("min"), attributes.get("max"))
    if match in {"eachKey", "eachValue"} and isinstance(attributes.get("rules"), list):
        return f"each {match[4:].lower()}: {_nested(attributes['rules'])}"
    return _WORDS.get(match) or _unknown(match, attributes)


def _of_type(least: object, most: object) -> str:
    if least is None and most is None:
        return "a value of the same type"
    if least is None or most is None:
        limit = f"at most {most}" if least is None else f"at least {least}"
        return f"a list of the same type, {limit} long"
    return f"a list of the same type, {least} to {most} long"


def _nested(items: list[Any]) -> str:
    nested = [item for item in items if isinstance(item, dict)]
    return " and ".join(
        _of_rule(str(item.get("match")), {name: value for name, value in item.items() if name != "match"})
        for item in nested
    )


def _unknown(match: str, attributes: Mapping[str, Any]) -> str:
    said = ", ".join(f"{name} {compact_json(value).decode()}" for name, value in attributes.items())
    return f"{match} ({said})" if said else match


FILTERS = {
    "kind": kind,
    "target": target,
    "request_text": request_text,
    "response_text": response_text,
    "message_text": message_text,
    "rules": rules,
    "remarks": remarks,
}
