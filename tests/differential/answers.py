"""Answers for two verifiers, from a seed: status, headers and bodies of several types."""

import json
from random import Random
from urllib.parse import parse_qsl

from differential.bodies import TYPE, BodyCase, Json, body_case, of_the_core, ours, rule_of_value
from differential.known import known_difference


def interaction_of(seed: int) -> tuple[Json, Json]:
    """Return an interaction of V3 and the answer to it: {"status", "headers", "body"}, the body a text."""
    chance = Random(seed)  # noqa: S311 - chance for cases, not for secrets
    kind = chance.choice(
        (TYPE, TYPE, "text/plain", "application/x-www-form-urlencoded", "application/hal+json")
    )
    body, actual, rules = _contents(chance, kind, seed)
    status, headers = chance.choice((200, 201, 404, 500)), {"Content-Type": kind}
    wanted = {"Content-Type": kind, **{name: chance.choice(values) for name, values in some_headers(chance)}}
    for name in wanted:
        if chance.random() < 0.3:
            rules.setdefault("header", {})[name] = {"matchers": [rule_of_header(chance)]}
    if chance.random() < 0.2:
        rules["status"] = {"matchers": [{"match": "statusCode", "status": chance.choice(STATUSES)}]}
    got = {
        **wanted,
        **{name: chance.choice(values) for name, values in some_headers(chance) if chance.random() < 0.5},
        **headers,
    }
    if chance.random() < 0.15:
        got["Content-Type"] = chance.choice(TYPES)
    if chance.random() < 0.1 and len(got) > 1:
        got.pop([*got][-1])
    response = {"status": status, "headers": wanted, "body": body, "matchingRules": rules}
    path = f"/{seed}"
    interaction = {"description": str(seed), "request": {"method": "GET", "path": path}, "response": response}
    answered = status if chance.random() < 0.9 else chance.choice((200, 204, 400, 503))
    return interaction, {"status": answered, "headers": got, "body": actual}


STATUSES = ("info", "success", "redirect", "clientError", "serverError", "nonError", "error", [200, 404])
TYPES = ("application/json; charset=utf-8", "application/json;charset=UTF-8", "text/plain", "application/xml")
HEADERS = {
    "X-Id": ("1", "22", "x", "1.5", "", "a b"),
    "X-List": ("a, b", "a,b", "b, a", "a", "a,  b"),
    "Accept-Language": ("de, en;q=0.5", "de,en;q=0.5", "en"),
    "Cache-Control": ("no-cache, no-store", "no-cache,no-store", "max-age=60"),
    "Location": ("/a/1", "/a/2", "http://h/a/1"),
    "Date": ("Mon, 01 Jun 2026 12:00:00 GMT", "Tue, 02 Jun 2026 12:00:00 GMT"),
    "ETag": ('"abc"', 'W/"abc"'),
}


def some_headers(chance: Random) -> list[tuple[str, tuple[str, ...]]]:
    """Return at most two names of headers, with values that they may have."""
    return chance.sample(list(HEADERS.items()), k=chance.choice((0, 1, 2)))


def rule_of_header(chance: Random) -> Json:
    """Return a rule for text in a header or a query."""
    named = ("type", "equality", "integer", "decimal", "number", "notEmpty", "boolean", "semver")
    return chance.choice(
        [
            *({"match": name} for name in named),
            {"match": "regex", "regex": chance.choice((r"\d+", r".*json.*", "[a-z, ]+", "/a/\\d"))},
            {"match": "include", "value": chance.choice(("a", "json", "1"))},
        ]
    )


def _contents(chance: Random, kind: str, seed: int) -> tuple[Json, str, Json]:
    """Return an expected body, the text of an actual one, and the rules."""
    if kind in (TYPE, "application/hal+json"):
        case = body_case(seed)
        actual = case.actual if chance.random() < 0.6 else case.expected
        return case.expected, json.dumps(actual), {"body": case.rules} if case.rules else {}
    texts = ("", "ink", "ink\n", "12", "a=1&b=2", "b=2&a=1", "a=1&a=2", "a=1", "a=2&a=1", "a=%C3%A9", "a")
    rules = {"body": {"$": {"matchers": [rule_of_value(chance)]}}} if chance.random() < 0.4 else {}
    expected = chance.choice(texts[1:])
    return expected, expected if chance.random() < 0.6 else chance.choice(texts), rules


def known_difference_of(interaction: Json, answer: Json) -> str | None:
    """Return the heading that explains why only one engine is content with an answer: it is about bodies."""
    response = interaction["response"]
    rules = response["matchingRules"].get("body", {})
    if "form" in response["headers"]["Content-Type"]:
        further = dict(parse_qsl(answer["body"])).keys() > dict(parse_qsl(response["body"])).keys()
        about_all = "Rules about a whole form" if "$" in rules else None
        return "Further fields of a form" if further else about_all
    if not isinstance(response["body"], dict | list):
        return None
    case = BodyCase(0, response["body"], json.loads(answer["body"]), rules)
    return known_difference(case, ours(case), of_the_core(case))
