"""Pacts made from the cases of the Pact specification, and broken at random: as values, or as text."""

import copy
import json
import string
from functools import cache
from pathlib import Path
from random import Random

SPECIFICATION = Path(__file__).parents[1] / "data" / "pact-specification"
VERSIONS = {"v1": "1.0.0", "v1.1": "1.1.0", "v2": "2.0.0", "v3": "3.0.0", "v4": "4.0"}
PLAIN = {"request": {"method": "GET", "path": "/"}, "response": {"status": 200}}
SCALARS = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    10**30,
    "",
    " ",
    "x",
    "$",
    "$.",
    "$[",
    "é",
    "\ud800",
    "\x00",
    "(?",
    "*",
)
OBJECTS = (
    *([], {}, [None], [[]], [1, "a"], {"": None}, {"a": {"b": []}}, {"content": "é", "encoded": "base64"}),
    *(
        {"match": "regex", "regex": "[[:x:]]"},
        {"match": ["type"]},
        {"matchers": [{"match": "type", "min": -1}]},
    ),
    *({"type": "ProviderState", "expression": "${"}, {"type": 1}, {"$.a": {"matchers": {}}}),
    {"json_class": "Pact::Term", "data": {}},
)
_OUTER = 3
_MOSTLY = 0.9
"""How often what is inside of an interaction is changed, because other changes are nearly always refused."""
WORDS = (
    *(
        "body",
        "content",
        "contents",
        "status",
        "headers",
        "matchingRules",
        "generators",
        "request",
        "response",
    ),
    *(
        "providerStates",
        "providerState",
        "metadata",
        "query",
        "path",
        "type",
        "encoded",
        "contentType",
        "messages",
    ),
)


@cache
def originals():
    """Return a pact for each case of the specification."""
    files = sorted(SPECIFICATION.glob("*/*/*/*.json"))
    return [_pact(*file.relative_to(SPECIFICATION).parts[:2], _expected(file)) for file in files]


def _expected(file):
    return json.loads(file.read_text("utf-8-sig"))["expected"]


def _pact(version, part, expected):
    if part == "message":
        kind = {"type": "Asynchronous/Messages"} if version == "v4" else {}
        interactions = {
            "interactions" if version == "v4" else "messages": [{"description": "m", **kind, **expected}]
        }
    else:
        kind = {"type": "Synchronous/HTTP"} if version == "v4" else {}
        filled = {**PLAIN, part: {**PLAIN[part], **expected}}
        interactions = {"interactions": [{"description": "i", **kind, **filled}]}
    return {
        "consumer": {"name": "Shop"},
        "provider": {"name": "Orders"},
        **interactions,
        "metadata": {"pactSpecification": {"version": VERSIONS[version]}},
    }


def mutant(seed, pacts=None):
    """Return the text of one of the *pacts*, by default of `originals`, with one to three changes."""
    chance = Random(seed)  # noqa: S311 - chance for cases, not for secrets
    pacts = pacts or originals()
    document = copy.deepcopy(chance.choice(pacts))
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        _change(document, chance, pacts)
    text = json.dumps(document)
    return _broken_text(text, chance) if chance.random() < 0.1 else text.encode()


def places(value, path=()):
    """Yield the path of everything inside *value*."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield (*path, key)
        yield from places(item, (*path, key))


def _change(document, chance, pacts):
    found = list(places(document))
    if not found:
        return
    inner = [path for path in found if len(path) > _OUTER]
    *path, last = chance.choice(inner if inner and chance.random() < _MOSTLY else found)
    parent = _at(document, path)
    how = chance.choice(("value", "value", "value", "leave out", "name", "wrap", "other", "text"))
    if how == "value":
        parent[last] = copy.deepcopy(chance.choice((*SCALARS, *OBJECTS)))
    elif how == "leave out" or (how == "name" and isinstance(parent, list)):
        del parent[last]
    elif how == "name":
        parent[chance.choice((*WORDS, last.upper(), last[:-1], f"{last}s", "\ud800"))] = parent.pop(last)
    elif how == "wrap":
        parent[last] = chance.choice(([parent[last]], {chance.choice(WORDS): parent[last]}))
    elif how == "other":  # from another pact
        other = chance.choice(pacts)
        parent[last] = copy.deepcopy(_at(other, chance.choice(list(places(other)))))
    elif isinstance(parent[last], str):
        parent[last] = _scrambled(parent[last], chance)


def _at(value, path):
    for key in path:
        value = value[key]
    return value


def _scrambled(text, chance):
    at = chance.randrange(len(text) + 1)
    drawn = chance.choice((*string.punctuation, "é", "\u2028", "\ud83d", ""))
    return text[:at] + drawn + text[at + chance.randrange(2) :]


def _broken_text(text, chance):
    content = bytearray(text.encode())
    at = chance.randrange(len(content))
    how = chance.choice(("cut", "byte", "insert", "twice", "number"))
    if how == "cut":
        del content[at:]
    elif how == "byte":
        content[at] = chance.randrange(256)
    elif how == "insert":
        content[at:at] = chance.choice(
            (b"\xff", b"\x00", b"[" * 2000, b'{"a":' * 2000, b"//", b"NaN", b"\xef\xbb\xbf")
        )
    elif how == "number":
        number = chance.choice((b"1E400", b"9" * 5000, b"-0.0", b"NaN", b"1e-400", b"0x1", b"01"))
        return bytes(content).replace(b"200", number).replace(b"null", number)
    else:
        content += bytes(content)
    return bytes(content)
