"""How single values read on a page."""

from datetime import UTC, datetime, timedelta

import pytest

from broker.web.pages.filters import is_web_address, short
from tally.amounts import ago, counted

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=47), "1 day ago"),
        (timedelta(days=30), "1 month ago"),
        (timedelta(days=359), "11 months ago"),
        (timedelta(days=360), "1 year ago"),
        (timedelta(days=4000), "11 years ago"),
    ],
)
def test_a_moment_is_told_by_how_long_ago_it_was(passed, words):
    assert ago(NOW - passed, NOW) == words


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("1.2.3", "1.2.3"),
        (COMMIT, "0123456"),
        (COMMIT.upper(), COMMIT.upper()),
        ("x" * 50, "x" * 50),
        ("a" * 30 + "b" * 30, "a" * 24 + "…" + "b" * 24),
    ],
)
def test_version_numbers_are_shown_short(number, shown):
    assert short(number) == shown


def test_an_amount_has_a_plural_unless_it_is_one():
    assert [counted(n, "pact") for n in (0, 1, 2, 1234)] == ["0 pacts", "1 pact", "2 pacts", "1,234 pacts"]


@pytest.mark.parametrize(
    ("url", "may_be_linked"),
    [
        ("https://ci.example.org/1", True),
        ("HTTP://ci.example.org/1", True),
        ("javascript:alert(1)", False),
        (" https://x", False),
        ("//x", False),
    ],
)
def test_only_web_addresses_become_links(url, may_be_linked):
    assert is_web_address(url) is may_be_linked
