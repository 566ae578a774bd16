"""The outcome of each interaction in a result, read from the formats of verifiers (reference §7.1)."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from tally.hashing import compact_json, parse_exactly
from tally.values import dataclass

Json = dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """Why an interaction failed; *place* is such as "body $.id", or "" when it is unknown.

    *expected* and *was* are values as JSON, texts without quotes; "" when the result does not say them.
    *attribute* ("body", "status", "header", …) and *path* ("$.id") are the place as the verifier wrote it,
    also where *text* names it and *place* does not.
    """

    place: str
    text: str
    expected: str = ""
    was: str = ""
    attribute: str = ""
    path: str = ""


@dataclass(frozen=True)
class InteractionOutcome:
    """The outcome of one interaction; *success* is None when the result does not mention it."""

    success: bool | None = None
    problems: tuple[Problem, ...] = ()


NO_DESCRIPTIONS: Mapping[str, str] = MappingProxyType({})
_UNKNOWN = InteractionOutcome()


def outcomes(test_results: bytes | None) -> "InteractionOutcomes":
    """Return the outcomes in a result; what is in an unknown format is ignored."""
    found: dict[tuple[str, str], InteractionOutcome] = {}
    for test in tests_of(parse_exactly(test_results) if test_results else None):
        read = InteractionOutcome(is_success(test), tuple(_problems(test)))
        for key in _keys(test):
            found[key] = _both(found[key], read) if key in found else read
    return InteractionOutcomes(found)


def failed(
    test_results: bytes | None, descriptions: Mapping[str, str] = NO_DESCRIPTIONS
) -> dict[str, tuple[Problem, ...]]:
    """Return what failed in each interaction, by its description, or else by its id.

    A result may have ids alone; *descriptions* are those of the pact, by the ids.
    """
    found: dict[str, tuple[Problem, ...]] = {}
    for test in tests_of(parse_exactly(test_results) if test_results else None):
        if not is_success(test):
            identifier = _text(test.get("interactionId"))
            name = _text(test.get("interactionDescription")) or descriptions.get(identifier, identifier)
            found[name] = (*found.get(name, ()), *_problems(test))
    return found


@dataclass(frozen=True)
class InteractionOutcomes:
    """InteractionOutcomes of interactions, by their id or by their description."""

    _found: Mapping[tuple[str, str], InteractionOutcome]

    def of(self, identifier: str | None, description: str) -> InteractionOutcome:
        """Return the outcome of an interaction: by its id, or else by its description."""
        by_id = self._found.get(("id", identifier or ""))
        return by_id or self._found.get(("description", description), _UNKNOWN)


def tests_of(results: Any) -> Iterator[Json]:
    """Yield the entries: a list, or the list under "tests" that the Ruby verifier sends."""
    tests = results.get("tests") if isinstance(results, dict) else results
    return (test for test in (tests if isinstance(tests, list) else ()) if isinstance(test, dict))


def _keys(test: Json) -> Iterator[tuple[str, str]]:
    for kind, name in (("id", "interactionId"), ("description", "interactionDescription")):
        if isinstance(test.get(name), str):
            yield kind, test[name]


def is_success(test: Mapping[str, Any]) -> bool:
    """Return whether the entry says that its interaction passed."""
    return test.get("success") is True or test.get("status") == "passed"


def _both(one: InteractionOutcome, other: InteractionOutcome) -> InteractionOutcome:
    return InteractionOutcome(bool(one.success and other.success), (*one.problems, *other.problems))


def _problems(test: Json) -> Iterator[Problem]:
    for mismatch in _objects(test.get("mismatches")):
        text = _text(mismatch.get("description"))
        attribute, identifier = _text(mismatch.get("attribute")), _text(mismatch.get("identifier"))
        # Our own verifier names the place in its sentence.
        place = "" if identifier and identifier in text else f"{attribute} {identifier}"
        expected, was = _value(mismatch, "expected"), _value(mismatch, "actual")
        yield Problem(place.strip(), text or "does not match", expected, was, attribute, identifier)
    for error in (*_objects(test.get("exceptions")), *_objects([test.get("exception")])):
        yield Problem("", _text(error.get("message")) or "failed")


def _objects(items: Any) -> Iterator[Json]:
    return (item for item in (items if isinstance(items, list) else ()) if isinstance(item, dict))


def _value(mismatch: Json, name: str) -> str:
    """Return a value as JSON, and a text as it is; "" when neither value is said."""
    if mismatch.get("expected") is None and mismatch.get("actual") is None:
        return ""
    value = mismatch.get(name)
    return value if isinstance(value, str) else compact_json(value).decode()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
