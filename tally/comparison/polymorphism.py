"""What OpenAPI says beyond JSON Schema, said in it: discriminators, and formats of integers."""

from typing import Any

from tally.comparison.schema_views import Definitions, definitions_of, property_schema
from tally.json_schema.pointers import definition_name, pointer_parts
from tally.json_schema.schema import Schema, map_subschemas

MADE = "x-tally-made"
"""Names the keywords of a schema that are not in the document."""


def with_discriminators(schema: Schema) -> Schema:
    """Return *schema* with what its discriminators mean said in JSON Schema.

    Each alternative has the value of the property that chooses it, and the property is required. Formats of
    integers ("int32") are limits.
    """
    if not isinstance(schema, dict):
        return schema
    definitions = definitions_of(schema)
    own = {key: value for key, value in schema.items() if key != "$defs"}
    made: dict[str, Any] = _made(own, definitions)
    if not definitions:
        return made
    return {**made, "$defs": {name: _made(each, definitions) for name, each in definitions.items()}}


def _made(schema: Any, definitions: Definitions) -> Any:
    if not isinstance(schema, dict):
        return schema
    made = map_subschemas(schema, lambda inner: _made(inner, definitions))
    if schema.get("format") in _BITS:
        made = _with_limits(made, _BITS[schema["format"]])
    chooser = schema.get("discriminator")
    name = chooser.get("propertyName") if isinstance(chooser, dict) else None
    if not isinstance(name, str):
        return made
    mapping = chooser.get("mapping") if isinstance(chooser, dict) else None
    for keyword in ("oneOf", "anyOf"):
        if keyword in made:
            made[keyword] = [
                _chosen(branch, name, mapping if isinstance(mapping, dict) else {}, definitions)
                for branch in made[keyword]
            ]
    return made


_BITS = {"int32": 31, "int64": 63}


def _with_limits(schema: dict[str, Any], bits: int) -> dict[str, Any]:
    """Return the schema with the limits that OpenAPI's formats for integers stand for."""
    own = {"minimum": -(2**bits), "maximum": 2**bits - 1}
    added = {keyword: limit for keyword, limit in own.items() if keyword not in schema}
    return {**schema, **added, MADE: list(added)}


def _chosen(branch: Schema, name: str, mapping: dict[str, Any], definitions: Definitions) -> Schema:
    if not isinstance(branch, dict) or not isinstance(branch.get("$ref"), str):
        return branch
    target = pointer_parts(branch["$ref"])[-1]
    values = [value for value, to in mapping.items() if _leads_to(to, target)] or [_last(target)]
    own = property_schema(branch, name, definitions)
    chosen = {} if isinstance(own, dict) and {"const", "enum"} & own.keys() else {name: {"enum": values}}
    return {
        **branch,
        "properties": {**chosen, **branch.get("properties", {})},
        "required": sorted({name, *branch.get("required", ())}),
        MADE: [keyword for keyword in ("properties", "required") if keyword not in branch],
    }


def _leads_to(to: object, target: str) -> bool:
    return isinstance(to, str) and _last(to) == _last(target)


def _last(name: str) -> str:
    return definition_name(name).rpartition("/")[2]
