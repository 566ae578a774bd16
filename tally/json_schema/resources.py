"""Where references in a document lead: to pointers, anchors and `$id`s, all in the same document."""

import re
from collections.abc import Iterator
from dataclasses import field
from typing import Any
from urllib.parse import urljoin

from tally.errors import InvalidContractError
from tally.json_schema.drafts import Draft, draft_called, draft_of_format
from tally.json_schema.pointers import pointer, pointer_parts
from tally.json_schema.vocabulary import OF_SCHEMAS, ROOT, Place, Vocabulary, walk
from tally.values import dataclass

_DIGITS = 10
_EXTENSION = re.compile("x[-_]contracts?[-_]", re.IGNORECASE)
# What makes an object more than one that says something about values.
_MARKS = frozenset(
    [
        "$anchor",
        "$dynamicAnchor",
        "$id",
        "$recursiveAnchor",
        "$ref",
        "$schema",
        "id",
        "schemaFormat",
    ]
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
    """A `$ref`: what it says, and where the object is that has it."""

    text: str
    place: Place
    within: Resource


@dataclass
class _Found:
    by_pointer: dict[str, Resource] = field(default_factory=dict)
    by_uri: dict[str, Resource] = field(default_factory=dict)
    anchors: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    repeated: set[str] = field(default_factory=set)
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
        self._addresses: dict[tuple[str, str, str], str] = {}
        self._vocabulary = vocabulary
        self.root = Resource("", "", draft or Draft.DRAFT_2020_12, "")
        self._found.by_pointer[""] = self._found.by_uri[""] = self.root
        walk(document, vocabulary, self.root, self._enter)

    def _enter(self, place: Place, node: dict[str, Any], outer: Resource) -> Resource:
        """Note what the object at *place* has to do with references; return the resource that it is in."""
        found = self._found
        for key in node:
            if key[:1] in {"x", "X"} and _EXTENSION.match(key):
                found.extensions.append((place.pointer, key))
        if _MARKS.isdisjoint(node):
            return outer
        within = outer
        if place is not ROOT or self._vocabulary.root_is_schema:
            within = _resource(node, place.pointer, outer, has_formats=self._vocabulary.has_formats)
        if within is not outer:
            self._begin(within)
        for name in dict.fromkeys(_anchors(node, within)):
            found.anchors.setdefault((within.uri, name), []).append(place.pointer)
        if isinstance(node.get("$dynamicAnchor"), str):
            found.dynamic.setdefault(node["$dynamicAnchor"], []).append(place.pointer)
        if node.get("$recursiveAnchor") is True and within.draft is Draft.DRAFT_2019_09:
            found.dynamic.setdefault("", []).append(place.pointer)
        if isinstance(node.get("$ref"), str):
            found.references.append(Reference(node["$ref"], place, within))
        return within

    def _begin(self, resource: Resource) -> None:
        found = self._found
        if resource.base == resource.pointer:
            if resource.uri and resource.uri in found.by_uri:
                found.repeated.add(resource.uri)
            found.by_uri[resource.uri] = resource
        if not resource.pointer:
            self.root = resource
        found.by_pointer[resource.pointer] = resource

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

    def address(self, reference: str, within: Resource, place: "str | Place") -> str:
        """Return the pointer of what *reference*, which the object at *place* has, leads to.

        Raises InvalidContractError when that is nothing in this document.
        """
        key = (reference, within.uri, within.base)
        if key not in self._addresses:
            try:
                self._addresses[key] = self._address(reference, within)
            except LookupError as error:
                where = place if isinstance(place, str) else place.pointer
                raise InvalidContractError(f"{where}/$ref: {error.args[0]}") from None
        return self._addresses[key]

    def _address(self, reference: str, within: Resource) -> str:
        """Return the same. Raises LookupError, which says why there is nothing."""
        uri, _, fragment = reference.partition("#")
        resource, bases = within, [within.base, ""]
        if uri:
            resource = self._resource_at(reference, uri, within)
            bases = [resource.base]
        if fragment and not fragment.startswith("/"):
            return self._anchor(resource, fragment, reference)
        keys = pointer_parts(f"#{fragment}")
        for base in bases:
            found = (*pointer_parts(base), *keys)
            if _exists(self._document, found):
                return pointer(found)
        raise LookupError(f"{reference!r} points at nothing in this document")

    def _resource_at(self, reference: str, uri: str, within: Resource) -> Resource:
        try:
            resource = self._found.by_uri.get(urljoin(within.uri, uri))
        except ValueError:
            resource = None
        if resource is None:
            raise LookupError(_elsewhere(reference))
        if resource.uri in self._found.repeated:
            raise LookupError(f"the $id {resource.uri!r} is there twice")
        return resource

    def _anchor(self, resource: Resource, name: str, reference: str) -> str:
        found = self._found.anchors.get((resource.uri, name), [])
        if not found:
            raise LookupError(f"{reference!r} points at nothing in this document")
        if len(found) > 1:
            raise LookupError(f"{reference!r} may be any of {', '.join(sorted(found))}")
        return found[0]

    def dynamic_address(self, schema: dict[str, Any], within: Resource, place: str) -> str | None:
        """Return where `$dynamicRef` or `$recursiveRef` leads, or None without one.

        Which one of several is meant depends on how a validator came there, so that is refused.
        """
        if "$recursiveRef" in schema and within.draft is Draft.DRAFT_2019_09:
            keyword, name, found = "$recursiveRef", "", within.base
        elif "$dynamicRef" in schema and within.draft is Draft.DRAFT_2020_12:
            keyword, reference = "$dynamicRef", str(schema["$dynamicRef"])
            name = reference.rpartition("#")[2]
            try:
                found = self._address(reference, within)
            except LookupError as error:
                raise InvalidContractError(f"{place}/$dynamicRef: {error.args[0]}") from None
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
        elif isinstance(found, list) and part.isascii() and part.isdigit() and len(part) < _DIGITS:
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


def _resource(node: dict[str, Any], place: str, outer: Resource, *, has_formats: bool) -> Resource:
    """Return the resource that begins at this object, or else *outer*."""
    draft = outer.draft
    if isinstance(node.get("$schema"), str) and not draft.is_openapi:
        try:
            draft = draft_called(node["$schema"])
        except InvalidContractError as error:
            raise InvalidContractError(f"{place}/$schema: {error}") from error
    if (
        has_formats and isinstance(node.get("schemaFormat"), str) and "schema" in node
    ):  # AsyncAPI, "Multi Format Schema"
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
