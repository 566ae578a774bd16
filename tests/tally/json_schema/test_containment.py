import os
import time

import pytest

from tally.json_schema.containment import NO_VALUE, Answer, contains, overlap, satisfiable


@pytest.mark.parametrize(
    ("wide", "narrow", "answer"),
    [
        ({"type": "number"}, {"type": "integer"}, Answer.YES),
        ({"const": 1}, {"const": 2}, Answer.NO),
        ({"const": 1}, {"const": True}, Answer.NO),
        (True, {"type": "integer"}, Answer.YES),
        ({"type": "integer"}, False, Answer.YES),
        (False, True, Answer.NO),
    ],
)
def test_one_schema_contains_another_or_not(wide, narrow, answer):
    assert contains(wide, narrow).answer is answer


@pytest.mark.parametrize(
    ("schema", "answer"),
    [
        ({"type": "string"}, Answer.YES),
        ({"type": "integer", "minimum": 3, "maximum": 2}, Answer.NO),
        (False, Answer.NO),
    ],
)
def test_a_schema_accepts_something_or_nothing(schema, answer):
    assert satisfiable(schema) is answer


def test_two_schemas_overlap_or_not():
    assert overlap({"type": "integer"}, {"minimum": 3}) is Answer.YES
    assert overlap({"type": "integer"}, {"type": "string"}) is Answer.NO


def test_what_is_no_schema_is_unknown():
    answer = contains({"type": "strin"}, {"type": "string"})

    assert answer.answer is Answer.UNKNOWN
    assert "strin" in answer.reason
    assert answer.counterexample is NO_VALUE


def explosive(steps):
    """Each definition applies the next one twice."""
    definitions = {f"a{n}": {"anyOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(steps)}
    definitions[f"a{steps}"] = {"type": "integer"}
    return {"$ref": "#/$defs/a0", "$defs": definitions}


def independent_choices(count):
    return {"allOf": [{"anyOf": [{"required": [f"a{n}"]}, {"required": [f"b{n}"]}]} for n in range(count)]}


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (explosive(60), {**explosive(60), "maximum": 7}),
        (independent_choices(20), {**independent_choices(20), "minProperties": 1}),
        ({"$ref": "#"}, {"allOf": [{"$ref": "#"}, {"type": "object"}]}),
    ],
    ids=["doubled sixty times", "twenty choices", "refers to itself"],
)
def test_every_question_is_answered_in_time(wide, narrow):
    contains({"type": "string"}, explosive(4))  # start a process
    before = time.monotonic()

    contains(wide, narrow)

    assert time.monotonic() - before < 3  # a second, and what a busy machine adds


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_asks_processes_of_its_own():
    heavy = explosive(8)
    assert contains({"type": "number"}, heavy).answer is Answer.YES

    child = os.fork()
    if not child:
        os._exit(0 if contains({"type": "number"}, heavy).answer is Answer.YES else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert contains({"type": "string"}, heavy).answer is Answer.NO
