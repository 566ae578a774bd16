"""Simple conditions of Arazzo: "$statusCode == 200 && $response.body#/status != 'open'"."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from tally.errors import InvalidContractError
from tally.values import dataclass
from tally.workflows.expressions import NO_VALUE, Expression, Scope, parse_expression, value_of

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<operator>==|!=|<=|>=|&&|\|\||<|>|!|\(|\))
      | (?P<text>'(?:[^']|'')*')
      | (?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)(?![\w.])
      | (?P<word>true|false|null)(?![\w.])
      | \{(?P<braced>\$[^{}]+)\}
      | (?P<expression>\$(?:[^\s()=!<>&|]|&(?!&)|\|(?!\|))+)
    )""",
    re.VERBOSE,
)
_WORDS = {"true": True, "false": False, "null": None}
_COMPARING = frozenset({"==", "!=", "<", "<=", ">", ">="})
_MOST_LEVELS = 50


@dataclass(frozen=True)
class Literal:
    """A value that is written in the condition."""

    value: Any


@dataclass(frozen=True)
class Operation:
    """An operator with what it combines: "!", "&&", "||", or a comparison."""

    operator: str
    operands: "tuple[Condition, ...]"


Condition = Literal | Expression | Operation


@lru_cache(maxsize=4096)
def parse_condition(text: str) -> Condition:
    """Return the condition; raises InvalidContractError without a place."""
    stripped = text.strip()
    if stripped.startswith("{") and stripped.endswith("}") and stripped.count("{") == 1:
        stripped = stripped[1:-1]
    return _Parser(stripped).parsed()


def holds(condition: Condition, scope: Scope) -> bool:
    """Whether *condition* is true."""
    return _is_true(_value(condition, scope))


def found_values(condition: Condition, scope: Scope) -> Iterator[tuple[str, Any]]:
    """Yield each expression of *condition* with its value, for reports."""
    if isinstance(condition, Expression):
        yield condition.text, value_of(condition, scope)
    elif isinstance(condition, Operation):
        for operand in condition.operands:
            yield from found_values(operand, scope)


def expressions_of(condition: Condition) -> Iterator[Expression]:
    """Yield the expressions of *condition*."""
    if isinstance(condition, Expression):
        yield condition
    elif isinstance(condition, Operation):
        for operand in condition.operands:
            yield from expressions_of(operand)


def _value(condition: Condition, scope: Scope) -> Any:
    if isinstance(condition, Literal):
        return condition.value
    if isinstance(condition, Expression):
        return value_of(condition, scope)
    if condition.operator == "!":
        return not holds(condition.operands[0], scope)
    if condition.operator == "&&":
        return all(holds(operand, scope) for operand in condition.operands)
    if condition.operator == "||":
        return any(holds(operand, scope) for operand in condition.operands)
    left, right = (_value(operand, scope) for operand in condition.operands)
    return _compared(condition.operator, _plain(left), _plain(right))


def _is_true(value: Any) -> bool:
    return not (value is NO_VALUE or value is None or value is False or value in ("", 0))


def _plain(value: Any) -> Any:
    """Return what is compared: nothing is as good as null, and texts are compared without case."""
    if value is NO_VALUE:
        return None
    return value.casefold() if isinstance(value, str) else value


def _compared(operator: str, left: Any, right: Any) -> bool:
    left, right = _alike(left, right)
    if operator in {"==", "!="}:
        same = left == right and isinstance(left, bool) == isinstance(right, bool)
        return same == (operator == "==")
    numbers = _is_number(left) and _is_number(right)
    if not numbers and not (isinstance(left, str) and isinstance(right, str)):
        return False
    if operator == "<":
        return bool(left < right)
    if operator == ">":
        return bool(left > right)
    return bool(left <= right) if operator == "<=" else bool(left >= right)


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """Return both, a text beside a number or a truth value read as one if it is written like one."""
    if isinstance(left, str) and not isinstance(right, str):
        return _read(left, right), right
    if isinstance(right, str) and not isinstance(left, str):
        return left, _read(right, left)
    return left, right


def _read(text: str, other: Any) -> Any:
    if isinstance(other, bool):
        return _WORDS.get(text, text)
    if not _is_number(other):
        return text
    try:
        return float(text) if re.search(r"[.eE]", text) else int(text)
    except ValueError:
        return text


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._at = 0
        self._levels = 0

    def parsed(self) -> Condition:
        if not self._tokens:
            raise InvalidContractError("the condition is empty: write one such as $statusCode == 200")
        condition = self._either()
        if self._at < len(self._tokens):
            self._refuse(f"{self._tokens[self._at][1]!r} is not expected there")
        return condition

    def _either(self) -> Condition:
        return self._joined("||", self._both)

    def _both(self) -> Condition:
        return self._joined("&&", self._negated)

    def _joined(self, operator: str, part: Any) -> Condition:
        operands = [part()]
        while self._take(operator):
            operands.append(part())
        return operands[0] if len(operands) == 1 else Operation(operator, tuple(operands))

    def _negated(self) -> Condition:
        if self._take("!"):
            return Operation("!", (self._deeper(self._negated),))
        left = self._operand()
        for operator in _COMPARING:
            if self._take(operator):
                return Operation(operator, (left, self._operand()))
        return left

    def _operand(self) -> Condition:
        if self._take("("):
            inner = self._deeper(self._either)
            if not self._take(")"):
                self._refuse("a ')' is missing")
            return inner
        if self._at >= len(self._tokens):
            self._refuse("something is missing at its end")
        kind, text = self._tokens[self._at]
        if kind == "operator":
            self._refuse(f"{text!r} is not expected there")
        self._at += 1
        return _operand(kind, text)

    def _deeper(self, part: Any) -> Condition:
        self._levels += 1
        if self._levels > _MOST_LEVELS:
            self._refuse(f"it is nested deeper than {_MOST_LEVELS} levels")
        condition: Condition = part()
        self._levels -= 1
        return condition

    def _take(self, operator: str) -> bool:
        found = self._at < len(self._tokens) and self._tokens[self._at] == ("operator", operator)
        self._at += found
        return found

    def _refuse(self, reason: str) -> None:
        raise InvalidContractError(f"the condition {self._text!r} cannot be read: {reason}")


def _operand(kind: str, text: str) -> Condition:
    if kind == "text":
        return Literal(text[1:-1].replace("''", "'"))
    if kind == "number":
        return Literal(_read(text, 0))
    if kind == "word":
        return Literal(_WORDS[text])
    return parse_expression(text)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            shown = text[at:].strip()[:30]
            quotes = ": texts stand in single quotes" if shown[:1].isalpha() or shown[:1] == '"' else ""
            raise InvalidContractError(f"the condition {text!r} cannot be read at {shown!r}{quotes}")
        kind = found.lastgroup or ""
        yield ("expression" if kind == "braced" else kind), found[kind]
        at = found.end()
