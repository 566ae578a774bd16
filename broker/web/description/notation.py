"""A short way to write JSON Schemas down."""

from typing import Any

Schema = dict[str, Any]
Property = str | Schema
"""A schema, or the name of one of the document."""


def schema(given: Property) -> Schema:
    """Return a schema, or a reference to the one with this name."""
    return {"$ref": f"#/components/schemas/{given}"} if isinstance(given, str) else given


def an_object(properties: dict[str, Property], **more: Any) -> Schema:
    """Return the schema of an object; a name that ends with "?" is that of a property that may be missing."""
    required = [name for name in properties if not name.endswith("?")]
    return {
        "type": "object",
        "properties": {name.removesuffix("?"): schema(given) for name, given in properties.items()},
        **({"required": required} if required else {}),
        **more,
    }


def many(items: Property, **more: Any) -> Schema:
    """Return the schema of an array."""
    return {"type": "array", "items": schema(items), **more}


def or_null(given: Schema) -> Schema:
    """Return the schema that allows null as well."""
    return (
        {"anyOf": [given, {"type": "null"}]}
        if "enum" in given
        else {**given, "type": [given["type"], "null"]}
    )


TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer", "minimum": 0}
BOOLEAN: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
ANYTHING: Schema = {}
OBJECT: Schema = {"type": "object"}


def one_of(*values: str) -> Schema:
    """Return the schema of a string that is one of *values*."""
    return {"type": "string", "enum": list(values)}


def or_blank(schema: Schema) -> Schema:
    """Return the schema of what fits *schema*, or is blank, which is as good as none."""
    return {"anyOf": [schema, {"type": "string", "pattern": r"^\s*$"}]}
