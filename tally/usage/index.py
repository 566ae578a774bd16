"""The places that are used, in a form that answers quickly whether a place is."""

from collections.abc import Iterable
from dataclasses import replace

from tally.pact.path_expressions import Token, Wildcard
from tally.usage.places import Part, Place, UsedPlace, operation_key


class UsedIndex:
    """Answers whether anybody uses a place, for each place of a document in turn."""

    def __init__(self, used: Iterable[UsedPlace]) -> None:
        self._by_operation: dict[str, dict[tuple[Place, bool], UsedPlace]] = {}
        for each in used:
            same = self._by_operation.setdefault(operation_key(each.place.operation), {})
            same.setdefault((each.place, each.whole), each)
        self._trees: dict[str, _Operation] = {}

    def is_used(self, place: Place) -> bool:
        """Whether a use may be concerned by a change of *place*; a doubtful use counts."""
        key = operation_key(place.operation)
        if key not in self._by_operation:
            return False
        if key not in self._trees:
            self._trees[key] = _Operation(self._by_operation[key].values())
        return self._trees[key].is_used(place)


class _Operation:
    def __init__(self, used: Iterable[UsedPlace]) -> None:
        self._few: list[UsedPlace] = []
        self._bodies: dict[tuple[Part, str | None], _Body] = {}
        for each in used:
            if each.place.path is None:
                self._few.append(each)
            else:
                body = self._bodies.setdefault((each.place.part, each.place.status), _Body())
                body.add(each.place.path, whole=each.whole)

    def is_used(self, place: Place) -> bool:
        if any(each.is_concerned_by(place) for each in self._few):
            return True
        root = replace(place, path=None if place.path is None else ())
        return any(
            root.touches(Place(place.operation, part, status, path=())) and body.is_used(place.path or ())
            for (part, status), body in self._bodies.items()
        )


class _Body:
    """The properties of one body that are used, as a tree."""

    def __init__(self) -> None:
        self.below: dict[Token, _Body] = {}
        self.whole = False

    def add(self, path: tuple[Token, ...], *, whole: bool) -> None:
        node = self
        for step in path:
            node = node.below.setdefault(step, _Body())
        node.whole = node.whole or whole

    def is_used(self, path: tuple[Token, ...]) -> bool:
        nodes = [self]
        for step in path:
            if any(node.whole for node in nodes):
                return True
            nodes = [below for node in nodes for key, below in node.below.items() if _steps_meet(key, step)]
        return bool(nodes)


def _steps_meet(one: Token, other: Token) -> bool:
    if one == other or Wildcard.ANY in (one, other):
        return True
    if Wildcard.ANY_INDEX in (one, other):
        return isinstance(one, int) or isinstance(other, int)
    return False
