"""How values read on a page."""

import json
from datetime import UTC, datetime
from urllib.parse import urlencode

from tally.pact import (
    Body,
    HttpInteraction,
    Interaction,
    MatchingRules,
    MessageInteraction,
    Presence,
    Request,
    Rule,
    RuleSet,
)

_STEPS = ((60, "second"), (60, "minute"), (24, "hour"), (30, "day"), (12, "month"), (1000, "year"))
_SHA_LENGTH = 40
_LONGEST_NUMBER = 50


def ago(moment: datetime, now: datetime | None = None) -> str:
    """Return how long ago something was: "3 minutes ago"."""
    amount = max(0, int(((now or datetime.now(UTC)) - moment).total_seconds()))
    for size, unit in _STEPS:
        if amount < size or unit == "year":
            break
        amount //= size
    if unit == "second":
        return "just now"
    return f"{amount} {unit}{'' if amount == 1 else 's'} ago"


def short(number: str) -> str:
    """Return a version number as it fits a table: a commit by its first 7 characters (reference §11.4)."""
    if len(number) == _SHA_LENGTH and all(character in "0123456789abcdef" for character in number):
        return number[:7]
    return number if len(number) <= _LONGEST_NUMBER else f"{number[:24]}…{number[-24:]}"


def kind(interaction: Interaction) -> str:
    """Return "http", "message" or "synchronous"."""
    if isinstance(interaction, HttpInteraction):
        return "http"
    return "message" if isinstance(interaction, MessageInteraction) else "synchronous"


def target(request: Request) -> str:
    """Return the path with the query, as a person writes it."""
    if not request.query:
        return request.path
    pairs = [(name, value or "") for name, values in request.query.items() for value in values]
    return f"{request.path}?{urlencode(pairs, safe='/:,[] ')}"


def content(body: Body) -> str:
    """Return a body as text: JSON indented, bytes as their number."""
    if body.presence is not Presence.PRESENT:
        return "null" if body.presence is Presence.NULL else ""
    if isinstance(body.value, bytes):
        return f"{len(body.value)} bytes of {body.content_type or 'unknown content'}"
    if isinstance(body.value, str) and "json" not in (body.content_type or "json"):
        return body.value
    return json.dumps(body.value, indent=2, ensure_ascii=False)


def as_json(value: object) -> str:
    """Return a value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False)


def rules(matching: MatchingRules) -> list[tuple[str, str]]:
    """Return each place that has a rule, with the rule in words."""
    found = [(path, rule_set) for path, rule_set in matching.body.items()]
    found += [(f"header {name}", rule_set) for name, rule_set in matching.header.items()]
    found += [(f"query {name}", rule_set) for name, rule_set in matching.query.items()]
    found += [(f"metadata {name}", rule_set) for name, rule_set in matching.metadata.items()]
    whole = (("path", matching.path), ("status", matching.status))
    found += [(name, rule_set) for name, rule_set in whole if rule_set is not None]
    return [(place, _words(rule_set)) for place, rule_set in found]


def _words(rule_set: RuleSet) -> str:
    return f" {rule_set.combine.lower()} ".join(_rule(rule) for rule in rule_set.rules)


def _rule(rule: Rule) -> str:
    attributes = ", ".join(f"{name} {as_json(value)}" for name, value in rule.attributes.items())
    return f"{rule.match} ({attributes})" if attributes else rule.match


FILTERS = {
    "ago": ago,
    "short": short,
    "kind": kind,
    "target": target,
    "content": content,
    "json": as_json,
    "rules": rules,
}
