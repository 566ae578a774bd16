"""A draft: the pact document, and what a person must know and decide before it is a contract."""

from collections.abc import Iterable
from typing import Any

from tally.drafts.content import DraftedBody, Purpose, drafted_body
from tally.drafts.folding import Folded
from tally.drafts.headers import DraftedHeaders, drafted_headers
from tally.drafts.secrets import redacted_name, redacted_pairs
from tally.drafts.text_kinds import TYPE, Rule, rule_for_texts
from tally.values import dataclass

SPECIFICATIONS = {"V4": "4.0", "V3": "3.0.0"}
_BAD_REQUEST = 400
FOR_ALL = (
    "Is it described in the words of the consumer? The description was made from the request.",
    "Which provider states does it need? The provider must have the data that the answer shows.",
    "Which headers and fields does the consumer use? Everything that was seen is expected: delete the rest.",
)
"""Questions that only a person can answer, for each interaction of every draft."""


@dataclass(frozen=True)
class DraftedInteraction:
    """One interaction of a draft, how often it was seen, where secrets were, and what is to be decided."""

    document: dict[str, Any]
    count: int
    redacted: tuple[str, ...]
    questions: tuple[str, ...]

    @property
    def description(self) -> str:
        """What it is called in the pact."""
        return str(self.document["description"])


@dataclass(frozen=True)
class Draft:
    """A pact document, and its interactions as a person has to look at them."""

    document: dict[str, Any]
    interactions: tuple[DraftedInteraction, ...]


def draft(seen: Iterable[Folded], *, consumer: str, provider: str, specification: str = "V4") -> Draft:
    """Return the draft of a pact from what was seen."""
    interactions: list[DraftedInteraction] = []
    names: set[str] = set()
    for folded in seen:
        name = _unused(folded.identity.description, names)
        names.add(name)
        interactions.append(_interaction(folded, name, specification))
    metadata: dict[str, Any] = {"pactSpecification": {"version": SPECIFICATIONS[specification]}}
    if specification == "V3":  # whose interactions have no comments
        notes = {each.description: _comments(each) for each in interactions}
        metadata["tallystick"] = {"draft": {"toDecide": list(FOR_ALL), "interactions": notes}}
    document = {
        "consumer": {"name": consumer},
        "provider": {"name": provider},
        "interactions": [each.document for each in interactions],
        "metadata": metadata,
    }
    return Draft(document, tuple(interactions))


def _unused(name: str, names: set[str]) -> str:
    number = 2
    found = name
    while found in names:
        found, number = f"{name} {number}", number + 1
    return found


def _interaction(folded: Folded, name: str, specification: str) -> DraftedInteraction:
    request, request_notes = _request(folded, specification)
    response, response_notes = _response(folded, specification)
    redacted = (*request_notes.redacted, *response_notes.redacted)
    questions = (*_about_data(folded), *request_notes.questions, *response_notes.questions)
    if request_notes.redacted:
        questions = (*questions, f"{_credentials(request_notes.redacted)}")
    exchange: dict[str, Any] = {"description": name, "request": request, "response": response}
    found = DraftedInteraction(exchange, folded.count, redacted, questions)
    if specification == "V4":
        text = ["A draft: to be decided by a person.", *FOR_ALL, *_comments(found)]
        head = {"type": "Synchronous/HTTP", "description": name, "pending": False}
        document = {**head, "comments": {"text": text}, **exchange}
        return DraftedInteraction(document, folded.count, redacted, questions)
    return found


def _comments(found: DraftedInteraction) -> list[str]:
    return [*(f"Redacted: {place}" for place in found.redacted), *found.questions]


def _about_data(folded: Folded) -> tuple[str, ...]:
    questions = []
    if folded.path.expression:
        questions.append(f"The provider must have what the path names: {folded.path.path}")
    if folded.identity.status >= _BAD_REQUEST:
        questions.append(f"Does the consumer handle the status {folded.identity.status}? If not, delete it.")
    return tuple(questions)


def _credentials(places: tuple[str, ...]) -> str:
    return (
        f"The provider is sent REDACTED as {', '.join(places)}: "
        "give real values when it is verified (tally verify --header, --request-filter)"
    )


@dataclass(frozen=True)
class _Notes:
    redacted: tuple[str, ...]
    questions: tuple[str, ...]


def _request(folded: Folded, specification: str) -> tuple[dict[str, Any], _Notes]:
    first = folded.samples[0]
    redacted: list[str] = ["a part of the path"] if folded.path.secrets else []
    pairs = redacted_pairs(first.query, lambda name: redacted.append(f"query parameter {name}"))
    query: dict[str, list[str]] = {}
    for query_name, value in pairs:
        query.setdefault(query_name, []).append(value)
    headers = drafted_headers("request", [each.request.headers for each in folded.samples])
    body = drafted_body([each.request for each in folded.samples], Purpose("request", specification))
    rules: dict[str, Any] = {}
    if folded.path.expression:
        rules["path"] = _set({"match": "regex", "regex": folded.path.expression})
    query_rules = _query_rules(folded, query, pairs)
    if query_rules:
        rules["query"] = query_rules
    document: dict[str, Any] = {"method": first.method, "path": folded.path.path}
    if query:
        document["query"] = query
    return _with_content(document, headers, body, rules, specification), _notes(
        "request", headers, body, redacted
    )


def _query_rules(
    folded: Folded, query: dict[str, list[str]], clean: tuple[tuple[str, str], ...]
) -> dict[str, Any]:
    """Return rules for what varies in a query: numbers, dates, identifiers, secrets; words are kept."""
    pairs = zip(folded.samples[0].query, clean, strict=True)
    changed = {name for (_, value), (name, after) in pairs if after != value}
    rules = {}
    for name in query:
        values = [
            value for each in folded.samples for known, value in each.query if redacted_name(known) == name
        ]
        rule = rule_for_texts(values)
        if name in changed:
            rules[name] = _set(TYPE)
        elif rule is not TYPE:
            rules[name] = _set(rule)
        elif all(value.isascii() and value.isdigit() for value in values):
            rules[name] = _set({"match": "regex", "regex": r"^\d+$"})
        elif len(set(values)) > 1:
            rules[name] = _set(TYPE)
    return rules


def _response(folded: Folded, specification: str) -> tuple[dict[str, Any], _Notes]:
    headers = drafted_headers("response", [each.response.headers for each in folded.samples])
    parts = [each.response for each in folded.samples]
    body = drafted_body(parts, Purpose("response", specification))
    document: dict[str, Any] = {"status": folded.identity.status}
    notes = _notes("response", headers, body, [])
    if headers.cookies:
        named = ", ".join(headers.cookies)
        notes = _Notes((*notes.redacted, f"response header Set-Cookie ({named}), left out"), notes.questions)
    return _with_content(document, headers, body, {}, specification), notes


def _with_content(
    document: dict[str, Any],
    headers: DraftedHeaders,
    body: DraftedBody,
    rules: dict[str, Any],
    specification: str,
) -> dict[str, Any]:
    if headers.values:
        document["headers"] = {
            name: list(values) if specification == "V4" else ", ".join(values)
            for name, values in headers.values.items()
        }
    if headers.rules:
        rules["header"] = {name: _set(rule) for name, rule in headers.rules.items()}
    if body.document is not None:
        document["body"] = body.document
    if body.rules and body.document is not None:
        rules["body"] = body.rules
    if rules:
        document["matchingRules"] = rules
    return document


def _notes(side: str, headers: DraftedHeaders, body: DraftedBody, redacted: list[str]) -> _Notes:
    places = [
        *redacted,
        *(f"{side} header {name}" for name in headers.redacted),
        *(f"{side} body {place}" for place in body.redacted),
    ]
    return _Notes(tuple(places), tuple(f"{side} body: {question}" for question in body.questions))


def _set(rule: Rule) -> dict[str, Any]:
    return {"matchers": [rule], "combine": "AND"}
