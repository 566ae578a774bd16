"""The schemas of one contract, compiled to check its examples."""

from collections.abc import Iterator

from tally.errors import InvalidContractError
from tally.hashing import compact_json
from tally.json_schema.evaluations import Evaluations
from tally.json_schema.schema import Schema
from tally.json_schema.steps import Steps
from tally.json_schema.validation import Validator
from tally.service_contract.size import values_in

MOST_STEPS = 100_000
"""Keywords that are looked at to explain what is wrong with all examples of one contract."""
MOST_EVALUATED = 50_000_000
"""Schemas that may be looked at for one example, at the worst."""
_FEW = 1_000
_NONE: dict[str, Schema] = {}
MOST_COMPILED = 40_000
"""Schemas that are compiled to check the examples of one contract: each takes some microseconds."""


class Validators:
    """The schemas of one contract, compiled once; none more when that takes too long."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[int, bytes], Validator] = {}
        self._definitions = 0
        self._steps = Steps(MOST_STEPS)
        self._work: dict[int, Evaluations] = {}
        self.left_out = ""

    def of(self, schema: Schema, place: str) -> Validator | None:
        """Return the validator of a schema of the contract. Raises InvalidContractError."""
        own = dict(schema) if isinstance(schema, dict) else schema
        definitions = own.pop("$defs", None) if isinstance(own, dict) else None
        # The definitions are those of the contract, which lives longer than this.
        key = (id(definitions), compact_json(own))
        known = self._compiled.get(key)
        if known is None:
            self._definitions += 1 + len(definitions or ())
            if self._definitions > MOST_COMPILED:
                self.left_out = self.left_out or place
                return None
            known = self._compiled[key] = Validator(schema)
        return known

    def problems(self, schema: Schema, value: object, place: str) -> Iterator[str]:
        """Yield in which way *value*, which is at *place*, contradicts *schema*, if it does."""
        try:
            validator = self.of(schema, place) if self._is_little(schema, value, place) else None
            problem = validator.best_problem(value, self._steps) if validator else None
        except InvalidContractError as error:
            raise InvalidContractError(f"{place}: {error}") from error
        if problem is not None:
            yield f"{place}{problem.pointer}: {problem.message}"

    def _is_little(self, schema: Schema, value: object, place: str) -> bool:
        """Whether judging *value* takes at most some seconds, whatever it looks like."""
        definitions = schema.get("$defs", _NONE) if isinstance(schema, dict) else _NONE
        work = self._work.get(id(definitions))
        if work is None:
            work = self._work[id(definitions)] = Evaluations(definitions)
        for_one = max(work.heaviest, work.of(schema))
        if for_one < _FEW or for_one * values_in(value) < MOST_EVALUATED:
            return True
        self.left_out = self.left_out or place
        return False
