"""Which keys of a document are keywords, and a walk over the objects that have them."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from tally.json_schema.pointers import pointer
from tally.values import dataclass

BUNDLED = "x-contract-bundled"
"""Where the client puts the files that a document refers to."""


@dataclass(frozen=True)
class Vocabulary:
    """Which keys of a document are keywords.

    Under *names* stand objects whose keys the author chose. Under *data* stands the author's data, in which
    "$ref" is a key like any other; under *lists_of_data* only if it is a list. So does it under extensions
    ("x-…"), except for *extensions*. *has_formats* says that a schema may stand beside its `schemaFormat`.
    """

    names: frozenset[str]
    data: frozenset[str]
    lists_of_data: frozenset[str] = frozenset()
    root_is_schema: bool = True
    has_formats: bool = False
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


class Place(NamedTuple):
    """A place in a document: a key of what is at *outer*. The pointer is made only when it is asked for.

    Long keys would make the pointers of a whole document too large.
    """

    outer: "Place | None"
    key: str | int

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer."""
        parts: list[str | int] = []
        place: Place | None = self
        while place is not None and place.outer is not None:
            parts.append(place.key)
            place = place.outer
        return pointer(parts[::-1])


ROOT = Place(None, "")
_T = TypeVar("_T")


def walk(
    document: Any, vocabulary: Vocabulary, start: _T, enter: Callable[[Place, dict[str, Any], _T], _T]
) -> None:
    """Call *enter* with each object whose keys are keywords, outer ones first.

    It is given the place, the object, and what it returned for the object around this one: first *start*.
    """
    waiting: list[tuple[Place, Any, _T, bool]] = [(ROOT, document, start, False)]
    while waiting:
        place, node, outer, names = waiting.pop()
        if isinstance(node, list):
            waiting += [
                (Place(place, index), item, outer, False)
                for index, item in enumerate(node)
                if isinstance(item, dict | list)
            ]
        elif isinstance(node, dict):
            inner = outer if names else enter(place, node, outer)
            waiting += [
                (Place(place, key), value, inner, not names and key in vocabulary.names)
                for key, value in node.items()
                if isinstance(value, dict | list) and (names or not vocabulary.is_data(key, value))
            ]
