"""A file of an older version of the specification is upgraded, or refused; what it says stays the same."""

import json

import pytest
from support.raw_pacts import document, http
from support.recordings import a_recording

from consumer_sdk.pact_files.upgrading import upgraded
from tally.errors import UsageError
from tally.pact import parse_pact

OF_V2 = http(
    {
        "method": "POST",
        "path": "/orders",
        "query": "a=1&a=2&b=x%20y&c",
        "headers": {"Content-Type": "application/json", "Accept": "a, b"},
        "body": {"id": 1, "items": [{"sku": "tea"}]},
        "matchingRules": {
            "$.body.id": {"match": "type"},
            "$.body.items": {"min": 1},
            "$.headers.Accept": {"match": "regex", "regex": "a.*"},
            "$.query.a": {"match": "regex", "regex": "\\d"},
            "$.path": {"match": "regex", "regex": "/o.*"},
        },
    },
    {"status": 201, "headers": {"Content-Type": "text/plain"}, "body": "12"},
    providerState="an order exists",
)
BODIES = [
    ({}, {}),
    ({}, {"body": None}),
    ({}, {"body": ""}),
    ({}, {"body": "plain"}),
    ({}, {"body": '{"a": 1}'}),
    ({}, {"body": {"content": 1, "encoded": False}}),
    ({"Content-Type": "application/json"}, {"body": "just text"}),
    ({"Content-Type": "application/json"}, {"body": '{"a": 2.300}'}),
    ({"Content-Type": "application/xml"}, {"body": "<a/>"}),
    ({"Content-Type": "application/pdf"}, {"body": "AAECAwQ="}),
    ({"content-type": ["text/plain;charset=utf-8"]}, {"body": "ü"}),
]


def of(version, *interactions, **others):
    return document(*interactions, version=version, **others)


def said(pact):
    """Return what a pact says, beside its version."""
    return [
        (each.description, each.states, each.request.query, each.request.rules, each.response.status)
        for each in parse_pact(pact).interactions
    ]


@pytest.mark.parametrize("version", ["3.0.0", "4.0"])
def test_interactions_of_version_2_say_the_same_in_a_newer_one(version):
    pact = of("2.0.0", OF_V2)

    newer = upgraded(pact, version)

    assert said(newer) == said(pact)
    (interaction,) = newer["interactions"]
    assert interaction["providerStates"] == [{"name": "an order exists"}]
    assert interaction["request"]["query"] == {"a": ["1", "2"], "b": ["x y"], "c": [None]}
    assert interaction["request"]["matchingRules"]["body"]["$.id"]["matchers"] == [{"match": "type"}]
    assert newer["metadata"] == {"pactSpecification": {"version": version}}


@pytest.mark.parametrize(("headers", "part"), BODIES)
@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "2.0.0", "3.0.0"])
def test_bodies_get_the_envelope_of_version_4_and_stay_what_they_are(version, headers, part):
    pact = of(version, http(response={"status": 200, "headers": headers, **part}))

    newer = upgraded(pact, "4.0")

    (before,), (after,) = parse_pact(pact).interactions, parse_pact(newer).interactions
    assert (after.response.body, after.response.headers) == (before.response.body, before.response.headers)
    assert newer["interactions"][0]["type"] == "Synchronous/HTTP"


def test_messages_of_version_3_become_interactions():
    message = {
        "description": "paid",
        "providerStates": [{"name": "an order", "params": {"id": 1}}],
        "contents": {"id": 1},
        "metaData": {"contentType": "application/json", "topic": "orders"},
        "matchingRules": {"body": {"$.id": {"combine": "AND", "matchers": [{"match": "integer"}]}}},
        "x-mine": 1,
    }
    pact = of("3.0.0", messages=[message])
    del pact["interactions"]

    newer = upgraded(pact, "4.0")

    assert "messages" not in newer
    (interaction,) = newer["interactions"]
    assert [interaction["type"], interaction["x-mine"]] == ["Asynchronous/Messages", 1]
    assert parse_pact(newer).interactions == parse_pact(pact).interactions


RULES = {
    "path": {"combine": "AND", "matchers": [{"match": "regex", "regex": "/o.*"}]},
    "body": {"$.id": {"combine": "AND", "matchers": [{"match": "integer"}]}},
}


@pytest.mark.parametrize(
    ("version", "rules"),
    [
        ("3.0.0", {"matchingRules": RULES}),
        ("2.0.0", {"requestMatchingRules": {"$.body.id": {"match": "type"}, "$.path": {"match": "type"}}}),
        ("2.0.0", {"matchingRules": {}}),
    ],
    ids=["of version 3", "old name", "none"],
)
def test_rules_stay_in_whatever_form_they_are(version, rules):
    pact = of(version, http({"method": "POST", "path": "/orders", "body": {"id": 1}, **rules}))

    newer = upgraded(pact, "4.0")

    assert said(newer) == said(pact)


def test_messages_in_an_old_file_stay_messages_in_version_3():
    pact = of("2.0.0", messages=[{"description": "paid", "providerState": "an order", "contents": {"id": 1}}])

    newer = upgraded(pact, "3.0.0")

    assert newer["messages"][0]["providerStates"] == [{"name": "an order"}]


@pytest.mark.parametrize(
    ("there", "recorded"), [("2.0.0", "V4"), ("3.0.0", "V4"), ("2.0.0", "V3"), ("1.0.0", "V2")]
)
def test_what_is_kept_of_an_older_file_is_upgraded(recordings, tmp_path, there, recorded):
    pact = of(there, http(description="old"), **{"x-owner": "us"})
    (tmp_path / "Shop-Orders.json").write_text(json.dumps(pact))
    recordings.add(a_recording("new", specification=recorded))

    recordings.write(tmp_path, merge=True)

    written = json.loads((tmp_path / "Shop-Orders.json").read_text())
    assert [each["description"] for each in written["interactions"]] == ["new", "old"]
    assert f"V{parse_pact(written).specification[0]}" == recorded
    assert written["x-owner"] == "us"


@pytest.mark.parametrize(("there", "recorded"), [("4.0", "V3"), ("3.0.0", "V2"), ("4.0", "V2")])
def test_a_newer_file_is_not_written_in_an_older_version(recordings, tmp_path, there, recorded):
    path = tmp_path / "Shop-Orders.json"
    path.write_text(json.dumps(of(there, http(description="old"))))
    before = path.read_bytes()
    recordings.add(a_recording("new", specification=recorded, source="test_a.py:3"))

    with pytest.raises(UsageError) as refused:
        recordings.write(tmp_path, merge=True)

    text = str(refused.value)
    assert f'"new" ({recorded}) by test_a.py:3' in text
    assert f'specification="V{there[0]}"' in text
    assert "--pact-replace" in text
    assert path.read_bytes() == before


def test_a_file_of_which_nothing_is_kept_may_be_of_any_version(recordings, tmp_path):
    for version, merge in (("4.0", False), ("1.0.0", False), ("4.0", True)):
        path = tmp_path / "Shop-Orders.json"
        path.write_text(
            json.dumps(of(version, *[http(description="old")] * (not merge), **{"x-owner": "us"}))
        )
        recordings.add(a_recording("new", specification="V3"))

        recordings.write(tmp_path, merge=merge)

        written = json.loads(path.read_text())
        assert [each["description"] for each in written["interactions"]] == ["new"]
        assert (written["metadata"]["pactSpecification"]["version"], written["x-owner"]) == ("3.0.0", "us")


def test_what_would_not_say_the_same_is_refused(recordings, tmp_path):
    matcher = {"json_class": "Regexp", "o": 0, "s": "text"}
    term = {"json_class": "Pact::Term", "data": {"generate": "text/plain", "matcher": matcher}}
    response = {"status": 200, "headers": {"Content-Type": term}, "body": {"a": term}}
    path = tmp_path / "Shop-Orders.json"
    path.write_text(json.dumps(of("1.0.0", http(response=response))))
    before = path.read_bytes()
    recordings.add(a_recording("new"))

    with pytest.raises(UsageError, match=r"version 1 of .* without changing what it says.*--pact-replace"):
        recordings.write(tmp_path, merge=True)

    assert path.read_bytes() == before
