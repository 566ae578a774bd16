"""Older drafts of JSON Schema, and the schemas of OpenAPI, in the words of JSON Schema 2020-12."""

import re
from enum import Enum
from typing import Any

from tally.errors import InvalidContractError


class Draft(Enum):
    """The languages that schemas are written in; of the drafts, the value is what `$schema` says."""

    DRAFT_4 = "http://json-schema.org/draft-04/schema"
    DRAFT_6 = "http://json-schema.org/draft-06/schema"
    DRAFT_7 = "http://json-schema.org/draft-07/schema"
    DRAFT_2019_09 = "https://json-schema.org/draft/2019-09/schema"
    DRAFT_2020_12 = "https://json-schema.org/draft/2020-12/schema"
    OPENAPI_2 = "OpenAPI 2"
    OPENAPI_30 = "OpenAPI 3.0"

    @property
    def is_openapi(self) -> bool:
        """Whether it is a language of OpenAPI's own."""
        return self in {Draft.OPENAPI_2, Draft.OPENAPI_30}


_DIALECTS_OF_2020_12 = frozenset(
    [
        "https://spec.openapis.org/oas/3.1/dialect/base",
        "https://spec.openapis.org/oas/3.1/dialect/2024-11-10",
        "https://spec.openapis.org/oas/3.2/dialect/2025-09-17",
    ]
)
_DRAFTS = {draft.value: draft for draft in Draft if not draft.is_openapi}
# In these, what stands beside a `$ref` says nothing.
_REFERENCES_ALONE = frozenset(
    [Draft.DRAFT_4, Draft.DRAFT_6, Draft.DRAFT_7, Draft.OPENAPI_2, Draft.OPENAPI_30]
)
_SINCE_6 = frozenset(["const", "contains", "propertyNames"])
_SINCE_7 = frozenset(["else", "if", "then"])
_SINCE_2019 = frozenset(
    [
        "dependentRequired",
        "dependentSchemas",
        "maxContains",
        "minContains",
        "unevaluatedItems",
        "unevaluatedProperties",
    ]
)
_SINCE_2020 = frozenset(["prefixItems"])
_UNKNOWN = {
    Draft.DRAFT_4: frozenset(["$id", "id"]) | _SINCE_6 | _SINCE_7 | _SINCE_2019 | _SINCE_2020,
    Draft.DRAFT_6: _SINCE_7 | _SINCE_2019 | _SINCE_2020,
    Draft.DRAFT_7: _SINCE_2019 | _SINCE_2020,
    Draft.DRAFT_2019_09: _SINCE_2020,
    Draft.OPENAPI_2: frozenset(["collectionFormat", "externalDocs", "xml"]),
    Draft.OPENAPI_30: frozenset(["externalDocs", "xml"]),
}
_BESIDE_TYPE = frozenset(["$ref", "allOf", "anyOf", "enum", "oneOf", "not"])


def draft_called(name: object) -> Draft:
    """Return the draft that a `$schema` or `jsonSchemaDialect` names. Raises InvalidContractError."""
    text = name.removesuffix("#") if isinstance(name, str) else ""
    if text in _DIALECTS_OF_2020_12:
        return Draft.DRAFT_2020_12
    known = _DRAFTS.get(text) or _DRAFTS.get(text.replace("https:", "http:"))
    known = known or _DRAFTS.get(text.replace("http:", "https:"))
    if known is None:
        raise InvalidContractError(
            f"{name!r} is no dialect that is understood; JSON Schema draft 4, 6, 7, 2019-09 and 2020-12 are"
        )
    return known


_FORMATS = (
    (re.compile(r"application/vnd\.aai\.asyncapi(\+json|\+yaml)?;version=[23]\..+"), Draft.DRAFT_7),
    (re.compile(r"application/vnd\.oai\.openapi(\+json|\+yaml)?;version=3\.0\..+"), Draft.OPENAPI_30),
    (re.compile(r"application/vnd\.oai\.openapi(\+json|\+yaml)?;version=3\.[12]\..+"), Draft.DRAFT_2020_12),
    (re.compile(r"application/schema\+(json|yaml);version=draft-04"), Draft.DRAFT_4),
    (re.compile(r"application/schema\+(json|yaml);version=draft-06"), Draft.DRAFT_6),
    (re.compile(r"application/schema\+(json|yaml);version=draft-07"), Draft.DRAFT_7),
    (re.compile(r"application/schema\+(json|yaml);version=(draft[-/])?2019-09"), Draft.DRAFT_2019_09),
    (re.compile(r"application/schema\+(json|yaml);version=(draft[-/])?2020-12"), Draft.DRAFT_2020_12),
)


def draft_of_format(text: str) -> Draft:
    """Return the draft that AsyncAPI's `schemaFormat` names. Raises InvalidContractError for others."""
    written = text.replace(" ", "").lower()
    for pattern, draft in _FORMATS:
        if pattern.fullmatch(written):
            return draft
    raise InvalidContractError(
        f"{text!r} is not read: JSON Schema ('application/schema+json;version=draft-07'), AsyncAPI's own "
        "schemas and those of OpenAPI 3 are. Give the message a JSON Schema, or leave its schema out"
    )


def keywords_without_effect(schema: dict[str, Any], draft: Draft) -> list[str]:
    """Return the keywords of one schema object that a later draft has, and that say nothing in *draft*."""
    if draft is Draft.DRAFT_2020_12 or draft.is_openapi:
        return []
    return sorted((_UNKNOWN[draft] - {"$id", "id"}) & schema.keys())


def in_modern_words(schema: dict[str, Any], draft: Draft) -> dict[str, Any]:
    """Return one schema object of *draft* in the words of 2020-12; the schemas inside it are so already.

    References stay as they are, and so do `$defs` and `definitions`.
    """
    if draft is Draft.DRAFT_2020_12:
        return schema
    if "$ref" in schema and draft in _REFERENCES_ALONE:
        return {key: schema[key] for key in ("$ref", "$defs", "definitions") if key in schema}
    modern = {key: value for key, value in schema.items() if key not in _UNKNOWN[draft]}
    if draft in {Draft.DRAFT_4, Draft.OPENAPI_2, Draft.OPENAPI_30}:
        _exclusive_limits(modern)
    if draft.is_openapi:
        return _from_openapi(modern, draft)
    _items(modern)
    _dependencies(modern)
    return modern


def _exclusive_limits(schema: dict[str, Any]) -> None:
    """`exclusiveMinimum: true` is about the `minimum` beside it."""
    for exclusive, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if schema.pop(exclusive, False) is True and limit in schema:
            schema[exclusive] = schema.pop(limit)


def _items(schema: dict[str, Any]) -> None:
    """An array of `items` is about the first ones; only beside one, `additionalItems` is about the others."""
    others = schema.pop("additionalItems", None)
    first = schema.get("items")
    if isinstance(first, list):
        del schema["items"]
        schema["prefixItems"] = first
        if others is not None:
            schema["items"] = others


def _dependencies(schema: dict[str, Any]) -> None:
    written = schema.pop("dependencies", None)
    if not isinstance(written, dict):
        return
    names = {name: value for name, value in written.items() if isinstance(value, list)}
    schemas = {name: value for name, value in written.items() if not isinstance(value, list)}
    for keyword, found in (("dependentRequired", names), ("dependentSchemas", schemas)):
        if found:
            schema[keyword] = {**found, **schema.get(keyword, {})}


def _from_openapi(schema: dict[str, Any], draft: Draft) -> dict[str, Any]:
    """`nullable` accepts null whatever stands beside it: that is what it is written for.

    OpenAPI 3.0.3 gives it no effect without `type`, nor against `enum` or `allOf`. OpenAPI 2 knows it as
    `x-nullable` only.
    """
    if "example" in schema:
        schema["examples"] = [schema.pop("example")]
    if draft is Draft.OPENAPI_2:
        if isinstance(schema.get("discriminator"), str):
            schema["discriminator"] = {"propertyName": schema["discriminator"]}
        if schema.get("type") == "file":
            schema["type"] = "string"
            schema.setdefault("format", "binary")
    marks = ("x-nullable", "nullable") if draft is Draft.OPENAPI_2 else ("nullable",)
    if not any([schema.pop(mark, False) is True for mark in marks]):  # noqa: C419 - each is taken out
        return schema
    if "type" in schema and not _BESIDE_TYPE & schema.keys():
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}
