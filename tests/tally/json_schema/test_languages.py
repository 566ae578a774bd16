"""What is proved about regular expressions is true; what is plain is proved."""

from itertools import product
from math import inf
from random import Random

import jsonschema_rs
import pytest

from tally.json_schema.containment import Answer, contains
from tally.json_schema.languages import Texts, surely_all_match, surely_as_long

LETTERS = ("a", "b", "1", "\n", "\r", "-", "é")
TEXTS = ["".join(letters) for length in range(4) for letters in product(LETTERS, repeat=length)]
ATOMS = (
    *"ab1-é",
    ".",
    r"\d",
    r"\w",
    r"\s",
    r"\D",
    r"\S",
    "[ab]",
    "[^a]",
    "[a-b1]",
    r"[\s\S]",
    r"[\d-]",
    r"\n",
)
QUANTIFIERS = ("", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,1}", "{1,}", "*?")


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        (r"^[0-9]+$", r"^\d+$"),
        (r"^a{2,3}$", r"^a+$"),
        ("ab", "a"),
        ("^(red|green)$", "^(green|blue|red)$"),
        (r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", r"^[\w-]{36}$"),
        (r"^\d{4}-\d{2}-\d{2}$", r"^\d+-\d+-\d+$"),
        ("^a.*z$", "^a"),
    ],
)
def test_an_expression_that_allows_less_is_known(narrow, wide):
    assert (
        contains({"type": "string", "pattern": wide}, {"type": "string", "pattern": narrow}).answer
        is Answer.YES
    )


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ({"pattern": "^.{2,3}$"}, {"minLength": 2, "maxLength": 3}),
        ({"minLength": 1}, {"pattern": r"[\s\S]"}),
        ({"pattern": "^a*$", "minLength": 2}, {"pattern": "^aa+$"}),
        ({"allOf": [{"pattern": "^a"}, {"pattern": "b$"}]}, {"pattern": r"^a[\s\S]*b$"}),
    ],
)
def test_lengths_and_several_expressions_count_together(narrow, wide):
    assert contains({"type": "string", **wide}, {"type": "string", **narrow}).answer is Answer.YES


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("^(?=a)a$", "^a$"),
        (r"^(a)\1$", "^aa$"),
        ("^[a&&b]$", "^[ab&]$"),
        ("^((a{1,99}){1,99}){1,99}$", "^(a{1,99}){1,98}$"),
        (r"^\bwhole\b$", "whole"),
        ("^a$", "[a-z]*"),
    ],
    ids=["looks ahead", "refers back", "read in different ways", "too large", "bounds of words", "any text"],
)
def test_what_is_more_than_regular_proves_nothing(narrow, wide):
    assert not surely_all_match(Texts((narrow,)), wide)


def an_expression(random):
    parts = []
    for _ in range(random.randint(0, 3)):
        inner = "".join(random.choices(ATOMS, k=random.randint(1, 2)))
        other = random.choice(ATOMS)
        parts.append(
            random.choice(["^", "$", *(f"{each}" for each in (f"({inner}|{other})", other) for _ in "ab")])
        )
        if parts[-1] not in "^$":
            parts[-1] += random.choice(QUANTIFIERS)
    first, last = random.choice([("", ""), ("^", ""), ("^", "$")])
    return f"{first}{''.join(parts)}{last}"


def test_no_text_contradicts_a_proof():
    random = Random(14)  # noqa: S311 - the same cases every time
    proved = 0
    for _ in range(300):
        narrow, wide = an_expression(random), an_expression(random)
        least, most = random.choice([(0, inf), (1, inf), (0, 2), (2, 3)])
        accepts = [jsonschema_rs.Draft202012Validator({"pattern": each}).is_valid for each in (narrow, wide)]
        texts = [text for text in TEXTS if accepts[0](text)]
        if surely_all_match(Texts((narrow,), least, most), wide):
            proved += 1
            assert all(accepts[1](text) for text in texts if least <= len(text) <= most), (narrow, wide)
        if surely_as_long(Texts((narrow,)), 1, 2):
            assert all(1 <= len(text) <= 2 for text in texts), narrow
    assert proved > 30
