"""Whether a document is put together as its language says, judged by the schema files in `formats/`."""

from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from tally.errors import InvalidContractError
from tally.json_schema.pointers import pointer
from tally.json_schema.validation import Validator

JSON_SCHEMA = "https://json-schema.org/draft/2020-12/schema"


def check_part(language: str, part: str, value: object, place: str) -> None:
    """Raise InvalidContractError, naming the place, unless *value* is a *part* of a document in *language*.

    *language* is "native", "openapi-3.0" or "openapi-3.1"; *part* is "document", or a definition of the
    schema file: "parameter", "response", "schema", …
    """
    problem = _validator(language, part).best_problem(value)
    if problem is not None:
        raise InvalidContractError(f"{place}{problem.pointer or ('' if place else '/')}: {problem.message}")


@cache
def _validator(language: str, part: str) -> Validator:
    family, _, version = language.partition("-")
    document = _read(family)
    definitions = document["$defs"] | _read("example")["$defs"] | _schema_object(version)
    if part != "document":
        document = {"$ref": f"#/$defs{pointer([part])}"}
    return Validator({**document, "$defs": definitions})


def _schema_object(version: str) -> dict[str, Any]:
    if version != "3.0":
        return {"schema": {"$ref": JSON_SCHEMA}}
    schema = _read("openapi-3.0-schema")
    schemas = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/schema"}}
    definitions = schema.pop("$defs")
    return {**definitions, "schema": schema, "schemas": schemas}


def _read(name: str) -> dict[str, Any]:
    text = files("tally.service_contract").joinpath("formats", f"{name}.schema.json").read_bytes()
    schema: dict[str, Any] = orjson.loads(text)
    schema.pop("$schema")
    schema.pop("$comment")
    return schema
