"""Examples as hints for values that are made of a schema."""

from typing import Any

from tally.json_schema.schema import Schema


def hinted(schema: Schema, example: object) -> Schema:
    """Return a schema that allows the same, and whose usual value has the parts of *example*."""
    hint = _hint(example)
    if schema is False or not hint:
        return schema
    if schema is True:
        return hint
    definitions = {"$defs": schema["$defs"]} if "$defs" in schema else {}
    alone = {key: value for key, value in schema.items() if key != "$defs"}
    return {"allOf": [alone, hint], **definitions}


def _hint(example: object) -> dict[str, Any]:
    if isinstance(example, dict):
        return {"properties": {name: _hint(value) for name, value in example.items()}} if example else {}
    if isinstance(example, list):
        return {"items": _hint(example[0])} if example else {}
    return {"examples": [example]}
