"""Searching for a value that one schema accepts and another refuses.

Whatever is built is checked by validators: what is found is certain. That nothing is found proves nothing.
"""

from itertools import islice
from typing import Any

import orjson

from tally.json_schema.answers import NO_VALUE
from tally.json_schema.candidates import Candidates
from tally.json_schema.schema import Schema
from tally.json_schema.validation import Validator


def counterexample(wide: Schema, narrow: Schema, most: int) -> Any:
    """Return a value that *narrow* accepts and *wide* refuses, or NO_VALUE; at most so many values are tried.

    Raises InvalidContractError when one of them is no schema.
    """
    accepted, refused = Validator(narrow), Validator(wide)
    for value in islice(Candidates(narrow, wide).values(), most):
        if not refused.accepts(value) and accepted.accepts(value) and _can_be_written(value):
            return value
    return NO_VALUE


def _can_be_written(value: Any) -> bool:
    """Whether a value can be printed and kept: most programs know no integers of more than 64 bits."""
    try:
        orjson.dumps(value)
    except TypeError:
        return False
    return True
