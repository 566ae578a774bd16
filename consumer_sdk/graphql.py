"""Queries of GraphQL: a regular expression that accepts a query however it is laid out.

White space, commas and, in small selections, the order of fields do not matter to GraphQL. A pact has no rule
for that but regular expressions, without lookahead, so that each order must be written out.
"""

import re
from collections.abc import Sequence
from itertools import pairwise, permutations

from consumer_sdk.errors import DeclarationError

_TOKEN = re.compile(
    r'''[\s,\ufeff]+|\#[^\n]*
      | (?P<token>"""(?:[^"]|"(?!""))*"""|"(?:\\.|[^"\\\n])*"|\.\.\.|[_A-Za-z][_0-9A-Za-z]*
        |-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|[!$&():=@\[\]{|}])''',
    re.VERBOSE,
)
_SPECIAL = re.compile(r"[\\.^$|?*+()\[\]{}]")
_MAY_BE = r"[\s,]*"
_MUST_BE = r"[\s,]+"
_CLOSING = {"{": "}", "(": ")", "[": "]"}
_MOST_FIELDS = 4
_LONGEST = 4000
"""Of one selection, with all its orders written out; longer ones have one order."""


def query_pattern(query: str) -> str:
    """Return the expression for *query*; raises DeclarationError when it is no query."""
    tokens = _tokens(query)
    _refuse_unbalanced(tokens)
    if "{" not in tokens:
        raise DeclarationError(f"graphql: {query!r} selects nothing; give a query with braces.")
    return f"^{_MAY_BE}{_sequence(tokens)}{_MAY_BE}$"


def _tokens(query: str) -> list[str]:
    tokens, position = [], 0
    while position < len(query):
        found = _TOKEN.match(query, position)
        if found is None:
            raise DeclarationError(
                f"graphql: the query cannot be read from {query[position : position + 20]!r} on."
            )
        if found["token"]:
            tokens.append(found["token"])
        position = found.end()
    return tokens


def _refuse_unbalanced(tokens: Sequence[str]) -> None:
    opened: list[str] = []
    for symbol in tokens:
        if symbol in _CLOSING:
            opened.append(_CLOSING[symbol])
        elif symbol in _CLOSING.values() and (not opened or opened.pop() != symbol):
            raise DeclarationError(f"graphql: the query closes {symbol!r}, which is not open.")
    if opened:
        raise DeclarationError(f"graphql: the query ends before {opened[-1]!r}.")


def _sequence(tokens: Sequence[str]) -> str:
    """Return the expression for tokens in this order, but for what is inside of selections."""
    pattern, index, before = "", 0, ""
    while index < len(tokens):
        symbol = tokens[index]
        end = _end(tokens, index) if symbol == "{" and _is_selection(tokens, index) else index
        pattern += _gap(before, symbol)
        pattern += _selection(tokens[index + 1 : end]) if end > index else _SPECIAL.sub(r"\\\g<0>", symbol)
        before, index = tokens[end], end + 1
    return pattern


def _selection(tokens: Sequence[str]) -> str:
    """Return the expression for a selection: its fields in any order, where that is not too long."""
    if not tokens:
        raise DeclarationError("graphql: the query has a selection without fields; name what the code reads.")
    fields = [_sequence(field) for field in _fields(tokens)]
    orders = [_joined(fields)]
    if 1 < len(fields) <= _MOST_FIELDS:
        found = [_joined(order) for order in permutations(fields)]
        orders = found if sum(map(len, found)) <= _LONGEST else orders
    inner = orders[0] if len(orders) == 1 else f"({'|'.join(orders)})"
    return rf"\{{{_MAY_BE}{inner}{_MAY_BE}\}}"


def _joined(fields: Sequence[str]) -> str:
    # A field may end with a brace or begin with dots, where nothing needs to be between.
    parts = [fields[0]]
    for before, field in pairwise(fields):
        parts += [_gap(before[-1], field[0]), field]
    return "".join(parts)


def _fields(tokens: Sequence[str]) -> list[Sequence[str]]:
    """Return the tokens of each field: a name with its alias, arguments, directives and selection."""
    fields: list[Sequence[str]] = []
    start = index = 0
    while index < len(tokens):
        index = _field_end(tokens, index)
        fields.append(tokens[start:index])
        start = index
    return fields


def _field_end(tokens: Sequence[str], index: int) -> int:
    """Return where the field that begins at *index* ends."""
    if tokens[index] == "...":
        is_condition = tokens[index + 1 : index + 2] == ["on"]
        names = tokens[index + 1 : index + 2] and _is_name(tokens[index + 1])
        index += 3 if is_condition else 2 if names else 1
    else:
        index += 3 if tokens[index + 1 : index + 2] == [":"] else 1
    while index < len(tokens):
        symbol = tokens[index]
        if symbol == "@":
            index += 2
        elif symbol in {"(", "{"}:
            index = _end(tokens, index) + 1
        else:
            break
    return index


def _end(tokens: Sequence[str], start: int) -> int:
    """Return the place of the symbol that closes the one at *start*."""
    depth, end = 1, start
    while depth:
        end += 1
        depth += (tokens[end] in _CLOSING) - (tokens[end] in _CLOSING.values())
    return end


def _is_selection(tokens: Sequence[str], index: int) -> bool:
    """Whether a brace opens a selection, and not the value of an argument."""
    opened = 0
    for symbol in tokens[:index]:
        opened += (symbol == "(") - (symbol == ")")
    return opened == 0


def _gap(before: str, after: str) -> str:
    """Return what may be between two tokens: names and numbers cannot touch."""
    if not before:
        return ""
    return _MUST_BE if _is_word(before[-1]) and _is_word(after[0]) else _MAY_BE


def _is_word(character: str) -> bool:
    return character.isalnum() or character in "_-"


def _is_name(symbol: str) -> bool:
    return symbol[0].isalpha() or symbol[0] == "_"
