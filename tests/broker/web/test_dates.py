"""Dates as pipelines write them."""

from datetime import UTC, datetime

import pytest

from broker.web.dates import lenient

DAY = datetime(2026, 1, 3, tzinfo=UTC)
TEN = datetime(2026, 1, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-03", DAY),
        ("20260103", DAY),
        ("2026/01/03", DAY),
        ("2026-1-3", DAY),
        ("3 Jan 2026", DAY),
        ("January 3, 2026", DAY),
        ("2026-01-03 10:00", TEN),
        ("2026-01-03T10:00:00Z", TEN),
        ("2026-01-03T10:00:00.000Z", TEN),
        ("2026-01-03T10:00:00+0000", TEN),
        ("2026-01-03T11:00:00+01:00", TEN),
        ("2026-01-03T11:00:00 01:00", TEN),
        ("2026-01-03 11:00:00 +0100", TEN),
        ("2026-01-03 10:00:00 UTC", TEN),
        ("3 Jan 2026 10:00", TEN),
        ("Sat, 03 Jan 2026 10:00:00 GMT", TEN),
        (" 2026-01-03 ", DAY),
    ],
)
def test_a_date_is_understood_however_it_is_written(text, moment):
    assert lenient(text) == moment


@pytest.mark.parametrize("text", ["", "soon", "2026", "2026-13-01", "01/02/2026", "0001-01-01T00:00+14:00"])
def test_what_is_no_date_or_might_be_two_is_not_guessed(text):
    assert lenient(text) is None
