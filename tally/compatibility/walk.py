"""Walking two schemas side by side, and naming each change. Whether it breaks anybody is judged elsewhere."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from tally.compatibility.rules import COMPATIBLE
from tally.compatibility.sides import Side
from tally.pact.path_expressions import Token
from tally.values import dataclass

Path = tuple[Token, ...]
_MOST_STEPS = 20_000
_LONGEST = 80
_MOST_PLACES = 400
"""Differences below one schema; if there are more, their places are no longer told apart."""
_MOST_FOUND = 20_000
_TOGETHER = {
    "enum": ("enum", "const"),
    "const": ("enum", "const"),
    "if": ("if", "then", "else"),
    "contains": ("contains", "minContains", "maxContains"),
    "minContains": ("contains", "minContains", "maxContains"),
    "maxContains": ("contains", "minContains", "maxContains"),
}


@dataclass(frozen=True)
class Difference:
    """A change between two places. *compatible* is what its name says; *path* leads to it in a value.

    *place* is the path below which it may be felt: a property of the value, or all of a schema that contains
    itself. *details* say what changed, and what did if the second schema is the older one. *at_old* and
    *at_new* are pointers of what only one side has. *is_judged* says whether the two schemas can be compared
    on their own: in a `not`, more is less. *only* are the keywords that changed, or one *member* of theirs.
    """

    rule: str
    compatible: bool
    old: Side
    new: Side
    keyword: str | None
    details: tuple[str, str]
    path: Path = ()
    place: Path = ()
    is_judged: bool = True
    at_old: str | None = None
    at_new: str | None = None
    only: tuple[str, ...] = ()
    member: str | None = None

    @property
    def pointers(self) -> tuple[str, str]:
        """Where it is, on both sides."""
        old = self.old.at(self.keyword) if self.keyword else self.old.pointer
        new = self.new.at(self.keyword) if self.keyword else self.new.pointer
        return (old if self.at_old is None else self.at_old), (new if self.at_new is None else self.at_new)

    def below(self, prefix: Path) -> "Difference":
        """Return the same difference, seen from a value that this one is a part of."""
        return replace(self, path=prefix + self.path, place=prefix + self.place)


Differences = list[Difference]


class Walk:
    """One walk; what it has compared is remembered. *forgiven* are rules that are compatible as well.

    A pair of schemas that comes up inside itself is assumed to be compatible there: what is different in it
    is found once. Where that leaves open in which places a difference is felt, all of the value is its place.
    """

    def __init__(self, forgiven: frozenset[str] = frozenset()) -> None:
        self._forgiven = forgiven
        self._known: dict[tuple[int, int], tuple[Differences, bool]] = {}
        self._kept: list[tuple[Side, Side]] = []
        self._open: dict[tuple[int, int], int] = {}
        self._reentered: set[tuple[int, int]] = set()
        self._outermost = _MOST_STEPS
        self._steps = 0
        self._is_tangled = False

    def compare(self, old: Side, new: Side) -> Differences:
        """Return the differences, with paths from the value that the two schemas are about."""
        from tally.compatibility.schemas import compare_schemas  # noqa: PLC0415 - it walks on with this

        old, new = old.followed(), new.followed()
        key = (id(old.schema), id(new.schema))
        if key in self._open:
            self._outermost = min(self._outermost, self._open[key])
            self._reentered.add(key)
            return []
        if key in self._known:
            found, rests_on_open = self._known[key]
            self._is_tangled |= rests_on_open
            return found
        self._steps += 1
        if self._steps > _MOST_STEPS:
            return []
        number, outermost = len(self._open), self._outermost
        self._open[key], self._outermost = number, _MOST_STEPS
        found = [] if old.is_written_like(new) else list(islice(compare_schemas(self, old, new), _MOST_FOUND))
        del self._open[key]
        if len(found) == _MOST_FOUND:
            self._steps += _MOST_STEPS  # some were not looked at
        if key in self._reentered or len(found) > _MOST_PLACES:
            found = [replace(difference, place=()) for difference in found]
        found = _distinct(found)
        self._known[key] = found, self._outermost < number
        self._kept.append((old, new))  # so that no other object takes over an id
        self._outermost = min(outermost, self._outermost)
        return found

    def whole(self, old: Side, new: Side) -> Differences:
        """Return each difference of two whole schemas once; what is felt in several places stays."""
        found = self.compare(old, new)
        if self._is_tangled or self._steps > _MOST_STEPS:
            found = [replace(difference, place=()) for difference in found]
        return _distinct(found)

    def partners(self) -> dict[int, set[int]]:
        """Return with the schemas of which ids the second schemas, by their ids, were compared."""
        found: dict[int, set[int]] = {}
        for old, new in self._known:
            found.setdefault(new, set()).add(old)
        return found

    def inside(self, old: Side, new: Side, *path: Token) -> Iterator[Difference]:
        """Yield the differences of two schemas that are about a part of the value."""
        for difference in self.compare(old, new):
            yield difference.below(path)

    def are_compatible(self, old: Side, new: Side) -> bool:
        """Whether no difference breaks anybody, as far as their names say."""
        return all(difference.compatible for difference in self.compare(old, new))

    def note(
        self, rule: str, old: Side, new: Side, keyword: str | None, *details: str, place: Path = ()
    ) -> Difference:
        """Return a difference of two schemas; *place* is the part of their value that is concerned.

        *details* are one sentence, and the one for the other way round where that is not the same.
        """
        compatible = rule in COMPATIBLE or rule in self._forgiven
        only = _TOGETHER.get(keyword, (keyword,)) if keyword else ()
        return Difference(
            rule, compatible, old, new, keyword, (details[0], details[-1]), place=place, only=only
        )


def _distinct(found: Differences) -> Differences:
    """Return each difference once; what is felt in several places stays."""
    seen = {(each.rule, each.pointers, each.place): each for each in reversed(found)}
    return list(reversed(seen.values()))


def shown(value: Any) -> str:
    """Return a value as a text of one short line."""
    text = json_text(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def json_text(value: Any) -> str:
    """Return a value as JSON, its keys sorted."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
