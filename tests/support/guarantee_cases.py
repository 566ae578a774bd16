"""Random schemas of answers, and pacts about one of them, for the question what a document promises."""

import random
from typing import Any

FORMATS = ("date", "date-time", "uuid", "email")
PATTERNS = ("^[A-Z]{2}$", "^[0-9]+$", "^(a|b)c$", "^x", "[a-z]$")
REGEXES = ("[A-Z]{2}", "^[A-Z]{2}$", r"\d+", "^[0-9]+$", "(a|b)c", "x.*", ".*", "[a-z]+")
NAMES = ("id", "state", "note", "lines", "more")


class Drawing:
    """Draws from one seed; every other one promises much and asks for little."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - cases, not secrets
        self._is_calm = seed % 2 == 1

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def schema(self, depth: int = 3) -> Any:
        kind = self.random.choice(("object", "object", "array", "leaf", "leaf") if depth else ("leaf",))
        drawn = getattr(self, f"_{kind}")(depth)
        if self.chance(8):
            return {"anyOf": [drawn, self.schema(max(depth - 1, 0))]}
        if self.chance(5):
            return {"oneOf": [drawn, {"type": "null"}]}
        return drawn

    def _object(self, depth: int) -> dict[str, Any]:
        names = self.random.sample(NAMES, self.random.randint(1, 4))
        properties = {name: self.schema(depth - 1) for name in names}
        drawn: dict[str, Any] = {"type": "object", "properties": properties}
        if self._is_calm and self.chance(90):
            drawn["required"] = names
        elif self.chance(80):
            drawn["required"] = self.random.sample(names, self.random.randint(0, len(names)))
        if self.chance(15):
            drawn["additionalProperties"] = self.random.choice(
                [False, {"type": "integer"}, {"type": "string"}]
            )
        if self.chance(8):
            drawn["patternProperties"] = {"^x": self.schema(0)}
        if self.chance(6):
            drawn["propertyNames"] = {"pattern": self.random.choice(["^[a-z-]+$", "^."])}
        if self.chance(8):
            drawn["minProperties"] = self.random.randint(0, 2)
        if self.chance(6):
            drawn["not"] = {"required": ["never"]}
        if self.chance(6):
            drawn |= {"if": {"required": names[:1]}, "then": {"required": names[-1:]}}
        if self.chance(10):
            drawn = {"allOf": [drawn, {"properties": {"id": {"minLength": 1}}, "required": ["id"]}]}
        return self._nullable(drawn)

    def _array(self, depth: int) -> dict[str, Any]:
        drawn: dict[str, Any] = {"type": "array", "items": self.schema(depth - 1)}
        if self.chance(50):
            drawn["minItems"] = self.random.randint(1, 2)
        if self.chance(30):
            drawn["maxItems"] = self.random.randint(2, 3)
        if self.chance(12):
            drawn["prefixItems"] = [self.schema(0)]
        if self.chance(8):
            drawn["uniqueItems"] = True
        return self._nullable(drawn)

    def _leaf(self, _: int) -> dict[str, Any]:
        drawn = self.random.choice(
            (
                lambda: {"type": "string"},
                lambda: {"type": "string", "minLength": self.random.randint(0, 2)},
                lambda: {"type": "string", "pattern": self.random.choice(PATTERNS)},
                lambda: {"type": "string", "format": self.random.choice(FORMATS)},
                lambda: {"enum": self.random.sample(["new", "paid", "AB", 1, None, True, "", "7"], 3)},
                lambda: {"const": self.random.choice(["new", 1, True])},
                lambda: {"type": "integer", "minimum": self.random.randint(-1, 2)},
                lambda: {"type": "number"},
                lambda: {"type": "boolean"},
                lambda: {"type": ["string", "integer"]},
                dict,
            )
        )()
        return self._nullable(drawn)

    def _nullable(self, drawn: dict[str, Any]) -> dict[str, Any]:
        if isinstance(drawn.get("type"), str) and self.chance(2 if self._is_calm else 12):
            return {**drawn, "type": [drawn["type"], "null"]}
        return drawn

    # Pacts

    def example(self, value: Any) -> Any:
        """Return a part of *value*: what a consumer shows of it."""
        if isinstance(value, dict):
            shown = [name for name in value if name in NAMES and self.chance(75)]
            return {name: self.example(value[name]) for name in shown}
        if isinstance(value, list):
            return [self.example(each) for each in value[: self.random.randint(1, 3)]]
        return value

    def rules(self, example: Any) -> dict[str, Any]:
        """Return matching rules for the body of a pact, in the form of V3 and V4."""
        found: dict[str, Any] = {}
        if self._is_calm:
            found["$"] = {"matchers": [{"match": "type"}], "combine": "AND"}
        elif self.chance(60):
            found["$"] = self._matchers(example)
        self._add_rules(example, "$", found)
        return found

    def _add_rules(self, example: Any, path: str, found: dict[str, Any]) -> None:
        inside = example.items() if isinstance(example, dict) else ()
        if isinstance(example, list) and example:
            inside = [(self.random.choice(["[*]", "[0]", "[1]"]), example[0])]
        if isinstance(example, dict) and example and self.chance(10):
            found[f"{path}.*"] = self._matchers(next(iter(example.values())))
        for name, value in inside:
            below = f"{path}{name}" if name.startswith("[") else f"{path}.{name}"
            if self.chance(20 if self._is_calm else 55):
                found[below] = self._matchers(value)
            self._add_rules(value, below, found)

    def _matchers(self, example: Any) -> dict[str, Any]:
        matchers = [self._matcher(example) for _ in range(2 if self.chance(15) else 1)]
        return {"matchers": matchers, "combine": "OR" if self.chance(40) else "AND"}

    def _matcher(self, example: Any) -> dict[str, Any]:
        if isinstance(example, list):
            kinds: tuple[Any, ...] = (
                {"match": "type"},
                {"match": "type", "min": 1},
                {"match": "type", "min": 1, "max": 3},
                {"match": "eachValue", "rules": [self._matcher(example[0] if example else "a")]},
                {
                    "match": "arrayContains",
                    "variants": [{"index": 0, "rules": {"$": {"matchers": [{"match": "type"}]}}}],
                },
                {"match": "equality"},
                {"match": "notEmpty"},
                {"match": "values"},
                {"match": "null"},
                {"match": "integer"},
            )
        elif isinstance(example, dict):
            first = next(iter(example.values()), "a")
            kinds = (
                {"match": "type"},
                {"match": "type"},
                {"match": "values"},
                {"match": "eachValue", "rules": [self._matcher(first)]},
                {"match": "eachKey", "rules": [{"match": "regex", "regex": "[a-z]+"}]},
                {"match": "equality"},
                {"match": "notEmpty"},
                {"match": "type", "min": 1},
                {"match": "type", "max": 2},
                {"match": "null"},
                {"match": "regex", "regex": "a"},
            )
        else:
            kinds = (
                {"match": "type"},
                {"match": "type"},
                {"match": "regex", "regex": self.random.choice(REGEXES)},
                {"match": "integer"},
                {"match": "number"},
                {"match": "decimal"},
                {"match": "boolean"},
                {"match": "null"},
                {"match": "notEmpty"},
                {"match": "include", "value": "a"},
                {"match": "date", "format": "yyyy-MM-dd"},
                {"match": "datetime", "format": "yyyy-MM-dd'T'HH:mm:ss"},
                {"match": "time", "format": "HH:mm:ss"},
                {"match": "semver"},
                {"match": "values"},
                {"match": "eachValue", "rules": [{"match": "type"}]},
                {"match": "equality"},
            )
        return dict(self.random.choice(kinds))
