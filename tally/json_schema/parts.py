"""The schemas inside one schema, as validators of their own."""

from typing import Any

from tally.errors import InvalidContractError
from tally.json_schema.applying import Conjunction
from tally.json_schema.schema import Schema
from tally.json_schema.validation import Validator


class Parts:
    """Schemas inside *root*, whose references are relative to it; each is compiled once."""

    def __init__(self, root: Schema) -> None:
        self.root = root
        self._definitions = root.get("$defs", {}) if isinstance(root, dict) else {}
        # With the schemas themselves, so that no other object takes over an id.
        self._validators: dict[tuple[int, ...], tuple[Conjunction, Validator | None]] = {}

    def accepts(self, schemas: Conjunction, value: Any) -> bool | None:
        """Whether *value* satisfies all *schemas*; None when they refer to what is not found from there."""
        key = tuple(map(id, schemas))
        if key not in self._validators:
            self._validators[key] = schemas, self._compiled(schemas)
        validator = self._validators[key][1]
        return None if validator is None else validator.accepts(value)

    def _compiled(self, schemas: Conjunction) -> Validator | None:
        try:
            return Validator({"allOf": list(schemas), "$defs": self._definitions})
        except InvalidContractError:
            return None
