"""Documents that are compared: service contracts of any kind, and plain JSON Schemas of any draft."""

from collections.abc import Iterator
from typing import Any

from tally.compatibility.comparing import Comparing, amounting, readings
from tally.compatibility.contracts import compare_contracts
from tally.compatibility.inheritance import with_children_listed
from tally.compatibility.model import Compatibility, Flow, Rules, Verdict
from tally.compatibility.pointers import with_pointers_as_written
from tally.compatibility.sides import Document
from tally.compatibility.uncompared import uncompared
from tally.errors import InvalidContractError
from tally.json_schema.drafts import Draft
from tally.json_schema.metaschemas import check_schema
from tally.json_schema.resources import Resources
from tally.json_schema.schema import Schema
from tally.json_schema.self_contained import SchemaReader
from tally.service_contract.model import ServiceContract
from tally.service_contract.parsing import check_size, parse_service_contract
from tally.service_contract.references import check_references, resources_of
from tally.service_contract.structure import check_schema_of
from tally.values import dataclass

_KINDS = {
    "openapi": "an OpenAPI document",
    "swagger": "an OpenAPI document",
    "asyncapi": "an AsyncAPI document",
    "serviceContract": "a native service contract",
    "x-contract-channel": "a JSON Schema of the messages on a channel",
}
PLAIN = "a JSON Schema"
_OTHERS = {
    "arazzo": "a document of Arazzo workflows",
    "interactions": "a pact; `tally compare` compares it with a service contract",
    "messages": "a pact; `tally compare` compares it with a service contract",
}
_OLD_KEYWORDS = frozenset(["additionalItems", "dependencies"])
_KEYWORDS = _OLD_KEYWORDS | frozenset(
    [
        "$anchor", "$comment", "$defs", "$dynamicAnchor", "$dynamicRef", "$id", "$ref", "$schema",
        "$vocabulary", "additionalProperties", "allOf", "anyOf", "const", "contains", "contentEncoding",
        "contentMediaType", "contentSchema", "default", "definitions", "dependentRequired",
        "dependentSchemas", "deprecated", "description", "else", "enum", "examples", "exclusiveMaximum",
        "exclusiveMinimum", "format", "id", "if", "items", "maxContains", "maxItems", "maxLength",
        "maxProperties", "maximum", "minContains", "minItems", "minLength", "minProperties", "minimum",
        "multipleOf", "not", "oneOf", "pattern", "patternProperties", "prefixItems", "properties",
        "propertyNames", "readOnly", "required", "then", "title", "type", "unevaluatedItems",
        "unevaluatedProperties", "uniqueItems", "writeOnly",
    ]
)  # fmt: skip


@dataclass(frozen=True)
class VersionedDocument:
    """One version of a document. *kind* is what it is in words; *name* is that of its file."""

    name: str
    kind: str
    written: Any
    contract: ServiceContract | None = None
    schema: Schema = True
    home: str = ""


def read_version(name: str, document: Any) -> VersionedDocument:
    """Return what *document*, which refers to nothing outside itself, is. Raises InvalidContractError."""
    try:
        kind = _kind(document)
        if kind != PLAIN:
            return VersionedDocument(name, kind, document, parse_service_contract(document))
        schema, home = _plain_schema(document)
    except InvalidContractError as error:
        raise InvalidContractError(f"{name}: {error}") from error
    return VersionedDocument(name, kind, document, schema=schema, home=home)


def compare_versions(
    old: VersionedDocument, new: VersionedDocument, rules: Rules, flow: Flow = Flow.BOTH
) -> Compatibility:
    """Compare two versions of a document; *flow* is who reads what a plain schema describes.

    Raises InvalidContractError when they are of different kinds.
    """
    if old.kind != new.kind:
        raise InvalidContractError(
            f"{old.name} is {old.kind}, and {new.name} is {new.kind}: only documents of one kind are "
            "versions of each other"
        )
    written = old.written, new.written
    if old.contract is not None and new.contract is not None:
        found = compare_contracts(
            old.contract, new.contract, rules, written=({"": written[0]}, {"": written[1]})
        )
        more = (
            _of_children(*written, rules)
            if found.verdict is Verdict.COMPATIBLE
            else Compatibility(found.verdict)
        )
        reasons = [*found.reasons, *more.reasons, *uncompared(*written)]
        return amounting([*found.changes, *more.breaking], reasons)
    sides = Document(old.home).side(old.schema, ""), Document(new.home).side(new.schema, "")
    comparing = Comparing()
    comparing.schemas(*sides, readings(rules, flow))
    changes = with_pointers_as_written(comparing.changes, *({"": each} for each in written))
    return amounting(changes, comparing.reasons)


def _of_children(old: Any, new: Any, rules: Rules) -> Compatibility:
    """Compare what stands for its children as well, where a discriminator chooses one of them."""
    listed = with_children_listed(old, new)
    if listed is None:
        return Compatibility(Verdict.COMPATIBLE)
    try:
        before, after = (parse_service_contract(each) for each in listed)
    except InvalidContractError as error:
        reason = f"what discriminators choose among cannot be compared: {error}"
        return Compatibility(Verdict.UNKNOWN, reasons=(reason,))
    return compare_contracts(before, after, rules, written=({"": old}, {"": new}))


def _kind(document: Any) -> str:
    if not isinstance(document, dict):
        return PLAIN
    for key, kind in _KINDS.items():
        if key in document:
            return kind
    if "$schema" not in document and not (document.keys() & _KEYWORDS) and document:
        found = next((what for key, what in _OTHERS.items() if key in document), None)
        if found:
            raise InvalidContractError(f"/: this is {found}")
        raise InvalidContractError(
            "/: neither a service contract (OpenAPI, AsyncAPI, native) nor a JSON Schema: it has no keyword "
            f"of JSON Schema, but {', '.join(map(repr, list(document)[:3]))}"
        )
    return PLAIN


def _plain_schema(document: Any) -> tuple[Schema, str]:
    """Return a schema in the words of 2020-12 with its own `$defs`, and where the document keeps schemas."""
    check_size(document)
    if not isinstance(document, dict):
        check_schema(document, "", Draft.DRAFT_2020_12)
        return document, "/$defs"
    resources: Resources = resources_of(document, _assumed_draft(document))
    check_schema(document, "", resources.root.draft)
    check_references(resources)
    home = "$defs" if "$defs" in document else "definitions"
    reader = SchemaReader(resources, home=home, check=check_schema_of, is_bounded=False)
    return reader.read(document, ""), f"/{home}"


def _assumed_draft(document: dict[str, Any]) -> Draft:
    """Return the draft of a schema that does not say it: an older one where only that gives it a meaning."""
    old_limits, old_arrays = False, False
    for schema in _objects(document):
        old_limits |= any(
            isinstance(schema.get(f"exclusive{limit}"), bool) for limit in ("Minimum", "Maximum")
        )
        old_arrays |= bool(_OLD_KEYWORDS & schema.keys()) or isinstance(schema.get("items"), list)
    if old_limits:
        return Draft.DRAFT_4
    return Draft.DRAFT_7 if old_arrays else Draft.DRAFT_2020_12


def _objects(document: Any) -> Iterator[dict[str, Any]]:
    waiting = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
