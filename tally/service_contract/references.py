"""`$ref`s of service contracts: where references are in a document, and what they refer to."""

import difflib
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tally.errors import InvalidContractError
from tally.json_schema.drafts import Draft
from tally.json_schema.pointers import pointer
from tally.json_schema.resources import Resources
from tally.json_schema.vocabulary import BUNDLED, OF_SCHEMAS, Vocabulary

_NAMES = OF_SCHEMAS.names | {
    "callbacks",
    "examples",
    "headers",
    "links",
    "mapping",
    "messages",
    "parameters",
    "pathItems",
    "paths",
    "replies",
    "requestBodies",
    "responses",
    "schemas",
    "securityDefinitions",
    "securitySchemes",
    "x-contract-states",
    BUNDLED,
}
_DATA = OF_SCHEMAS.data - {"examples"} | {"value"}
_LISTS = frozenset(["examples", "x-contract-states"])
# In these extensions there are schemas.
_EXTENSIONS = frozenset([BUNDLED, "x-contract-headers", "x-contract-states"])
_OF_OPENAPI = Vocabulary(_NAMES, _DATA, _LISTS, root_is_schema=False, extensions=_EXTENSIONS)
# Here examples of a response are data by media type.
_OF_OPENAPI_2 = replace(_OF_OPENAPI, data=_DATA | {"examples"}, lists_of_data=_LISTS - {"examples"})
# Here headers are a schema.
_OF_ASYNCAPI = replace(
    _OF_OPENAPI_2,
    names=_NAMES - {"headers", "paths"}
    | {"channels", "messageTraits", "operationTraits", "operations", "servers"},
    has_formats=True,
)
_OF_NATIVE = replace(_OF_OPENAPI, names=_NAMES | {"content", "errors", "states"})
_OF_SCHEMAS = replace(
    OF_SCHEMAS, names=OF_SCHEMAS.names | {BUNDLED, "x-contract-states"}, extensions=_EXTENSIONS
)

EXTENSIONS = frozenset(
    [
        "x-contract-base-path",
        "x-contract-budget",
        "x-contract-bundled",
        "x-contract-channel",
        "x-contract-content-type",
        "x-contract-dependencies",
        "x-contract-deprecated",
        "x-contract-direction",
        "x-contract-error",
        "x-contract-errors",
        "x-contract-examples",
        "x-contract-headers",
        "x-contract-message",
        "x-contract-operation",
        "x-contract-required",
        "x-contract-role",
        "x-contract-states",
    ]
)


def vocabulary_of(document: object) -> Vocabulary:
    """Return which keys of *document* are keywords."""
    if not isinstance(document, dict):
        return _OF_SCHEMAS
    if "asyncapi" in document:
        return _OF_ASYNCAPI
    if "swagger" in document:
        return _OF_OPENAPI_2
    if "serviceContract" in document:
        return _OF_NATIVE
    return _OF_OPENAPI if "openapi" in document else _OF_SCHEMAS


def resources_of(document: dict[str, Any], draft: Draft) -> Resources:
    """Return what references in *document* lead to.

    Raises InvalidContractError, naming the place, for a misspelt extension.
    """
    resources = Resources(document, vocabulary_of(document), draft)
    for place, name in resources.extensions:
        if name not in EXTENSIONS:
            close = difflib.get_close_matches(name.lower().replace("_", "-"), EXTENSIONS, n=1)
            meant = f"; did you mean {close[0]!r}?" if close else ""
            raise InvalidContractError(f"{place}: {name!r} is not understood{meant}")
    return resources


def check_references(resources: Resources) -> None:
    """Raise InvalidContractError, naming the place, when a `$ref` points at nothing in its document."""
    for reference in resources.references:
        resources.address(reference.text, reference.within, reference.place)


def map_references(
    document: object, change: Callable[[str, str], str], vocabulary: Vocabulary | None = None
) -> Any:
    """Return a copy of *document* whose every `$ref` is what *change* makes of it and of its place.

    The place is the JSON pointer of the object that refers. What looks like a reference inside examples,
    enums and the like is data, and stays.
    """
    return _Mapping(change, vocabulary or vocabulary_of(document)).mapped(document, (), names=False)


class _Mapping:
    def __init__(self, change: Callable[[str, str], str], vocabulary: Vocabulary) -> None:
        self._change = change
        self._vocabulary = vocabulary

    def mapped(self, node: object, parts: tuple[str | int, ...], *, names: bool) -> Any:
        if isinstance(node, list):
            return [self.mapped(item, (*parts, index), names=False) for index, item in enumerate(node)]
        if not isinstance(node, dict):
            return node
        mapped: dict[str, Any] = {}
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str) and not names:
                mapped[key] = self._change(value, pointer(parts))
            elif key == "discriminator" and isinstance(value, dict) and not names:
                mapped[key] = self._discriminator(value, (*parts, key, "mapping"))
            elif not names and self._vocabulary.is_data(key, value):
                mapped[key] = value
            else:
                inner = not names and key in self._vocabulary.names
                mapped[key] = self.mapped(value, (*parts, key), names=inner)
        return mapped

    def _discriminator(self, written: dict[str, Any], parts: tuple[str | int, ...]) -> dict[str, Any]:
        """Return a discriminator; its mapping may hold references as well as names."""
        mapping = written.get("mapping")
        if not isinstance(mapping, dict):
            return written
        place = pointer(parts)
        return {
            **written,
            "mapping": {
                value: self._change(name, place) if _is_file_or_pointer(name) else name
                for value, name in mapping.items()
            },
        }


def _is_file_or_pointer(name: object) -> bool:
    return isinstance(name, str) and bool(re.search(r"^#/|\.(json|ya?ml)(#|$)", name))
