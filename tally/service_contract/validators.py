"""The schemas of one contract, compiled to check its examples, with a bound on the work."""

from collections.abc import Iterator
from typing import Any

from tally.errors import InvalidContractError
from tally.hashing import compact_json
from tally.json_schema.evaluations import Evaluations
from tally.json_schema.schema import Schema
from tally.json_schema.validation import Validator
from tally.json_schema.work import Work
from tally.service_contract.size import values_in

MOST_COMPILED = 40_000
"""Schemas that are compiled to check the examples of one contract: each takes some microseconds."""
MOST_STEPS = 100_000
"""Keywords that are looked at to explain what is wrong with all examples of one contract."""
MOST_EVALUATED = 5_000_000
"""Schemas that may be looked at for one example, at the worst."""
MOST_EVALUATED_IN_ALL = 200_000_000
"""The same for all examples of one contract."""
_FEW = 30
"""Schemas for one place of a value, with which it may be of any size."""
_NONE: dict[str, Schema] = {}


class Validators:
    """The schemas of one contract, compiled once; none more when that takes too long.

    *left_out* is the place of the first example that was not checked.
    """

    def __init__(self) -> None:
        self._compiled: dict[tuple[int, bytes], Validator] = {}
        # What is known by identity is part of the contract, which lives longer than this.
        self._keys: dict[int, tuple[int, bytes]] = {}
        self._work: dict[int, Evaluations] = {}
        self._for_one: dict[int, int] = {}
        self._values: dict[int, int] = {}
        self._definitions = 0
        self._evaluated = 0
        self._explaining = Work(MOST_STEPS)
        self.left_out = ""

    def problems(self, schema: Schema, value: object, place: str) -> Iterator[str]:
        """Yield in which way *value*, which is at *place*, contradicts *schema*, if it does."""
        if isinstance(schema, bool):
            validator: Validator | None = Validator(schema)
        else:
            validator = self._of(schema, place) if self._is_little(schema, value) else None
        if validator is None:
            self.left_out = self.left_out or place
            return
        problem = validator.best_problem(value, self._explaining)
        if problem is not None:
            yield f"{place}{problem.pointer}: {problem.message}"

    def _of(self, schema: dict[str, Any], place: str) -> Validator | None:
        """Return the validator of a schema of the contract. Raises InvalidContractError."""
        definitions = schema.get("$defs")
        key = self._keys.get(id(schema))
        if key is None:
            own = {keyword: value for keyword, value in schema.items() if keyword != "$defs"}
            key = self._keys[id(schema)] = (id(definitions), compact_json(own))
        if key not in self._compiled:
            self._definitions += 1 + (len(definitions) if isinstance(definitions, dict) else 0)
            if self._definitions > MOST_COMPILED:
                return None
            try:
                self._compiled[key] = Validator(schema)
            except InvalidContractError as error:
                raise InvalidContractError(f"{place}: {error}") from error
        return self._compiled[key]

    def _is_little(self, schema: dict[str, Any], value: object) -> bool:
        """Whether judging *value* takes at most some seconds, whatever it looks like."""
        evaluated = self._evaluations_for_one(schema) * self._values_in(value)
        if evaluated > MOST_EVALUATED and self._evaluations_for_one(schema) > _FEW:
            return False
        self._evaluated += evaluated
        return self._evaluated <= MOST_EVALUATED_IN_ALL

    def _evaluations_for_one(self, schema: dict[str, Any]) -> int:
        if id(schema) not in self._for_one:
            definitions = schema.get("$defs", _NONE)
            work = self._work.get(id(definitions))
            if work is None:
                work = self._work[id(definitions)] = Evaluations(definitions)
            self._for_one[id(schema)] = max(work.heaviest, work.of(schema))
        return self._for_one[id(schema)]

    def _values_in(self, value: object) -> int:
        if not isinstance(value, dict | list):
            return 1
        if id(value) not in self._values:
            self._values[id(value)] = values_in(value)
        return self._values[id(value)]
