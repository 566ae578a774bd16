"""What an entry says of the state before and after: JSON of 8 KiB at most, without secrets."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.domain.audit.details import MOST_BYTES, details
from tally.hashing import canonical_json, parse_json

STARS = "**********"
CANARY = "canary-4711"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


def said(value):
    return json.loads(details(value))


def test_nothing_is_nothing():
    assert details(None) is None


@pytest.mark.parametrize(
    "value",
    [
        {"password": CANARY},
        {"basicAuthPassword": CANARY},
        {"headers": {"Authorization": CANARY, "Accept": "text/plain"}},
        {"token": [CANARY, CANARY]},
        {"secret": {"value": CANARY}},
        {"digest": f"Bearer {CANARY}"},
        {"url": f"https://user:{CANARY}@ci.example.org/"},
        {"url": f"https://ci.example.org/?token={CANARY}"},
        {"body": f'{{"apiKey": "{CANARY}"}}'},
        {"note": f"tallyp_{CANARY}"},
        {"note": f"x tallys_{CANARY} and tallyc_{CANARY}"},
        [{f"tallyc_{CANARY}": 1}],
        {"password": 4711},
    ],
    ids=str,
)
def test_secrets_are_stars(value):
    text = details(value).decode()

    assert STARS in text
    assert "4711" not in text


def test_what_is_no_secret_stays():
    value = {
        "name": "ci-token",
        "tokenType": "x",
        "isSecret": True,
        "passwordChanged": True,
        "password": None,
    }

    assert said(value) == value


@dataclass(frozen=True)
class Thing:
    name: str
    kind: Enum
    at: datetime


class Kind(Enum):
    ONE = "one"


def test_values_of_services_become_json():
    moment = datetime(2026, 11, 29, tzinfo=UTC)

    found = said({"t": Thing("x", Kind.ONE, moment), "d": date(2026, 1, 2), "s": {"b", "a"}, "o": object()})

    thing = {"name": "x", "kind": "one", "at": "2026-11-29T00:00:00+00:00"}
    assert found == {"t": thing, "d": "2026-01-02", "s": ["a", "b"], "o": "(object)"}


def test_what_is_cut_is_said():
    found = said({"text": "x" * 5000, "list": list(range(500))})

    assert found["text"] == "x" * 1000 + "… (5000 characters)"
    assert found["list"][-1] == "… (400 more)"
    assert len(found["list"]) == 101


def test_a_secret_in_a_text_that_is_cut_is_not_seen():
    text = details({"text": "x" * 985 + f" token={CANARY}", "long": "y" * 70_000}).decode()

    assert CANARY[:5] not in text
    assert "… (70000 characters)" in text


@pytest.mark.parametrize(
    "value",
    [
        {str(number): "x" * 1000 for number in range(200)},
        [["x" * 300] * 300] * 300,
        "\u20ac" * 60_000,
        ["\u20ac" * 900] * 90,
        {"x" * 60_000: 1},
        {f"{number:0>900}": 1 for number in range(100)},
    ],
    ids=["many texts", "nested", "one text", "wide characters", "a long key", "long keys"],
)
def test_nothing_is_longer_than_8_kib(value):
    assert 20 < len(details(value)) <= MOST_BYTES


def test_a_large_document_is_not_looked_at_as_a_whole():
    found = said([[[number] * 50 for number in range(100)] for _ in range(100)])

    assert found[0][0] == [0] * 50
    assert found[-1] == "…"


def test_deep_values_are_cut():
    value = leaf = {}
    for _ in range(5000):
        leaf["a"] = {}
        leaf = leaf["a"]

    assert "… (1 values)" in details(value).decode()


@given(JSON)
def test_whatever_is_said_is_canonical_json(value):
    text = details(value)

    if value is not None:
        assert len(text) <= MOST_BYTES
        assert canonical_json(parse_json(text)) == text
