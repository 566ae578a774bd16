import pytest

from broker.domain.verifications.consumer_selector_rules import FIELDS, broken_rules
from broker.domain.verifications.consumer_selectors import ConsumerVersionSelector as Selector
from broker.domain.verifications.consumer_selectors import Found, Search, fallback, group, searches

ENVIRONMENTS = {"test", "production"}


@pytest.mark.parametrize(
    ("selector", "problem"),
    [
        (Selector(), "must say which versions"),
        (Selector(consumer="Shop"), "must say which versions"),
        (Selector(latest=False), "must say which versions"),
        (Selector(main_branch=True, tag="x"), "mainBranch can only be combined"),
        (Selector(main_branch=True, latest=False), "latest cannot be false"),
        (Selector(main_branch=False), "can only be true"),
        (Selector(deployed=False, latest=True), "can only be true"),
        (Selector(matching_branch=True, latest=True), "matchingBranch can only be combined"),
        (Selector(matching_branch=True), "needs providerVersionBranch"),
        (Selector(tag="x", branch="y"), "a tag or a branch, not both"),
        (Selector(latest=True, deployed=True), "cannot combine what is in an environment with latest"),
        (Selector(branch="x", environment="test"), "cannot combine what is in an environment with branch"),
        (Selector(tag="x", fallback_tag="y"), "fallbackTag needs tag and latest"),
        (Selector(latest=True, fallback_tag="y"), "fallbackTag needs tag and latest"),
        (Selector(latest=True, fallback_branch="y"), "fallbackBranch needs branch"),
        (Selector(branch="x", latest=False), "latest cannot be false"),
        (Selector(deployed=True, released=True), "can only have one of"),
        (Selector(environment="moon"), "environment 'moon' does not exist"),
        (Selector(deployed=True, environment="moon"), "environment 'moon' does not exist"),
    ],
)
def test_a_selector_that_makes_no_sense_is_refused(selector, problem):
    problems = broken_rules(selector, provider_branch=None, environments=ENVIRONMENTS)

    assert any(problem in text for text in problems), problems


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (Selector(main_branch=True), [Search("main-branch")]),
        (Selector(main_branch=True, latest=True, consumer="Shop"), [Search("main-branch", None, "Shop")]),
        (Selector(branch="feat/x"), [Search("branch", "feat/x")]),
        (Selector(branch=True), [Search("branch")]),
        (Selector(matching_branch=True), [Search("branch", "main")]),
        (Selector(tag="prod", latest=True), [Search("tag", "prod")]),
        (Selector(tag="prod"), [Search("all-with-tag", "prod")]),
        (Selector(latest=True, consumer="Shop"), [Search("latest", None, "Shop")]),
        (Selector(deployed=True), [Search("deployed")]),
        (Selector(released=True, environment="test"), [Search("released", "test")]),
        (Selector(deployed_or_released=True), [Search("deployed"), Search("released")]),
        (Selector(environment="test"), [Search("deployed", "test"), Search("released", "test")]),
    ],
)
def test_a_selector_stands_for_look_ups(selector, expected):
    assert broken_rules(selector, provider_branch="main", environments=ENVIRONMENTS) == []
    assert searches(selector, provider_branch="main") == expected


def test_a_fallback_is_looked_up_in_place_of_the_tag_or_branch():
    by_tag = fallback(Selector(tag="feat", latest=True, fallback_tag="main"))
    by_branch = fallback(Selector(branch="feat", fallback_branch="main"))

    assert by_tag == Search("tag", "main", fallback_for="feat")
    assert by_branch == Search("branch", "main", fallback_for="feat")
    assert fallback(Selector(branch="feat")) is None


def test_the_same_content_found_twice_is_one_pact_of_the_newest_version():
    old = Found(Search("deployed"), "Shop", 1, "1", 1, 7, "abc", "production")
    new = Found(Search("main-branch"), "Shop", 2, "2", 2, 7, "abc", "main")
    other = Found(Search("main-branch"), "admin", 3, "9", 3, 8, "def", "main")

    selected = group([old, new, other])

    assert [(pact.consumer, pact.version, pact.consumer_versions) for pact in selected] == [
        ("admin", "9", ("9",)),
        ("Shop", "2", ("2", "1")),
    ]


def test_every_field_that_clients_send_has_its_name():
    assert FIELDS == (
        "consumer",
        "mainBranch",
        "branch",
        "matchingBranch",
        "fallbackBranch",
        "tag",
        "fallbackTag",
        "latest",
        "deployed",
        "released",
        "deployedOrReleased",
        "environment",
    )
