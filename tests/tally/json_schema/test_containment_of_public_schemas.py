"""Pairs of schemas of the public test suite: none of its values may stand against what is contained."""

import json
from pathlib import Path

import pytest
from support.searching import TIMES

from tally.compatibility.documents import read_version
from tally.errors import InvalidContractError
from tally.json_schema.chance import seeded
from tally.json_schema.containment import Answer, contains
from tally.json_schema.validation import Validator

SUITE = Path(__file__).parents[2] / "data" / "json-schema-test-suite"
PAIRS = 60 * TIMES


@pytest.mark.parametrize("file", sorted(SUITE.glob("draft*.json")), ids=lambda file: file.stem)
def test_no_value_of_the_suite_stands_against_what_is_contained(file):
    cases = json.loads(file.read_text(encoding="utf-8"))
    values = [value for case in cases for value, _ in case["tests"]]
    random = seeded(file.stem)

    for _ in range(PAIRS):
        narrow, wide = (schema_of(random.choice(cases), file.stem) for _ in range(2))
        if narrow is None or wide is None or contains(wide, narrow).answer is not Answer.YES:
            continue
        accepts, refuses = Validator(narrow).accepts, Validator(wide).accepts
        assert not [value for value in values if accepts(value) and not refuses(value)], (narrow, wide)


def schema_of(case, draft):
    """Return the schema in the words of 2020-12; None when it refers to other documents."""
    schema = case["schema"]
    if isinstance(schema, dict) and "$schema" not in schema:
        number = draft.removeprefix("draft")
        schema = {"$schema": f"http://json-schema.org/draft-0{number}/schema#"} | schema
    try:
        return read_version("suite", schema).schema
    except InvalidContractError:
        return None
