import subprocess
import sys

import pytest

from tally.errors import InvalidContractError
from tally.json_schema.validation import MAX_PROBLEMS, Validator


def problem_of(schema, value):
    (problem,) = Validator(schema).problems(value)
    return problem


def test_a_problem_names_the_place_and_the_keyword():
    problem = problem_of({"properties": {"a/b": {"items": {"type": "string"}}}}, {"a/b": ["x", 1]})

    assert problem.pointer == "/a~1b/1"
    assert problem.parts == ("a/b", 1)
    assert (problem.keyword, problem.message) == ("type", "1 is not of type 'string'")


def test_of_several_branches_the_closest_is_named():
    cat = {
        "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}},
        "required": ["kind", "lives"],
    }
    schema = {"anyOf": [{"type": "null"}, cat]}

    assert problem_of(schema, {"kind": "cat", "lives": "nine"}).pointer == "/lives"


def test_when_no_branch_has_the_type_all_are_named():
    problem = problem_of({"anyOf": [{"type": "null"}, {"type": "string"}]}, 1)

    assert problem.keyword == "anyOf"
    assert problem.message.endswith("given schemas: 1 is not of type 'null'; 1 is not of type 'string'")


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"items": {"pattern": r"^\p{Lu}"}}, ["a"]),
        ({"items": {"format": "uri"}}, ["a b"]),
    ],
)
def test_what_only_the_deciding_library_understands_has_its_place_too(schema, value):
    assert problem_of(schema, value).pointer == "/0"


def test_a_value_that_is_nested_deeply_is_refused_with_a_reason():
    value = 1
    for _ in range(60):
        value = [value]

    problem = problem_of(
        {"$ref": "#/$defs/a", "$defs": {"a": {"type": "array", "items": {"$ref": "#/$defs/a"}}}}, value
    )

    assert problem.pointer == "/0" * 60


def test_values_that_are_accepted_need_no_explanation():
    code = (
        "import sys; from tally.json_schema.validation import Validator; "
        "print(Validator({'type': 'string'}).best_problem('x'), 'jsonschema' in sys.modules)"
    )

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ended.stdout == "None False\n"


def test_formats_count_and_unknown_ones_do_not():
    assert not Validator({"format": "date-time"}).accepts("yesterday")
    assert Validator({"format": "int32"}).accepts("x")


def test_no_more_than_fifty_problems_are_listed():
    problems = Validator({"items": {"type": "string"}}).problems(list(range(1000)))

    assert len(problems) == MAX_PROBLEMS


def test_a_long_value_is_shortened_in_the_message():
    assert len(problem_of({"type": "integer"}, "x" * 10_000).message) < 400


def test_a_schema_that_is_false_accepts_nothing():
    assert problem_of({"properties": {"a": False}}, {"a": 1}).pointer == "/a"


@pytest.mark.parametrize(
    "schema", [{"$ref": "http://127.0.0.1:9/order.json"}, {"$ref": "#/$defs/Nowhere"}, {"type": 1}]
)
def test_what_is_no_self_contained_schema_is_refused(schema):
    with pytest.raises(InvalidContractError, match="not a JSON Schema"):
        Validator(schema)


def test_nothing_is_fetched():
    with pytest.raises(InvalidContractError, match="nothing is fetched"):
        Validator({"$ref": "http://127.0.0.1:9/order.json"})
