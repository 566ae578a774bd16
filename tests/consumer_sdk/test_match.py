import datetime as dt

import pytest

from consumer_sdk import DeclarationError, match


@pytest.mark.parametrize(
    ("impossible", "reason"),
    [
        (lambda: match.regex("sent", "^(open|paid)$"), "the example 'sent' does not match"),
        (lambda: match.regex("x", "("), r"'\(' is no regular expression"),
        (lambda: match.uuid("7"), "the example '7' does not match"),
        (lambda: match.decimal(4), "has no fraction; did you mean number"),
        (lambda: match.each_like(1, minimum=-1), "between -1 and None items"),
        (lambda: match.each_like(1, minimum=3, maximum=2), "between 3 and 2 items"),
        (lambda: match.each_like(1, minimum=0, maximum=0), "between 0 and 0 items"),
    ],
)
def test_a_matcher_refuses_an_example_that_breaks_its_own_rule(impossible, reason):
    with pytest.raises(DeclarationError, match=reason):
        impossible()


@pytest.mark.parametrize(
    ("matcher", "text"),
    [
        (match.timestamp(dt.datetime(2026, 1, 5, 9, 30, tzinfo=dt.UTC)), "2026-01-05T09:30:00+00:00"),
        (match.date(dt.date(2026, 1, 5)), "2026-01-05"),
        (match.time(dt.time(9, 30)), "09:30:00"),
    ],
)
def test_dates_and_times_may_be_given_as_values(matcher, text):
    assert matcher.example == text


def test_the_example_of_nested_matchers_is_plain():
    nested = {"orders": match.each_like({"id": match.integer(7)}), "sizes": (match.like("s"), "m")}

    assert match.example_of(nested) == {"orders": [{"id": 7}], "sizes": ["s", "m"]}
