"""Matching rules for single values: one function for each rule, and the registry of them.

A rule answers with what it wanted ("an integer"), or None when the value is as it should be.
"""

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from tally.matching.content import content_type_problem
from tally.matching.date_formats import DateFormatError, follows
from tally.matching.mismatch import shown
from tally.matching.regular_expressions import RegexError, full_match
from tally.pact import Rule, RuleSet


class ComparedValues(NamedTuple):
    """An example and what came for it; *textual* where all is text: in queries, headers and paths."""

    expected: Any
    actual: Any
    textual: bool = False


Wanted = str | None
Attributes = dict[str, Any]
Check = Callable[[ComparedValues, Attributes], Wanted]

_SEMVER = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(-(0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*)(\.(0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*))*)?"
    r"(\+[\dA-Za-z-]+(\.[\dA-Za-z-]+)*)?",
    re.ASCII,
)
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_TYPE_NAMES: dict[type, str] = {dict: "an object", list: "a list", str: "a string", bytes: "binary content"}
_STATUS_CLASSES = {
    "info": (range(100, 200), "an informational status (100 to 199)"),
    "success": (range(200, 300), "a success (200 to 299)"),
    "redirect": (range(300, 400), "a redirect (300 to 399)"),
    "clientError": (range(400, 500), "a client error (400 to 499)"),
    "serverError": (range(500, 600), "a server error (500 to 599)"),
    "nonError": (range(100, 400), "no error (below 400)"),
    "error": (range(400, 600), "an error (400 or above)"),
}


class RuleError(ValueError):
    """A rule that cannot be used, whatever the value; the text says why."""


def same(expected: object, actual: object) -> bool:
    """Whether two single JSON values are equal; unlike in Python, 1, 1.0 and true are all different."""
    return type(expected) is type(actual) and bool(expected == actual)


def type_name(value: object) -> str:
    """Return the type of a JSON value with its article: integers and decimals are both "a number"."""
    if isinstance(value, bool):
        return "a boolean"
    if value is None:
        return "null"
    return _TYPE_NAMES.get(type(value), "a number")


def equality(pair: ComparedValues, _: Attributes) -> Wanted:
    """Want the value itself."""
    return None if same(pair.expected, pair.actual) else shown(pair.expected)


def of_type(pair: ComparedValues, _: Attributes) -> Wanted:
    """Want a value of the same JSON type."""
    if type(pair.actual) is type(pair.expected):
        return None
    wanted = type_name(pair.expected)
    if type_name(pair.actual) == wanted:
        return None
    return wanted if pair.expected in (None, "", {}, []) else f"{wanted}, such as {shown(pair.expected)},"


def regex(pair: ComparedValues, attributes: Attributes) -> Wanted:
    """Want text, or what a number or boolean is as text, that matches from its beginning to its end."""
    expression = _text_attribute(attributes, "regex")
    text = _text_of(pair.actual)
    if text is not None and full_match(expression)(text):
        return None
    return f"a value that matches /{expression}/"


def include(pair: ComparedValues, attributes: Attributes) -> Wanted:
    """Want text that contains other text."""
    part = _text_attribute(attributes, "value")
    text = _text_of(pair.actual)
    return None if text is not None and part in text else f"a value that includes {shown(part)}"


def integer(pair: ComparedValues, _: Attributes) -> Wanted:
    """Want a whole number; 1.0 is none."""
    if pair.textual and isinstance(pair.actual, str):
        return None if _INTEGER.fullmatch(pair.actual) else "an integer"
    return None if isinstance(pair.actual, int) and not isinstance(pair.actual, bool) else "an integer"


def decimal(pair: ComparedValues, _: Attributes) -> Wanted:
    """Want a number with decimal places; in text, any number."""
    if pair.textual and isinstance(pair.actual, str):
        return None if _NUMBER.fullmatch(pair.actual) else "a decimal number"
    return None if isinstance(pair.actual, float) else "a decimal number"


def number(pair: ComparedValues, _: Attributes) -> Wanted:
    """Want any number."""
    if pair.textual and isinstance(pair.actual, str):
        return None if _NUMBER.fullmatch(pair.actual) else "a number"
    return None if isinstance(pair.actual, int | float) and not isinstance(pair.actual, bool) else "a number"


def boolean(pair: ComparedValues, _: Attributes) -> Wanted:
    """Want true or false, also as text."""
    return None if isinstance(pair.actual, bool) or pair.actual in ("true", "false") else "true or false"


def null(pair: ComparedValues, _: Attributes) -> Wanted:
    """Want null."""
    return None if pair.actual is None else "null"


def not_empty(pair: ComparedValues, _: Attributes) -> Wanted:
    """Want anything but null, "", [] and {}."""
    return "a value that is not empty" if pair.actual in (None, "", b"", [], {}) else None


def semver(pair: ComparedValues, _: Attributes) -> Wanted:
    """Want a version as semver.org defines it."""
    fits = isinstance(pair.actual, str) and _SEMVER.fullmatch(pair.actual)
    return None if fits else "a semantic version, such as 1.2.3,"


def status_code(pair: ComparedValues, attributes: Attributes) -> Wanted:
    """Want a status of a class, or one of a list."""
    status = attributes.get("status")
    if isinstance(status, list):
        return None if pair.actual in status else f"one of the statuses {', '.join(map(str, status))}"
    if not isinstance(status, str) or status not in _STATUS_CLASSES:
        raise RuleError(f'"status" of the rule is {shown(status)}; known are {", ".join(_STATUS_CLASSES)}')
    statuses, wanted = _STATUS_CLASSES[status]
    return None if pair.actual in statuses else wanted


def content_type(pair: ComparedValues, attributes: Attributes) -> Wanted:
    """Want content that is, by its first bytes, of a media type."""
    return content_type_problem(pair.actual, _text_attribute(attributes, "value"))


def container(pair: ComparedValues, attributes: Attributes) -> Wanted:
    """Want the type of the example where a rule for containers meets a single value."""
    if pair.textual:
        raise RuleError("a matching rule for objects and lists cannot be used for text")
    return of_type(pair, attributes)


def _date_check(default: str, name: str, *spellings: str) -> Check:
    def check(pair: ComparedValues, attributes: Attributes) -> Wanted:
        pattern = next((attributes[key] for key in spellings if attributes.get(key)), default)
        text = _text_of(pair.actual)
        return (
            None if text is not None and follows(text, str(pattern)) else f'{name} of the format "{pattern}"'
        )

    return check


def _text_of(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return None
    return None if isinstance(value, dict | list) else json.dumps(value)


def _text_attribute(attributes: Attributes, name: str) -> str:
    value = attributes.get(name)
    if not isinstance(value, str):
        raise RuleError(f'the matching rule needs "{name}" with a text, but it is {shown(value)}')
    return value


_date_time = _date_check("yyyy-MM-dd'T'HH:mm:ssXXX", "a date and time", "format", "timestamp", "datetime")

CHECKS: dict[str, Check] = {
    "equality": equality,
    "type": of_type,
    "regex": regex,
    "include": include,
    "integer": integer,
    "decimal": decimal,
    "number": number,
    "boolean": boolean,
    "null": null,
    "notEmpty": not_empty,
    "semver": semver,
    "statusCode": status_code,
    "contentType": content_type,
    "date": _date_check("yyyy-MM-dd", "a date", "format", "date"),
    "time": _date_check("HH:mm:ss", "a time", "format", "time"),
    "datetime": _date_time,
    "timestamp": _date_time,
    "values": equality,
    "eachKey": container,
    "eachValue": container,
    "arrayContains": container,
}
"""Every rule by its name in a pact; the last four say more about containers, in `json_bodies`."""


def check(rule: Rule, pair: ComparedValues) -> Wanted:
    """Return what *rule* wanted instead, or None. Raises RuleError for a rule that cannot be used."""
    function = CHECKS.get(rule.match)
    if function is None:
        raise RuleError(f'the matching rule "{rule.match}" is not known; known are {", ".join(CHECKS)}')
    try:
        return function(pair, rule.attributes)
    except (RegexError, DateFormatError) as error:
        raise RuleError(str(error)) from error


def check_all(rules: RuleSet, pair: ComparedValues) -> list[str]:
    """Return what the rules wanted: nothing when all are content, or under "OR" one of them.

    Raises RuleError for a rule that cannot be used.
    """
    missed = [wanted for rule in rules.rules if (wanted := check(rule, pair)) is not None]
    if rules.combine == "AND":
        return missed
    return [" or ".join(text.rstrip(",") for text in missed)] if len(missed) == len(rules.rules) else []
