"""Pacts that are broken at random: each is read or refused with its place; nothing else is raised."""

import copy
import json
from random import Random

import pytest
from click.testing import CliRunner
from support.factories import a_pact

from tally.errors import InvalidContractError
from tally.pact import parse_pact
from verifier.cli import verify

JSON = "application/json"
RULES = {
    "body": {
        "$.a": {
            "combine": "OR",
            "matchers": [{"match": "type", "min": 1}, {"match": "regex", "regex": "[a]"}],
        },
        "$.a[*]": {"matchers": [{"match": "eachValue", "rules": [{"match": "integer"}]}]},
        "$.b": {"matchers": [{"match": "arrayContains", "variants": [{"index": 0, "rules": {}}]}]},
    },
    "status": {"matchers": [{"match": "statusCode", "status": "success"}]},
    "header": {"X-Id": {"matchers": [{"match": "include", "value": "x"}]}},
}
GENERATORS = {
    "path": {"type": "ProviderState", "expression": "/a/${id}"},
    "query": {"q": {"type": "RandomString", "size": 3}},
    "header": {"X-Id": {"type": "Uuid", "format": "simple"}},
    "body": {"$.a": {"type": "RandomInt", "min": 1, "max": 3}, "$.b[*]": {"type": "Date", "format": "yyyy"}},
}
CONTENT = {"content": {"a": [1], "b": ["x"]}, "contentType": JSON, "encoded": False}
PART = {"headers": {"X-Id": ["x"], "Content-Type": [JSON]}, "matchingRules": RULES, "generators": GENERATORS}
DOCUMENT = a_pact(
    {
        "type": "Synchronous/HTTP",
        "description": "http",
        "providerStates": [{"name": "s", "params": {"id": 1}}],
        "comments": {"text": ["t"], "tags": ["x"]},
        "request": {"method": "POST", "path": "/a", "query": {"q": ["1"]}, "body": CONTENT, **PART},
        "response": {"status": 200, "body": CONTENT, **PART},
    },
    {
        "type": "Asynchronous/Messages",
        "description": "message",
        "contents": {"content": "AAEC", "contentType": "application/octet-stream", "encoded": "base64"},
        "metadata": {"n": 1},
        "matchingRules": {"metadata": {"n": {"matchers": [{"match": "integer"}]}}},
        "generators": {"metadata": {"n": {"type": "ProviderState", "expression": "${id}"}}},
    },
    {
        "type": "Synchronous/Messages",
        "description": "reply",
        "request": {"contents": CONTENT, "generators": {"body": {"$.a": {"type": "RandomDecimal"}}}},
        "response": [{"contents": CONTENT, "matchingRules": {"content": RULES["body"]}}],
    },
    metadata={"pactSpecification": {"version": "4.0"}},
)
VALUES = (
    *(None, True, 0, -1, 1.5, 10**30, "", "x", "$", "$.a[", "é", "\ud800", "\x00", "(", "[[:alpha:]"),
    *(
        [],
        {},
        [None],
        [1],
        {"a": 1},
        {"match": ["x"]},
        {"content": "é", "encoded": "base64"},
        {"type": "Date"},
    ),
)


def places(value, path=()):
    """Yield the path of everything inside *value*."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield (*path, key)
        yield from places(item, (*path, key))


def mutated(seed):
    """Return the document with one value replaced, left out or put under another key."""
    chance, document = Random(seed), copy.deepcopy(DOCUMENT)  # noqa: S311 - chance for cases, not for secrets
    *path, last = chance.choice(list(places(document)))
    parent = document
    for key in path:
        parent = parent[key]
    how = chance.random()
    if how < 0.6:
        parent[last] = copy.deepcopy(chance.choice(VALUES))
    elif how < 0.8 or isinstance(parent, list):
        del parent[last]
    else:
        parent[chance.choice(("x", "", "$.a[", last.upper(), last[:-1], f"{last}s", "\ud800"))] = parent.pop(
            last
        )
    return document


@pytest.mark.parametrize("first", range(0, 2000, 500))
def test_a_broken_pact_is_read_or_refused_with_its_place(first):
    refusals = [text for seed in range(first, first + 500) if (text := refusal(mutated(seed)))]

    assert all(": " in text for text in refusals)
    assert 100 < len(refusals) < 450


def refusal(document):
    """Return why a document is refused, None if it is not."""
    try:
        parse_pact(document)
    except InvalidContractError as error:
        return str(error)
    return None


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_the_command_never_ends_with_a_defect_of_ours(provider, tmp_path, first):
    answer = {"a": [1], "b": ["x"]}
    for method, path in (("POST", "/a?q=1"), ("POST", "/a"), ("POST", "/messages"), ("POST", "/states")):
        provider.on(method, path, answer)
    file = tmp_path / "pact.json"
    urls = ("--message-url", f"{provider.url}/messages", "--state-change-url", f"{provider.url}/states")

    for seed in range(first, first + 20):
        file.write_text(json.dumps(mutated(seed)))
        ended = CliRunner().invoke(verify, [str(file), "--provider-url", provider.url, *urls])

        assert ended.exit_code in {0, 1, 2}, (seed, ended.output)
        assert isinstance(ended.exception, SystemExit | None), (seed, ended.exception)
