import base64
from urllib.parse import parse_qsl

import pytest
from factories import a_pact, a_publication, a_verification_result, an_interaction

URL = "/pacts/provider/Orders/for-verification"


@pytest.fixture
def publish(broker):
    """Publish a pact of Shop with Orders; the same *content* is the same pact."""

    def publish(version, content="a", branch="main", consumer="Shop", **changes):
        pact = a_pact(an_interaction(content), consumer=consumer)
        answer = broker.post(
            "/contracts/publish", json=a_publication(pact, version=version, branch=branch, **changes)
        )
        assert answer.status_code == 200, answer.text

    return publish


@pytest.fixture
def ask(broker):
    """Ask for the pacts to verify; return what is embedded."""

    def ask(*selectors, **options):
        answer = broker.post(URL, json={"consumerVersionSelectors": list(selectors), **options})
        assert answer.status_code == 200, answer.text
        return answer.json["_embedded"]["pacts"]

    return ask


@pytest.fixture
def verify(broker):
    """Publish a result for a pact to verify, of a provider version on a branch."""

    def verify(pact, version, branch="main", *, success=True):
        broker.put(f"/pacticipants/Orders/branches/{branch}/versions/{version}", json={})
        document = broker.get(pact["_links"]["self"]["href"]).json
        results = document["_links"]["pb:publish-verification-results"]["href"]
        answer = broker.post(results, json=a_verification_result(version, success=success))
        assert answer.status_code == 201, answer.text

    return verify


@pytest.fixture
def deploy(broker):
    """Record that a version of Shop is deployed to an environment."""

    def deploy(version, environment):
        links = broker.get(f"/pacticipants/Shop/versions/{version}").json["_links"]["pb:record-deployment"]
        href = next(link["href"] for link in links if link["name"] == environment)
        assert broker.post(href, json={}).status_code == 201

    return deploy


def names(pacts):
    return [pact["_links"]["self"]["name"] for pact in pacts]


def texts(pact, when="before_verification"):
    return [notice["text"] for notice in pact["verificationProperties"]["notices"] if notice["when"] == when]


def test_each_selector_finds_its_pacts(publish, ask, deploy):
    publish("1", "a", tags=["prod"])
    publish("2", "b", branch="feat/x")
    publish("3", "c")
    deploy("1", "production")

    assert names(ask({"mainBranch": True})) == ["Pact between Shop (3) and Orders"]
    assert names(ask({"branch": "feat/x"})) == ["Pact between Shop (2) and Orders"]
    assert names(ask({"branch": True})) == [f"Pact between Shop ({number}) and Orders" for number in (2, 3)]
    assert names(ask({"tag": "prod", "latest": True})) == ["Pact between Shop (1) and Orders"]
    assert names(ask({"tag": "prod"})) == ["Pact between Shop (1) and Orders"]
    assert names(ask({"latest": True})) == ["Pact between Shop (3) and Orders"]
    assert names(ask({"deployed": True})) == ["Pact between Shop (1) and Orders"]
    assert names(ask({"deployedOrReleased": True})) == ["Pact between Shop (1) and Orders"]
    assert names(ask({"environment": "production"})) == ["Pact between Shop (1) and Orders"]
    assert names(ask({"environment": "test"})) == []
    assert names(ask({"matchingBranch": True}, providerVersionBranch="feat/x")) == [
        "Pact between Shop (2) and Orders"
    ]


def test_a_selector_may_be_narrowed_to_one_consumer(publish, ask):
    publish("1", consumer="Shop")
    publish("1", "b", consumer="Admin")

    assert names(ask({"mainBranch": True, "consumer": "Admin"})) == ["Pact between Admin (1) and Orders"]


def test_a_fallback_is_used_when_nothing_is_found(publish, ask):
    publish("1", tags=["main"])

    assert len(ask({"tag": "feat", "latest": True, "fallbackTag": "main"})) == 1
    assert len(ask({"branch": "feat", "fallbackBranch": "main"})) == 1
    assert ask({"branch": "feat"}) == []


def test_the_same_content_is_verified_once_and_says_every_reason(publish, ask, deploy):
    publish("1")
    publish("2")
    deploy("1", "test")

    [pact] = ask({"mainBranch": True}, {"deployed": True})

    assert pact["_links"]["self"]["name"] == "Pact between Shop (2) and Orders"
    assert pact["shortDescription"] == "latest from main branch, deployed to test"
    assert "main branch 'main' (2)" in texts(pact)[0]
    assert "deployed to test (1)" in texts(pact)[0]


def test_without_selectors_main_branches_and_what_is_deployed_are_verified(publish, ask, deploy):
    publish("1", "a")
    publish("2", "b")
    publish("7", "c", branch=None, consumer="Admin")
    deploy("1", "test")

    assert names(ask()) == [
        "Pact between Admin (7) and Orders",
        "Pact between Shop (1) and Orders",
        "Pact between Shop (2) and Orders",
    ]


def test_a_branch_whose_head_has_no_pact_any_more_yields_nothing(broker, publish, ask):
    publish("1")
    broker.put("/pacticipants/Shop/branches/main/versions/2", json={})

    assert ask({"mainBranch": True}) == []


def test_a_pact_is_pending_until_it_was_verified_from_the_branch(publish, ask, verify):
    publish("1")

    [before] = ask({"mainBranch": True}, providerVersionBranch="main")
    verify(before, "p1", success=False)
    [failed] = ask({"mainBranch": True}, providerVersionBranch="main")
    verify(failed, "p2")
    [verified] = ask({"mainBranch": True}, providerVersionBranch="main")

    pending = [pact["verificationProperties"]["pending"] for pact in (before, failed, verified)]
    assert pending == [True, True, False]
    assert texts(before, "after_verification:success_true_published_true")
    assert not texts(verified, "after_verification:success_true_published_true")


def test_a_branch_inherits_what_was_verified_before_it_began_and_nothing_later(broker, publish, ask, verify):
    publish("1")
    broker.put("/pacticipants/Orders/branches/old/versions/p0", json={})
    [pact] = ask({"mainBranch": True}, providerVersionBranch="main")
    verify(pact, "p1")
    broker.put("/pacticipants/Orders/branches/new/versions/p2", json={})

    [for_old] = ask({"mainBranch": True}, providerVersionBranch="old")
    [for_new] = ask({"mainBranch": True}, providerVersionBranch="new")
    [for_unknown] = ask({"mainBranch": True}, providerVersionBranch="not there yet")

    pending = [asked["verificationProperties"]["pending"] for asked in (for_old, for_new, for_unknown)]
    assert pending == [True, False, False]


def test_without_a_branch_any_success_ends_pending(publish, ask, verify):
    publish("1")
    [before] = ask({"mainBranch": True})
    verify(before, "p1", branch="anything")

    [after] = ask({"mainBranch": True})

    assert before["verificationProperties"]["pending"] is True
    assert after["verificationProperties"]["pending"] is False


def test_pending_is_left_out_when_it_is_not_wanted(publish, ask):
    publish("1")

    [pact] = ask({"mainBranch": True}, includePendingStatus=False)

    assert "pending" not in pact["verificationProperties"]
    assert len(texts(pact)) == 1


def test_work_in_progress_is_verified_until_it_was_selected_explicitly(publish, ask, verify):
    publish("1")
    publish("2", "b", branch="feat")
    wip = {"includeWipPactsSince": "2020-01-01", "providerVersionBranch": "main"}

    explicit, in_progress = ask({"mainBranch": True}, **wip)
    verify(in_progress, "p1")
    still = ask({"mainBranch": True}, **wip)
    [selected] = ask({"branch": "feat"}, **wip)[:1]
    verify(selected, "p2")
    finally_ = ask({"mainBranch": True}, **wip)

    assert "wip" not in explicit["verificationProperties"]
    assert in_progress["verificationProperties"]["wip"] is True
    assert in_progress["verificationProperties"]["pending"] is True
    assert len(still) == 2
    assert len(finally_) == 1


def test_a_verifier_first_asks_without_parameters_for_the_link(publish, broker):
    publish("1")

    answer = broker.get(URL)

    assert answer.status_code == 200
    assert answer.json["_links"]["self"]["href"] == f"http://localhost{URL}"


def test_get_takes_selectors_by_tag_and_says_that_it_is_deprecated(publish, broker):
    publish("1", "a", tags=["prod"])
    publish("2", "b", tags=["dev"])
    publish("3", "c", tags=["prod"], consumer="Admin")
    query = (
        "consumer_version_selectors[][tag]=prod&consumer_version_selectors[][latest]=true"
        "&consumer_version_selectors[][consumer]=Shop"
        "&consumer_version_selectors[][tag]=feat&consumer_version_selectors[][fallback_tag]=dev"
        "&consumer_version_selectors[][latest]=true"
    )

    pacts = broker.get(f"{URL}?{query}").json["_embedded"]["pacts"]

    assert names(pacts) == ["Pact between Shop (1) and Orders", "Pact between Shop (2) and Orders"]
    assert all("deprecated" in texts(pact)[0] for pact in pacts)
    assert all(pact["verificationProperties"]["pending"] for pact in pacts)
    assert "deprecated" not in str(broker.post(URL, json={}).json)


def test_get_takes_tags_of_the_provider_and_a_date_for_work_in_progress(publish, broker):
    publish("1", "a")
    publish("2", "b", branch="feat")
    query = "provider_version_tags[]=dev&include_wip_pacts_since=2020-01-01&include_pending_status=false"

    explicit, in_progress = broker.get(f"{URL}?{query}").json["_embedded"]["pacts"]

    assert "pending" not in explicit["verificationProperties"]
    assert in_progress["verificationProperties"]["wip"] is True


@pytest.mark.parametrize(
    ("query", "field", "reason"),
    [
        (
            "consumer_version_selectors[][latest]=true",
            "consumer_version_selectors",
            "tag is missing (at index 0)",
        ),
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


def after(pact, *, success, published):
    [text] = texts(pact, f"after_verification:success_{success}_published_{published}".lower())
    return text


def test_an_empty_branch_of_the_provider_is_none(publish, ask):
    publish("1")

    [pact] = ask({"mainBranch": True}, providerVersionBranch="")

    assert "Orders, because" in texts(pact)[1]


def test_an_unknown_provider_is_not_found(broker):
    assert broker.get(URL).json == {"error": "No provider with name 'Orders' found"}
    assert broker.post(URL, json={}).status_code == 404


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
