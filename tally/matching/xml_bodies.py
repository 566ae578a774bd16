"""XML bodies, compared by the Rust core of pact-python, because Tallystick does not compare XML itself.

It is imported where a pact has XML: it needs pact-python, and loads 11 MB. The core offers no
function for a body alone, so each body is passed as the content of a message.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

from pact_ffi.ffi import ffi, lib

from tally.matching import Mismatch
from tally.matching.mismatch import shown
from tally.matching.paths import PathRules, body_rules
from tally.pact import Body, RuleSet
from tally.pact.path_expressions import Token, Wildcard, format_path, parse_path

_ABOUT_ELEMENTS = frozenset(
    {"type", "equality", "notEmpty", "arrayContains", "eachKey", "eachValue", "values"}
)
_XML = "application/xml"


def compare_xml(
    expected: Body, actual: Body, rules: Mapping[str, RuleSet], *, strict: bool
) -> tuple[Mismatch, ...]:
    """Return the differences between two XML documents; *strict* reports unexpected elements and attributes.

    A rule about text, such as "regex", at the path of an element applies to the text of the element.
    """
    if not isinstance(expected.value, str) or not isinstance(actual.value, str):
        return (_body_mismatch("$", expected.value, actual.value, "The body is not text, so it is not XML"),)
    found = core_mismatches(expected.value, actual.value, _as_the_core_reads_them(rules), _XML)
    if strict and not found:
        return tuple(_unexpected(expected.value, actual.value, body_rules(rules)))
    return found


def _as_the_core_reads_them(rules: Mapping[str, RuleSet]) -> dict[str, Any]:
    """Return the rules as V3 JSON, with the paths that the core uses for XML.

    In these, the text of an element is a step below it, and elements of the same name share one path.
    """
    read: dict[str, Any] = {}
    for path, rule_set in rules.items():
        tokens = tuple(token for token in parse_path(path) if token is not Wildcard.ANY_INDEX)
        matchers = [{"match": rule.match, **rule.attributes} for rule in rule_set.rules]
        key = format_path((*tokens, "#text") if _is_about_text(tokens, rule_set) else tokens)
        if key not in read or key == path:
            read[key] = {"combine": rule_set.combine, "matchers": matchers}
    return read


def _is_about_text(tokens: tuple[Token, ...], rules: RuleSet) -> bool:
    """Whether rules at the path of an element apply to its text: all but those about types and elements."""
    last = tokens[-1] if tokens else Wildcard.ANY
    names_element = isinstance(last, str) and not last.startswith(("@", "#"))
    return names_element and any(rule.match not in _ABOUT_ELEMENTS for rule in rules.rules)


def core_mismatches(
    expected: str, actual: str, rules: dict[str, Any], content_type: str
) -> tuple[Mismatch, ...]:
    """Return the mismatches that the core finds between two texts; *rules* are V3 JSON."""
    # The core owns both messages from here on, and frees them.
    mismatches = lib.pactffi_match_message(
        _message(expected, rules, content_type), _message(actual, {}, content_type)
    )
    if mismatches == ffi.NULL:
        problem = f"the Pact core cannot compare {content_type}"
        return (_body_mismatch("$", expected, actual, problem),)
    try:
        return tuple(map(_read, _each(mismatches)))
    finally:
        lib.pactffi_mismatches_delete(mismatches)


def _message(content: str, rules: dict[str, Any], content_type: str) -> Any:
    document = {
        "description": "",
        "contents": content,
        "metaData": {"contentType": content_type},
        "matchingRules": {"body": rules},
    }
    return lib.pactffi_message_new_from_json(0, json.dumps(document).encode(), lib.PactSpecification_V3)


def _each(mismatches: object) -> Iterator[dict[str, Any]]:
    iterator = lib.pactffi_mismatches_get_iter(mismatches)
    try:
        while (mismatch := lib.pactffi_mismatches_iter_next(iterator)) != ffi.NULL:
            text = lib.pactffi_mismatch_to_json(mismatch)
            yield json.loads(ffi.string(text))
            lib.pactffi_string_delete(text)
    finally:
        lib.pactffi_mismatches_iter_delete(iterator)


def _read(mismatch: dict[str, Any]) -> Mismatch:
    path = mismatch.get("path") or "$"
    problem = str(mismatch.get("mismatch", "")).partition("\n")[0]
    return _body_mismatch(path, mismatch.get("expected"), mismatch.get("actual"), problem)


def _body_mismatch(path: str, expected: object, actual: object, problem: str) -> Mismatch:
    message = f"Expected {shown(expected)} at {path}, but got {shown(actual)} ({problem})"
    return Mismatch("body", path, expected, actual, message)


def _unexpected(expected: str, actual: str, rules: PathRules) -> Iterator[Mismatch]:
    """Yield unexpected elements and attributes; the core allows them, because responses may have them."""
    # Both documents were parsed by the core before; Python's expat limits the expansion of entities.
    wanted, got = ET.fromstring(expected), ET.fromstring(actual)  # noqa: S314 - see above
    yield from _unexpected_in(wanted, got, rules.below(_local(got.tag)), (_local(got.tag),))


def _unexpected_in(
    expected: ET.Element, actual: ET.Element, rules: PathRules, path: tuple[str, ...]
) -> Iterator[Mismatch]:
    for name in actual.attrib.keys() - expected.attrib.keys():
        at = format_path((*path, f"@{_local(name)}"))
        yield _body_mismatch(at, None, actual.attrib[name], "the attribute is not expected")
    allowed = Counter(child.tag for child in expected)
    for name, count in Counter(child.tag for child in actual).items():
        below = rules.below(_local(name))
        if name not in allowed or (below.rule_set is None and count > allowed[name]):
            at = format_path((*path, _local(name)))
            yield _body_mismatch(at, allowed[name], count, "the element is not expected")
    for child in actual:
        example = expected.find(child.tag)
        if example is not None:
            yield from _unexpected_in(
                example, child, rules.below(_local(child.tag)), (*path, _local(child.tag))
            )


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
