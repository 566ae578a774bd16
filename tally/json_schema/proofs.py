"""Proving that a schema contains another one, by what it is made of: for schemas that contain themselves.

The library that compares schemas as sets gives up where references go round.
"""

import json
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from tally.json_schema.apartness import are_apart
from tally.json_schema.applying import Conjunction, Plain, listed
from tally.json_schema.assumptions import Assumptions
from tally.json_schema.facts import Facts
from tally.json_schema.keyword_proofs import KEYWORDS, proves_keyword
from tally.json_schema.parts import Parts
from tally.json_schema.schema import Schema
from tally.json_schema.weight import followed, inner_schemas, target
from tally.values import dataclass

_STEPS = 4_000
_MOST_PLAIN = 300
_MOST_VALUES = 2_000
_APPLIED_HERE = frozenset(["$ref", "allOf"])
_BRANCHES = frozenset(["anyOf", "oneOf"])
_UNSUPPORTED = ("$dynamicRef", "$recursiveRef")


class _GivenUpError(Exception):
    """The proof takes too long."""


def is_proved(wide: Schema, narrow: Schema) -> bool:
    """Whether there is a proof that *wide* accepts every value that *narrow* accepts."""
    try:
        return Proof(wide, narrow).contains((narrow,), wide)
    except (_GivenUpError, RecursionError):
        return False


@dataclass(frozen=True)
class Known:
    """What applies to a value: schema objects, and groups of branches of which one is satisfied."""

    facts: Facts
    choices: tuple[tuple[Conjunction, ...], ...]

    @cached_property
    def plain(self) -> tuple[Plain, ...]:
        """The schema objects."""
        return tuple(self.facts.plain)


class Proof:
    """What two schemas say, and what is proved of it so far. Depths are those in the value."""

    def __init__(self, wide: Schema, narrow: Schema) -> None:
        self.wide = Parts(wide)
        self.narrow = Parts(narrow)
        self._assumptions = Assumptions()
        self._steps = _STEPS
        self._negations: dict[int, tuple[Schema, Schema]] = {}
        self._texts: dict[int, tuple[Any, str]] = {}
        self._same: dict[tuple[int, int], bool] = {}

    def contains(self, narrow: Conjunction, wide: Schema, depth: int = 0) -> bool:
        """Whether each value that satisfies all of *narrow* satisfies *wide*."""
        narrow, wide = (
            tuple(followed(self.narrow.root, each) for each in narrow),
            followed(self.wide.root, wide),
        )
        if wide is True or wide == {} or any(schema is False for schema in narrow):
            return True
        if any(self.is_same(schema, wide) for schema in narrow):
            return True
        key = ("contains", id(wide), *sorted(set(map(id, narrow))))
        return self._assumptions.holds(key, depth, lambda: self._contains(narrow, wide, depth))

    def are_apart(self, narrow: Conjunction, wide: Schema, depth: int = 0) -> bool:
        """Whether no value satisfies all of *narrow*, and *wide* too."""
        narrow, wide = (
            tuple(followed(self.narrow.root, each) for each in narrow),
            followed(self.wide.root, wide),
        )
        if wide is False or any(schema is False for schema in narrow):
            return True
        if not isinstance(wide, dict):
            return False
        key = ("apart", id(wide), *sorted(set(map(id, narrow))))
        return self._assumptions.holds(key, depth, lambda: self._are_apart(narrow, wide, depth))

    def _contains(self, narrow: Conjunction, wide: Schema, depth: int) -> bool:
        known = self.known(self.narrow.root, narrow)
        return known is None or self.holds(known, wide, depth)

    def _are_apart(self, narrow: Conjunction, wide: Schema, depth: int) -> bool:
        one, other = self.known(self.narrow.root, narrow), self.known(self.wide.root, (wide,))
        return one is None or other is None or self.apart(one, other, depth)

    def holds(self, known: Known, wide: Schema, depth: int) -> bool:
        """Whether each value of which that is *known* satisfies *wide*."""
        self.step()
        if wide is True or not known.facts.types:
            return True
        if not isinstance(wide, dict):
            return False
        if any(self.is_same(each, wide) for each in known.plain):
            return True
        if any(keyword in wide for keyword in _UNSUPPORTED):
            return False
        listed_ = self._listed(known, wide)
        if listed_ is not None:
            return listed_
        return all(
            self._keyword_holds(known, wide, keyword, depth) for keyword in KEYWORDS if keyword in wide
        )

    def _keyword_holds(self, known: Known, wide: Plain, keyword: str, depth: int) -> bool:
        def proves(each: Known) -> bool:
            return proves_keyword(self, each, wide, keyword, depth)

        if keyword in _APPLIED_HERE:  # there, branches are looked at for each keyword
            return proves(known)
        # One branch is more likely to be in one branch than all of them.
        return self._in_each_branch(known, proves, divide_first=keyword in _BRANCHES)

    def _listed(self, known: Known, wide: Schema) -> bool | None:
        """Judge the values one by one, where they are listed; None when they are not."""
        values = known.facts.values
        if values is None or len(values) > _MOST_VALUES:
            return None
        for value in values:
            if self.narrow.accepts(known.plain, value) is not False and not self.wide.accepts((wide,), value):
                return False
        return True

    def _in_each_branch(self, known: Known, proves: Callable[[Known], bool], *, divide_first: bool) -> bool:
        """Whether something is proved of all values, or else of those in each of some branches."""
        self.step()
        if not known.facts.types or (not divide_first and proves(known)):
            return True
        for index, branches in enumerate(known.choices):
            rest = (*known.choices[:index], *known.choices[index + 1 :])
            fewer = [self.known(self.narrow.root, branch, Known(known.facts, rest)) for branch in branches]
            if all(
                each is None or self._in_each_branch(each, proves, divide_first=divide_first)
                for each in fewer
            ):
                return True
        return divide_first and proves(known)

    def apart(self, one: Known, other: Known, depth: int) -> bool:
        """Whether there is no value of which both are known."""
        self.step()
        if are_apart(self, one, other, depth):
            return True
        for known, root, is_first in ((one, self.narrow.root, True), (other, self.wide.root, False)):
            for index, branches in enumerate(known.choices):
                rest = Known(known.facts, (*known.choices[:index], *known.choices[index + 1 :]))
                fewer = [self.known(root, branch, rest) for branch in branches]
                if all(
                    each is None
                    or (self.apart(each, other, depth) if is_first else self.apart(one, each, depth))
                    for each in fewer
                ):
                    return True
        return False

    def known(self, root: Schema, schemas: Iterable[Schema], more: Known | None = None) -> Known | None:
        """Return what is known of a value that satisfies all *schemas* in *root*; None when there is none."""
        plain = list(more.plain) if more else []
        choices = list(more.choices) if more else []
        seen = set(map(id, plain))
        waiting = list(schemas)
        while waiting:
            schema = waiting.pop()
            if schema is False:
                return None
            if not isinstance(schema, dict) or id(schema) in seen:
                continue
            seen.add(id(schema))
            plain.append(schema)
            if len(plain) > _MOST_PLAIN:
                raise _GivenUpError
            waiting += listed(schema, "allOf")
            if "$ref" in schema:
                waiting.append(target(root, schema["$ref"]))
            choices += [
                tuple((branch,) for branch in schema[keyword])
                for keyword in ("anyOf", "oneOf")
                if keyword in schema
            ]
            if "if" in schema:
                held = (schema["if"], schema.get("then", True))
                choices.append((held, (self.negation(schema["if"]), schema.get("else", True))))
        return Known(Facts(root, plain), tuple(choices))

    def negation(self, schema: Schema) -> Schema:
        """Return the schema that accepts what *schema* refuses, the same object each time."""
        return self._negations.setdefault(id(schema), (schema, {"not": schema}))[1]

    def step(self) -> None:
        """Raise an error when there were too many."""
        self._steps -= 1
        if self._steps < 0:
            raise _GivenUpError

    def is_same(self, narrow: Schema, wide: Schema) -> bool:
        """Whether both are written alike, and what they refer to is so."""
        key = (id(narrow), id(wide))
        if key not in self._same:
            self._same[key] = self._is_same(narrow, wide)
        return self._same[key]

    def _is_same(self, narrow: Schema, wide: Schema) -> bool:
        if self._text(narrow) != self._text(wide):
            return False
        references = _references(narrow)
        waiting = list(references)
        while waiting:
            reference = waiting.pop()
            one, other = target(self.narrow.root, reference), target(self.wide.root, reference)
            if self._text(one) != self._text(other):
                return False
            more = _references(one) - references
            references |= more
            waiting += more
        return True

    def _text(self, schema: Schema) -> str:
        if id(schema) not in self._texts:
            self._texts[id(schema)] = schema, json.dumps(schema, sort_keys=True)
        return self._texts[id(schema)][1]


def _references(schema: Any) -> set[str]:
    found: set[str] = set()
    waiting = [schema]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, dict):
            found |= {str(inner[keyword]) for keyword in ("$ref", "$dynamicRef") if keyword in inner}
            waiting += inner_schemas(inner)
    return found
