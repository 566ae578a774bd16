"""Rules of XML by path: each must lead to something that keeps it, or it would check nothing."""

from collections.abc import Mapping
from typing import Any
from xml.dom.minidom import Element, Node, parseString
from xml.parsers.expat import ExpatError

from consumer_sdk.documents.examples import part
from consumer_sdk.errors import DeclarationError
from consumer_sdk.match import Matcher
from tally.matching.json_bodies import compare_json
from tally.matching.locations import ValueLocation
from tally.matching.paths import PathRules
from tally.pact.matching_rules import read_rule_set
from tally.pact.path_expressions import PathSyntaxError, Token, Wildcard, parse_path

_TEXT = "#text"


def refuse_lost_paths(content: str, rules: Mapping[str, Matcher[Any]]) -> None:
    """Raise DeclarationError for XML that is not well-formed, and for a rule that nothing in it keeps."""
    try:
        root = parseString(content).documentElement  # noqa: S318 - the test's own text
    except ExpatError as error:
        raise DeclarationError(f"xml: the text is not well-formed ({error}): correct it.") from error
    for expression, matcher in rules.items():
        found = _at(root, _tokens(expression)) if root else []
        if not found:
            raise DeclarationError(
                f"xml: there is nothing at {expression!r}. Write elements as $.order.item, attributes as "
                "$.order['@id'], and the text of an element as $.order.item['#text']."
            )
        for value in found:
            if isinstance(value, str):
                _refuse_other(expression, value, matcher)


def _tokens(expression: str) -> tuple[Token, ...]:
    try:
        return parse_path(expression)
    except PathSyntaxError as error:
        raise DeclarationError(f"xml: the rule is at {expression!r}, which is no path: {error}.") from error


def _at(root: Element, tokens: tuple[Token, ...]) -> list[Element | str]:
    """Return the elements at a path, or the texts of attributes and elements."""
    found: list[Element | str] = [root] if tokens[:1] in ((root.nodeName,), (Wildcard.ANY,)) else []
    for token in tokens[1:]:
        # Elements of one name share a path, with an index or without.
        if not isinstance(token, int) and token is not Wildcard.ANY_INDEX:
            found = [
                below for element in found if isinstance(element, Element) for below in _below(element, token)
            ]
    return found


def _below(element: Element, token: Token) -> list[Element | str]:
    name = str(token)
    if name == _TEXT:
        texts = [node.nodeValue or "" for node in element.childNodes if node.nodeType in _TEXTS]
        return ["".join(texts).strip()] if texts else []
    if name.startswith("@"):
        return [element.getAttribute(name[1:])] if element.hasAttribute(name[1:]) else []
    children = [node for node in element.childNodes if isinstance(node, Element)]
    return [child for child in children if token is Wildcard.ANY or child.nodeName == name]


_TEXTS = (Node.TEXT_NODE, Node.CDATA_SECTION_NODE)


def _refuse_other(expression: str, text: str, matcher: Matcher[Any]) -> None:
    """Raise DeclarationError when the text at a path breaks its own rule."""
    group = part(matcher).rules.get(())
    if group is None:
        return
    rules = PathRules.of({(): read_rule_set(group.document(), expression)})
    found = compare_json(text, text, rules, location=ValueLocation("body", textual=True))
    if found:
        raise DeclarationError(f"xml: {text!r} at {expression} breaks its own rule. {found[0].message}.")
