"""Requests for two engines, from a seed: ours, and the mock server of the Rust core."""

import http.client
import json
from random import Random
from typing import Any
from urllib.parse import quote

from differential.answers import HEADERS, rule_of_header, some_headers
from pact_ffi.ffi import ffi, lib

from tally.matching import Mismatch, match_request
from tally.pact import MatchingRules, Request
from tally.pact.matching_rules import read_rules

Json = dict[str, Any]
VALUES = ("1", "22", "x", "", "a b", "1.5", "true", "é", "a,b")
PATHS = ("/orders", "/orders/1", "/a%20b")
PATTERNS = (r"/orders/\d+", "/orders.*", ".*")


def request_case(seed: int) -> tuple[Json, Json]:
    """Return an expected request with rules, as V3 writes it, and an actual one."""
    chance = Random(seed)  # noqa: S311 - chance for cases, not for secrets
    names = chance.sample(("id", "page", "q", "tags"), k=chance.choice((0, 1, 2)))
    expected = {
        "method": chance.choice(("GET", "POST")),
        "path": chance.choice(PATHS),
        "query": {name: chance.choices(VALUES, k=chance.choice((1, 1, 2))) for name in names},
        "headers": {name: chance.choice(values) for name, values in some_headers(chance)},
    }
    return expected | {"matchingRules": _rules(chance, expected)}, _sent(chance, expected)


def _rules(chance: Random, expected: Json) -> Json:
    rules: Json = {}
    for category, part in (("query", "query"), ("header", "headers")):
        for name in expected[part]:
            if chance.random() < 0.4:
                rules.setdefault(category, {})[name] = {"matchers": [rule_of_header(chance)]}
    if chance.random() < 0.2:
        rules["path"] = {"matchers": [{"match": "regex", "regex": chance.choice(PATTERNS)}]}
    return rules


def _sent(chance: Random, expected: Json) -> Json:
    query = {name: _changed(chance, values) for name, values in expected["query"].items()}
    headers = {
        name.lower() if chance.random() < 0.1 else name: _other_header(chance, name, value)
        for name, value in expected["headers"].items()
        if chance.random() < 0.95
    }
    return {
        "method": expected["method"] if chance.random() < 0.95 else "PUT",
        "path": expected["path"] if chance.random() < 0.85 else chance.choice(("/orders/22", "/orders/x")),
        "query": {name: values for name, values in query.items() if values}
        | ({"more": ["1"]} if chance.random() < 0.1 else {}),
        "headers": headers,
    }


def _changed(chance: Random, values: list[str]) -> list[str]:
    """Return the values of a parameter with at most one change: others, none, one more, the other order."""
    changes = ([chance.choice(VALUES) for _ in values], [], [*values, chance.choice(VALUES)], values[::-1])
    return chance.choice(changes) if chance.random() < 0.35 else values


def _other_header(chance: Random, name: str, value: str) -> str:
    return chance.choice(HEADERS[name]) if chance.random() < 0.25 else value


def ours_about_request(expected: Json, actual: Json) -> tuple[Mismatch, ...]:
    """Return what our engine finds different."""
    rules = read_rules(expected, "")
    return match_request(_request(expected, rules), _request(actual, MatchingRules()))


def _request(document: Json, rules: MatchingRules) -> Request:
    query = {name: tuple(values) for name, values in document["query"].items()}
    headers = {name: (value,) for name, value in document["headers"].items()}
    return Request(document["method"], document["path"], query, headers, rules=rules)


def core_about_request(expected: Json, actual: Json) -> list[Json]:
    """Return what a mock server of the core has against a request that was really sent."""
    pact = lib.pactffi_new_pact(b"consumer", b"provider")
    lib.pactffi_with_specification(pact, lib.PactSpecification_V3)
    _declare(lib.pactffi_new_interaction(pact, b"a request"), expected)
    port = lib.pactffi_create_mock_server_for_transport(pact, b"127.0.0.1", 0, b"http", ffi.NULL)
    try:
        _send(port, actual)
        found: list[Json] = json.loads(ffi.string(lib.pactffi_mock_server_mismatches(port)))
    finally:
        lib.pactffi_cleanup_mock_server(port)
        lib.pactffi_free_pact_handle(pact)
    return found


def _declare(interaction: int, expected: Json) -> None:
    part = lib.InteractionPart_Request
    lib.pactffi_with_request(interaction, expected["method"].encode(), expected["path"].encode())
    for name, values in expected["query"].items():
        for index, value in enumerate(values):
            lib.pactffi_with_query_parameter_v2(interaction, name.encode(), index, value.encode())
    for name, value in expected["headers"].items():
        lib.pactffi_with_header_v2(interaction, part, name.encode(), 0, value.encode())
    if expected["matchingRules"]:
        lib.pactffi_with_matching_rules(interaction, part, json.dumps(expected["matchingRules"]).encode())
    lib.pactffi_response_status(interaction, 200)


def _send(port: int, actual: Json) -> None:
    pairs = [(name, value) for name, values in actual["query"].items() for value in values]
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
    connection = http.client.HTTPConnection("127.0.0.1", port)
    target = f"{actual['path']}?{query}" if query else actual["path"]
    connection.request(actual["method"], target, headers=actual["headers"])
    connection.getresponse().read()
    connection.close()


def known_difference_of_request(expected: Json, actual: Json) -> str | None:
    """Return the heading in docs/matching-differences.md that explains a difference, if one does."""
    sent = {name.lower(): value for name, value in actual["headers"].items()}
    ruled = expected["matchingRules"].get("header", {})
    values = [value for name in ruled for value in (expected["headers"][name], sent.get(name.lower(), ""))]
    return "Header values with commas" if any("," in value for value in values) else None
