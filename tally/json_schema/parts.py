"""The schemas inside one schema, as validators of their own."""

import json
from typing import Any

from tally.errors import InvalidContractError
from tally.json_schema.applying import Conjunction
from tally.json_schema.schema import Schema
from tally.json_schema.validation import Validator

_MOST_COMPILED, _FEWEST = 150, 8
_MOST_CHARACTERS = 3_000_000


class Parts:
    """Schemas inside *root*, whose references are relative to it; each is compiled once, and not too many."""

    def __init__(self, root: Schema) -> None:
        self.root = root
        self._definitions = root.get("$defs", {}) if isinstance(root, dict) else {}
        # With the schemas themselves, so that no other object takes over an id.
        self._known: dict[tuple[int, ...], tuple[Conjunction, Validator | None]] = {}
        self._by_text: dict[str, Validator | None] = {}
        # The time for each goes with the size of the definitions.
        size = len(json.dumps(self._definitions))
        self._most = max(_FEWEST, min(_MOST_COMPILED, _MOST_CHARACTERS // (size + 1)))

    def accepts(self, schemas: Conjunction, value: Any) -> bool | None:
        """Whether *value* satisfies all *schemas*; None when that is not found out."""
        if not schemas:
            return True
        key = tuple(map(id, schemas))
        if key not in self._known:
            self._known[key] = schemas, self._compiled(schemas)
        validator = self._known[key][1]
        return None if validator is None else validator.accepts(value)

    def _compiled(self, schemas: Conjunction) -> Validator | None:
        text = json.dumps(schemas, sort_keys=True)
        if text not in self._by_text:
            if len(self._by_text) >= self._most:
                return None
            self._by_text[text] = self._validator(schemas)
        return self._by_text[text]

    def _validator(self, schemas: Conjunction) -> Validator | None:
        try:
            return Validator({"allOf": list(schemas), "$defs": self._definitions})
        except InvalidContractError:
            return None
