"""Values of generators, and the places that they are put in."""

import re
from datetime import UTC, datetime, timedelta, timezone
from random import Random

import pytest

from tally.generators.dates import formatted, moment
from tally.generators.generated_values import (
    message_with_generated_values,
    message_with_state_values,
    response_with_state_values,
    with_generated_values,
)
from tally.generators.generator import GeneratorContext, generated
from tally.pact import Body, Message, Presence, Request, Response

FRIDAY = datetime(2026, 1, 30, 15, 4, 5, 678_000, tzinfo=UTC)
VALUES = {"id": 7, "text": "42", "yes": "true", "word": "word"}


def a_context(seed=1, **values):
    return GeneratorContext(random=Random(seed), now=FRIDAY, values=values, base_url="http://localhost:8080/")  # noqa: S311 - no secrets


def from_state(expression, **more):
    return {"type": "ProviderState", "expression": expression, **more}


@pytest.mark.parametrize(
    ("generator", "made"),
    [
        (from_state("${id}"), 7),
        (from_state("${id}", dataType="STRING"), "7"),
        (from_state("${text}", dataType="INTEGER"), 42),
        (from_state("${text}", dataType="DECIMAL"), 42.0),
        (from_state("${yes}", dataType="BOOLEAN"), True),
        (from_state("/orders/${id}/of/${text}"), "/orders/7/of/42"),
        (from_state("${unknown}"), "example"),
        (from_state("${id}-${unknown}"), "example"),
        (from_state("no expression"), "example"),
        (from_state("${word}", dataType="INTEGER"), "word"),
        ({"type": "Unheard"}, "example"),
        ({"type": "RandomInt", "min": "many"}, "example"),
        ({"type": "RandomInt", "min": 5, "max": 4}, "example"),
        ({"type": "Regex", "regex": "("}, "example"),
        ({"type": "Date", "expression": "when pigs fly"}, "example"),
        ({"type": "Date", "format": "yyyy-bb"}, "example"),
        ({"type": "MockServerURL", "regex": ".*(/orders)$", "example": "http://m/x"}, "example"),
        (
            {"type": "MockServerURL", "regex": ".*(/orders/\\d+)$", "example": "http://m:1/orders/7"},
            "http://localhost:8080/orders/7",
        ),
        ({"type": "Date"}, "2026-01-30"),
        ({"type": "Time"}, "15:04:05"),
        ({"type": "DateTime"}, "2026-01-30T15:04:05.678000"),
        ({"type": "DateTime", "format": "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"}, "2026-01-30T15:04:05.678Z"),
        ({"type": "Date", "expression": "tomorrow"}, "2026-01-31"),
    ],
)
def test_a_generator_makes_its_value_or_keeps_the_example(generator, made):
    assert generated(generator, "example", a_context(**VALUES)) == made


HEXADECIMAL = "[0-9a-f]"


@pytest.mark.parametrize(
    ("generator", "pattern"),
    [
        ({"type": "RandomInt"}, r"\d{1,10}"),
        ({"type": "RandomInt", "min": -3, "max": -1}, "-[123]"),
        ({"type": "RandomDecimal", "digits": 4}, r"(?=.{5}$)\d+\.\d+"),
        ({"type": "RandomHexadecimal", "digits": 6}, "[0-9A-F]{6}"),
        ({"type": "RandomString", "size": 5}, "[A-Za-z0-9]{5}"),
        ({"type": "RandomBoolean"}, "True|False"),
        ({"type": "Regex", "regex": r"^(?<area>[A-C]{2})-\d{3}$"}, r"[A-C]{2}-\d{3}"),
        ({"type": "Regex", "regex": r"[A-C]{2}\z"}, r"[A-C]{2}"),
        ({"type": "Uuid"}, f"{HEXADECIMAL}{{8}}-{HEXADECIMAL}{{4}}-4.+"),
        ({"type": "Uuid", "format": "simple"}, f"{HEXADECIMAL}{{32}}"),
        ({"type": "Uuid", "format": "upper-case-hyphenated"}, "[0-9A-F]{8}-.{27}"),
        ({"type": "Uuid", "format": "URN"}, f"urn:uuid:{HEXADECIMAL}{{8}}-.+"),
    ],
)
def test_a_random_value_has_its_form_and_depends_on_the_seed_alone(generator, pattern):
    drawn = [generated(generator, "example", a_context(seed)) for seed in range(20)]

    assert [value for value in drawn if not re.fullmatch(pattern, str(value))] == []
    assert drawn == [generated(generator, "example", a_context(seed)) for seed in range(20)]
    assert len(set(drawn)) > 1


@pytest.mark.parametrize(
    ("expression", "then"),
    [
        ("now", "2026-01-30 15:04:05"),
        ("today", "2026-01-30 15:04:05"),
        ("yesterday", "2026-01-29 15:04:05"),
        ("tomorrow + 2 weeks", "2026-02-14 15:04:05"),
        ("+ 1 month", "2026-02-28 15:04:05"),
        ("- 1 year + 1 day", "2025-01-31 15:04:05"),
        ("+90 minutes - 5 seconds", "2026-01-30 16:34:00"),
        ("next month", "2026-02-28 15:04:05"),
        ("next monday", "2026-02-02 15:04:05"),
        ("next fri", "2026-02-06 15:04:05"),
        ("last friday", "2026-01-23 15:04:05"),
        ("last tues", "2026-01-27 15:04:05"),
        ("today @ noon", "2026-01-30 12:00:00"),
        ("midnight", "2026-01-30 00:00:00"),
        ("tomorrow @ 4 o'clock pm + 1 hour", "2026-01-31 17:00:00"),
        ("@ 12 o'clock am", "2026-01-30 00:00:00"),
        ("16 o'clock", "2026-01-30 16:00:00"),
    ],
)
def test_an_expression_names_a_moment(expression, then):
    assert f"{moment(expression, FRIDAY):%Y-%m-%d %H:%M:%S}" == then


@pytest.mark.parametrize("expression", ["soon", "today + 1 lunch", "25 o'clock", "next", "today and more"])
def test_an_expression_that_cannot_be_read_is_refused(expression):
    with pytest.raises(ValueError, match=r"cannot be read|is not known|no hour"):
        moment(expression, FRIDAY)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("EEEE, d MMMM yy", "Friday, 30 January 26"),
        ("EEE dd MMM uuuu", "Fri 30 Jan 2026"),
        ("h:mm a", "3:04 PM"),
        ("hh 'o''clock' ''", "03 o'clock '"),
        ("kk K D", "15 3 30"),
        ("ss.SSSSSS n[ z]", "05.678000 678000000 UTC"),
        ("HH:mmX xx Z", "15:04Z +0000 +0000"),
    ],
)
def test_a_moment_is_written_by_a_pattern(pattern, text):
    assert formatted(FRIDAY, pattern) == text


@pytest.mark.parametrize(
    ("pattern", "text"), [("X", "-0330"), ("XXX", "-03:30"), ("xx", "-0330"), ("Z", "-0330")]
)
def test_an_offset_is_written_by_a_pattern(pattern, text):
    in_newfoundland = FRIDAY.astimezone(timezone(-timedelta(hours=3, minutes=30)))

    assert formatted(in_newfoundland, pattern) == text


def test_a_random_boolean_of_a_query_is_written_as_json_writes_it():
    request = Request(query={"all": ("x",)}, generators={"query": {"all": {"type": "RandomBoolean"}}})

    assert with_generated_values(request, a_context).query["all"][0] in {"true", "false"}


@pytest.mark.parametrize("key", ["ids", "$.ids", "ids[1]", "$.ids[1]"])
def test_a_value_of_a_query_is_found_by_name_and_by_position(key):
    request = Request(query={"ids": ("1", "2")}, generators={"query": {key: from_state("${id}")}})

    query = with_generated_values(request, lambda: a_context(id=9)).query

    assert query == {"ids": ("1", "9") if "[1]" in key else ("9", "9")}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("$.items[0].id", {"items": [{"id": 9}, {"id": 2}], "id": 3}),
        ("$.items[*].id", {"items": [{"id": 9}, {"id": 9}], "id": 3}),
        ("$['id']", {"items": [{"id": 1}, {"id": 2}], "id": 9}),
        ("$..[", {"items": [{"id": 1}, {"id": 2}], "id": 3}),
        ("$.nothing.here", {"items": [{"id": 1}, {"id": 2}], "id": 3}),
        ("$.id.deeper", {"items": [{"id": 1}, {"id": 2}], "id": 3}),
    ],
)
def test_a_value_in_a_body_is_found_by_its_path(path, body):
    example = {"items": [{"id": 1}, {"id": 2}], "id": 3}
    request = Request(
        body=Body(Presence.PRESENT, example, "application/json"),
        generators={"body": {path: from_state("${id}")}},
    )

    assert with_generated_values(request, lambda: a_context(id=9)).body.value == body


def test_a_body_that_is_text_stays_as_it_is():
    request = Request(
        body=Body(Presence.PRESENT, "id=1", "text/plain"), generators={"body": {"$.id": from_state("${id}")}}
    )

    assert with_generated_values(request, lambda: a_context(id=9)).body.value == "id=1"


def a_message(**changes):
    """Return a message about order 1 whose id and key come from the provider's state."""
    return Message(
        **{
            "body": Body(Presence.PRESENT, {"id": 1, "drawn": 5}, "application/json"),
            "metadata": {"key": "1", "topic": "orders"},
            "generators": {
                "contents": {
                    "$.id": from_state("${id}"),
                    "$.drawn": {"type": "RandomInt", "min": 7, "max": 7},
                },
                "metadata": {"key": from_state("${id}", dataType="STRING")},
            },
            **changes,
        }
    )


def test_a_message_that_is_sent_has_every_generated_value():
    sent = message_with_generated_values(a_message(), lambda: a_context(id=9))

    assert sent.body.value == {"id": 9, "drawn": 7}
    assert sent.metadata == {"key": "9", "topic": "orders"}


def test_a_message_that_is_expected_has_the_values_of_states_alone():
    expected = message_with_state_values(a_message(), {"id": 9})

    assert expected.body.value == {"id": 9, "drawn": 5}
    assert expected.metadata == {"key": "9", "topic": "orders"}


@pytest.mark.parametrize(
    ("example", "handed_back", "expected"),
    [
        (1, "42", 42),
        ("1", 42, "42"),
        (1.5, 2, 2.0),
        (1, "a7", "a7"),
        (True, "yes", "yes"),
        (None, 7, 7),
        (1, True, True),
        ({"a": 1}, "x", "x"),
    ],
)
def test_a_value_that_is_expected_has_the_type_of_the_example_where_it_can(example, handed_back, expected):
    response = Response(
        headers={"X-Id": ("1",)},
        body=Body(Presence.PRESENT, {"id": example}, "application/json"),
        generators={"body": {"$.id": from_state("${id}")}, "header": {"x-id": from_state("${id}")}},
    )

    filled = response_with_state_values(response, {"id": handed_back})

    assert filled.body.value == {"id": expected}
    assert type(filled.body.value["id"]) is type(expected)


def test_a_field_of_a_form_is_found_by_its_name():
    body = Body(Presence.PRESENT, "id=1&name=A+B&id=2", "application/x-www-form-urlencoded")
    request = Request(body=body, generators={"body": {"$.id[1]": from_state("${id}")}})

    assert with_generated_values(request, lambda: a_context(id=9)).body.value == "id=1&id=9&name=A+B"
