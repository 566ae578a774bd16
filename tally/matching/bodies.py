"""Compare bodies, each by what its content type needs."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, Protocol

from tally.matching.json_bodies import compare_json
from tally.matching.locations import ValueLocation
from tally.matching.mismatch import Mismatch, shown
from tally.matching.paths import compiled
from tally.pact import Body, MatchingRules, Presence, RuleSet
from tally.pact.bodies import (
    FORM,
    NOT_JSON,
    guessed_type,
    has_too_large_numbers,
    is_json,
    is_xml,
    media_type,
    parse_json,
)
from tally.pact.http_parts import read_query


class BodyMatcher(Protocol):
    """Compares bodies of a content type that this package leaves to others."""

    def __call__(
        self, expected: Body, actual: Body, rules: Mapping[str, RuleSet], *, strict: bool
    ) -> tuple[Mismatch, ...]:
        """Return the differences, of the kind "body"; *strict*, for requests, allows nothing unexpected."""


BodyMatchers = Mapping[str, BodyMatcher]
"""Matchers by a pattern of media types: "application/xml", "*/*+xml"."""

TEXTUAL = ValueLocation(textual=True)


def compare_bodies(
    expected: Body, actual: Body, rules: MatchingRules, *, strict: bool, matchers: BodyMatchers
) -> tuple[Mismatch, ...]:
    """Return the differences between bodies.

    A missing expected body accepts any; an empty or null one wants none. *strict* refuses unexpected keys.
    """
    if expected.presence is Presence.MISSING:
        return ()
    if expected.presence is not Presence.PRESENT:
        return _expect_none(expected, actual)
    if actual.presence in {Presence.MISSING, Presence.EMPTY}:
        message = f"Expected the body {shown(expected.value)}, but there is none"
        return (Mismatch("body", "$", expected.value, None, message),)
    if _is_about_type(rules.body.get("$")) and not kind_of(expected).startswith("multipart/"):
        return compare_json("", actual.value, compiled(rules, "body"))
    if not _types_agree(expected, actual, rules):
        return _type_mismatch(expected, actual)
    return _compare_content(expected, actual, rules, strict=strict, matchers=matchers)


def _is_about_type(at_root: RuleSet | None) -> bool:
    return at_root is not None and any(rule.match == "contentType" for rule in at_root.rules)


def _expect_none(expected: Body, actual: Body) -> tuple[Mismatch, ...]:
    if actual.presence is not Presence.PRESENT:
        return ()
    message = f"Expected no body, but got {shown(actual.value)}"
    return (Mismatch("body", "$", expected.value, actual.value, message),)


def kind_of(body: Body) -> str:
    """Return the media type of a body: what its header or contract says, or else what it looks like."""
    if body.content_type:
        return media_type(body.content_type)
    if isinstance(body.value, str):
        return guessed_type(body.value)
    return "application/octet-stream" if isinstance(body.value, bytes) else "application/json"


def _types_agree(expected: Body, actual: Body, rules: MatchingRules) -> bool:
    """Whether the content types allow a comparison; one that is not said, or has a rule, always does."""
    if not actual.content_type or "content-type" in rules.header:
        return True
    wanted, got = kind_of(expected), kind_of(actual)
    if expected.content_type:
        return wanted == got or wanted == f"application/{got.rpartition('+')[2]}"
    return is_json(got) if is_json(wanted) else (is_xml(got) or not is_xml(wanted))


def _type_mismatch(expected: Body, actual: Body) -> tuple[Mismatch, ...]:
    wanted, got = expected.content_type or kind_of(expected), actual.content_type
    message = f"Expected a body of the content type {wanted}, but got {got}: {shown(actual.value)}"
    return (Mismatch("body-type", "$", wanted, got, message),)


def _compare_content(
    expected: Body, actual: Body, rules: MatchingRules, *, strict: bool, matchers: BodyMatchers
) -> tuple[Mismatch, ...]:
    kind = kind_of(expected)
    for pattern, matcher in matchers.items():
        if _fits(kind, pattern):
            return matcher(expected, actual, rules.body, strict=strict)
    if is_xml(kind):
        return _cannot_compare(kind, expected, actual)
    if kind.startswith("multipart/"):
        from tally.matching.multipart_bodies import compare_multipart  # noqa: PLC0415 - reads mail, which few need

        return compare_multipart(expected, actual, compiled(rules, "body"), strict=strict)
    if kind == FORM:
        return compare_json(
            _form(expected), _form(actual), compiled(rules, "body"), strict=strict, location=TEXTUAL
        )
    if is_json(kind) or not isinstance(expected.value, str | bytes):
        return _compare_json(expected, actual, rules, strict=strict)
    values = _alike(expected.value, actual.value)
    return compare_json(*values, compiled(rules, "body"), strict=strict, location=TEXTUAL)


_fits = lru_cache(maxsize=256)(fnmatchcase)


def _compare_json(
    expected: Body, actual: Body, rules: MatchingRules, *, strict: bool
) -> tuple[Mismatch, ...]:
    wanted, value = _as_json(expected, actual)
    if isinstance(value, bytes):
        text = value.decode(errors="replace")
        too_large = has_too_large_numbers(text)
        what = "has numbers too large to be compared" if too_large else "is not valid JSON"
        message = f"Expected a body of JSON, but what came {what}: {shown(text)}"
        return (Mismatch("body", "$", wanted, text, message),)
    return compare_json(wanted, value, compiled(rules, "body"), strict=strict)


def _as_json(expected: Body, actual: Body) -> tuple[Any, Any]:
    """Return both values as JSON where only one side says that it is; equal texts stay what they are."""
    wanted, value = expected.value, actual.value
    if is_json(actual.content_type):
        is_quoted = expected.content_type is None and isinstance(wanted, str) and wanted.startswith('"')
        return (_parsed(wanted) if is_quoted else wanted), value
    return wanted, value if value == wanted else _parsed(value)


def _parsed(value: Any) -> Any:
    parsed = parse_json(value) if isinstance(value, str | bytes) else NOT_JSON
    return value if parsed is NOT_JSON else parsed


def _cannot_compare(kind: str, expected: Body, actual: Body) -> tuple[Mismatch, ...]:
    if expected.value == actual.value:
        return ()
    message = (
        f"Cannot compare bodies of the content type {kind}: this program has no matcher for it, "
        "and they are not identical; pass one as `bodies` (the verifier has one for XML)"
    )
    return (Mismatch("body", "$", expected.value, actual.value, message),)


def _form(body: Body) -> dict[str, list[str | None]]:
    text = body.value.decode(errors="replace") if isinstance(body.value, bytes) else str(body.value)
    return {name: list(values) for name, values in read_query(text).items()}


def _alike(expected: object, actual: object) -> tuple[Any, Any]:
    """Return both as bytes when one of them is, so that the same content under two names is equal."""
    if isinstance(expected, bytes) and isinstance(actual, str):
        return expected, actual.encode()
    if isinstance(expected, str) and isinstance(actual, bytes):
        return expected.encode(), actual
    return expected, actual
