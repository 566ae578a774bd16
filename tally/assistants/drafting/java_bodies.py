"""Bodies of JSON in the lambda DSL of pact-jvm."""

import json
from collections.abc import Callable
from dataclasses import field
from typing import Any

from tally.assistants.drafting.interaction import Each, EachValue, Fields, Items, Leaf, Node
from tally.assistants.drafting.source_text import java_text as text
from tally.values import dataclass

_LARGEST_INT, _LARGEST_LONG = 2**31, 2**63
_RULES = {
    "date": "DateMatcher",
    "time": "TimeMatcher",
    "timestamp": "TimestampMatcher",
    "include": "IncludeMatcher",
}
_STEP = "    "


@dataclass
class JavaBody:
    """Writes one body. *classes* are those of matching rules that it names, *notes* what it cannot say."""

    classes: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def expression(self, node: Node, indent: str) -> str:
        """Return an expression of a DslPart, whose further lines are indented by *indent*."""
        match node:
            case Leaf():
                return self._root(node)
            case Fields() | EachValue():
                return f"LambdaDsl.newJsonBody(o1 -> {self._block(self._members(node, 1), indent)}).build()"
            case Items():
                lines = [line for item in node.items for line in self._element(item, 1)]
                return f"LambdaDsl.newJsonArray(a1 -> {self._block(lines, indent)}).build()"
            case _:
                if node.least < 1:
                    self.notes.append("A list that is the whole body needs one item at least.")
                name, limits = "newJsonArrayMinLike", str(max(node.least, 1))
                if node.most is not None:
                    name, limits = "newJsonArrayMinMaxLike", f"{limits}, {node.most}"
                lines = self._element(node.item, 1)
                return f"LambdaDsl.{name}({limits}, a1 -> {self._block(lines, indent)}).build()"

    def _block(self, lines: list[str], indent: str) -> str:
        inner = "".join(f"\n{indent}{_STEP}{line}" for line in lines)
        return f"{{{inner}\n{indent}}}"

    def _lambda(self, variable: str, lines: list[str]) -> list[str]:
        """Return the lines of a lambda, which its call continues."""
        return [f"{variable} -> {{", *(f"{_STEP}{line}" for line in lines), "}"]

    def _members(self, node: Fields | EachValue, level: int) -> list[str]:
        """Return the statements that give the object o<level> its properties."""
        if isinstance(node, EachValue):
            return self._each_value(node, level)
        return [line for name, item in node.items for line in self._member(name, item, level)]

    def _each_value(self, node: EachValue, level: int) -> list[str]:
        owner, key = f"o{level}", text(node.key)
        if isinstance(node.item, Leaf):
            return [f"{owner}.eachKeyLike({key}, {self._root(node.item)});"]
        if isinstance(node.item, Fields):
            inner = self._lambda(f"o{level + 1}", self._members(node.item, level + 1))
            return _call(f"{owner}.eachKeyLike({key}, ", inner)
        self.notes.append("The rule for all values of an object is left out where they are lists.")
        return self._member(node.key, node.item, level)

    def _member(self, name: str, node: Node, level: int) -> list[str]:
        owner, key = f"o{level}", text(name)
        match node:
            case Leaf():
                return [f"{owner}.{self._leaf(node, f'{key}, ', key)};"]
            case Fields() | EachValue():
                inner = self._lambda(f"o{level + 1}", self._members(node, level + 1))
                return _call(f"{owner}.object({key}, ", inner)
            case Items():
                lines = [line for item in node.items for line in self._element(item, level + 1)]
                return _call(f"{owner}.array({key}, ", self._lambda(f"a{level + 1}", lines))
            case _:
                return self._each(node, f"{owner}.", f"{key}, ", level)

    def _element(self, node: Node, level: int) -> list[str]:
        """Return the statements that add the item to the list a<level>."""
        owner = f"a{level}"
        match node:
            case Leaf():
                return [f"{owner}.{self._leaf(node, '', '')};"]
            case Fields() | EachValue():
                inner = self._lambda(f"o{level + 1}", self._members(node, level + 1))
                return _call(f"{owner}.object(", inner)
            case Items():
                lines = [line for item in node.items for line in self._element(item, level + 1)]
                return _call(f"{owner}.array(", self._lambda(f"a{level + 1}", lines))
            case _:
                return self._each(node, f"{owner}.", "", level)

    def _each(self, node: Each, owner: str, key: str, level: int) -> list[str]:
        limits, name = "", "eachLike"
        if node.most is not None:
            name, limits = "minMaxArrayLike", f"{node.least}, {node.most}, "
        elif node.least:
            name, limits = "minArrayLike", f"{node.least}, "
        match node.item:
            case Leaf() if limits and not key:
                self.notes.append("How many items a list inside of a list has is left out.")
                return [f"{owner}eachLike({self._root(node.item)});"]
            case Leaf():
                examples = f", {max(node.least, 1)}" if limits else ""
                return [f"{owner}{name}({key}{limits}{self._root(node.item)}{examples});"]
            case Fields() | EachValue():
                inner = self._lambda(f"o{level + 1}", self._members(node.item, level + 1))
                return _call(f"{owner}{name}({key}{limits}", inner)
            case Items():
                lines = [line for item in node.item.items for line in self._element(item, level + 1)]
            case _:
                if node.item.least or node.item.most is not None:
                    self.notes.append("How many items a list inside of a list has is left out.")
                lines = self._element(node.item.item, level + 1)
        return _call(f"{owner}{_lists(node, key)}", self._lambda(f"a{level + 1}", lines))

    def _leaf(self, leaf: Leaf, before: str, key: str) -> str:
        """Return the call that adds the value; *before* is the name of the property with a comma."""
        value = literal(leaf.value)
        if leaf.value is None:
            return f"nullValue({key})"
        if isinstance(leaf.value, dict | list):
            return self._empty(leaf, before, value)
        kind = _kind(leaf.value)
        if leaf.rule == "":
            return f"{kind}Value({before}{value})"
        if leaf.rule == "regex":
            return f"stringMatcher({before}{text(leaf.detail)}, {value})"
        if leaf.rule in _RULES:
            return f"and({before}{value}, {self._rule(leaf)})"
        return self._number(leaf, before, value) if kind == "number" else f"{kind}Type({before}{value})"

    def _number(self, leaf: Leaf, before: str, value: str) -> str:
        if leaf.rule == "integer":
            if abs(leaf.value) < _LARGEST_INT:
                # A property takes an Integer, an item of a list a Long.
                return f"integerType({before}{value}{'' if before else 'L'})"
            return f"and({before}{value}, {self._number_rule('INTEGER')})"
        return f"{'decimal' if leaf.rule == 'decimal' else 'number'}Type({before}{value})"

    def note_lost(self, value: Any) -> None:
        """Note that a map of Java is without what is null."""
        if _loses(value):
            self.notes.append(
                "A null in an object of which only the type counts, or of a state, is left out."
            )

    def _empty(self, leaf: Leaf, before: str, value: str) -> str:
        self.note_lost(leaf.value)
        if leaf.rule:
            self.classes.add("TypeMatcher")
            return f"and({before}{value}, TypeMatcher.INSTANCE)"
        self.classes.add("EqualsMatcher")
        return f"and({before}{value}, EqualsMatcher.INSTANCE)"

    def _root(self, leaf: Leaf) -> str:
        """Return a value that stands by itself: the items of a list, or a whole body."""
        value, kind = literal(leaf.value), _kind(leaf.value)
        rules: dict[str, Callable[[], str]] = {
            "regex": lambda: f"stringMatcher({text(leaf.detail)}, {value})",
            "type": lambda: f"{kind}Type({value})",
            "boolean": lambda: f"booleanType({value})",
            "number": lambda: f"numberType({value})",
            "decimal": lambda: f"decimalType({value})",
        }
        if leaf.value is None or isinstance(leaf.value, dict | list):
            self.note_lost(leaf.value)
            name = "NullMatcher" if leaf.value is None else "TypeMatcher" if leaf.rule else "EqualsMatcher"
            self.classes.add(name)
            return f"PactDslJsonRootValue.and({value}, {name}.INSTANCE)"
        if leaf.rule in rules:
            return f"PactDslJsonRootValue.{rules[leaf.rule]()}"
        if leaf.rule == "integer":
            return f"PactDslJsonRootValue.and({value}, {self._number_rule('INTEGER')})"
        if leaf.rule in _RULES:
            return f"PactDslJsonRootValue.and({value}, {self._rule(leaf)})"
        self.classes.add("EqualsMatcher")
        return f"PactDslJsonRootValue.and({value}, EqualsMatcher.INSTANCE)"

    def _rule(self, leaf: Leaf) -> str:
        self.classes.add(_RULES[leaf.rule])
        return f"new {_RULES[leaf.rule]}({text(leaf.detail)})"

    def _number_rule(self, kind: str) -> str:
        self.classes.add("NumberTypeMatcher")
        return f"new NumberTypeMatcher(NumberTypeMatcher.NumberType.{kind})"


def _lists(node: Each, key: str) -> str:
    """Return the beginning of the call for a list of lists; the number of examples is at least its limit."""
    examples = max(node.least, 1)
    if node.most is not None:
        return f"eachArrayWithMinMaxLike({key}{node.least}, {node.most}, {examples}, "
    return f"eachArrayWithMinLike({key}{examples}, {node.least}, " if node.least else f"eachArrayLike({key}"


def _call(opening: str, lines: list[str]) -> list[str]:
    """Return a call whose last argument is a lambda of these lines."""
    return [f"{opening}{lines[0]}", *lines[1:-1], f"{lines[-1]});"]


def _loses(value: Any) -> bool:
    if isinstance(value, dict):
        return None in value.values() or any(map(_loses, value.values()))
    return isinstance(value, list) and any(map(_loses, value))


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else "string"


def _list(value: list[Any]) -> str:
    if value == [None]:
        return "Collections.singletonList(null)"  # as the only argument, null would be the array
    return f"Arrays.asList({', '.join(map(literal, value))})" if value else "List.of()"


def literal(value: Any) -> str:
    """Return a value of JSON as an expression of Java."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        # Maps of this kind hold no null.
        known = {name: item for name, item in value.items() if item is not None}
        parts = (f"Map.entry({text(name)}, {literal(item)})" for name, item in known.items())
        return f"Map.ofEntries({', '.join(parts)})" if known else "Map.of()"
    if isinstance(value, list):
        return _list(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return json.dumps(value)
    if abs(value) < _LARGEST_INT:
        return str(int(value))
    return f"{int(value)}L" if abs(value) < _LARGEST_LONG else f'new BigInteger("{int(value)}")'
