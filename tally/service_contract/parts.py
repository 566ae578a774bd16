"""Parts of a document with their references followed, and where they are."""

from collections.abc import Callable, Iterator
from typing import Any

from tally.errors import InvalidContractError
from tally.json_schema.pointers import pointer
from tally.json_schema.resources import Resources
from tally.values import dataclass

_LONGEST_CHAIN = 20
_WITH_OTHERS = frozenset(["pathItem"])  # what stands beside a `$ref` counts


@dataclass(frozen=True)
class DocumentPart:
    """A part of the document, and the pointer of where it is."""

    value: Any
    pointer: str

    def __truediv__(self, key: str | int) -> str:
        """Return the pointer of what is under *key*."""
        return f"{self.pointer}{pointer([key])}"

    def part(self, key: str | int) -> "DocumentPart":
        """Return what is under *key*, which is there."""
        return DocumentPart(self.value[key], self / key)

    def parts(self, key: str) -> "Iterator[tuple[str, DocumentPart]]":
        """Yield the parts by name of the map under *key*, if it is there; extensions are left out."""
        if key in self.value:
            holder = self.part(key)
            yield from ((name, holder.part(name)) for name in holder.value if not name.startswith("x-"))

    def named(self, key: str) -> "Iterator[tuple[str, DocumentPart]]":
        """Yield the same, whatever the names: headers are called "x-…" as well."""
        if key in self.value:
            holder = self.part(key)
            yield from ((name, holder.part(name)) for name in holder.value)

    def items(self, key: str) -> "Iterator[DocumentPart]":
        """Yield the parts of the list under *key*; none when it is missing."""
        if key in self.value:
            holder = self.part(key)
            yield from (holder.part(index) for index in range(len(holder.value)))


class References:
    """Follows the references of a document; what they lead to must be what is expected there.

    *homes* is where each kind of part is kept ("parameter": "components/parameters"), and was checked
    already. *check* is given the kind, the part and its place, and raises InvalidContractError.
    """

    def __init__(
        self, resources: Resources, homes: dict[str, str], check: Callable[[str, Any, str], None]
    ) -> None:
        self._resources = resources
        self._homes = homes
        self._check = check

    def follow(self, kind: str, part: DocumentPart) -> DocumentPart:
        """Return the last of `chain`: what has no reference any more."""
        return self.chain(kind, part)[-1]

    def chain(self, kind: str, part: DocumentPart) -> tuple[DocumentPart, ...]:
        """Return *part*, what its reference leads to, and so on. Raises InvalidContractError."""
        chain = [part]
        while isinstance(part.value, dict) and isinstance(part.value.get("$ref"), str):
            reference = part.value["$ref"]
            address = self.address(part)
            found = DocumentPart(self._resources.at(address), address)
            if not isinstance(found.value, dict):
                raise InvalidContractError(f"{part / '$ref'}: {reference!r} is not a {kind}")
            if not self._is_home(kind, address) and (kind in _WITH_OTHERS or "$ref" not in found.value):
                self._check(kind, found.value, part / "$ref")
            if len(chain) > _LONGEST_CHAIN:
                raise InvalidContractError(f"{chain[0] / '$ref'}: the references lead in a circle")
            chain.append(found)
            part = found
        return tuple(chain)

    def address(self, part: DocumentPart) -> str:
        """Return the pointer that the reference of *part* leads to. Raises InvalidContractError."""
        within = self._resources.enclosing(part.pointer)
        return self._resources.address(part.value["$ref"], within, part.pointer)

    def _is_home(self, kind: str, address: str) -> bool:
        home = self._homes.get(kind)
        return (
            home is not None and address.startswith(f"/{home}/") and address.count("/") == home.count("/") + 2
        )
