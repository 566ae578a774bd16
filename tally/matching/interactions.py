"""Compare whole requests, responses and messages."""

from types import MappingProxyType
from typing import Any

from tally.matching.bodies import BodyMatchers, compare_bodies
from tally.matching.headers import compare_headers, same_header
from tally.matching.json_bodies import compare_json
from tally.matching.locations import ValueLocation
from tally.matching.mismatch import Mismatch
from tally.matching.paths import NO_RULES, PathRules, compiled
from tally.matching.rules import same
from tally.pact import Message, Request, Response, RuleSet
from tally.pact.bodies import content_type_of, is_about_type

NO_MATCHERS: BodyMatchers = MappingProxyType({})


def match_request(
    expected: Request, actual: Request, *, bodies: BodyMatchers = NO_MATCHERS
) -> tuple[Mismatch, ...]:
    """Return every difference; none means that *actual* is a request that the contract describes.

    Requests are strict: unexpected query parameters and keys of bodies are differences. *bodies* compares the
    content types that need more than this package, by pattern.
    """
    return (
        *_compare_part("method", expected.method.upper(), actual.method.upper(), expected.rules.method),
        *_compare_part("path", expected.path, actual.path, expected.rules.path),
        *_compare_queries(expected, actual),
        *compare_headers(expected.headers, actual.headers, compiled(expected.rules, "header")),
        *compare_bodies(expected.body, actual.body, expected.rules, strict=True, matchers=bodies),
    )


def match_response(
    expected: Response, actual: Response, *, bodies: BodyMatchers = NO_MATCHERS
) -> tuple[Mismatch, ...]:
    """Return every difference; what the contract does not mention may be there."""
    status = (
        ()
        if expected.status is None
        else _compare_part("status", expected.status, actual.status, expected.rules.status)
    )
    return (
        *status,
        *compare_headers(expected.headers, actual.headers, compiled(expected.rules, "header")),
        *compare_bodies(expected.body, actual.body, expected.rules, strict=False, matchers=bodies),
    )


def match_message(
    expected: Message, actual: Message, *, bodies: BodyMatchers = NO_MATCHERS
) -> tuple[Mismatch, ...]:
    """Return every difference; metadata and keys that the contract does not mention may be there."""
    return (
        *_compare_metadata(expected, actual),
        *compare_bodies(expected.body, actual.body, expected.rules, strict=False, matchers=bodies),
    )


def _compare_part(kind: str, expected: object, actual: object, rules: RuleSet | None) -> tuple[Mismatch, ...]:
    if rules is None and same(expected, actual):
        return ()
    at_root = NO_RULES if rules is None else PathRules.of({(): rules})
    return compare_json(expected, actual, at_root, location=ValueLocation(kind, textual=True))


def _compare_queries(expected: Request, actual: Request) -> list[Mismatch]:
    if expected.query_string is not None and actual.query_string is not None:
        return list(_compare_part("query", expected.query_string, actual.query_string, None))
    rules = compiled(expected.rules, "query")
    found: list[Mismatch] = []
    for name, values in expected.query.items():
        if name in actual.query:
            location = ValueLocation("query", name, textual=True)
            found += compare_json(
                _texts(values), _texts(actual.query[name]), rules.below(name), location=location
            )
        else:
            found.append(_parameter(name, f"with {_joined(values)}, but it is missing", values, None))
    for name, values in actual.query.items():
        if name not in expected.query:
            found.append(_parameter(name, f"to be absent, but got {_joined(values)}", None, values))
    return found


def _texts(values: tuple[str | None, ...]) -> list[str]:
    return [value or "" for value in values]


def _joined(values: tuple[str | None, ...]) -> str:
    return ", ".join(f'"{value}"' for value in _texts(values))


def _parameter(name: str, problem: str, expected: object, actual: object) -> Mismatch:
    return Mismatch("query", name, expected, actual, f'Expected the query parameter "{name}" {problem}')


def _compare_metadata(expected: Message, actual: Message) -> list[Mismatch]:
    rules = compiled(expected.rules, "metadata")
    found: list[Mismatch] = []
    for name, value in expected.metadata.items():
        got = _metadata_of(actual, name)
        if got is _MISSING:
            message = f'Expected the metadata "{name}", but it is missing'
            found.append(Mismatch("metadata", name, value, None, message))
        elif not _same_content_type(name, value, got, rules.below(name)):
            location = ValueLocation("metadata", name)
            found += compare_json(value, got, rules.below(name), location=location)
    return found


_MISSING = object()


def _metadata_of(message: Message, name: str) -> Any:
    if name in message.metadata:
        return message.metadata[name]
    if is_about_type(name):
        return content_type_of(message.metadata) or message.body.content_type or _MISSING
    return _MISSING


def _same_content_type(name: str, expected: Any, actual: Any, rules: PathRules) -> bool:
    """Whether this is the content type, without rules, and the same but for parameters that may differ."""
    texts = isinstance(expected, str) and isinstance(actual, str)
    return is_about_type(name) and texts and rules.is_empty and same_header("content-type", expected, actual)
