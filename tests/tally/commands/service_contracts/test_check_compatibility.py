import io
import json
import sys

import pytest
import yaml
from support.contract_documents import a_message_operation, a_native, a_response, an_asyncapi, an_openapi

INTEGER, NUMBER = {"type": "integer"}, {"type": "number"}


@pytest.fixture
def file(tmp_path):
    """Write a document, and return its path."""

    def write(document, name):
        path = tmp_path / name
        text = document if isinstance(document, str) else json.dumps(document)
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def compared(tally, file):
    """Run the command on two documents."""

    def run(old, new, *options):
        return tally("check-compatibility", file(old, "old.json"), file(new, "new.json"), *options)

    return run


def an_answer(schema):
    return an_openapi({"/": {"get": {"responses": {"200": a_response(schema)}}}})


@pytest.mark.parametrize(
    ("old", "new", "code", "verdict"),
    [
        (INTEGER, NUMBER, 0, "compatible"),
        (NUMBER, INTEGER, 1, "breaking"),
        (INTEGER, INTEGER, 0, "compatible"),
        (True, {"type": "object"}, 1, "breaking"),
        ({"type": "object"}, True, 0, "compatible"),
        (INTEGER, {"type": "integer", "minimum": -(2**63)}, 1, "breaking"),
        (INTEGER, {"type": "integer", "maximum": 2**64 - 1}, 1, "breaking"),
        ({"multipleOf": 1e20}, {"type": "number", "multipleOf": 3e20}, 1, "breaking"),
        (an_answer(NUMBER), an_answer(INTEGER), 0, "compatible"),
        (an_answer(INTEGER), an_answer(NUMBER), 1, "breaking"),
        (an_asyncapi(), an_asyncapi(), 0, "compatible"),
        (a_native(a_message_operation()), a_native(), 1, "breaking"),
        (
            {"type": "string", "pattern": "^[a-z]{3,9}$", "not": {"pattern": "q(?!u)"}},
            {"type": "string", "not": {"pattern": "q(?!u)"}, "pattern": "^[a-z]{3,9}$", "title": "same"},
            0,
            "compatible",
        ),
    ],
)
def test_two_versions_are_compared(compared, old, new, code, verdict):
    run = compared(old, new, "--output", "json")

    assert (run.code, run.err) == (code, "")
    assert json.loads(run.out)["verdict"] == verdict


def test_json_names_each_change(compared):
    run = compared(
        {"type": "object", "properties": {"a": {"type": "string"}}, "title": "One"},
        {"type": "object", "properties": {"a": {"type": "string", "maxLength": 3}}, "title": "Two"},
        "--output",
        "json",
        "--document",
        "order",
    )

    title, length = json.loads(run.out)["changes"]
    assert (title["rule"], title["compatible"]) == ("TITLE_CHANGED", True)
    text = length.pop("text")
    assert length.pop("counterexample")["a"]
    assert length == {
        "rule": "MAX_LENGTH_ADDED",
        "compatible": False,
        "old": "/properties/a",
        "new": "/properties/a/maxLength",
        "direction": "received",
        "document": "order",
    }
    assert "maxLength" in text


def test_text_says_what_breaks_first(compared):
    run = compared(an_answer({"enum": ["a"]}), an_answer({"enum": ["a", "b"], "title": "T"}))

    first, second, third, *_, last = run.out.splitlines()
    assert first == 'breaking: GET / 200 $: "b" is allowed as well'
    assert second.split(",")[0] == "  ENUM_ARRAY_EXTENDED"
    assert third == '  for example, this may be sent now, and could not before: "b"'
    assert last == "Breaking: somebody who relies on the old version may fail."


def test_a_table_has_a_row_for_each_change(compared):
    run = compared(INTEGER, NUMBER, "--output", "table")

    assert run.out.split() == [
        "OUTCOME",
        "RULE",
        "OLD",
        "NEW",
        "compatible",
        "TYPE_EXTENDED",
        "/type",
        "/type",
    ]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 0),
        (["--mode", "forward"], 1),
        (["--mode", "full"], 1),
        (["--mode", "backward-transitive"], 0),
        (["--direction", "received"], 0),
        (["--direction", "sent"], 1),
        (["--mode", "service", "--direction", "both"], 1),
    ],
)
def test_the_mode_says_who_reads_whom(compared, options, code):
    assert compared(INTEGER, NUMBER, *options).code == code


def test_lenient_takes_for_granted_that_nobody_sends_what_is_not_declared(compared):
    old, new = {"properties": {"a": INTEGER}}, {"properties": {"a": INTEGER, "b": INTEGER}}

    assert compared(old, new).code == 1
    assert compared(old, new, "--lenient").code == 0
    assert compared(old, {"properties": {"a": {"type": "string"}}}, "--lenient").code == 1


def test_several_old_versions_are_compared_one_by_one(tally, file):
    files = [file({"maximum": limit}, f"{limit}.json") for limit in (30, 10, 20)]

    run = tally("check-compatibility", *files, "-o", "json")

    found = json.loads(run.out)
    assert run.code == 1
    assert [(change["version"], change["compatible"]) for change in found["changes"]] == [
        (str(files[0]), False),
        (str(files[1]), True),
    ]


def test_yaml_and_the_standard_input_are_read(tally, file, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(yaml.safe_dump(NUMBER).encode())))

    assert tally("check-compatibility", file(yaml.safe_dump(INTEGER), "old.yaml"), "-").code == 0


def test_files_that_are_referred_to_are_read(tally, file):
    file({"$defs": {"Id": {"type": "integer"}}}, "common.json")
    old = file({"properties": {"id": {"$ref": "common.json#/$defs/Id"}}}, "old.json")
    new = file({"properties": {"id": {"type": "string"}}}, "new.json")

    assert tally("check-compatibility", old, new).code == 1
    assert tally("check-compatibility", old, old).code == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{", INTEGER, "old.json: "),
        (INTEGER, {"type": "strin"}, "new.json: /type: "),
        (INTEGER, {"properties": {"a": {"$ref": "#/$defs/a"}}}, "new.json: /properties/a/$ref: "),
        (INTEGER, [1], "new.json: neither a service contract nor a JSON Schema: it is a list"),
        (INTEGER, {"name": "x"}, "new.json: /: neither a service contract"),
        (INTEGER, {"consumer": {}, "interactions": []}, "this is a pact; `tally compare`"),
        (INTEGER, {"$schema": "http://json-schema.org/draft-03/schema#"}, "new.json: /$schema: "),
        (an_openapi(), an_asyncapi(), "is an OpenAPI document, and"),
        (INTEGER, an_openapi(), "is a JSON Schema, and"),
    ],
)
def test_what_cannot_be_compared_is_said_with_file_and_place(compared, old, new, said):
    run = compared(old, new)

    assert (run.code, run.out) == (2, "")
    assert said in run.err


@pytest.mark.parametrize(
    ("document", "options", "said"),
    [
        (INTEGER, ["--mode", "service"], "add --direction"),
        (INTEGER, ["--mode", "backward", "--direction", "sent"], "--direction is for --mode service"),
        (an_openapi(), ["--direction", "sent"], "leave out --direction"),
    ],
)
def test_options_that_contradict_each_other_are_refused(compared, document, options, said):
    run = compared(document, document, *options)

    assert run.code == 2
    assert said in run.err


def test_a_missing_file_is_named(tally, file):
    run = tally("check-compatibility", "nowhere.json", file(INTEGER, "new.json"))

    assert run.code == 2
    assert "nowhere.json" in run.err


def test_the_standard_input_is_read_once(tally):
    run = tally("check-compatibility", "-", "-")

    assert run.code == 2
    assert 'Only one of the documents can be "-"' in run.err


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        # Draft 4, by its limits that are true or false.
        ({"minimum": 3, "exclusiveMinimum": True}, {"minimum": 3}, 0),
        ({"minimum": 3}, {"minimum": 3, "exclusiveMinimum": True}, 1),
        # Draft 7, by a list of items and by dependencies.
        ({"items": [INTEGER], "additionalItems": False}, {"items": [NUMBER]}, 0),
        ({"dependencies": {"a": ["b"]}}, {"properties": {"a": True}}, 0),
        ({"properties": {"a": True}}, {"dependencies": {"a": ["b"]}}, 1),
    ],
)
def test_schemas_of_old_drafts_are_understood_without_saying_so(compared, old, new, code):
    assert compared(old, new).code == code
