"""Which rules apply at a path: path expressions, their weights, and cascading.

From the Pact specification: an expression applies to a path and to everything below it. `$` and every step
that names what it matches weigh 2, a wildcard weighs 1; an expression weighs their product times its number
of steps; the heaviest wins. All expressions are walked together, step by step, so a body needs one pass.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, Self

from tally.pact import MatchingRules, Rule, RuleSet
from tally.pact.path_expressions import Token, Wildcard, parse_path

_ROOT_WEIGHT = 2
_NAMED = 2
_WILD_NAME = ((Wildcard.ANY, 1),)
_WILD_INDEX = (*_WILD_NAME, (Wildcard.ANY_INDEX, 1))

Paths = Mapping[tuple[Token, ...], RuleSet]


class _Node:
    """One step of the expressions, shared by those that begin alike."""

    __slots__ = ("rule_set", "steps")

    def __init__(self) -> None:
        self.rule_set: RuleSet | None = None
        self.steps: dict[Token, _Node] = {}


class PathRules:
    """The rules at one path: `own` are for exactly this path, `rule_set` is what applies, maybe from above.

    Neither changes; `below` gives the rules one step further down and remembers them.
    """

    __slots__ = ("_below", "_depth", "_named", "_score", "_states", "own", "rule_set")

    def __init__(
        self, states: Sequence[tuple[_Node, int]], depth: int, inherited: RuleSet | None, score: int
    ) -> None:
        self._states = states
        self._depth = depth
        self._named: Collection[Token] = (
            states[0][0].steps if len(states) == 1 else {step for node, _ in states for step in node.steps}
        )
        self._below: dict[Token, PathRules] = {}
        self.own: RuleSet | None = None
        self.rule_set = inherited
        for node, weight in states:
            if node.rule_set is not None and weight * depth >= score:
                score = weight * depth
                self.own = self.rule_set = node.rule_set
        self._score = score

    @classmethod
    def of(cls, paths: Paths) -> Self:
        """Return the rules at the root for these expressions, as tokens."""
        root = _Node()
        for tokens, rule_set in paths.items():
            node = root
            for token in tokens:
                node = node.steps.setdefault(token, _Node())
            node.rule_set = rule_set
        return cls(((root, _ROOT_WEIGHT),), 1, None, 0)

    def below(self, token: str | int) -> "PathRules":
        """Return the rules one step down, at a property or an index."""
        key: Token = token if token in self._named else _other(token)
        found = self._below.get(key)
        if found is None:
            found = self._below[key] = self._step(token)
        return found

    def _step(self, token: str | int) -> "PathRules":
        wild = _WILD_INDEX if isinstance(token, int) else _WILD_NAME
        states = [
            (node.steps[step], weight * factor)
            for node, weight in self._states
            if node.steps
            for step, factor in ((token, _NAMED), *wild)
            if step in node.steps
        ]
        cascaded = None if self.rule_set is None else _cascaded(self.rule_set)
        if not states and cascaded is None:
            return NO_RULES
        return PathRules(states, self._depth + 1, cascaded, self._score)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said about this path, nor about what is below it."""
        return self.rule_set is None and not self._named

    @property
    def indices(self) -> tuple[int, ...]:
        """The indices that something is said about by their number."""
        return tuple(step for step in self._named if isinstance(step, int))

    def with_own(self, rules: RuleSet) -> "PathRules":
        """Return the same with *rules* as the own ones."""
        replaced = PathRules(self._states, self._depth, rules, self._score)
        replaced.own = replaced.rule_set = rules
        return replaced

    @property
    def cascades(self) -> bool:
        """Whether something that is said here is said about everything below, too."""
        return self.rule_set is not None and _cascaded(self.rule_set) is not None

    @property
    def alternatives(self) -> tuple["PathRules", ...]:
        """The same with each of the own rules alone, when "OR" joins several; otherwise nothing."""
        if self.own is None or self.own.combine == "AND" or len(self.own.rules) == 1:
            return ()
        return tuple(self.with_own(RuleSet((rule,))) for rule in self.own.rules)

    def named(self, match: str) -> tuple[Rule, ...]:
        """Return the own rules of this name."""
        return () if self.own is None else tuple(rule for rule in self.own.rules if rule.match == match)

    def rule(self, match: str) -> Rule | None:
        """Return the first own rule of this name, if there is one."""
        return next(iter(self.named(match)), None)


def _other(token: str | int) -> Token:
    """Return one key for all the tokens that no expression names."""
    return Wildcard.ANY_INDEX if isinstance(token, int) else Wildcard.ANY


_BELOW = {"type": Rule("type"), "eachKey": Rule("type")}
_ABOUT_ITEMS = frozenset({"arrayContains", "eachValue"})
"""Rules that say themselves how items are compared: nothing of them cascades."""


def _cascaded(rule_set: RuleSet) -> RuleSet | None:
    """Return what rules mean for the values below: sizes and keys are about the container alone."""
    if len(rule_set.rules) == 1:
        return _cascaded_alone(rule_set)
    silent = _ABOUT_ITEMS & {rule.match for rule in rule_set.rules}
    left_out = silent | {"eachKey"} if "eachValue" in silent else silent
    rules = tuple(_BELOW.get(rule.match, rule) for rule in rule_set.rules if rule.match not in left_out)
    return RuleSet(rules, rule_set.combine) if rules else None


def _cascaded_alone(rule_set: RuleSet) -> RuleSet | None:
    match = rule_set.rules[0].match
    return None if match in _ABOUT_ITEMS else _BELOW_ALONE.get(match, rule_set)


_BELOW_ALONE = {match: RuleSet((rule,)) for match, rule in _BELOW.items()}
TYPE_FROM_ABOVE = _BELOW_ALONE["type"]
"""What a rule "type" means below: it says nothing about objects that is not said without it."""


NO_RULES = PathRules.of({})


def compiled(rules: MatchingRules, category: Literal["body", "header", "query", "metadata"]) -> PathRules:
    """Return the rules of a category at its root, as `body_rules` and `name_rules` do, made once."""
    paths: Mapping[str, RuleSet] = getattr(rules, category)
    if not paths:
        return NO_RULES
    found: PathRules | None = rules.compiled.get(category)
    if found is None:
        found = rules.compiled[category] = body_rules(paths) if category == "body" else name_rules(paths)
    return found


def body_rules(rules: Mapping[str, RuleSet]) -> PathRules:
    """Return the rules at the root of a body."""
    return (
        PathRules.of({parse_path(path): rule_set for path, rule_set in rules.items()}) if rules else NO_RULES
    )


def name_rules(rules: Mapping[str, RuleSet]) -> PathRules:
    """Return the rules of a query, headers or metadata: by name ("id"), or for one value of it ("id[0]")."""
    return (
        PathRules.of({_name_path(name): rule_set for name, rule_set in rules.items()}) if rules else NO_RULES
    )


def _name_path(key: str) -> tuple[Token, ...]:
    name, bracket, index = key.partition("[")
    inside = index.rstrip("]")
    if not bracket or not (inside == "*" or inside.isdecimal()):
        return (key,)
    return (name, Wildcard.ANY_INDEX if inside == "*" else int(inside))
