"""Which properties of a body an interaction names: in its example, and in its matching rules."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from tally.pact import Body, MatchingRules, Presence, RuleSet
from tally.pact.bodies import FORM, is_json, media_type
from tally.pact.path_expressions import PathSyntaxError, Token, Wildcard, format_path, parse_path
from tally.values import dataclass

MOST_PATHS = 2_000
"""Paths of one body that are told apart; with more, all of the body counts as used."""
_WHOLE = ".**"
_OF_ANY_KEY = frozenset({"eachKey", "eachValue", "values"})


@dataclass(frozen=True, order=True)
class BodyPath:
    """A property that is used; with *whole*, everything below it may be used as well."""

    expression: str
    whole: bool = False

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The steps from the root."""
        return parse_path(self.expression)

    def __str__(self) -> str:
        """Return the text form, which `read_body_path` reads."""
        return f"{self.expression}{_WHOLE}" if self.whole else self.expression


ALL = BodyPath("$", whole=True)


def read_body_path(text: str) -> BodyPath:
    """Return the path that was written by `str`."""
    return BodyPath(text.removesuffix(_WHOLE), text.endswith(_WHOLE))


def body_paths(body: Body, rules: MatchingRules) -> tuple[BodyPath, ...]:
    """Return the leaves of the example and the places of the rules; () when nothing is said of the body.

    Items of a list are one place, `[*]`. A rule about any key or any value of an object uses all that may be
    in it. So does content that is not JSON and no form: nothing tells its parts.
    """
    if body.presence is not Presence.PRESENT:
        return () if not rules.body else (ALL,)
    value = _structured(body)
    if value is _OPAQUE:
        return (ALL,)
    found = _Paths(rules.body)
    found.add(value, ())
    found.add_rules()
    return found.as_tuple()


_OPAQUE: Any = object()


def _structured(body: Body) -> Any:
    if isinstance(body.value, bytes):
        return _OPAQUE
    if body.content_type is None or is_json(body.content_type):
        return body.value if not isinstance(body.value, str) or is_json(body.content_type) else _OPAQUE
    if media_type(body.content_type) == FORM and isinstance(body.value, str):
        return {name: "" for name, _ in parse_qsl(body.value, keep_blank_values=True)}
    return _OPAQUE


class _Paths:
    def __init__(self, rules: Mapping[str, RuleSet]) -> None:
        self._rules = {_general(path): rule_set for path, rule_set in _parsed(rules)}
        self._open = {
            tokens
            for tokens, rule_set in self._rules.items()
            if any(rule.match in _OF_ANY_KEY for rule in rule_set.rules)
        }
        self._found: set[tuple[Token, ...]] = set()
        self._whole: set[tuple[Token, ...]] = set()

    def add(self, value: Any, path: tuple[Token, ...]) -> None:
        """Add the leaves of *value*, which stands at *path*."""
        if len(self._found) > MOST_PATHS:
            return
        if path in self._open:
            self._whole.add(path)
        if isinstance(value, Mapping) and value:
            for name, inner in value.items():
                step: Token = Wildcard.ANY if path in self._open else str(name)
                self.add(inner, (*path, step))
        elif isinstance(value, list) and value:
            for inner in value:
                self.add(inner, (*path, Wildcard.ANY_INDEX))
        else:
            self._found.add(path)

    def add_rules(self) -> None:
        """Add the places that rules name; `$.prices.*` is about whatever `prices` has."""
        for tokens in self._rules:
            if tokens and tokens[-1] is Wildcard.ANY:
                self._whole.add(tokens[:-1])
            elif tokens:
                self._found.add(tokens)
        self._whole |= self._open

    def as_tuple(self) -> tuple[BodyPath, ...]:
        if len(self._found) > MOST_PATHS:
            return (ALL,)
        kept = [
            path for path in self._found if path not in self._whole and not _has_longer(path, self._found)
        ]
        return tuple(
            sorted(
                [BodyPath(format_path(path)) for path in kept]
                + [BodyPath(format_path(path), whole=True) for path in self._whole]
            )
        )


def _has_longer(path: tuple[Token, ...], others: Iterable[tuple[Token, ...]]) -> bool:
    """Whether another path goes on from this one, so that it need not be kept."""
    return any(len(other) > len(path) and other[: len(path)] == path for other in others)


def _parsed(rules: Mapping[str, RuleSet]) -> Iterable[tuple[tuple[Token, ...], RuleSet]]:
    for expression, rule_set in rules.items():
        try:
            yield parse_path(expression), rule_set
        except PathSyntaxError:  # not of a JSON body
            yield (), rule_set


def _general(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    return tuple(Wildcard.ANY_INDEX if isinstance(token, int) else token for token in tokens)
