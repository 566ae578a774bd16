"""Pairs of schemas made at random: nothing may be called contained when a value shows that it is not."""

from itertools import islice

import pytest
from support.schema_pairs import a_pair, a_value
from support.searching import TIMES

from tally.errors import InvalidContractError
from tally.json_schema.chance import seeded
from tally.json_schema.containment import NO_VALUE, Answer, contains
from tally.json_schema.validation import Validator
from tally.json_schema.values import valid_values

PAIRS_EACH = 150
VALUES_EACH = 60


@pytest.mark.parametrize("batch", range(6 * TIMES))
def test_nothing_is_contained_that_has_a_counterexample(batch):
    for seed in range(batch * PAIRS_EACH, (batch + 1) * PAIRS_EACH):
        random = seeded(seed)
        narrow, wide = a_pair(random)
        try:
            accepts, refuses = Validator(narrow).accepts, Validator(wide).accepts
        except InvalidContractError:
            continue

        answer = contains(wide, narrow)

        if answer.counterexample is not NO_VALUE:
            assert accepts(answer.counterexample), (seed, narrow, wide)
            assert not refuses(answer.counterexample), (seed, narrow, wide)
        if answer.answer is Answer.YES:
            tried = [a_value(random) for _ in range(VALUES_EACH)]
            tried += islice(valid_values(narrow, seed=seed, most=10), 10)
            found = [value for value in tried if accepts(value) and not refuses(value)]
            assert not found, (seed, narrow, wide)
