import orjson
import pytest

from broker.domain.insights.measured import measured, packed, turned, unpacked


def seen(*tests):
    return measured(orjson.dumps(list(tests)))


def test_a_result_of_our_verifier_has_durations():
    (found,) = seen(
        {"interactionId": "a", "interactionDescription": "an order", "success": True, "durationMs": 12.5}
    )

    assert (found.id, found.name, found.success, found.milliseconds) == ("a", "an order", True, 12.5)


def test_seconds_of_rspec_are_milliseconds():
    results = orjson.dumps(
        {"tests": [{"interactionDescription": "an order", "status": "passed", "run_time": 0.25}]}
    )

    assert [(each.success, each.milliseconds) for each in measured(results)] == [(True, 250)]


@pytest.mark.parametrize("value", [None, True, "12", -1, 1e300, [], {}])
def test_what_is_no_duration_counts_as_none(value):
    (found,) = seen({"interactionId": "a", "success": False, "durationMs": value})

    assert found.milliseconds is None
    assert not found.success


@pytest.mark.parametrize(
    "text", [None, b"null", b"[]", b'"text"', b"[1, [], {}]", b'[{"success": true}]', b'{"tests": 3}']
)
def test_what_names_no_interaction_is_ignored(text):
    assert measured(text) == []


def test_numbers_that_few_programs_hold_hide_nothing():
    text = b'[{"interactionId": "a", "success": true, "durationMs": 3, "more": ' + b"9" * 400 + b"}]"

    assert [each.id for each in measured(text)] == ["a"]


@pytest.mark.parametrize("field", ["durationMs", "run_time"])
def test_a_duration_that_few_programs_hold_counts_as_none(field):
    text = f'[{{"interactionId": "a", "success": true, "{field}": {"9" * 400}}}]'.encode()

    assert [(each.id, each.milliseconds) for each in measured(text)] == [("a", None)]


def test_what_is_packed_is_unpacked():
    found = seen(
        {"interactionId": "a", "success": True, "durationMs": 3},
        {"interactionDescription": "é", "success": False},
    )

    assert unpacked(packed(found)) == found


def test_a_verdict_turns_when_it_is_another_one_for_the_same_interaction():
    before = seen({"interactionId": "a", "success": True}, {"interactionId": "b", "success": False})
    now = seen(
        {"interactionId": "a", "success": False},
        {"interactionId": "b", "success": False},
        {"interactionId": "c", "success": True},
    )

    assert turned(now, before) == {"a"}


def test_an_interaction_that_occurs_twice_passes_when_both_do():
    twice = seen(
        {"interactionDescription": "a", "success": True}, {"interactionDescription": "a", "success": False}
    )
    other_way = seen(
        {"interactionDescription": "a", "success": False}, {"interactionDescription": "a", "success": True}
    )

    assert turned(twice, other_way) == set()
