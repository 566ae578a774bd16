"""What only one of the languages can say, or cannot: it is written as that language has it, or named."""

import ast
import json
from functools import partial
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.drafted_tests import a_pact_file, an_interaction, drafted

from consumer_sdk.pact_files import Recordings
from consumer_sdk.recording import Recorder


def body_in(language, tmp_path, value, rule, **request):
    """Return the draft of an answer that has the value under "it", and what was left out."""
    interaction = an_interaction(body={"it": value}, rules={"$.it": rule} if rule else {}, request=request)
    file = a_pact_file(tmp_path, interaction)
    data = drafted(language, pacts=[file], interaction=interaction["description"])["data"]
    return data["text"], " ".join(data["left_out"])


@pytest.mark.parametrize(
    ("value", "rule", "written"),
    [
        (2.0, {"match": "decimal"}, "it: number(2.0)"),
        (2.5, {"match": "decimal"}, "it: decimal(2.5)"),
        ([1], {"match": "type"}, "it: atLeastLike(like(1), 0, 1)"),
        ([1], {"match": "type", "min": 2, "max": 3}, "it: constrainedArrayLike(like(1), 2, 3, 2)"),
        ({"a": 1}, {"match": "values"}, "it: eachKeyLike('a', like(1))"),
        (None, {"match": "null"}, "it: nullValue()"),
        ("2026-01-05", {"match": "date", "format": "yyyy-MM-dd"}, "it: date('yyyy-MM-dd', '2026-01-05')"),
        ({"__proto__": 1}, None, "it: { ['__proto__']: 1 }"),
        (True, {"match": "boolean"}, "it: boolean(true)"),
        ({}, None, "it: {}"),
    ],
)
def test_in_javascript(tmp_path, value, rule, written):
    text, left_out = body_in("javascript", tmp_path, value, rule)

    assert written in text
    assert left_out == ""


@pytest.mark.parametrize(
    ("value", "rule", "problem"),
    [
        (2**53 + 1, {"match": "integer"}, "loses digits"),
        ("green tea", {"match": "include", "value": "tea"}, "contains another is left out"),
        ({"pact:matcher:type": "type", "value": 1}, None, 'keys that begin with "pact:" itself'),
    ],
)
def test_what_pact_js_cannot_say_is_named(tmp_path, value, rule, problem):
    _, left_out = body_in("javascript", tmp_path, value, rule)

    assert problem in left_out


def test_fetch_sends_no_body_with_get(tmp_path):
    body = {"content": {"a": 1}, "contentType": "application/json", "encoded": False}

    text, left_out = body_in("javascript", tmp_path, 1, None, body=body)

    assert "JSON.stringify" not in text
    assert "fetch sends none with GET" in left_out


@pytest.mark.parametrize(
    ("value", "rule", "written"),
    [
        (7, {"match": "integer"}, 'o1.integerType("it", 7);'),
        ("a1", {"match": "regex", "regex": r"a\d"}, r'o1.stringMatcher("it", "a\\d", "a1");'),
        (2**40, {"match": "integer"}, f'o1.and("it", {2**40}L, new NumberTypeMatcher('),
        (10**25, {"match": "type"}, f'o1.numberType("it", new BigInteger("{10**25}"));'),
        (2.5, {"match": "decimal"}, 'o1.decimalType("it", 2.5);'),
        ("a", None, 'o1.stringValue("it", "a");'),
        (None, None, 'o1.nullValue("it");'),
        ([7], {"match": "type"}, 'o1.eachLike("it", PactDslJsonRootValue.numberType(7));'),
        (
            [{"a": "b"}],
            {"match": "type", "min": 2},
            'o1.minArrayLike("it", 2, o2 -> {\n                            o2.stringType("a", "b");',
        ),
        ([[1]], {"match": "type"}, 'o1.eachArrayLike("it", a2 -> {'),
        ([1, ["a"]], None, 'o1.array("it", a2 -> {\n                            a2.numberValue(1);'),
        ({"a": 1}, {"match": "values"}, 'o2.eachKeyLike("a", PactDslJsonRootValue.numberType(1));'),
        ({"a": {"b": 1}}, {"match": "values"}, 'o2.eachKeyLike("a", o3 -> {'),
        ("2026-01-05", {"match": "date", "format": "yyyy-MM-dd"}, 'new DateMatcher("yyyy-MM-dd")'),
        ([], {"match": "type"}, 'o1.and("it", List.of(), TypeMatcher.INSTANCE);'),
    ],
)
def test_in_java(tmp_path, value, rule, written):
    text, _ = body_in("java", tmp_path, value, rule)

    assert written in text


@pytest.mark.parametrize(
    ("value", "rule", "problem"),
    [
        (
            {"a": [1]},
            {"match": "values"},
            "rule for all values of an object is left out where they are lists",
        ),
    ],
)
def test_what_pact_jvm_cannot_say_is_named(tmp_path, value, rule, problem):
    _, left_out = body_in("java", tmp_path, value, rule)

    assert problem in left_out


def test_nulls_in_maps_of_java(tmp_path):
    interaction = an_interaction(
        body={"it": {"": [None]}, "gone": {"": None}},
        rules={"$.it": {"match": "type"}, "$.gone": {"match": "type"}},
        providerStates=[{"name": "new", "params": {"at": None, "n": [None, 1], "of": {"a": 1}}}],
    )
    file = a_pact_file(tmp_path, interaction)

    data = drafted("java", pacts=[file], interaction="an order is read")["data"]

    assert 'Map.ofEntries(Map.entry("", Collections.singletonList(null)))' in data["text"]
    assert 'Map.entry("n", Arrays.asList(null, 1))' in data["text"]
    assert "import java.util.Collections;" in data["text"]
    assert len([note for note in data["left_out"] if "A null in an object" in note]) == 1


def test_limits_of_lists_in_lists_in_java(tmp_path):
    rules = {
        "$.some": {"match": "type", "min": 2},
        "$.few": {"match": "type", "min": 1, "max": 3},
        "$.short[0]": {"match": "type", "min": 1},
        "$.deep": {"match": "type", "min": 1},
        "$.deep[*]": {"match": "type", "min": 1},
    }
    body = {"some": [[1], [1]], "few": [[1]], "short": [[1]], "deep": [[1]]}
    interaction = an_interaction(body=body, rules=rules)
    file = a_pact_file(tmp_path, interaction)

    data = drafted("java", pacts=[file], interaction="an order is read")["data"]

    assert 'o1.eachArrayWithMinLike("some", 2, 2, a2 -> {' in data["text"]
    assert 'o1.eachArrayWithMinMaxLike("few", 1, 3, 1, a2 -> {' in data["text"]
    assert "a2.eachLike(PactDslJsonRootValue.numberType(1));" in data["text"]
    assert data["left_out"] == ["How many items a list inside of a list has is left out."]


def test_the_notes_never_push_the_text_out_of_an_answer(tmp_path):
    names = [f"a rather long name of a property, number {number}" for number in range(900)]
    rules = {f"$['{name}']": {"match": "semver"} for name in names[:300]}
    file = a_pact_file(tmp_path, an_interaction(body=dict.fromkeys(names[:300], "x"), rules=rules))

    answer = drafted(pacts=[file], interaction="an order is read")

    assert "cut" not in answer
    assert answer["data"]["left_out"][-1].startswith("… and ")
    ast.parse(answer["data"]["text"])


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
RULES = st.sampled_from(
    [None, {"match": "type"}, {"match": "type", "min": 1}, {"match": "values"}, {"match": "integer"}]
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.dictionaries(st.sampled_from("abc"), VALUES, min_size=1), rule=RULES)
def test_a_draft_of_any_answer_runs(tmp_path, body, rule):
    interaction = an_interaction(body=body, rules={"$.a": rule} if rule and "a" in body else {})
    file = a_pact_file(tmp_path, interaction)
    text = drafted(pacts=[file], interaction=interaction["description"])["data"]["text"]
    program = {}
    exec(compile(text, "draft", "exec"), program)  # noqa: S102 - that is what a draft is for
    recordings = Recordings(tmp_path / f"run-{uuid4()}")
    recordings.directory.mkdir()

    program["test_an_order_is_read"](partial(Recorder, recordings=recordings))

    [recorded] = recordings.directory.glob("*.json")
    answer = json.loads(recorded.read_text())["interaction"]["response"]
    if rule is None:
        assert answer["body"]["content"] == body
    else:
        assert answer["body"]["content"].keys() == body.keys()
