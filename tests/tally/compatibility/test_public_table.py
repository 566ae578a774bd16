"""The compatibility tests of Apicurio Registry: see tests/data/schema-compatibility."""

import json
from pathlib import Path

import pytest

from tally.compatibility.documents import compare_versions, read_version
from tally.compatibility.model import Mode, Rules, Verdict
from tally.json_schema.answers import NO_VALUE
from tally.json_schema.validation import Validator

DATA = Path(__file__).parents[2] / "data" / "schema-compatibility" / "apicurio.json"
CASES = json.loads(DATA.read_text(encoding="utf-8"))
WRONG = {
    # Neither version accepts anything: a text cannot be a list.
    "backward": {"apicurio/096", "apicurio/117", "apicurio/119", "apicurio/124"},
    # 108: each text, and each other value, satisfies one of the branches in both versions.
    "forward": {"apicurio/096", "apicurio/108", "apicurio/117", "apicurio/124"},
}
"""Where the table is wrong.

117 and 119 refuse texts that satisfied one branch of `oneOf`, and satisfy two; the other way round nothing is
refused. 124: the values of `case` are listed, so that the new one of the condition never comes up.
"""


def compared(case, mode):
    old, new = (read_version(key, case[f"{key}_schema"]) for key in ("original", "update"))
    return compare_versions(old, new, Rules(Mode(mode)))


@pytest.mark.parametrize("mode", ["backward", "forward"])
def test_the_answers_are_those_of_the_table_but_for_its_mistakes(mode):
    differing = {
        case["id"]
        for case in CASES
        if (compared(case, mode).verdict is Verdict.COMPATIBLE) != case[f"{mode}_compatible"]
    }

    assert len(CASES) == 145
    assert differing == WRONG[mode]


# What is in a text is no matter of validation, and "[a-z]*" is found in every text.
WITHOUT_A_COUNTEREXAMPLE = {
    "backward": {"apicurio/011", "apicurio/101", "apicurio/104"},
    "forward": {
        *("apicurio/010", "apicurio/011", "apicurio/100", "apicurio/101", "apicurio/103", "apicurio/104"),
        *("apicurio/125", "apicurio/126"),
    },
}


@pytest.mark.parametrize("mode", ["backward", "forward"])
def test_what_is_breaking_is_named_and_shown_by_a_value_where_there_is_one(mode):
    breaking = {
        case["id"]: found.breaking
        for case in CASES
        if (found := compared(case, mode)).verdict is Verdict.BREAKING
    }

    assert all(breaking.values())
    assert {
        name
        for name, changes in breaking.items()
        if all(change.counterexample is NO_VALUE for change in changes)
    } == WITHOUT_A_COUNTEREXAMPLE[mode]


def test_counterexamples_are_accepted_by_one_version_and_refused_by_the_other():
    for case in CASES:
        for mode, keys in (("backward", ("original", "update")), ("forward", ("update", "original"))):
            written, read = (read_version(key, case[f"{key}_schema"]).schema for key in keys)
            for change in compared(case, mode).breaking:
                if change.counterexample is not NO_VALUE:
                    assert Validator(written).accepts(change.counterexample), (case["id"], change)
                    assert not Validator(read).accepts(change.counterexample), (case["id"], change)
