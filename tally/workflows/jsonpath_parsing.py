"""The text of a JSONPath query (RFC 9535) into a query."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NoReturn

import orjson

from tally.errors import InvalidContractError
from tally.workflows.expressions import NO_VALUE
from tally.workflows.jsonpath import (
    Frame,
    Operand,
    Query,
    Segment,
    Selector,
    Test,
    compared,
    filter_selector,
    index_selector,
    length_of,
    name_selector,
    slice_selector,
    text_matches,
    value_of_nodes,
    wildcard,
)

_BLANK = re.compile(r"[ \t\n\r]*")
_NAME = re.compile(r"[A-Za-z_\u0080-\ud7ff\ue000-\U0010ffff][0-9A-Za-z_\u0080-\ud7ff\ue000-\U0010ffff]*")
_INTEGER = re.compile(r"0|-?[1-9][0-9]*")
_NUMBER = re.compile(r"(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)")
_STRING = re.compile(r"'(?:[^'\\\x00-\x1f]|\\.)*'|\"(?:[^\"\\\x00-\x1f]|\\.)*\"")
_COMPARISON = re.compile(r"==|!=|<=|>=|<|>")
_FUNCTION = re.compile(r"[a-z][a-z_0-9]*(?=\()")
_SLICE = re.compile(r"(-?[0-9]*)\s*:\s*(-?[0-9]*)\s*(?::\s*(-?[0-9]*)\s*)?")
_LARGEST = 2**53 - 1
_MOST_LEVELS = 40
_FUNCTIONS = {"length": "v", "count": "n", "value": "n", "match": "vv", "search": "vv"}
"""The parameters of each function: v is a value, n are nodes."""
_LOGICAL = frozenset({"match", "search"})


@lru_cache(maxsize=1024)
def parse_jsonpath(text: str) -> Test:
    """Return the test that the query has nodes; raises InvalidContractError without a place.

    Also what a filter may hold is a test, of the whole document: "$.status == 'open'".
    """
    parser = _Parser(text)
    test = parser.test()
    if parser.rest.strip():
        parser.refuse(f"{parser.rest[:20]!r} is not expected there")
    return test


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._levels = 0
        self._was_singular = False

    @property
    def rest(self) -> str:
        return self._text[self._at :]

    def refuse(self, reason: str) -> NoReturn:
        raise InvalidContractError(
            f"the JSONPath {self._text!r} cannot be read at character {self._at + 1}: {reason}"
        )

    def test(self) -> Test:
        """Read a logical expression, which a query alone is, too."""
        return self._either()

    def query(self, root: str) -> Query:
        """Read a query that begins with *root*, "$" or "@"."""
        self._take(root)
        segments: list[Segment] = []
        singular = True
        while True:
            before = self._at
            self._blank()
            segment = self._segment()
            if segment is None:
                self._at = before
                return Query(tuple(segments), root == "@", singular)
            singular = singular and self._was_singular
            segments.append(segment)

    def _segment(self) -> Segment | None:
        self._was_singular = False
        deep = self._take("..")
        if self._take("["):
            selectors = self._bracketed()
            self._was_singular = self._was_singular and not deep
            return Segment(selectors, deep)
        if not deep and not self._take("."):
            return None
        if self._take("*"):
            return Segment((wildcard,), deep)
        name = self._match(_NAME) or self.refuse("a name, * or [ is expected")
        self._was_singular = not deep
        return Segment((name_selector(name),), deep)

    def _bracketed(self) -> tuple[Selector, ...]:
        selectors = [self._selector()]
        singular = self._was_singular
        while self._taken_after_blank(","):
            selectors.append(self._selector())
            singular = False
        if not self._taken_after_blank("]"):
            self.refuse("a ']' is expected")
        self._was_singular = singular
        return tuple(selectors)

    def _selector(self) -> Selector:
        self._blank()
        self._was_singular = False
        if self._take("*"):
            return wildcard
        if self._take("?"):
            return filter_selector(self._deeper(self._either))
        if (text := self._match(_STRING)) is not None:
            self._was_singular = True
            return name_selector(self._string(text))
        if found := _SLICE.match(self._text, self._at):
            self._at = found.end()
            start, end, step = (self._integer(part) if part else None for part in found.groups())
            return slice_selector(start, end, 1 if step is None else step)
        if (text := self._match(_INTEGER)) is not None:
            self._was_singular = True
            return index_selector(self._integer(text))
        return self.refuse("a name in quotes, a number, a slice, * or ? is expected")

    def _integer(self, text: str) -> int:
        if not _INTEGER.fullmatch(text) or len(text) > len(str(-_LARGEST)) or abs(int(text)) > _LARGEST:
            self.refuse(f"{text} is no index")
        return int(text)

    def _string(self, text: str) -> str:
        quote, inner = text[0], text[1:-1]
        if quote == "'":
            if re.search(r'(?<!\\)(?:\\\\)*\\"', inner):
                self.refuse('\\" is not escaped in a text of single quotes')
            inner = re.sub(r"\\(.)|\"", lambda each: _for_json(each[0]), inner)
        elif re.search(r"(?<!\\)(?:\\\\)*\\'", inner):
            self.refuse("\\' is not escaped in a text of double quotes")
        try:
            value: str = orjson.loads(f'"{inner}"')
        except orjson.JSONDecodeError as error:
            self.refuse(f"{text} is no text ({error})")
        return value

    # Logical expressions of filters

    def _either(self) -> Test:
        tests = [self._both()]
        while self._taken_after_blank("||"):
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda frame: any(test(frame) for test in tests)

    def _both(self) -> Test:
        tests = [self._basic()]
        while self._taken_after_blank("&&"):
            tests.append(self._basic())
        return tests[0] if len(tests) == 1 else lambda frame: all(test(frame) for test in tests)

    def _basic(self) -> Test:
        self._blank()
        if self._take("!"):
            self._blank()
            test = self._group() if self.rest.startswith("(") else self._test()
            return lambda frame: not test(frame)
        return self._group() if self.rest.startswith("(") else self._comparison_or_test()

    def _group(self) -> Test:
        self._take("(")
        test: Test = self._deeper(self._either)
        if not self._taken_after_blank(")"):
            self.refuse("a ')' is expected")
        return test

    def _comparison_or_test(self) -> Test:
        start = self._at
        is_value, operand = self._operand()
        self._blank()
        operator = self._match(_COMPARISON)
        if operator is None:
            self._at = start
            return self._test()
        self._blank()
        right_is_value, right = self._operand()
        if not (is_value and right_is_value):
            self.refuse("only literals, functions with a value and queries of one node can be compared")
        return lambda frame: compared(operator, operand(frame), right(frame))

    def _test(self) -> Test:
        """Read a query, whose nodes are asked for, or a function that is true or false."""
        name = self._match(_FUNCTION)
        if name is not None:
            if name not in _LOGICAL:
                self.refuse(f"{name}() has a value, which has to be compared")
            call = self._call(name)
            return lambda frame: bool(call(frame))
        query = self._any_query() or self.refuse("a query, a function or a comparison is expected")
        return lambda frame: bool(query.nodes(frame))

    def _operand(self) -> tuple[bool, Operand]:
        """Return whether what comes next has a value that can be compared, and that."""
        if (name := self._match(_FUNCTION)) is not None:
            return name not in _LOGICAL, self._call(name)
        query = self._any_query()
        if query is not None:
            return query.singular, lambda frame: value_of_nodes(query.nodes(frame))
        literal = self._literal()
        if literal is NO_VALUE:
            self.refuse("a value is expected")
        return True, lambda _: literal

    def _literal(self) -> Any:
        if (text := self._match(_STRING)) is not None:
            return self._string(text)
        for word, value in (("true", True), ("false", False), ("null", None)):
            if self._match(re.compile(rf"{word}(?![\w])")) is not None:
                return value
        if (text := self._match(_NUMBER)) is not None:
            try:
                return orjson.loads(text)
            except orjson.JSONDecodeError:
                self.refuse(f"{text} is no number")
        return NO_VALUE

    def _any_query(self) -> Query | None:
        root = self.rest[:1]
        query: Query | None = self._deeper(lambda: self.query(root)) if root in {"$", "@"} else None
        return query

    def _call(self, name: str) -> Operand:
        kinds = _FUNCTIONS.get(name) or self.refuse(f"there is no function {name}()")
        self._take("(")
        arguments = []
        for index, kind in enumerate(kinds):
            if index and not self._taken_after_blank(","):
                self.refuse(f"{name}() has {len(kinds)} arguments")
            self._blank()
            arguments.append(self._argument(name, kind))
        if not self._taken_after_blank(")"):
            self.refuse(f"{name}() has {len(kinds)} argument{'s' if len(kinds) > 1 else ''}")
        return _function(name, arguments)

    def _argument(self, name: str, kind: str) -> Callable[[Frame], Any]:
        if kind == "n":
            query = self._any_query() or self.refuse(f"{name}() takes a query")
            return query.nodes
        is_value, operand = self._deeper(self._operand)
        if not is_value:
            self.refuse(f"{name}() takes a value, or a query of one node")
        found: Callable[[Frame], Any] = operand
        return found

    def _deeper(self, read: Callable[[], Any]) -> Any:
        self._levels += 1
        if self._levels > _MOST_LEVELS:
            self.refuse(f"it is nested deeper than {_MOST_LEVELS} levels")
        found = read()
        self._levels -= 1
        return found

    def _blank(self) -> None:
        self._match(_BLANK)

    def _take(self, text: str) -> bool:
        found = self._text.startswith(text, self._at)
        self._at += len(text) * found
        return found

    def _taken_after_blank(self, text: str) -> bool:
        before = self._at
        self._blank()
        if self._take(text):
            return True
        self._at = before
        return False

    def _match(self, pattern: re.Pattern[str]) -> str | None:
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return found[0] if found else None


def _function(name: str, arguments: list[Callable[[Frame], Any]]) -> Operand:
    first = arguments[0]
    if name == "length":
        return lambda frame: length_of(first(frame))
    if name == "count":
        return lambda frame: len(first(frame))
    if name == "value":
        return lambda frame: value_of_nodes(first(frame))
    return lambda frame: text_matches(first(frame), arguments[1](frame), whole=name == "match")


def _for_json(part: str) -> str:
    """Return a part of a text in single quotes as one in double quotes has it."""
    return {"\\'": "'", '"': '\\"'}.get(part, part)
