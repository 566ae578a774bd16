"""Questions that make no sense, refused by parameter and by field."""

import pytest
from support.pacts_to_verify import URL


@pytest.mark.parametrize(
    ("query", "field", "reason"),
    [
        (
            "consumer_version_selectors[][consumer]=Shop",
            "consumerVersionSelectors",
            "must say which versions",
        ),
        (
            "consumer_version_selectors[][tag]=&consumer_version_selectors[][latest]=true",
            "consumer_version_selectors",
            "tag cannot be blank (at index 0)",
        ),
        (
            "consumer_version_selectors[][deployed]=yes",
            "consumer_version_selectors",
            "deployed must be one of: true, false (at index 0)",
        ),
        (
            "consumer_version_selectors[][matching_branch]=true",
            "consumerVersionSelectors",
            "matchingBranch needs providerVersionBranch (at index 0)",
        ),
        (
            "consumer_version_selectors[][environment]=prod",
            "consumerVersionSelectors",
            "environment 'prod' does not exist (did you mean 'production'?) (at index 0)",
        ),
        (
            "consumer_version_selectors[branch]=main",
            "consumer_version_selectors[branch]",
            "cannot be read: write consumer_version_selectors[][branch]=main",
        ),
        ("consumer_version_selectors[]=main", "consumer_version_selectors", "cannot be read"),
        ("consumer_version_selectors=main", "consumer_version_selectors", "cannot be read"),
        (
            "provider_version_branch[]=main",
            "provider_version_branch",
            "cannot be read: write provider_version_branch=VALUE",
        ),
        ("provider_version_branch[x]=main", "provider_version_branch[x]", "cannot be read"),
        (
            "provider_version_tags[][a]=prod",
            "provider_version_tags",
            "cannot be read: write provider_version_tags[]=prod",
        ),
        (
            "consumerVersionSelectors[][branch]=main",
            "consumerVersionSelectors",
            "is no parameter (did you mean 'consumer_version_selectors'?)",
        ),
        (
            "providerVersionBranch=main",
            "providerVersionBranch",
            "is no parameter (did you mean 'provider_version_branch'?)",
        ),
        ("provider_version_branch=%20", "provider_version_branch", "cannot be blank"),
        (
            "provider_version_branch=&include_pending_status=true",
            "provider_version_branch",
            "cannot be blank",
        ),
        (
            "provider_version_branch=&include_wip_pacts_since=2026-01-01",
            "provider_version_branch",
            "cannot be blank",
        ),
        ("include_wip_pacts_since=", "include_wip_pacts_since", "cannot be blank"),
        ("include_pending_status=", "include_pending_status", "must be one of: true, false"),
        (
            "consumer_version_selectors[][tag]=a&consumer_version_selectors[][latest]=yes",
            "consumer_version_selectors",
            "latest must be one of: true, false (at index 0)",
        ),
        (
            "consumer_version_selectors[][tag]=a&consumer_version_selectors[][fallbackTag]=b",
            "consumer_version_selectors",
            "fallbackTag is no field (did you mean 'fallback_tag'?) (at index 0)",
        ),
        (
            "consumer_version_selectors[][tag]=a&consumer_version_selectors[][fallback_tag]=b",
            "consumerVersionSelectors",
            "fallbackTag needs tag and latest (at index 0)",
        ),
        ("include_pending_status=yes", "include_pending_status", "must be one of: true, false"),
        ("include_wip_pacts_since=soon", "include_wip_pacts_since", "must be a date"),
        ("provider_version_tags[]=%20", "provider_version_tags", "cannot be blank (at index 0)"),
    ],
)
def test_a_get_that_makes_no_sense_is_refused_by_parameter(publish, broker, query, field, reason):
    publish("1")

    answer = broker.get(f"{URL}?{query}")

    assert answer.status_code == 400
    assert reason in answer.json["errors"][field][0]


def test_an_unknown_provider_is_not_found(broker):
    assert broker.get(URL).json == {"error": "No provider with name 'Orders' found"}
    assert broker.post(URL, json={}).status_code == 404


@pytest.mark.parametrize("selector", [{}, {"environment": "moon"}, {"tag": "a", "branch": "b"}])
def test_selectors_are_looked_at_before_the_provider(broker, selector):
    answer = broker.post(URL, json={"consumerVersionSelectors": [selector]})

    assert answer.status_code == 400
    assert answer.json["errors"].keys() == {"consumerVersionSelectors"}


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ({"consumerVersionSelectors": [{}]}, "consumerVersionSelectors", "(at index 0)"),
        (
            {"consumerVersionSelectors": [{"latest": True}, {"tag": 3}]},
            "consumerVersionSelectors",
            "(at index 1)",
        ),
        ({"consumerVersionSelectors": {"tag": "x"}}, "consumerVersionSelectors", "must be an array"),
        ({"consumerVersionSelectors": [{"environment": "moon"}]}, "consumerVersionSelectors", "'moon'"),
        (
            {"consumerVersionSelectors": [{"environment": "prod"}]},
            "consumerVersionSelectors",
            "environment 'prod' does not exist (did you mean 'production'?) (at index 0)",
        ),
        (
            {"consumerVersionSelectors": [{"mainbranch": True}]},
            "consumerVersionSelectors",
            "mainbranch is no field (did you mean 'mainBranch'?) (at index 0)",
        ),
        (
            {"consumerVersionSelectors": [{"latest": True}, {"latest": True, "consumers": "Shop"}]},
            "consumerVersionSelectors",
            "consumers is no field (did you mean 'consumer'?) (at index 1)",
        ),
        (
            {"consumerVersionSelectors": [{"latest": True, "consumer": " "}]},
            "consumerVersionSelectors",
            "consumer cannot be blank (at index 0)",
        ),
        (
            {"consumerVersionSelectors": [{"branch": False}]},
            "consumerVersionSelectors",
            "branch must be a string (at index 0)",
        ),
        (
            {"consumerVersionSelectors": [{"deployed": "yes"}]},
            "consumerVersionSelectors",
            "deployed must be boolean (at index 0)",
        ),
        ({"consumerVersionSelectors": ["main"]}, "consumerVersionSelectors", "must be a hash (at index 0)"),
        ({"providerVersionTags": ["a", 1]}, "providerVersionTags", "must be a string (at index 1)"),
        (
            {"providerVersionBranch": "", "includeWipPactsSince": "2026-01-01"},
            "providerVersionBranch",
            "cannot be blank",
        ),
        ({"providerVersionTags": "x"}, "providerVersionTags", "must be an array"),
        ({"providerVersionBranch": "  "}, "providerVersionBranch", "cannot be blank"),
        (
            {"providerVersionBranch": "", "includePendingStatus": True},
            "providerVersionBranch",
            "cannot be blank",
        ),
        ({"includePendingStatus": "yes"}, "includePendingStatus", "must be boolean"),
        ({"includeWipPactsSince": "yesterday"}, "includeWipPactsSince", "must be a date"),
        ({"includeWipPactsSince": ""}, "includeWipPactsSince", "cannot be blank"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused_by_field(publish, broker, body, field, reason):
    publish("1")

    answer = broker.post(URL, json=body)

    assert answer.status_code == 400
    assert any(reason in message for message in answer.json["errors"][field]), answer.json
