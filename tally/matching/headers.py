"""Compare headers: names whatever their case, values with the white space and parameters that HTTP allows."""

import re
from collections.abc import Mapping, Sequence

from tally.matching.json_bodies import compare_json
from tally.matching.locations import ValueLocation
from tally.matching.mismatch import Mismatch, shown
from tally.matching.paths import PathRules

Headers = Mapping[str, tuple[str, ...]]

_PARAMETERISED = frozenset({"accept", "content-type"})
_COMMA = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*$)')


def compare_headers(expected: Headers, actual: Headers, rules: PathRules) -> list[Mismatch]:
    """Return the differences; headers that nobody expects are fine. *rules* have names in lower case."""
    received = {name.lower(): values for name, values in actual.items()}
    found: list[Mismatch] = []
    for name, values in expected.items():
        got = received.get(name.lower())
        if got is None:
            message = f'Expected the header "{name}" with {shown(", ".join(values))}, but it is missing'
            found.append(Mismatch("header", name, ", ".join(values), None, message))
        else:
            found += _compare_header(name, values, got, rules.below(name.lower()))
    return found


def _compare_header(
    name: str, expected: tuple[str, ...], actual: tuple[str, ...], rules: PathRules
) -> Sequence[Mismatch]:
    if not rules.is_empty:
        location = ValueLocation("header", name, textual=True)
        return compare_json(list(expected), _aligned(actual, len(expected)), rules, location=location)
    if same_header(name, ", ".join(expected), ", ".join(actual)):
        return ()
    wanted, got = ", ".join(expected), ", ".join(actual)
    message = f'Expected {shown(wanted)} in the header "{name}", but got {shown(got)}'
    return (Mismatch("header", name, wanted, got, message),)


def _aligned(values: tuple[str, ...], count: int) -> list[str]:
    """Return the values as many as are expected: one line of several values is the same as several lines."""
    if count == 1 < len(values):
        return [", ".join(values)]
    return _elements(values[0]) if len(values) == 1 < count else list(values)


def same_header(name: str, expected: str, actual: str) -> bool:
    """Whether two header values say the same: white space after commas does not matter, order does.

    In Accept and Content-Type, parameters may come in any order and more of them may be there.
    """
    if expected == actual:
        return True
    wanted, got = _elements(expected), _elements(actual)
    same = _same_media_range if name.lower() in _PARAMETERISED else str.__eq__
    return len(wanted) == len(got) and all(map(same, wanted, got))


def _elements(value: str) -> list[str]:
    return [element.strip() for element in _COMMA.split(value)]


def _same_media_range(expected: str, actual: str) -> bool:
    wanted, wanted_parameters = _with_parameters(expected)
    got, parameters = _with_parameters(actual)
    return wanted == got and wanted_parameters.items() <= parameters.items()


def _with_parameters(element: str) -> tuple[str, dict[str, str]]:
    media_range, *parameters = (part.strip() for part in element.split(";"))
    pairs = (parameter.partition("=") for parameter in parameters if parameter)
    return media_range, {name.strip().lower(): value.strip().lower() for name, _, value in pairs}
