"""Where findings are: JSON pointers in the pact as its file has it, and in the document as published."""

from collections.abc import Sequence
from typing import Any

from tally.comparison.closing import MADE_FROM, WAS_ONE_OF
from tally.comparison.polymorphism import MADE
from tally.json_schema.pointers import pointer, pointer_parts
from tally.json_schema.schema import Schema
from tally.pact import Pact
from tally.service_contract.model import ServiceContract

Parts = tuple[str | int, ...]


class PactPlaces:
    """The places in one pact file."""

    def __init__(self, pact: Pact) -> None:
        self._document = pact.document
        self._is_enveloped = pact.specification.startswith("4")

    def interaction(self, index: int) -> Parts:
        """Return the place of an interaction; messages of V3 follow the others."""
        count = len(self._document.get("interactions") or ())
        return ("interactions", index) if index < count else ("messages", index - count)

    def body(self, part: Parts, key: str) -> Parts:
        """Return where the content of a body is: V4 writes an envelope around it."""
        written = self._at((*part, key))
        if self._is_enveloped and isinstance(written, dict) and "content" in written:
            return (*part, key, "content")
        return (*part, key)

    def reply(self, interaction: Parts, index: int) -> Parts:
        """Return the place of a reply below its interaction; one alone may be no list."""
        is_alone = isinstance(self._at((*interaction, "response")), dict)
        return ("response",) if is_alone else ("response", index)

    def first(self, *places: Parts) -> Parts:
        """Return the first place that is there, or else the last one."""
        return next((place for place in places if self._at(place) is not _NOTHING), places[-1])

    def pointer(self, parts: Sequence[str | int]) -> str:
        """Return the pointer of a place, or of the closest thing around it that the file has."""
        found: Any = self._document
        kept: list[str] = []
        for part in parts:
            if isinstance(found, list):
                if not isinstance(part, int) or part >= len(found):
                    break
                found = found[part]
            elif isinstance(found, dict) and part in found:
                found = found[part]
            else:
                break
            text = str(part)
            kept.append(text if text.isalnum() else text.replace("~", "~0").replace("/", "~1"))
        return "/" + "/".join(kept) if kept else ""

    def _at(self, parts: Parts) -> Any:
        found: Any = self._document
        for part in parts:
            found = _inside(found, part)
        return found


class DocumentPlaces:
    """The places in a document of a consumer, whose model keeps the pointers of its parts."""

    def pointer(self, parts: Sequence[str | int]) -> str:
        """Return the pointer of a place."""
        return pointer(parts)


def schema_pointer(contract: ServiceContract, start: str, schema: Schema, keys: Sequence[str | int]) -> str:
    """Return where in the document a keyword is, which is reached from *schema*, at *start*, by *keys*.

    References among the keys are followed to what they refer to. What closing put into a schema is nowhere in
    the document: then the place around it is returned.
    """
    at = start
    parts: list[str | int] = []
    found: Any = schema
    for key in keys:
        if key == "unevaluatedProperties" or (isinstance(found, dict) and key in found.get(MADE, ())):
            break
        was_one_of = key == "anyOf" and isinstance(found, dict) and found.get("$comment") == WAS_ONE_OF
        found = _inside(found, key)
        if key == "$ref" and isinstance(found, str):
            name = pointer_parts(found)[-1]
            source, is_made, _ = name.partition(MADE_FROM)
            if source or not is_made:
                at, parts = source if source.startswith("/") else contract.home + pointer([source]), []
            found = _definition(schema, name)
        else:
            parts.append("oneOf" if was_one_of else key)
    return at + pointer(parts)


_NOTHING: Any = object()


def _inside(value: Any, key: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(key, _NOTHING)
    is_there = isinstance(value, list) and isinstance(key, int) and key < len(value)
    return value[key] if is_there else _NOTHING


def _definition(schema: Schema, name: str) -> Any:
    return schema.get("$defs", {}).get(name, _NOTHING) if isinstance(schema, dict) else _NOTHING
