"""Parents in OpenAPI whose discriminator chooses among schemas that only name them in `allOf`."""

from collections.abc import Iterator
from typing import Any

_HOME = "#/components/schemas/"
_SEVERAL = 2


def with_children_listed(old: Any, new: Any) -> tuple[Any, Any] | None:
    """Return two versions of a document in which parents stand for the children that both have.

    None when there are no such parents. What has come or gone counts as the parent.
    """
    before, after = dict(_families(old)), dict(_families(new))
    families = {
        name: sorted(before[name] & after[name]) for name in before.keys() & after.keys() if before[name]
    }
    if not any(families.values()):
        return None
    return _Listing(old, families).listed(old), _Listing(new, families).listed(new)


def _families(document: Any) -> Iterator[tuple[str, set[str]]]:
    """Yield each parent with the names of its children."""
    schemas = _schemas(document)
    for name, schema in schemas.items():
        if (
            isinstance(schema, dict)
            and isinstance(schema.get("discriminator"), dict)
            and not {"oneOf", "anyOf"} & schema.keys()
        ):
            yield name, {child for child, each in schemas.items() if _is_child(each, name)}


def _schemas(document: Any) -> dict[str, Any]:
    components = document.get("components") if isinstance(document, dict) else None
    schemas = components.get("schemas") if isinstance(components, dict) else None
    return schemas if isinstance(schemas, dict) and "openapi" in document else {}


def _is_child(schema: Any, parent: str) -> bool:
    parts = schema.get("allOf") if isinstance(schema, dict) else None
    return isinstance(parts, list) and {"$ref": _HOME + parent} in parts


class _Listing:
    def __init__(self, document: Any, families: dict[str, list[str]]) -> None:
        self._schemas = _schemas(document)
        self._families = families

    def listed(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self.listed(each) for each in node]
        if not isinstance(node, dict):
            return node
        name = str(node.get("$ref", "")).removeprefix(_HOME)
        if node == {"$ref": _HOME + name} and self._families.get(name):
            return self._alternatives(name)
        return {
            key: value if key == "allOf" and _is_of_a_child(node) else self.listed(value)
            for key, value in node.items()
        }

    def _alternatives(self, name: str) -> dict[str, Any]:
        chooser = self._schemas[name]["discriminator"]
        mapping = chooser.get("mapping") if isinstance(chooser.get("mapping"), dict) else {}
        children = self._families[name]
        named = {value for value, to in mapping.items() if str(to).rpartition("/")[2] in children}
        other = {"properties": {chooser.get("propertyName"): {"not": {"enum": sorted({*named, *children})}}}}
        return {
            "anyOf": [
                *({"$ref": _HOME + child} for child in children),
                {"allOf": [{"$ref": _HOME + name}, other]},
            ],
            "discriminator": chooser,
        }


def _is_of_a_child(schema: dict[str, Any]) -> bool:
    """Whether what is in `allOf` says a part of what a schema is, rather than all."""
    parts = schema["allOf"]
    return "properties" in schema or (isinstance(parts, list) and len(parts) >= _SEVERAL)
