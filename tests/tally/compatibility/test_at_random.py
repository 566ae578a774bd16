"""Versions made at random: nothing may be called compatible when a value shows that it is not."""

from itertools import islice

import pytest
from support.schema_pairs import a_pair, a_value
from support.searching import TIMES

from tally.compatibility.documents import compare_versions, read_version
from tally.compatibility.model import Mode, Rules, Verdict
from tally.errors import InvalidContractError
from tally.json_schema.answers import NO_VALUE
from tally.json_schema.chance import seeded
from tally.json_schema.validation import Validator
from tally.json_schema.values import valid_values

PAIRS_EACH = 70
VALUES_EACH = 40


def read(name, schema):
    """Return a version, or None for what is no schema."""
    try:
        version = read_version(name, schema)
        Validator(version.schema)
    except InvalidContractError:
        return None
    return version


@pytest.mark.parametrize("mode", [Mode.BACKWARD, Mode.FORWARD])
@pytest.mark.parametrize("batch", range(3 * TIMES))
def test_nothing_is_compatible_that_has_a_counterexample(batch, mode):
    for seed in range(batch * PAIRS_EACH, (batch + 1) * PAIRS_EACH):
        random = seeded("versions", seed)
        old, new = map(read, ("old", "new"), a_pair(random))
        if old is None or new is None:
            continue
        writer, reader = (old, new) if mode is Mode.BACKWARD else (new, old)
        accepts, refuses = Validator(writer.schema).accepts, Validator(reader.schema).accepts

        found = compare_versions(old, new, Rules(mode))

        shown = [change.counterexample for change in found.breaking if change.counterexample is not NO_VALUE]
        assert all(accepts(value) and not refuses(value) for value in shown), seed
        if found.verdict is Verdict.COMPATIBLE:
            tried = [a_value(random) for _ in range(VALUES_EACH)]
            tried += islice(valid_values(writer.schema, seed=seed, most=8), 8)
            assert not [value for value in tried if accepts(value) and not refuses(value)], seed
