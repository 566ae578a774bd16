"""Pairs of JSON Schemas made at random, the second often a change of the first; and values to try on them."""

from copy import deepcopy
from random import Random

NAMES = ["a", "b", "ab", "c"]
PATTERNS = [
    "^a",
    "b$",
    "^[a-c]+$",
    ".",
    "^.{1,2}$",
    "[0-9]",
    "^(a|b)*$",
    r"^\d+$",
    r"\w",
    "^$",
    "a.b",
    "^[^a]",
]
FORMATS = ["date", "ipv4", "uuid", "email", "uri", "date-time", "regex", "hostname", "nobody-knows"]
NUMBERS = [-1, 0, 1, 2, 3, 5, 0.5, 1.5, 2.0, -0.5, 10, 1e20, 2**53 + 1, 0.1]
STEPS = [1, 2, 3, 0.5, 1.5, 4, 0.1, 6, 0.3, 1e-7]
VALUES = [
    None, True, False, 0, 1, 1.0, 2, -1, 0.5, 3, 1e20, "", "a", "b", "ab", "1", "abc",
    [], [1], [1, 1], [True], ["a"], [1, "a"], [1.0, 1], [[]],
    {}, {"a": 1}, {"a": "a"}, {"b": None}, {"a": 1, "b": 1}, {"c": 1}, {"a": {"a": 1}}, {"ab": True},
]  # fmt: skip
TYPES = ["object", "array", "string", "integer", "number", "boolean", "null"]
ONE_SCHEMA = {
    "items", "contains", "not", "if", "then", "else", "additionalProperties", "propertyNames",
    "unevaluatedItems", "unevaluatedProperties",
}  # fmt: skip
DEPTH = 3


def a_pair(random: Random):
    """Return two schemas; they share what they refer to, but for changes."""
    old = a_document(random)
    how = random.random()
    if how < 0.1:
        return old, a_document(random)
    new = deepcopy(old)
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        new = changed(random, new)
    return old, new


def a_document(random: Random):
    schema = a_schema(random, DEPTH)
    if '"$ref"' in repr(schema).replace("'", '"') or random.random() < 0.1:
        if not isinstance(schema, dict):
            schema = {"anyOf": [schema]}
        schema["$defs"] = {name: a_schema(random, DEPTH - 1) for name in ("A", "B")}
    return schema


def a_schema(random: Random, depth: int):
    if random.random() < 0.08:
        return random.choice([True, False, {}])
    schema: dict = {}
    kind = random.choice(TYPES)
    if random.random() < 0.7:
        schema["type"] = kind if random.random() < 0.8 else random.sample(TYPES, 2)
    for _ in range(random.choice([0, 1, 1, 2, 3])):
        schema |= a_keyword(random, kind, depth)
    if depth and random.random() < 0.3:
        schema |= a_combination(random, depth)
    return schema


def a_keyword(random: Random, kind: str, depth: int) -> dict:
    if random.random() < 0.1:
        return random.choice(
            [
                {"const": random.choice(VALUES)},
                {"enum": _several(random, VALUES, 4)},
                {"format": random.choice(FORMATS)},
            ]
        )
    if kind in {"integer", "number"}:
        keyword = random.choice(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"])
        return {keyword: random.choice(STEPS if keyword == "multipleOf" else NUMBERS)}
    if kind == "string":
        keyword = random.choice(["minLength", "maxLength", "pattern", "format", "pattern"])
        return {keyword: random.choice({"pattern": PATTERNS, "format": FORMATS}.get(keyword, [0, 1, 2, 3]))}
    if kind == "array":
        return _of_arrays(random, depth)
    if kind == "object":
        return _of_objects(random, depth)
    return {}


def _of_arrays(random: Random, depth: int) -> dict:
    keyword = random.choice(
        [
            "items",
            "items",
            "prefixItems",
            "contains",
            "minItems",
            "maxItems",
            "uniqueItems",
            "unevaluatedItems",
        ]
    )
    if keyword in {"minItems", "maxItems"}:
        return {keyword: random.choice([0, 1, 2, 3])}
    if keyword == "uniqueItems":
        return {keyword: random.random() < 0.8}
    inner = _inner(random, depth)
    if keyword == "prefixItems":
        return {keyword: [inner, *[_inner(random, depth) for _ in range(random.choice([0, 1]))]]}
    if keyword == "contains":
        more = {
            name: random.choice([0, 1, 2, 3])
            for name in ("minContains", "maxContains")
            if random.random() < 0.4
        }
        return {keyword: inner, **more}
    return {keyword: inner if keyword == "items" or random.random() < 0.5 else False}


def _of_objects(random: Random, depth: int) -> dict:
    keyword = random.choice(
        [
            "properties", "properties", "properties", "required", "required", "additionalProperties",
            "patternProperties", "propertyNames", "dependentRequired", "dependentSchemas", "minProperties",
            "maxProperties", "unevaluatedProperties",
        ]
    )  # fmt: skip
    inner = _inner(random, depth)
    names = [{"pattern": random.choice(PATTERNS)}, {"maxLength": 1}, {"enum": _several(random, NAMES, 3)}]
    value = {
        "minProperties": random.choice([0, 1, 2, 3]),
        "maxProperties": random.choice([0, 1, 2, 3]),
        "required": _several(random, NAMES, 2),
        "dependentRequired": {random.choice(NAMES): _several(random, NAMES, 2)},
        "propertyNames": random.choice(names),
        "patternProperties": {pattern: _inner(random, depth) for pattern in _several(random, PATTERNS, 2)},
        "properties": {name: _inner(random, depth) for name in _several(random, NAMES, 3)},
        "dependentSchemas": {name: _inner(random, depth) for name in _several(random, NAMES, 2)},
    }.get(keyword, inner if random.random() < 0.5 else False)
    return {keyword: value}


def _several(random: Random, choices: list, most: int) -> list:
    return random.sample(choices, random.randint(1, most))


def _inner(random: Random, depth: int):
    if depth <= 0:
        return random.choice(
            [True, {"type": random.choice(TYPES)}, {"const": random.choice(VALUES)}, {"minimum": 1}]
        )
    if random.random() < 0.12:
        return {"$ref": f"#/$defs/{random.choice('AB')}"}
    return a_schema(random, depth - 1)


def a_combination(random: Random, depth: int) -> dict:
    keyword = random.choice(["allOf", "anyOf", "anyOf", "oneOf", "oneOf", "not", "if"])
    if keyword == "not":
        return {keyword: _inner(random, depth)}
    if keyword == "if":
        more = {name: _inner(random, depth) for name in ("then", "else") if random.random() < 0.7}
        return {keyword: _inner(random, depth), **more}
    return {keyword: [_inner(random, depth) for _ in range(random.choice([1, 2, 2, 3]))]}


def changed(random: Random, document):
    """Return the document with a change somewhere in it, in a copy."""
    document = deepcopy(document)
    if not isinstance(document, dict):
        return a_schema(random, 2)
    places = list(_places(document))
    owner, key = random.choice(places) if places else (None, None)
    if owner is None or random.random() < 0.15:
        definitions = document.pop("$defs", None)
        document = _changed_schema(random, document)
        if definitions is not None:
            if not isinstance(document, dict):
                document = {"allOf": [document]}
            document["$defs"] = definitions
        return document
    owner[key] = _changed_schema(random, owner[key])
    return document


def _places(schema: dict):
    """Yield where the schemas in *schema* are: their owner and the key."""
    waiting = [schema]
    while waiting:
        inner = waiting.pop()
        for keyword, value in inner.items():
            found = []
            if keyword in ONE_SCHEMA:
                found = [(inner, keyword)]
            elif keyword in {"allOf", "anyOf", "oneOf", "prefixItems"}:
                found = [(value, index) for index in range(len(value))]
            elif keyword in {"properties", "patternProperties", "dependentSchemas", "$defs"}:
                found = [(value, name) for name in value]
            for owner, key in found:
                yield owner, key
                if isinstance(owner[key], dict):
                    waiting.append(owner[key])


def _changed_schema(random: Random, schema):
    how = random.random()
    if not isinstance(schema, dict) or how < 0.1:
        return a_schema(random, 1)
    if how < 0.18:
        return {
            random.choice(["allOf", "anyOf", "oneOf"]): [
                schema,
                *([_inner(random, 1)] if random.random() < 0.7 else []),
            ]
        }
    if how < 0.21:
        return {"not": {"not": schema}}
    schema = dict(schema)
    if how < 0.45 and schema:
        schema.pop(random.choice(list(schema)))
        return schema
    if how < 0.7:
        return schema | a_keyword(random, random.choice(TYPES[:5]), 1)
    if schema:
        _vary(random, schema, random.choice(list(schema)))
    return schema


def _vary(random: Random, schema: dict, keyword: str) -> None:
    value = schema[keyword]
    if keyword in {
        "minContains",
        "maxContains",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "minProperties",
        "maxProperties",
    }:
        schema[keyword] = max(0, value + random.choice([-1, 1]))
    elif keyword in {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}:
        schema[keyword] = value + random.choice([-1, 1, 0.5, -0.5])
    elif keyword == "multipleOf":
        schema[keyword] = value * random.choice([2, 0.5, 3])
    elif keyword in {"enum", "required"}:
        pool = VALUES if keyword == "enum" else NAMES
        schema[keyword] = [each for each in value if random.random() < 0.7] + _several(random, pool, 1)
        if keyword == "required":
            schema[keyword] = sorted(set(schema[keyword]))
    elif keyword == "type":
        schema[keyword] = random.choice([random.choice(TYPES), random.sample(TYPES, 2)])
    elif keyword in {"properties", "patternProperties"}:
        pool = NAMES if keyword == "properties" else PATTERNS
        schema[keyword] = {**value, random.choice(pool): a_schema(random, 1)}
    elif keyword in {"anyOf", "oneOf", "allOf", "prefixItems"}:
        rest = [each for each in value if random.random() < 0.7]
        schema[keyword] = [*rest, *([a_schema(random, 1)] if random.random() < 0.5 or not rest else [])]


def a_value(random: Random, depth: int = 2):
    """Return a value like those that the schemas are about."""
    how = random.random()
    if how < 0.25:
        return random.choice(VALUES)
    if depth and how < 0.5:
        names = [*NAMES, "1", "", "d"]
        return {name: a_value(random, depth - 1) for name in random.sample(names, random.randint(0, 3))}
    if depth and how < 0.7:
        return [a_value(random, depth - 1) for _ in range(random.randint(0, 4))]
    if how < 0.85:
        return random.choice([*NUMBERS, *STEPS, 4, 6, 7, -2, 0.2, 0.6, 4.5, 1e21, 10**30])
    return random.choice(
        [
            "".join(random.choices("abc1 ", k=random.randint(0, 4))),
            "2024-01-01",
            "127.0.0.1",
            "a@b.cd",
            "é",
            "🫖",
        ]
    )
