import pytest
from support.pacts_to_verify import URL, names, texts
from support.sql_statements import sql_statements


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
    ("selectors", "number"),
    [
        pytest.param([], 2, id="without selectors"),
        pytest.param([{"mainBranch": True}, {"deployedOrReleased": True}], 2, id="as a rule"),
        pytest.param(
            [{"branch": "main", "consumer": name} for name in ("Shop", "Admin", "Web")], 2, id="many"
        ),
        pytest.param([{"branch": "feat", "fallbackBranch": "main"}], 3, id="a fallback"),
        pytest.param([{"branch": f"b{number}"} for number in range(9)] + [{"latest": True}], 3, id="ten"),
        pytest.param([{"environment": "test"}, {"latest": True}], 3, id="an environment"),
    ],
)
def test_a_provider_is_answered_with_few_statements(publish, broker, selectors, number):
    publish("1")
    publish("1", "b", consumer="Admin")
    body = {
        "consumerVersionSelectors": selectors,
        "providerVersionBranch": "main",
        "includePendingStatus": True,
    }

    with sql_statements() as sent:
        answer = broker.post(URL, json=body)

    assert len(answer.json["_embedded"]["pacts"]) == 2
    assert len(sent) == number
