import datetime as dt
import re

import pytest

from consumer_sdk import DeclarationError, generate, match


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
        (lambda: match.timestamp("2026-01-05", "yyyy'"), "is no format|is not written as"),
        (lambda: match.regex("opened", "open"), "the example 'opened' does not match 'open'"),
        (lambda: match.regex(7, r"\d"), "regex: the example 7 is no text"),
        (lambda: match.integer("7"), "integer: the example '7' is not an integer"),
        (lambda: match.integer(True), "integer: the example True is not an integer"),  # noqa: FBT003 - the example
        (lambda: match.number("7"), "number: the example '7' is not a number"),
        (lambda: match.decimal("4.5"), "decimal: the example '4.5' is not a decimal number"),
        (lambda: match.boolean("true"), "boolean: the example 'true' is not True or False"),
        (lambda: match.includes("tea", "milk"), "includes: the example 'milk' is not a value that includes"),
        (lambda: match.includes(""), "includes: '' cannot be looked for"),
        (lambda: match.not_empty([]), r"not_empty: the example \[\] is empty"),
        (lambda: match.semver("1.2"), "semver: the example '1.2' is not a semantic version"),
        (lambda: match.status_code(404, "success"), "status_code: the example 404 is not a success"),
        (lambda: match.status_code(404, "good"), "expected a list of statuses or one of info, success"),
        (lambda: match.content_type(b"GIF89a", "image/png"), "content_type: the example b'GIF89a' is not"),
        (lambda: match.one_of("a", 1), "are of several types; join them: match.any_of"),
        (lambda: match.one_of(1.5, 2), "one_of: give texts or whole numbers"),
        (match.array_containing, "without a variant it would accept every list"),
        (lambda: match.each_key({"A": 1}, match.regex("a", "^[a-z]$")), "each_key: the example 'A' is not"),
        (lambda: match.each_key({"a": 1}), "each_key: which rule"),
        (lambda: match.each_key({}, match.like("a")), "the example {} is no object with a key"),
        (lambda: match.each_value({"a": 1}, "b"), "each_value: 'b' is no matcher; give one"),
        (lambda: match.each_value({"a": [1]}, match.each_like(1)), "this rule has rules inside"),
        (lambda: match.integer(7) & match.semver("1.2.3"), "all_of: the example 7 is not a semantic version"),
        (lambda: (match.integer(7) | match.null()) & match.number(7), "by AND or by OR, not by both"),
        (
            lambda: match.any_of(match.integer(7), 8),
            "any_of: 8 is no matcher; to be equal to it is match.equal",
        ),
        (lambda: match.regex("a", re.compile("a")), "regex: the pattern .* is no text"),
        (lambda: match.time(7), r"time: 7 \(int\) is no time, and no text of one"),
        (lambda: match.timestamp(dt.date(2026, 1, 5)), r"\(date\) is no timestamp, and no text of one"),
        (lambda: match.date(dt.datetime(2026, 1, 5, tzinfo=dt.UTC)), r"\(datetime\) is no date"),
        (lambda: match.timestamp(dt.datetime(2026, 1, 5), "HH:mmX"), "has a time zone, but .* has none"),  # noqa: DTZ001 - on purpose
        (lambda: match.date(dt.date(2026, 1, 5), "jj"), 'the letter "j" of the format'),
        (lambda: generate.date("2026-01-05", expression="someday"), "date: 'someday' names no moment"),
        (lambda: match.time("009:30", "HHH:mm"), "'HHH' are too many letters; the most is 'HH'"),
        (
            lambda: match.time("09:30", "HH:mm[:ss]"),
            "has a part in brackets, which Pact's core does not read",
        ),
        (lambda: match.date("2026", "y"), "programs read 'y' differently; write 'yyyy'"),
        (lambda: match.date("", ""), "it has no letter; did you mean match.equal"),
        (lambda: match.date("x", "'x'"), "it has no letter"),
        (lambda: generate.time("09:30:000", "HH:mm:sss"), "'sss' are too many letters"),
        (lambda: match.date("2026-01-05", None), r"date: None \(NoneType\) is no date"),
        (lambda: match.each_like(1, minimum="2"), "each_like: '2' is no number of items; give an int"),
        (lambda: match.status_code(200, 200), "status_code: 200 is neither a class of statuses nor a list"),
        (lambda: match.includes(7), "includes: 7 cannot be looked for"),
        (lambda: generate.random_int("7"), "integer: the example '7' is not an integer"),
        (lambda: generate.random_string("a", size="3"), "random_string: '3' is not between|3 is not between"),
        (lambda: generate.provider_state(7, 7), "provider_state: 7 names no value of a state"),
        (lambda: match.optional("x"), "a pact cannot say that a field may be there or not"),
        (lambda: generate.random_int(7, maximum=5), "random_int: 7 is not between 0 and 5"),
        (lambda: generate.random_decimal(4.5, digits=1), "random_decimal: 1 is not between 2 and 300"),
        (lambda: generate.uuid("7"), "uuid: the example '7' does not match"),
        (lambda: generate.uuid("7", "short"), "uuid: 'short' is not known; known are simple"),
        (lambda: generate.provider_state("id", 7), r"names no value of a state; write it as \${name}"),
        (lambda: generate.mock_server_url("http://x/a", ".*"), "needs one group, around the path that stays"),
        (lambda: generate.date("2026-01-05", "jjjj"), 'the letter "j" of the format is not known'),
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
    ("pattern", "written"),
    [
        (r"(?P<x>a)(?P=x)", r"(?<x>a)\k<x>"),
        (r"(a)\1", r"(a)\1"),
        (r"\\*(?P<x>aa)", r"\\*(?<x>aa)"),
        (r"\(?P?<?aa", r"\(?P?<?aa"),
    ],
)
def test_groups_with_names_are_written_as_other_languages_spell_them(pattern, written):
    assert match.regex("aa", pattern).attributes["regex"] == written
    assert generate.regex("aa", pattern).generator["regex"] == written


@pytest.mark.parametrize(
    ("matcher", "text"),
    [
        (match.timestamp(dt.datetime(2026, 1, 5, 9, 30, tzinfo=dt.UTC)), "2026-01-05T09:30:00+00:00"),
        (match.date(dt.date(2026, 1, 5)), "2026-01-05"),
        (match.time(dt.time(9, 30)), "09:30:00"),
        (match.date(dt.date(2026, 1, 5), "dd.MM.yyyy"), "05.01.2026"),
        (match.time(dt.time(9, 30), "HH:mm"), "09:30"),
        (
            match.timestamp(dt.datetime(2026, 1, 5, 9, 30, tzinfo=dt.UTC), "yyyyMMdd'T'HHmmssX"),
            "20260105T093000Z",
        ),
    ],
)
def test_dates_and_times_may_be_given_as_values(matcher, text):
    assert matcher.example == text


def test_the_example_of_nested_matchers_is_plain():
    nested = {"orders": match.each_like({"id": match.integer(7)}), "sizes": (match.like("s"), "m")}

    assert match.example_of(nested) == {"orders": [{"id": 7}], "sizes": ["s", "m"]}


@pytest.mark.parametrize(
    "alternatives",
    [
        lambda: match.null() | match.like("x"),
        lambda: match.equal(1) | match.equal(2),
        lambda: match.integer(7) | match.null() | match.like("x"),
    ],
)
def test_an_alternative_that_would_refuse_its_own_example_is_refused(alternatives):
    with pytest.raises(DeclarationError, match="would never accept"):
        alternatives()


def test_alternatives_that_compare_with_the_first_example_are_kept():
    assert (match.like("x") | match.null()).example == "x"
    assert (match.like("x") | match.like("y")).example == "x"
