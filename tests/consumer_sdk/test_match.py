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
        (lambda: match.regex("abc1", "[[:alpha:]]+"), "the example 'abc1' does not match"),
        (lambda: match.time("01:37:52.261", "HH:mm:ss.fff"), 'the letter "f" of the format is not known'),
        (lambda: match.date("2026-13-01"), "the example '2026-13-01' is not written as 'yyyy-MM-dd'"),
        (lambda: match.date("2026-01-01", "jjjj"), 'the letter "j" of the format is not known'),
        (lambda: match.timestamp("2026-01-05T09:30:00"), "is not written as"),
        (lambda: match.timestamp("2026-01-05", "'"), "'\"'\"' is no format|is not written as"),
    ],
)
def test_a_matcher_refuses_an_example_that_breaks_its_own_rule(impossible, reason):
    with pytest.raises(DeclarationError, match=reason):
        impossible()


@pytest.mark.parametrize(
    ("example", "pattern"),
    [("abc", "[[:alpha:]]+"), ("ab", r"(?<x>a)\h"), ("x", "(?<name>x)"), ("fé", r"\X+")],
)
def test_an_expression_is_read_as_the_provider_s_verifier_reads_it(example, pattern):
    assert match.regex(example, pattern).attributes == {"regex": pattern}


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
