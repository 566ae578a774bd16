"""The form of tokens, how one is recognised, and how long it lives."""

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from broker.domain.accounts.tokens import (
    TokenKind,
    expires_soon,
    expiry,
    is_damaged_token,
    new_token,
    token_digest,
    token_kind,
)
from broker.domain.errors import ValidationError

CHANCE = bytes(range(32))
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
TOKEN = new_token(TokenKind.PERSONAL, CHANCE)


@pytest.mark.parametrize(
    ("kind", "prefix"),
    [(TokenKind.PERSONAL, "tallyp_"), (TokenKind.SERVICE, "tallys_"), (TokenKind.CI, "tallyc_")],
)
@pytest.mark.parametrize("chance", [bytes(32), CHANCE, b"\xff" * 32])
def test_a_token_has_the_prefix_of_its_kind_and_49_letters_and_digits(kind, prefix, chance):
    token = new_token(kind, chance)

    assert re.fullmatch(prefix + "[0-9A-Za-z]{49}", token.text)
    assert token_kind(token.text) is kind
    assert not is_damaged_token(token.text)
    assert token.prefix == token.text[:15]
    assert token.digest == token_digest(token.text) == sha256(token.text.encode()).digest()


def test_the_form_of_a_token_stays_as_it_is():
    """Tokens that were given out must be known after an upgrade, and scanners look for this form."""
    assert TOKEN.text == "tallyp_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf2uRji5"


def test_different_chance_makes_different_tokens():
    texts = {new_token(TokenKind.CI, bytes([number]) + CHANCE[1:]).text for number in range(256)}

    assert len(texts) == 256


def test_other_than_32_bytes_of_chance_are_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        new_token(TokenKind.CI, b"short")


def test_neither_text_nor_digest_of_a_token_is_in_its_repr():
    assert TOKEN.text[15:] not in repr(TOKEN)
    assert repr(TOKEN.digest) not in repr(TOKEN)


def test_each_wrong_character_of_a_token_is_noticed():
    for place in range(7, len(TOKEN.text)):
        other = "a" if TOKEN.text[place] != "a" else "b"
        mistyped = TOKEN.text[:place] + other + TOKEN.text[place + 1 :]

        assert token_kind(mistyped) is None
        assert is_damaged_token(mistyped)


@pytest.mark.parametrize(
    "text",
    [
        TOKEN.text[:-1],
        TOKEN.text + "0",
        TOKEN.text + "\n",
        " " + TOKEN.text,
        TOKEN.text.upper(),
        TOKEN.text.replace("tallyp_", "tallys_"),
        "tallyp_",
        "tallyp_" + "é" * 49,
        "tallyp_" + "٣" * 49,
        "tallyp_" + "\ud800" * 49,
        "tallyp_" + "_" * 49,
        "",
        "\ud800",
        "tallyp_" + "0" * 1_000_000,
    ],
    ids=lambda text: f"{len(text)} {text[:16]!a}",
)
def test_what_is_no_token_of_ours_is_not_known_and_does_no_harm(text):
    assert token_kind(text) is None
    assert is_damaged_token(text) == text.startswith(("tallyp_", "tallys_", "tallyc_"))
    assert len(token_digest(text)) == 32


def test_a_token_of_the_settings_is_not_damaged():
    assert token_kind("a-token-of-the-settings") is None
    assert not is_damaged_token("a-token-of-the-settings")


@pytest.mark.parametrize("days", [1, 90, 365])
def test_a_token_lives_as_many_days_as_asked_for(days):
    assert expiry(NOW, days) == NOW + timedelta(days=days)


def test_a_token_lives_90_days_when_nothing_is_said():
    assert expiry(NOW) == NOW + timedelta(days=90)


@pytest.mark.parametrize("days", [-1, 0, 366, 10**12])
def test_a_token_that_would_live_too_long_or_not_at_all_is_refused(days):
    with pytest.raises(ValidationError) as refusal:
        expiry(NOW, days)

    assert refusal.value.errors == {"expiresInDays": ["must be from 1 to 365"]}


@pytest.mark.parametrize(
    ("left", "is_warned"),
    [
        (timedelta(seconds=-1), False),
        (timedelta(0), False),
        (timedelta(seconds=1), True),
        (timedelta(days=14), True),
        (timedelta(days=14, seconds=1), False),
    ],
)
def test_a_token_expires_soon_when_it_has_14_days_left(left, is_warned):
    assert expires_soon(NOW + left, NOW) is is_warned
