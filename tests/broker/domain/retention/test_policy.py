"""Which versions are kept, by tables of cases."""

from datetime import timedelta

import pytest
from support.factories import NOON

from broker.domain.retention.keep_selectors import InvalidSelectorError, parse, to_document
from broker.domain.retention.policy import DEFAULT, KeepSelector, Policy, VersionFacts, decide


def facts(number="1", *, age=1000, **changes):
    values = {
        "id": int(number),
        "pacticipant": "Shop",
        "main_branch": "main",
        "number": number,
        "position": int(number),
        "created_at": NOON - timedelta(days=age),
    }
    return VersionFacts(**{**values, **changes})


HEAD_OF_MAIN = {"branches": {"main": True}}
ON_MAIN = {"branches": {"main": False}}


@pytest.mark.parametrize(
    ("selector", "version", "kept"),
    [
        ({"pacticipant": "Shop"}, {}, True),
        ({"pacticipant": "Orders"}, {}, False),
        ({"latest": True}, {"latest": True}, True),
        ({"latest": True}, HEAD_OF_MAIN, False),
        ({"tag": "prod"}, {"tags": {"prod": False}}, True),
        ({"tag": "prod"}, {"tags": {"test": True}}, False),
        ({"tag": True}, {"tags": {"test": False}}, True),
        ({"tag": True}, {}, False),
        ({"tag": True, "latest": True}, {"tags": {"test": False}, "latest": True}, False),
        ({"tag": True, "latest": True}, {"tags": {"a": False, "b": True}}, True),
        ({"tag": "a", "latest": True}, {"tags": {"a": False, "b": True}}, False),
        ({"branch": "main"}, ON_MAIN, True),
        ({"branch": True, "latest": True}, ON_MAIN, False),
        ({"branch": True, "latest": True}, HEAD_OF_MAIN, True),
        ({"main_branch": True}, ON_MAIN, True),
        ({"main_branch": True}, {"branches": {"feature": True}}, False),
        ({"main_branch": True}, {**ON_MAIN, "main_branch": None}, False),
        ({"main_branch": True, "latest": True}, ON_MAIN, False),
        ({"deployed": True}, {"deployed_in": ["production"]}, True),
        ({"deployed": True}, {"released_in": ["production"]}, False),
        ({"released": True}, {"released_in": ["production"]}, True),
        ({"environment": "test"}, {"deployed_in": ["production"]}, False),
        ({"environment": "test"}, {"released_in": ["test"]}, True),
        ({"environment": "test", "deployed": True}, {"released_in": ["test"]}, False),
        ({"environment": "test", "deployed": True}, {"deployed_in": ["test"]}, True),
        ({"max_age": 30}, {"created_at": NOON - timedelta(days=29)}, True),
        ({"max_age": 30}, {"created_at": NOON - timedelta(days=30)}, False),
        ({"max_age": 30, "branch": "main"}, {"created_at": NOON}, False),
        ({"max_age": 30, "branch": "main"}, {"created_at": NOON, **ON_MAIN}, True),
    ],
)
def test_a_selector_keeps_the_versions_that_meet_all_its_conditions(selector, version, kept):
    assert KeepSelector(**selector).keeps(facts(**version), NOON) is kept


@pytest.mark.parametrize(
    ("version", "kept"),
    [
        ({}, False),
        ({"branches": {"main": False}, "tags": {"prod": False}}, False),
        ({"age": 89}, True),
        ({"age": 91}, False),
        ({"latest": True}, True),
        ({"tags": {"prod": True}}, True),
        ({"branches": {"feature": True}}, True),
        ({"deployed_in": ["test"]}, True),
        ({"released_in": ["test"]}, True),
    ],
)
def test_by_default_heads_recent_and_used_versions_stay(version, kept):
    assert Policy(DEFAULT).keeps(facts(**version), NOON) is kept


@pytest.mark.parametrize("place", ["deployed_in", "released_in"])
def test_what_is_deployed_or_released_stays_whatever_is_configured(place):
    assert Policy((KeepSelector(pacticipant="Other"),)).keeps(facts(**{place: ["test"]}), NOON)
    assert Policy(()).keeps(facts(**{place: ["test"]}), NOON)


def test_a_decision_tells_what_stays_what_goes_and_which_selector_keeps_how_many():
    policy = Policy((KeepSelector(latest=True), KeepSelector(tag="prod")))
    versions = [
        facts("1", tags={"prod": False}),
        facts("2"),
        facts("3", deployed_in=["test"]),
        facts("4", latest=True, tags={"prod": True}),
    ]

    decision = decide("Shop", versions, policy, NOON)

    assert [version.number for version in decision.stay] == ["1", "3", "4"]
    assert [version.number for version in decision.go] == ["2"]
    assert decision.by_selector == (1, 2, 1, 0)  # latest, prod, deployed, released


def test_a_pacticipant_without_versions_has_nothing_to_decide():
    assert decide("Shop", [], Policy((KeepSelector(latest=True),)), NOON).by_selector == (0, 0, 0)


def test_selectors_are_read_as_the_pact_broker_has_them():
    text = '[{"pacticipant": "Shop", "branch": "main"}, {"latest": true, "tag": true}, {"max_age": 30}]'

    selectors = parse(text)

    assert selectors == (
        KeepSelector(pacticipant="Shop", branch="main"),
        KeepSelector(latest=True, tag=True),
        KeepSelector(max_age=30),
    )
    assert [to_document(selector) for selector in selectors][1:] == [
        {"latest": True, "tag": True},
        {"max_age": 30},
    ]


def test_fields_without_a_value_are_no_conditions():
    assert parse('[{"latest": true, "tag": null, "deployed": false}]') == (KeepSelector(latest=True),)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("latest", "not JSON"),
        ('{"latest": true}', "must be a JSON array"),
        ('["latest"]', "keep selector 1 must be a JSON object"),
        ("[{}]", "keep selector 1 is empty"),
        ('[{"latest": false}]', "keep selector 1 is empty"),
        ('[{"latest": true}, {"brunch": "main"}]', "keep selector 2: brunch is unknown; did you mean branch"),
        ('[{"xyz": 1}]', "xyz is unknown; there are pacticipant, "),
        ('[{"latest": "yes"}]', "latest must be true or false"),
        ('[{"max_age": "30"}]', "max_age must be a whole number"),
        ('[{"max_age": true}]', "max_age must be a whole number"),
        ('[{"max_age": -1}]', "max_age must be a whole number"),
        ('[{"max_age": 1000000000000}]', "max_age must be a whole number of days, at most 365000"),
        ('[{"max_age": false}]', "max_age must be a whole number"),
        ('[{"maxAges": 30}]', "maxAges is unknown; did you mean max_age"),
        ('[{"latest": true, "brunch": null}]', "brunch is unknown; did you mean branch"),
        ('[{"latest": true, "brunch": false}]', "brunch is unknown; did you mean branch"),
        ('[{"latest": true, "tag": false}]', "tag must be a name, or true for any"),
        ('[{"environment": true}]', "environment must be a name"),
        ('[{"environment": 7}]', "environment must be a name"),
        ('[{"latest": true, "main_branch": true, "branch": "main"}]', "latest of what"),
        ('[{"pacticipant": true}]', "pacticipant must be a name"),
        ('[{"branch": ""}]', "branch must be a name, or true"),
        ('[{"latest": true, "branch": true, "tag": true}]', "latest of what"),
    ],
)
def test_a_selector_that_makes_no_sense_is_refused(text, says):
    with pytest.raises(InvalidSelectorError, match=says):
        parse(text)
