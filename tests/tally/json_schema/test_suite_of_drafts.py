"""The public test suite: what a schema of an old draft accepts, it accepts in our words too."""

import json
import re
from pathlib import Path

import pytest

from tally.errors import InvalidContractError
from tally.json_schema.dialects import modern
from tally.json_schema.drafts import Draft
from tally.json_schema.validation import Validator

SUITE = Path(__file__).parents[2] / "data" / "json-schema-test-suite"
DRAFTS = {
    "draft4": Draft.DRAFT_4,
    "draft6": Draft.DRAFT_6,
    "draft7": Draft.DRAFT_7,
    "draft2019-09": Draft.DRAFT_2019_09,
    "draft2020-12": Draft.DRAFT_2020_12,
}
# References to the schema of all schemas, to a document of the suite, or to a place that depends on the way.
REFUSED_COUNTS = [("draft4", 2), ("draft6", 2), ("draft7", 2), ("draft2019-09", 7), ("draft2020-12", 15)]
REFUSED = "is in another document|it may lead to any of"


@pytest.mark.parametrize(("name", "refused"), REFUSED_COUNTS)
def test_the_same_values_are_accepted(name, refused):
    cases = json.loads((SUITE / f"{name}.json").read_text())
    wrong, left_out = [], []

    for case in cases:
        try:
            validator = Validator(modern(case["schema"], DRAFTS[name]))
        except InvalidContractError as error:
            left_out.append(str(error))
            continue
        wrong += [
            (case["file"], case["description"], value)
            for value, accepted in case["tests"]
            if validator.accepts(value) != accepted
        ]

    assert wrong == []
    assert len(left_out) == refused
    assert [error for error in left_out if not re.search(REFUSED, error)] == []
