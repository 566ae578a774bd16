"""Whether a document is put together as its language says, judged by the schema files in `formats/`."""

from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from tally.errors import InvalidContractError
from tally.json_schema.drafts import Draft
from tally.json_schema.metaschemas import check_schema
from tally.json_schema.pointers import pointer
from tally.json_schema.validation import Validator


def check_part(language: str, part: str, value: object, place: str) -> None:
    """Raise InvalidContractError, naming the place, unless *value* is a *part* of a document in *language*.

    *language* is "native", "openapi 3.0", "openapi 3.1", …; *part* is "document", or a definition of the
    schema file: "parameter", "response", "schema", …
    """
    problem = _validator(language, part).best_problem(value)
    if problem is not None:
        raise InvalidContractError(f"{place}{problem.pointer or ('' if place else '/')}: {problem.message}")


def check_is_text(document: dict[str, Any], key: str, example: str) -> None:
    """Raise InvalidContractError when the version of a language is no text, as 3.1 is in YAML."""
    if not isinstance(document[key], str):
        raise InvalidContractError(
            f"/{key}: {document[key]!r} is not a text; write it in quotes: '{example}'"
        )


def check_schema_of(value: object, place: str, draft: Draft) -> None:
    """Raise InvalidContractError, naming the place, unless *value* is a schema of this draft."""
    if draft.is_openapi:
        check_part("swagger" if draft is Draft.OPENAPI_2 else "openapi 3.0", "schema", value, place)
    else:
        check_schema(value, place, draft)


@cache
def published_schema() -> dict[str, Any]:
    """Return the JSON Schema of native documents, which refers to nothing but JSON Schema itself."""
    return _read(NATIVE)


@cache
def _validator(language: str, part: str) -> Validator:
    family, _, version = language.partition(" ")
    document = _read(_FILES[family])
    definitions = published_schema()["$defs"] | document["$defs"] | _schema_object(family, version)
    if family == "openapi" and not version.startswith("3.2"):
        for holder, keywords in _SINCE_OPENAPI_32.items():
            for keyword in keywords:
                del definitions[holder]["properties"][keyword]
    if family == "openapi" and not version.startswith("3.0"):
        del definitions["operation"]["required"]  # since 3.1, an operation need not say what it answers
    if part != "document":
        document = {"$ref": f"#/$defs{pointer([part])}"}
    return Validator({**document, "$defs": definitions})


NATIVE = "service-contract-1"
_FILES = {
    "asyncapi": "asyncapi",
    "json-schema": "json-schema",
    "native": NATIVE,
    "openapi": "openapi",
    "swagger": "swagger",
}
_SINCE_OPENAPI_32 = {
    "example": ("dataValue", "serializedValue"),
    "mediaType": ("itemEncoding", "itemSchema", "prefixEncoding"),
    "pathItem": ("additionalOperations", "query"),
}


def _schema_object(family: str, version: str) -> dict[str, Any]:
    if family in {"json-schema", "native", "openapi"} and version in {"", "3.1", "3.2"}:
        return {"schema": {"$ref": Draft.DRAFT_2020_12.value}}
    if family == "openapi" and version == "3.0":
        return _own_schema_object("openapi-3.0-schema")
    if family == "swagger":
        return _own_schema_object("swagger-schema")
    return {"schema": True}  # of a draft that the document says: `check_schema_of` looks at each


def _own_schema_object(name: str) -> dict[str, Any]:
    schema = _read(name)
    schemas = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/schema"}}
    definitions = schema.pop("$defs")
    return {**definitions, "schema": schema, "schemas": schemas}


def _read(name: str) -> dict[str, Any]:
    text = files("tally.service_contract").joinpath("formats", f"{name}.schema.json").read_bytes()
    schema: dict[str, Any] = orjson.loads(text)
    return schema
