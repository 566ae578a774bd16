"""The schemas of one contract, compiled to check its examples."""

from collections.abc import Iterator

from tally.errors import InvalidContractError
from tally.hashing import compact_json
from tally.json_schema.schema import Schema
from tally.json_schema.validation import Validator

MOST_COMPILED = 40_000
"""Schemas that are compiled to check the examples of one contract: each takes some microseconds."""


class Validators:
    """The schemas of one contract, compiled once; none more when that takes too long."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[int, bytes], Validator] = {}
        self._definitions = 0
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
            validator = self.of(schema, place)
            problem = validator.best_problem(value) if validator else None
        except InvalidContractError as error:
            raise InvalidContractError(f"{place}: {error}") from error
        if problem is not None:
            yield f"{place}{problem.pointer}: {problem.message}"
