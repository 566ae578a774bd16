"""The schemas of a document as self-contained JSON Schemas 2020-12."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from tally.errors import InvalidContractError
from tally.json_schema.schema import Schema, map_subschemas
from tally.service_contract.references import resolve

# References are turned into places in our own $defs, so what only served references is left out.
_LEFT_OUT = frozenset(["$anchor", "$comment", "$defs", "$dynamicAnchor", "$id", "$schema", "definitions"])
_ANNOTATIONS_OF_30 = frozenset(["deprecated", "discriminator", "externalDocs", "xml"])
_BESIDE_TYPE = frozenset(["allOf", "anyOf", "enum", "oneOf", "not"])


def from_openapi_30(schema: dict[str, Any]) -> dict[str, Any]:
    """Return one OpenAPI 3.0 schema object, not those inside it, in the words of JSON Schema 2020-12.

    `nullable` accepts null whatever stands beside it: that is what it is written for, though OpenAPI 3.0.3
    gives it no effect without `type`, nor against `enum` or `allOf`.
    """
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}
    modern = {key: value for key, value in schema.items() if key not in _ANNOTATIONS_OF_30}
    for exclusive, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if modern.pop(exclusive, False) and limit in modern:
            modern[exclusive] = modern.pop(limit)
    if "example" in modern:
        modern["examples"] = [modern.pop("example")]
    if not modern.pop("nullable", False):
        return modern
    if "type" in modern and not _BESIDE_TYPE & modern.keys():
        return {**modern, "type": [modern["type"], "null"]}
    return {"anyOf": [modern, {"type": "null"}]}


MOST_FOLLOWED = 200_000
"""References that are followed in one document: each takes some microseconds."""


class SchemaReader:
    """Make the schemas of *document* self-contained: what they refer to is put into their `$defs`.

    *check* is called with each schema object outside the usual place that something refers to, and the
    place that refers to it; it raises InvalidContractError when that is no schema.
    """

    def __init__(
        self,
        document: dict[str, Any],
        *,
        home: str,
        check: Callable[[Any, str], None],
        openapi_30: bool = False,
    ) -> None:
        self._document = document
        self._home = f"#/{home}/"
        self._check = check
        self._openapi_30 = openapi_30
        self._followed = 0
        self._closures: dict[tuple[str, frozenset[str]], dict[str, Schema]] = {}
        self._definitions: dict[tuple[str, frozenset[str]], dict[str, Schema]] = {}
        self._read: dict[tuple[str, str], tuple[Schema, frozenset[str]]] = {}

    def read(self, schema: Schema, place: str, *, ignore_required: str = "") -> Schema:
        """Return *schema*, which stands at *place*, in a form that needs no document.

        *ignore_required* is "readOnly" in requests and "writeOnly" in responses: properties marked so need
        not be there (OpenAPI). Raises InvalidContractError when it refers to nothing.
        """
        converted, wanted = self._convert(schema, place, ignore_required)
        key = (ignore_required, wanted)
        if key not in self._closures:
            self._closures[key] = self._closure(wanted, place, ignore_required)
        definitions = self._closures[key]
        if not definitions or isinstance(converted, bool):
            return converted
        return {**converted, "$defs": definitions}

    def _closure(self, wanted: frozenset[str], place: str, ignore_required: str) -> dict[str, Schema]:
        definitions: dict[str, Schema] = {}
        waiting = [(reference, place) for reference in sorted(wanted)]
        while waiting:
            reference, origin = waiting.pop()
            name = self._name(reference)
            if name not in definitions:
                definitions[name], more = self._target(reference, origin, ignore_required)
                waiting += [(other, reference.removeprefix("#")) for other in sorted(more)]
                self._followed += 1
                if self._followed > MOST_FOLLOWED:
                    raise InvalidContractError(
                        f"{place}: the schemas lead to too many others: more than {MOST_FOLLOWED:,} in all, "
                        "when each is followed for itself"
                    )
        # Many schemas reach the same ones: keep one $defs for all of them.
        return self._definitions.setdefault((ignore_required, frozenset(definitions)), definitions)

    def _target(self, reference: str, origin: str, ignore_required: str) -> tuple[Schema, frozenset[str]]:
        key = (reference, ignore_required)
        if key not in self._read:
            target = resolve(self._document, reference, place=origin)
            if not reference.startswith(self._home) or reference.count("/") > self._home.count("/"):
                self._check(target, f"{origin}/$ref")
            self._read[key] = self._convert(target, reference.removeprefix("#"), ignore_required)
        return self._read[key]

    def _convert(self, schema: Schema, place: str, ignore_required: str) -> tuple[Schema, frozenset[str]]:
        wanted: set[str] = set()
        return self._rewritten(schema, place, ignore_required, wanted), frozenset(wanted)

    def _rewritten(self, schema: Schema, place: str, ignore_required: str, wanted: set[str]) -> Schema:
        if not isinstance(schema, dict):
            return schema
        if "$dynamicRef" in schema:
            raise InvalidContractError(f"{place}/$dynamicRef: not supported; use $ref")
        rewritten = map_subschemas(
            {key: value for key, value in schema.items() if key not in _LEFT_OUT},
            lambda inner: self._rewritten(inner, place, ignore_required, wanted),
        )
        if "$ref" in schema:
            wanted.add(schema["$ref"])
            rewritten["$ref"] = f"#/$defs/{_escaped(self._name(schema['$ref']))}"
        if ignore_required:
            _require_less(rewritten, ignore_required)
        return from_openapi_30(rewritten) if self._openapi_30 else rewritten

    def _name(self, reference: str) -> str:
        return reference.removeprefix(self._home).removeprefix("#") or "/"


def _require_less(schema: dict[str, Any], mark: str) -> None:
    """Take the properties with this *mark* ("readOnly") from those that are required."""
    required, properties = schema.get("required"), schema.get("properties")
    if isinstance(required, list) and isinstance(properties, dict):
        schema["required"] = [name for name in required if not _marked(properties.get(name), mark)]


def _marked(schema: object, mark: str) -> bool:
    return isinstance(schema, dict) and schema.get(mark) is True


def _escaped(name: str) -> str:
    return quote(name.replace("~", "~0").replace("/", "~1"), safe="")
