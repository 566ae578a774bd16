"""Drafts of pacts whose texts would mean something in a program: they run, and record those texts."""

import base64
import json
import subprocess
from pathlib import Path

import pytest
from support.drafted_literals import JAVAC
from support.drafted_tests import a_pact_file, an_interaction, drafted, run, run_with_pytest, written
from support.npm_packages import NODE, NoRegistryError, installed

STUBS = Path(__file__).parents[3] / "support" / "pact_jvm"
ODD = (
    "a \"quote\" and 'another'",
    "\\u0022 + System.exit(1) + \\u0022",
    "${process.exit(1)} `${1}`",
    "*/ process.exit(1) /*",
    '"""\nimport os\n"""',
    "a\r\nb\tc\x1b[31m",
    "\u2028\u202e 🚚 在庫",
)
KEYS = {
    "__proto__": "x",
    "constructor": {"prototype": 1},
    "a.b[0]['c']": 1,
    "": 2,
    "class": True,
    'say "hi"': [1.5, -3, 2**40, None, [[]], {}],
    "ünïcode 🚚": "\\",
}
RULES = {
    "$.items": {"match": "type", "min": 1},
    "$.items[*].id": {"match": "integer"},
    "$.items[*].name": {"match": "type"},
    "$.items[*].tags": {"match": "type", "min": 2},
    "$.items[*].tags[*]": {"match": "regex", "regex": r"^[\w\"'\\${}/]+$"},
    "$.by": {"match": "values"},
    "$.by.*": {"match": "number"},
    "$.when": {"match": "timestamp", "format": "yyyy-MM-dd'T'HH:mm:ssXXX"},
    "$.day": {"match": "date", "format": "yyyy-MM-dd"},
    "$.price": {"match": "decimal"},
    "$.gone": {"match": "null"},
    "$.grid": {"match": "type"},
}
TEXTS = {
    "text/plain": ODD[4],
    "text/csv": "a,b\r\n1,2\r\n",
    "application/xml": '<order id="7"><item>${1} &amp; tea</item></order>',
    "application/x-www-form-urlencoded": "a=1&b=%22%27",
    "application/merge-patch+json": {"id": 7},
    "application/vnd.api+json": {"data": [{"id": "7"}]},
}
WHOLES = {
    "a list of some": ([{"id": 1}], {"$": {"match": "type", "min": 1}}),
    "a list of one or two": (["a"], {"$": {"match": "type", "min": 1, "max": 2}}),
    "a list of any": ([1], {"$": {"match": "type"}}),
    "this list": ([1, "a", None, True, {"b": []}, [2]], {}),
    "this text": ('say "hi"', {}),
    "this number": (7, {}),
    "any text": ("a", {"$": {"match": "type"}}),
    "any whole number": (7, {"$": {"match": "integer"}}),
    "any number": (7.5, {"$": {"match": "number"}}),
    "any date": ("2026-01-05", {"$": {"match": "date", "format": "yyyy-MM-dd"}}),
    "a text with tea": ("tea", {"$": {"match": "include", "value": "tea"}}),
    "a map": ({"ada": {"id": 1}}, {"$": {"match": "values"}, "$.*": {"match": "type"}}),
    "items": (
        {
            "whole": [1, 1],
            "dates": ["2026-01-05"],
            "flags": [True],
            "nothing": [None],
            "empty": [[]],
            "this": ["x"],
            "two": [1.5],
            "objects": [{"a": {"b": [{"c": 2}]}}],
            "lists": [[[{"d": 1}]]],
            "rows": [[1], [1]],
            "cells": [[[1, 1]]],
            "pairs": [[1, "a"]],
            "maps": [{"k": 1}],
            "large": [2**40],
            "any": {},
        },
        {
            "$.whole": {"match": "type", "min": 2},
            "$.whole[*]": {"match": "integer"},
            "$.dates": {"match": "type", "min": 1, "max": 3},
            "$.dates[*]": {"match": "date", "format": "yyyy-MM-dd"},
            "$.flags": {"match": "type", "min": 1},
            "$.flags[*]": {"match": "boolean"},
            "$.nothing": {"match": "type", "min": 1},
            "$.empty": {"match": "type", "min": 1},
            "$.this": {"match": "type", "min": 1},
            "$.this[*]": {"match": "equality"},
            "$.two": {"match": "type", "min": 1},
            "$.two[*]": {"match": "decimal"},
            "$.objects": {"match": "type", "min": 1, "max": 2},
            "$.lists": {"match": "type"},
            "$.rows": {"match": "type", "min": 2},
            "$.cells": {"match": "type", "min": 1, "max": 2},
            "$.cells[*][*]": {"match": "type", "min": 2},
            "$.pairs": {"match": "type"},
            "$.pairs[*]": {"match": "equality"},
            "$.maps": {"match": "type", "min": 1},
            "$.maps[*]": {"match": "values"},
            "$.large": {"match": "type", "min": 1},
            "$.large[*]": {"match": "integer"},
            "$.any": {"match": "type"},
        },
    ),
}
BODY = {
    "items": [{"id": 7, "name": ODD[0], "tags": ["\"'\\${}/"] * 2}],
    "by": {"ada": 1.5},
    "when": "2026-01-05T09:30:00+00:00",
    "day": "2026-01-05",
    "price": 1.25,
    "gone": None,
    "grid": [[1]],
    "plain": KEYS,
}


def interactions():
    for number, text in enumerate(ODD):
        request = {
            "method": "POST",
            "path": "/orders/a%20b",
            "query": {text: [text, "2"], "page": ["1"]},
            "headers": {"X-Odd": ["a, \"b\"; c='d' \\ ${e} */"]},
            "body": {"content": {text: text, **KEYS}, "contentType": "application/json", "encoded": False},
        }
        states = [{"name": text, "params": {text: [text, {"of": text}], "n": 1, "none": [None]}}]
        yield an_interaction(f"{number} {text}", body={text: text}, request=request, providerStates=states)
    rules = an_interaction("with rules", body=BODY, rules=RULES, request={"method": "PUT"})
    rules["request"]["matchingRules"] = {
        "path": {"matchers": [{"match": "regex", "regex": r"^/orders/\d+$"}]},
        "query": {"page": {"matchers": [{"match": "regex", "regex": r"^\d+$"}]}},
        "header": {"X-Id": {"matchers": [{"match": "type"}]}},
    }
    rules["request"] |= {"query": {"page": ["1"]}, "headers": {"X-Id": ["7"]}}
    yield rules
    problem = an_interaction("a problem", request={"method": "DELETE"})
    content = {"content": {"title": "gone"}, "contentType": "application/problem+json", "encoded": False}
    problem["response"] = {
        "status": 410,
        "headers": {"Content-Type": [content["contentType"]]},
        "body": content,
    }
    yield problem
    for name, (body, rules) in WHOLES.items():
        yield an_interaction(name, body=body, rules=rules, request={"path": "/wholes"})
    several = an_interaction("several values", request={"method": "GET"})
    several["request"] |= {"query": {"a": ["1", "2"], "b": ["2026-01-05"]}, "headers": {"X-A": ["a", "b"]}}
    several["request"]["matchingRules"] = {
        "query": {
            "a": {"matchers": [{"match": "regex", "regex": r"^\d+$"}]},
            "b": {"matchers": [{"match": "date", "format": "yyyy-MM-dd"}]},
        }
    }
    yield several
    for kind, text in TEXTS.items():
        body = {"content": text, "contentType": kind, "encoded": False}
        asked = an_interaction(f"sends {kind}", request={"method": "POST", "body": body})
        asked["response"]["body"] = body
        yield asked


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return a_pact_file(tmp_path_factory.mktemp("pacts"), *interactions())


def write_drafts(folder, language, source):
    for interaction in interactions():
        document = drafted(language, pacts=[source], interaction=interaction["description"])
        written(folder, document)


def told(pact):
    """Return what a pact says of each interaction, in one form, whoever wrote it."""
    found = {}
    for each in json.loads(pact.read_text(encoding="utf-8"))["interactions"]:
        request, response = each["request"], each["response"]
        found[each["description"]] = {
            "states": each.get("providerStates", []),
            "asked": (request["method"], request.get("query"), request.get("body", {}).get("content")),
            "kinds": response.get("headers", {}).get("Content-Type", []) if response["status"] >= 400 else [],
            "answered": (response["status"], content_of(response)),
        }
    return found


def content_of(response):
    body = response.get("body", {})
    is_text = body.get("contentType", "").startswith("text/")
    if is_text and body["encoded"] == "base64":  # as pact-js writes what is no JSON
        return base64.b64decode(body["content"]).decode()
    return body.get("content")


def test_drafts_in_python_record_the_same_texts(source, tmp_path):
    write_drafts(tmp_path, "python", source)

    recorded = run_with_pytest(tmp_path)

    assert told(recorded) == told(source)


@pytest.mark.slow
def test_drafts_for_pact_js_record_the_same_texts(source, tmp_path):
    try:
        (tmp_path / "node_modules").symlink_to(installed())
    except NoRegistryError as error:
        pytest.skip(f"npm reaches no registry from which it can install pact-js: {error}")
    write_drafts(tmp_path, "javascript", source)

    run(NODE, "--test", "--test-isolation=none", cwd=tmp_path)

    [recorded] = (tmp_path / "pacts").iterdir()
    assert told(recorded) == told(source)


@pytest.mark.slow
@pytest.mark.skipif(JAVAC is None, reason="there is no JDK on this machine")
def test_drafts_for_pact_jvm_compile(source, tmp_path):
    write_drafts(tmp_path, "java", source)
    files = [*STUBS.glob("*.java"), *tmp_path.glob("*.java")]

    done = subprocess.run(
        [JAVAC, "-encoding", "US-ASCII", "-d", tmp_path / "classes", *files],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr


def test_a_text_that_has_an_end_in_it(tmp_path):
    odd = "a\0b"
    interaction = an_interaction(
        odd, body={odd: odd}, request={"query": {odd: ["1"], "page": ["1"]}}, providerStates=[{"name": odd}]
    )
    file = a_pact_file(tmp_path, interaction)

    data = drafted("javascript", pacts=[file], interaction=odd)["data"]

    assert "{ 'a\\u0000b': 'a\\u0000b' }" in data["text"]  # JSON, which is one text with an escape
    assert data["text"].count("u0000") == 2
    assert "page" in data["text"]
    assert "NUL ends a text for pact-js" in " ".join(data["left_out"])
