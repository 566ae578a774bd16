"""Schemas that pydantic makes of its own models and types."""

import sys
from typing import Any

from tally.errors import UsageError
from tally.json_schema.schema import Schema, map_subschemas

_OWN = "#/schemas/"


def describes_itself(kind: type) -> bool:
    """Whether pydantic knows the schema of a class: its models, its dataclasses, its types."""
    return "pydantic" in sys.modules and (
        hasattr(kind, "__get_pydantic_core_schema__") or "__pydantic_fields__" in vars(kind)
    )


def pydantic_schema(
    annotation: Any, place: str, definitions: dict[str, Schema], *, reads: bool
) -> dict[str, Any]:
    """Return the schema of a model or type of pydantic; what it refers to goes to *definitions*."""
    pydantic: Any = sys.modules["pydantic"]
    mode = "validation" if reads else "serialization"
    try:
        schema = pydantic.TypeAdapter(annotation).json_schema(mode=mode, ref_template=f"{_OWN}{{model}}")
    except (pydantic.errors.PydanticUserError, NameError) as error:
        raise UsageError(f"{place}: pydantic has no JSON Schema for it: {error}") from error
    inner = schema.pop("$defs", {})
    if "properties" in schema and "$ref" not in schema:  # the model itself, named as the others are
        inner = {**inner, schema.get("title", annotation.__name__): schema}
        schema = {"$ref": f"{_OWN}{schema.get('title', annotation.__name__)}"}
    names = {name: _free(name, inner[name], definitions) for name in inner}
    for name, new in names.items():
        definitions[new] = _renamed(inner[name], names)
    renamed: dict[str, Any] = _renamed(schema, names)
    return renamed


def _free(name: str, schema: Schema, definitions: dict[str, Schema]) -> str:
    while name in definitions and definitions[name] != schema:
        name += "_"
    return name


def _renamed(schema: Any, names: dict[str, str]) -> Any:
    if not isinstance(schema, dict):
        return schema
    changed = map_subschemas(schema, lambda inner: _renamed(inner, names))
    reference = changed.get("$ref")
    if isinstance(reference, str) and reference.startswith(_OWN):
        changed["$ref"] = f"{_OWN}{names.get(reference.removeprefix(_OWN), reference.removeprefix(_OWN))}"
    changed.pop("discriminator", None)  # an annotation of OpenAPI with references of its own form
    return changed


def read_by_pydantic(annotation: Any, value: Any) -> Any:
    """Return JSON as a value of a model or type of pydantic. Raises ValueError when it refuses it."""
    return sys.modules["pydantic"].TypeAdapter(annotation).validate_python(value)
