"""What the answer says of each pact: notices, and what its URL tells."""

import base64
from urllib.parse import parse_qsl

import pytest
from support.pacts_to_verify import after, texts


def test_the_url_of_a_pact_says_what_found_it(publish, ask, deploy):
    publish("1", tags=["prod"])
    publish("2")
    deploy("1", "test")

    [pact] = ask({"mainBranch": True}, {"deployed": True}, {"tag": "prod"})
    [in_progress] = ask({"branch": "none"}, includeWipPactsSince="2020-01-01", providerVersionBranch="other")

    assert told_in_url(pact) == [
        ("s[][b]", "main"),
        ("s[][l]", "true"),
        ("s[][cvn]", "2"),
        ("s[][e]", "test"),
        ("s[][cvn]", "1"),
        ("s[][t]", "prod"),
        ("s[][cvn]", "1"),
        ("p", "true"),
    ]
    assert ("w", "true") in told_in_url(in_progress)
    assert "p" not in dict(told_in_url(in_progress))


def told_in_url(pact):
    _, _, segment = pact["_links"]["self"]["href"].rpartition("/")
    return parse_qsl(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)).decode())


@pytest.mark.parametrize(
    ("asked", "lines"),
    [
        ([{"mainBranch": True}], ["the latest version of Shop from its main branch 'main' (3)"]),
        ([{"branch": "main"}], ["the latest version of Shop from branch 'main' (3)"]),
        ([{"latest": True}], ["the latest version of Shop with a pact with Orders (3)"]),
        ([{"tag": "prod", "latest": True}], ["the latest version of Shop tagged 'prod' (2)"]),
        (
            [{"tag": "none", "latest": True, "fallbackTag": "prod"}],
            ["the latest version of Shop (nothing was found for 'none') tagged 'prod' (2)"],
        ),
        (
            [{"tag": "prod"}],
            ["a version of Shop tagged 'prod' (1)", "a version of Shop tagged 'prod' (2)"],
        ),
        (
            [{"deployed": True}],
            ["the versions of Shop currently deployed to test (1) and production (2)"],
        ),
        ([{"released": True}], ["the version of Shop currently released and supported in test (1)"]),
        (
            [{"environment": "test"}],
            [
                "the version of Shop currently deployed to test (1)",
                "the version of Shop currently released and supported in test (1)",
            ],
        ),
    ],
)
def test_a_notice_says_which_selectors_led_to_the_pact(broker, publish, ask, deploy, asked, lines):
    publish("1", tags=["prod"])
    publish("2", tags=["prod"])
    publish("3")
    deploy("1", "test")
    deploy("2", "production")
    links = broker.get("/pacticipants/Shop/versions/1").json["_links"]["pb:record-release"]
    broker.post(next(link["href"] for link in links if link["name"] == "test"), json={})

    [pact] = ask(*asked)

    url = pact["_links"]["self"]["href"]
    first, *told = texts(pact)[0].splitlines()
    assert first == f"The pact at {url} is verified because it is the pact of:"
    assert told == [f"    * {line}" for line in lines]


def test_notices_of_work_in_progress_say_so_and_that_it_may_fail(publish, ask):
    publish("1", branch="feat", tags=["feat-1"])
    publish("2", branch="other")

    [pact] = ask({"mainBranch": True}, includeWipPactsSince="2020-01-01", providerVersionBranch="main")

    why, failing = texts(pact)
    assert "is verified as work in progress: branch 'main' of Orders has not verified it yet" in why
    assert "    * the latest version of Shop from branch 'feat' (1)\n" in why
    assert "    * the latest version of Shop tagged 'feat-1' (1)\n" in why
    assert why.endswith("All of these have the same content.")
    assert failing == "It is pending because it is work in progress: a failure does not fail the build."


@pytest.mark.parametrize(
    ("provider", "whose"),
    [
        ({"providerVersionBranch": "main"}, "branch 'main' of Orders"),
        ({"providerVersionTags": ["dev", "prod"]}, "Orders with tag 'dev' or 'prod'"),
        ({}, "Orders"),
    ],
)
def test_notices_say_what_a_failure_means_before_and_after_the_verification(
    publish, ask, verify, provider, whose
):
    publish("1")

    [pending] = ask({"mainBranch": True}, **provider)
    verify(pending, "p1")
    [verified] = ask({"mainBranch": True}, **({} if "providerVersionTags" in provider else provider))

    assert texts(pending)[1].startswith(f"It is pending for {whose}, because no successful result")
    assert "because the results were not published" in after(pending, success=True, published=False)
    still = "This pact is still pending: a failure does not fail the build."
    assert after(pending, success=False, published=False) == still
    assert after(pending, success=False, published=True) == still
    assert f"no longer pending: it was verified by {whose}" in after(pending, success=True, published=True)
    assert texts(verified)[1].endswith("before: a failure fails the build.")
    assert not [
        notice for notice in verified["verificationProperties"]["notices"] if "after" in notice["when"]
    ]


def test_an_empty_branch_of_the_provider_is_none(publish, ask):
    publish("1")

    [pact] = ask({"mainBranch": True}, providerVersionBranch="")

    assert "Orders, because" in texts(pact)[1]


@pytest.mark.parametrize(
    ("verified_on", "by"),
    [
        (("main",), "by branch 'main' of Orders before branch 'feat-x' began"),
        (("a", "main"), "by branch 'main' of Orders before branch 'feat-x' began"),
        (("b", "a"), "by branch 'a' of Orders before branch 'feat-x' began"),
        (("main", "feat-x"), "by branch 'feat-x' of Orders before"),
    ],
)
def test_a_branch_that_never_verified_is_not_said_to_have(broker, publish, ask, verify, verified_on, by):
    publish("1")
    broker.patch("/pacticipants/Orders", json={"mainBranch": "main"})
    for branch in verified_on:
        [pact] = ask({"mainBranch": True}, providerVersionBranch=branch)
        verify(pact, f"version of {branch}", branch)

    [verified] = ask({"mainBranch": True}, providerVersionBranch="feat-x")

    assert texts(verified)[1] == f"It was verified {by}: a failure fails the build."


def test_tags_are_not_said_to_have_verified_what_others_did(broker, publish, ask, verify):
    publish("1")
    [pact] = ask({"mainBranch": True})
    verify(pact, "1")
    broker.put("/pacticipants/Orders/versions/1/tags/prod", json={})

    [verified] = ask({"mainBranch": True}, providerVersionTags=["dev"])

    assert texts(verified)[1].startswith(
        "It was verified by Orders with tag 'dev', or before that tag was first used: "
    )
