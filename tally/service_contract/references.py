"""`$ref`s: where references are in a document, and what they refer to."""

from collections.abc import Callable
from typing import Any

from tally.errors import InvalidContractError
from tally.json_schema.pointers import pointer, pointer_parts

# Under these keys the keys of the next object are names that the author chose, not keywords.
_NAMES = frozenset(
    [
        "$defs",
        "definitions",
        "dependentSchemas",
        "patternProperties",
        "properties",
        "schemas",
        "callbacks",
        "examples",
        "headers",
        "links",
        "mapping",
        "parameters",
        "pathItems",
        "paths",
        "requestBodies",
        "responses",
        "securitySchemes",
        "x-contract-bundled",
    ]
)
# Under these there is the author's data, in which "$ref" is a key like any other.
_DATA = frozenset(["const", "default", "enum", "example", "value"])


def resolve(document: object, reference: str, *, place: str) -> Any:
    """Return what the local *reference* ("#/components/schemas/Order") points at in *document*.

    *place* is the pointer of the object that refers, for the message. Raises InvalidContractError.
    """
    if reference != "#" and not reference.startswith("#/"):
        raise InvalidContractError(f"{place}/$ref: {_not_local(reference)}")
    found = document
    for part in pointer_parts(reference):
        if isinstance(found, dict) and part in found:
            found = found[part]
        elif isinstance(found, list) and part.isascii() and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            raise InvalidContractError(f"{place}/$ref: {reference!r} points at nothing in this document")
    return found


def _not_local(reference: str) -> str:
    if reference.startswith("#"):
        return f"{reference!r} is an anchor, which is not supported; write a JSON pointer ('#/…')"
    return (
        f"{reference!r} is in another document; publish with `tally publish-service-contract`, which puts "
        "referenced files into the document"
    )


def map_references(document: object, change: Callable[[str, str], str]) -> Any:
    """Return a copy of *document* whose every `$ref` is what *change* makes of it and of its place.

    The place is the JSON pointer of the object that refers. What looks like a reference inside examples,
    enums and the like is data, and stays.
    """
    return _map(document, change, (), names=False)


def check_references(document: object) -> None:
    """Raise InvalidContractError, naming the place, when a `$ref` points at nothing in *document*."""

    def checked(reference: str, place: str) -> str:
        resolve(document, reference, place=place)
        return reference

    map_references(document, checked)


def _map(
    node: object,
    change: Callable[[str, str], str],
    parts: tuple[str | int, ...],
    *,
    names: bool,
) -> Any:
    if isinstance(node, list):
        return [_map(item, change, (*parts, index), names=False) for index, item in enumerate(node)]
    if not isinstance(node, dict):
        return node
    mapped = {}
    for key, value in node.items():
        if key == "$ref" and isinstance(value, str) and not names:
            mapped[key] = change(value, pointer(parts))
        elif not names and _is_data(key, value):
            mapped[key] = value
        else:
            mapped[key] = _map(value, change, (*parts, key), names=not names and key in _NAMES)
    return mapped


def _is_data(key: str, value: object) -> bool:
    """Whether a reference under this keyword would only be somebody's data."""
    if key == "examples":
        return isinstance(value, list)  # a map of examples may hold references to examples
    return key in _DATA or (key.startswith("x-") and key != "x-contract-bundled")
