"""The matching rules and the generators of one part of an interaction, by category."""

from collections.abc import Iterator, Mapping
from typing import Any

from consumer_sdk.documents.examples import Example
from consumer_sdk.documents.places import Path, Place, name_of
from consumer_sdk.documents.rule_groups import RuleGroup, by_expression
from consumer_sdk.errors import DeclarationError
from tally.pact.path_expressions import format_path, format_token

_SINGLE = frozenset({"path", "status"})
_BY_NAME = frozenset({"header", "query", "metadata"})
_NAMES_IN_V2 = {"header": "headers"}


class Categories:
    """What stands beside the examples, by category ("path", "query", "header", "body", …) and path.

    What is *received* from the provider has a rule wherever a generator makes its value: Pact's core compares
    it with the example otherwise. What is sent must be the example in the consumer's test.
    """

    def __init__(self, *, received: bool) -> None:
        self._received = received
        self._rules: dict[str, dict[Path, RuleGroup]] = {}
        self._generators: dict[str, dict[Path, Mapping[str, Any]]] = {}

    def add(self, category: str, said: Example, at: Path = ()) -> None:
        """Add what stands beside an example whose paths begin below *at*."""
        for path, group in said.rules.items():
            place = (*at, *path)
            known = self._rules.setdefault(category, {}).setdefault(place, RuleGroup())
            known.add(group, Place(place, category))
        for path, made in said.generators.items():
            self._generators.setdefault(category, {})[*at, *path] = made
            if self._received and path not in said.rules:
                self._rules.setdefault(category, {})[*at, *path] = RuleGroup([{"match": "type"}])

    def names(self, category: str) -> set[str]:
        """Return the names of headers or query values that have rules."""
        return {str(path[0]) for path in self._rules.get(category, ())}

    def document(self, specification: str) -> dict[str, Any]:
        """Return the keys that a part of an interaction has for them; none when there is nothing to say.

        Raises DeclarationError for what the version cannot say.
        """
        for category, path, group in self._all_rules():
            group.refuse_unknown(specification, Place(path, category))
        document: dict[str, Any] = {}
        if self._rules:
            document["matchingRules"] = self._flat() if specification == "V2" else self._nested()
        if self._generators:
            document["generators"] = self._made(specification)
        return document

    def _all_rules(self) -> Iterator[tuple[str, Path, RuleGroup]]:
        for category, groups in sorted(self._rules.items()):
            for path, group in groups.items():
                yield category, path, group

    def _nested(self) -> dict[str, Any]:
        return {category: _category(category, groups) for category, groups in sorted(self._rules.items())}

    def _flat(self) -> dict[str, Any]:
        """Return the rules as V2 has them: one for each path, from the root of the request or response."""
        found = {}
        for category, path, group in self._all_rules():
            root = format_token(_NAMES_IN_V2.get(category, category))
            found[f"${root}{format_path(path)[1:]}"] = group.flat(Place(path, category))
        return dict(sorted(found.items()))

    def _made(self, specification: str) -> dict[str, Any]:
        """Return the generators; those of one value have no path."""
        found: dict[str, Any] = {}
        for category, by_path in sorted(self._generators.items()):
            for path, made in by_path.items():
                _refuse_generator(made, specification, Place(path, category))
            if category in _SINGLE:
                found[category] = dict(by_path[()])
            elif category in _BY_NAME:
                found[category] = {
                    name_of(path): dict(made) for path, made in sorted(by_path.items(), key=str)
                }
            else:
                named = sorted((format_path(path), dict(made)) for path, made in by_path.items())
                found[category] = dict(named)
        return found


def _category(category: str, groups: Mapping[Path, RuleGroup]) -> dict[str, Any]:
    if category in _SINGLE:
        return groups[()].document()
    if category not in _BY_NAME:
        return by_expression(groups)
    return {
        name: group.document() for name, group in sorted((name_of(at), group) for at, group in groups.items())
    }


def _refuse_generator(made: Mapping[str, Any], specification: str, place: Place) -> None:
    kind = made["type"]
    if specification == "V2":
        raise DeclarationError(
            f"At {place}: V2 has no generators: give the example alone, or choose V3 or V4."
        )
    if specification == "V3" and (kind == "MockServerURL" or (kind == "Uuid" and "format" in made)):
        what = 'the generator "MockServerURL"' if kind == "MockServerURL" else "a format of UUIDs"
        raise DeclarationError(f"At {place}: V3 has no place for {what}, which came with V4: choose V4.")
