"""Where references in a document lead: to pointers, anchors and `$id`s, all in the same document."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag, urljoin

from tally.errors import InvalidContractError
from tally.json_schema.drafts import Draft, draft_called, draft_of_format
from tally.json_schema.pointers import pointer, pointer_parts

_EXTENSION = re.compile("x[-_]contracts?[-_]", re.IGNORECASE)
BUNDLED = "x-contract-bundled"
"""Where the client puts the files that a document refers to."""


@dataclass(frozen=True)
class Vocabulary:
    """Which keys of a document are keywords.

    Under *names* stand objects whose keys the author chose. Under *data* stands the author's data, in which
    "$ref" is a key like any other; under *lists_of_data* only if it is a list. So does it under extensions
    ("x-…"), except for *extensions*.
    """

    names: frozenset[str]
    data: frozenset[str]
    lists_of_data: frozenset[str] = frozenset()
    root_is_schema: bool = True
    extensions: frozenset[str] = frozenset([BUNDLED])

    def is_data(self, key: str, value: object) -> bool:
        """Whether a reference under this keyword would only be somebody's data."""
        if key in self.lists_of_data:
            return isinstance(value, list)
        return key in self.data or (key.startswith("x-") and key not in self.extensions)


OF_SCHEMAS = Vocabulary(
    names=frozenset(
        ["$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties"]
    ),
    data=frozenset(["const", "default", "enum", "example", "examples"]),
)


@dataclass(frozen=True)
class Resource:
    """A part of a document that has a URI or a draft of its own.

    *pointer* is where it begins, *base* what "#/…" in it is relative to.
    """

    uri: str
    base: str
    draft: Draft
    pointer: str


@dataclass(frozen=True)
class Reference:
    """A `$ref`: what it says, and the pointer of the object that has it."""

    text: str
    place: str
    within: Resource


@dataclass
class _Found:
    by_pointer: dict[str, Resource] = field(default_factory=dict)
    by_uri: dict[str, Resource] = field(default_factory=dict)
    anchors: dict[tuple[str, str], str] = field(default_factory=dict)
    dynamic: dict[str, list[str]] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)
    extensions: list[tuple[str, str]] = field(default_factory=list)


class Resources:
    """What the references of *document* can lead to. Raises InvalidContractError for an unknown `$schema`."""

    def __init__(
        self, document: Any, vocabulary: Vocabulary = OF_SCHEMAS, draft: Draft | None = None
    ) -> None:
        self._document = document
        self._found = _Found()
        self.root = Resource("", "", draft or Draft.DRAFT_2020_12, "")
        self._found.by_pointer[""] = self._found.by_uri[""] = self.root
        for place, node, within in _objects(document, vocabulary, self.root):
            self._note(place, node, within)

    def _note(self, place: str, node: dict[str, Any], within: Resource) -> None:
        found = self._found
        if within.pointer == place and found.by_pointer.get(place) != within:
            if within.base == place and within.uri in found.by_uri and within.uri:
                raise InvalidContractError(f"{place}: the $id {within.uri!r} is there twice")
            if within.base == place:
                found.by_uri[within.uri] = within
            if not place:
                self.root = within
            found.by_pointer[place] = within
        for name in _anchors(node, within):
            other = found.anchors.setdefault((within.uri, name), place)
            if other != place:
                raise InvalidContractError(f"{place}: the anchor {name!r} is also that of {other or '/'}")
        if isinstance(node.get("$dynamicAnchor"), str):
            found.dynamic.setdefault(node["$dynamicAnchor"], []).append(place)
        if node.get("$recursiveAnchor") is True and within.draft is Draft.DRAFT_2019_09:
            found.dynamic.setdefault("", []).append(place)
        found.extensions += [(place, key) for key in node if _EXTENSION.match(key)]
        if isinstance(node.get("$ref"), str):
            found.references.append(Reference(node["$ref"], place, within))

    @property
    def references(self) -> list[Reference]:
        """Every `$ref` of the document."""
        return self._found.references

    @property
    def extensions(self) -> list[tuple[str, str]]:
        """Every key that looks like an extension of ours, after the place of the object that has it."""
        return self._found.extensions

    def enclosing(self, place: str) -> Resource:
        """Return the smallest resource that *place* is in."""
        if len(self._found.by_pointer) > 1:
            while place:
                if place in self._found.by_pointer:
                    return self._found.by_pointer[place]
                place = place.rpartition("/")[0]
        return self.root

    def within(self, schema: dict[str, Any], place: str, outer: Resource) -> Resource:
        """Return the resource that the schema object at *place* is in, which is or is in *outer*."""
        return self._found.by_pointer.get(place, outer) if "$id" in schema or "$schema" in schema else outer

    def address(self, reference: str, within: Resource, place: str) -> str:
        """Return the pointer of what *reference*, the text at *place*, leads to.

        Raises InvalidContractError when that is nothing in this document.
        """
        uri, fragment = urldefrag(reference) if not reference.startswith("#") else ("", reference[1:])
        resource = within
        if uri:
            try:
                resource = self._found.by_uri[urljoin(within.uri, uri)]
            except (KeyError, ValueError):
                raise InvalidContractError(f"{place}: {_elsewhere(reference)}") from None
        if fragment and not fragment.startswith("/"):
            anchor = self._found.anchors.get((resource.uri, fragment))
            if anchor is None:
                raise InvalidContractError(f"{place}: {reference!r} points at nothing in this document")
            return anchor
        keys = pointer_parts(f"#{fragment}")
        for base in dict.fromkeys([resource.base, ""] if not uri else [resource.base]):
            found = pointer([*pointer_parts(base), *keys])
            if _exists(self._document, pointer_parts(found)):
                return found
        raise InvalidContractError(f"{place}: {reference!r} points at nothing in this document")

    def dynamic_address(self, schema: dict[str, Any], within: Resource, place: str) -> str | None:
        """Return where `$dynamicRef` or `$recursiveRef` leads, or None without one.

        Which one of several is meant depends on how a validator came there, so that is refused.
        """
        if "$recursiveRef" in schema and within.draft is Draft.DRAFT_2019_09:
            keyword, name, found = "$recursiveRef", "", within.base
        elif "$dynamicRef" in schema and within.draft is Draft.DRAFT_2020_12:
            keyword, reference = "$dynamicRef", str(schema["$dynamicRef"])
            name = reference.rpartition("#")[2]
            found = self.address(reference, within, f"{place}/$dynamicRef")
        else:
            return None
        others = self._found.dynamic.get(name, [])
        if found in others and len(others) > 1:
            raise InvalidContractError(
                f"{place}/{keyword}: it may lead to any of {', '.join(other or '/' for other in others)}, "
                "depending on how a validator comes there; use $ref"
            )
        return found

    def at(self, place: str) -> Any:
        """Return what is at a pointer that `address` returned."""
        return value_at(self._document, pointer_parts(place))


def value_at(document: Any, parts: tuple[str, ...]) -> Any:
    """Return what is at these keys of a pointer. Raises LookupError for nothing."""
    found = document
    for part in parts:
        if isinstance(found, dict):
            found = found[part]
        elif isinstance(found, list) and part.isascii() and part.isdigit():
            found = found[int(part)]
        else:
            raise KeyError(part)
    return found


def _exists(document: object, parts: tuple[str, ...]) -> bool:
    try:
        value_at(document, parts)
    except LookupError:
        return False
    return True


def _elsewhere(reference: str) -> str:
    return (
        f"{reference!r} is in another document; publish with `tally publish-service-contract`, which puts "
        "referenced files into the document"
    )


def _anchors(node: dict[str, Any], within: Resource) -> Iterator[str]:
    for keyword in ("$anchor", "$dynamicAnchor"):
        if isinstance(node.get(keyword), str):
            yield node[keyword]
    identifier = _identifier(node, within.draft)
    if identifier and "#" in identifier and not identifier.endswith("#"):
        yield identifier.rpartition("#")[2]  # before 2019-09, an anchor was written so


def _identifier(node: dict[str, Any], draft: Draft) -> str | None:
    if draft.is_openapi or ("$ref" in node and draft in {Draft.DRAFT_4, Draft.DRAFT_6, Draft.DRAFT_7}):
        return None
    identifier = node.get("id" if draft is Draft.DRAFT_4 else "$id")
    return identifier if isinstance(identifier, str) else None


def _objects(
    document: Any, vocabulary: Vocabulary, root: Resource
) -> Iterator[tuple[str, dict[str, Any], Resource]]:
    """Yield each object whose keys are keywords, with its pointer and the resource that it is in."""
    waiting: list[tuple[str, Any, Resource, bool]] = [("", document, root, False)]
    while waiting:
        place, node, within, names = waiting.pop()
        if isinstance(node, list):
            waiting += [
                (f"{place}/{index}", item, within, False)
                for index, item in enumerate(node)
                if isinstance(item, dict | list)
            ]
        elif isinstance(node, dict):
            if not names:
                if place or vocabulary.root_is_schema:
                    within = _resource(node, place, within)
                yield place, node, within
            waiting += [
                (f"{place}{pointer([key])}", value, within, not names and key in vocabulary.names)
                for key, value in node.items()
                if isinstance(value, dict | list) and (names or not vocabulary.is_data(key, value))
            ]


def _resource(node: dict[str, Any], place: str, outer: Resource) -> Resource:
    """Return the resource that begins at this object, or else *outer*."""
    draft = outer.draft
    if isinstance(node.get("$schema"), str) and not draft.is_openapi:
        try:
            draft = draft_called(node["$schema"])
        except InvalidContractError as error:
            raise InvalidContractError(f"{place}/$schema: {error}") from error
    if isinstance(node.get("schemaFormat"), str) and "schema" in node:  # AsyncAPI, "Multi Format Schema"
        try:
            draft = draft_of_format(node["schemaFormat"])
        except InvalidContractError as error:
            raise InvalidContractError(f"{place}/schemaFormat: {error}") from error
    identifier = _identifier(node, draft)
    uri = identifier.partition("#")[0] if identifier else ""
    if not uri and draft is outer.draft:
        return outer
    own = bool(uri)
    try:
        uri = urljoin(outer.uri, uri)
    except ValueError as error:
        raise InvalidContractError(f"{place}: {identifier!r} is no URI ({error})") from error
    return Resource(uri, place if own else outer.base, draft, place)
