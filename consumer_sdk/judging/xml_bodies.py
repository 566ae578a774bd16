"""XML that the consumer's code sends, compared without Pact's core: in process nothing native is needed.

Rules have the paths of Pact: "$.order.item" is an element, "$.order['@id']" an attribute, and
"$.order.item['#text']" the text of an element. Elements of one name share a path.
"""

from collections.abc import Iterator, Mapping
from xml.etree import ElementTree as ET

from tally.matching import Mismatch
from tally.matching.json_bodies import compare_json
from tally.matching.locations import ValueLocation
from tally.matching.mismatch import shown
from tally.matching.paths import PathRules
from tally.pact import Body, RuleSet
from tally.pact.path_expressions import Token, Wildcard, format_path, parse_path

_ABOUT_ELEMENTS = frozenset(
    {"type", "equality", "notEmpty", "arrayContains", "eachKey", "eachValue", "values"}
)
Path = tuple[str | int, ...]


def compare_xml(
    expected: Body, actual: Body, rules: Mapping[str, RuleSet], *, strict: bool
) -> tuple[Mismatch, ...]:
    """Return the differences; *strict*, for requests, allows no unexpected element or attribute."""
    try:
        wanted, got = (ET.fromstring(_text(each.value)) for each in (expected, actual))  # noqa: S314 - a test's own
    except (ET.ParseError, ValueError) as error:
        message = f"Expected a body of XML, but what came cannot be read ({error}): {shown(actual.value)}"
        return (Mismatch("body", "$", expected.value, actual.value, message),)
    path, at_root = (_local(wanted),), PathRules.of(_by_tokens(rules))
    if wanted.tag != got.tag:
        return (_mismatch(path, wanted.tag, got.tag, "the root element"),)
    return tuple(_Comparison(strict=strict).element(wanted, got, at_root.below(path[0]), path))


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode()
    return value if isinstance(value, str) else str(value)


def _by_tokens(rules: Mapping[str, RuleSet]) -> dict[tuple[Token, ...], RuleSet]:
    """Return the rules by path without indexes; those about the text of an element one step below it."""
    found: dict[tuple[Token, ...], RuleSet] = {}
    for expression, rule_set in rules.items():
        tokens = tuple(each for each in parse_path(expression) if not _is_index(each))
        last = tokens[-1] if tokens else Wildcard.ANY
        is_element = isinstance(last, str) and not last.startswith(("@", "#"))
        is_about_text = any(rule.match not in _ABOUT_ELEMENTS for rule in rule_set.rules)
        found[(*tokens, "#text") if is_element and is_about_text else tokens] = rule_set
    return found


def _is_index(token: Token) -> bool:
    return isinstance(token, int) or token is Wildcard.ANY_INDEX


class _Comparison:
    def __init__(self, *, strict: bool) -> None:
        self._strict = strict

    def element(
        self, expected: ET.Element, actual: ET.Element, rules: PathRules, path: Path
    ) -> Iterator[Mismatch]:
        """Yield what differs between two elements of one name."""
        yield from self._attributes(expected, actual, rules, path)
        texts = [(each.text or "").strip() for each in (expected, actual)]
        if texts[0] or texts[1]:
            yield from _compared(texts[0], texts[1], rules.below("#text"), (*path, "#text"))
        for name in dict.fromkeys(child.tag for child in (*expected, *actual)):
            below = rules.below(_local_name(name))
            children = expected.findall(name), actual.findall(name)
            yield from self._children(*children, below, (*path, _local_name(name)))

    def _attributes(
        self, expected: ET.Element, actual: ET.Element, rules: PathRules, path: Path
    ) -> Iterator[Mismatch]:
        for name, value in expected.attrib.items():
            at = f"@{_local_name(name)}"
            if name in actual.attrib:
                yield from _compared(value, actual.attrib[name], rules.below(at), (*path, at))
            else:
                yield _mismatch((*path, at), value, None, "an attribute that is missing")
        for name in actual.attrib.keys() - expected.attrib.keys() if self._strict else ():
            at = f"@{_local_name(name)}"
            yield _mismatch((*path, at), None, actual.attrib[name], "an attribute that is not expected")

    def _children(
        self, expected: list[ET.Element], actual: list[ET.Element], rules: PathRules, path: Path
    ) -> Iterator[Mismatch]:
        """Yield what differs between the elements of one name below the same element."""
        if not expected:
            if self._strict:
                yield _mismatch(path, 0, len(actual), "the number of elements")
            return
        least, most = _limits(rules, len(expected), strict=self._strict)
        if len(actual) < least or (most is not None and len(actual) > most):
            yield _mismatch(path, len(expected), len(actual), "the number of elements")
        for index, child in enumerate(actual):
            example = expected[min(index, len(expected) - 1)]
            yield from self.element(example, child, rules, path)


def _limits(rules: PathRules, count: int, *, strict: bool) -> tuple[int, int | None]:
    """Return how many elements there may be: as many as rules say, or else as the example has."""
    if rules.own is None:
        return count, count if strict else None
    found = [rule.attributes for rule in rules.own.rules]
    least = [each["min"] for each in found if isinstance(each.get("min"), int)]
    most = [each["max"] for each in found if isinstance(each.get("max"), int)]
    if any(rule.match == "equality" for rule in rules.own.rules):
        return count, count
    return (max(least) if least else 1), (min(most) if most else None)


def _compared(expected: str, actual: str, rules: PathRules, path: Path) -> list[Mismatch]:
    location = ValueLocation("body", textual=True, root=path)
    return list(compare_json(expected, actual, rules, location=location))


def _mismatch(path: Path, expected: object, actual: object, what: str) -> Mismatch:
    at = format_path(path)
    message = f"Expected {shown(expected)} at {at}, but got {shown(actual)} ({what})"
    return Mismatch("body", at, expected, actual, message)


def _local(element: ET.Element) -> str:
    return _local_name(element.tag)


def _local_name(tag: str) -> str:
    return tag.rpartition("}")[2]
