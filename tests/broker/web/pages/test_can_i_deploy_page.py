"""The page that says whether a version can be deployed, and what stands in the way."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from support.decisions_over_http import Api
from support.factories import a_verification_result
from support.reading_pages import A_BROWSER
from support.sql_statements import sql_statements

ON_BOTH_DATABASES = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
SHOP = "/can-i-deploy?pacticipant=Shop&version=1&environment=production"
MISMATCH = {"attribute": "body", "identifier": "$.total", "description": "Expected 1350 but was '13.50'"}


@pytest.fixture
def api(broker):
    return Api(broker)


def test_what_failed_comes_before_what_has_no_result_where_no_order_is_found(api, visit):
    for provider in ("Address", "Orders"):
        api.pact("Shop", "1", "with", provider)
        api.version(provider, "2", "on", "main")
        api.deployed(provider, "2", "production")
    api.failed("Orders", "2", "Shop", "1")

    text = visit("/deploy-plan?q[][pacticipant]=Shop&q[][version]=1&environment=production").text

    assert text.index("Orders 2 does not keep the pact of Shop 1") < text.index("Address 2 has not verified")


def in_production(api, *, verified=True):
    """Shop 1 needs Orders 2, which is in production."""
    api.pact("Shop", "1", "with", "Orders")
    api.version("Orders", "2", "on", "main")
    api.deployed("Orders", "2", "production")
    if verified:
        api.verified("Orders", "2", "Shop", "1")


def fail(broker, pact_url, version):
    pact = broker.get(pact_url).json
    test = {"interactionDescription": "creating an order", "success": False, "mismatches": [MISMATCH]}
    result = a_verification_result(version, success=False, testResults=[test])
    answer = broker.post(pact["_links"]["pb:publish-verification-results"]["href"], json=result)
    assert answer.status_code == 201, answer.text


@ON_BOTH_DATABASES
def test_yes_counts_the_contracts_and_lists_them(api, visit):
    in_production(api)

    page = visit(SHOP)

    assert "Yes The contract with what is in production holds." in page.text
    assert page.rows[1][:5] == ("Shop", "1", "Orders", "2 production", "replayed")
    assert "tally can-i-deploy --pacticipant Shop --version 1 --to-environment production" in page.text
    assert "What stands in the way" not in page.text
    assert page.is_balanced


@ON_BOTH_DATABASES
def test_no_says_what_failed_since_when_who_acts_and_what_to_run(broker, api, visit):
    in_production(api, verified=False)
    api.version("Orders", "3", "on", "main")
    api.verified("Orders", "3", "Shop", "1")
    fail(broker, "/pacts/provider/Orders/consumer/Shop/version/1", "2")
    broker.put("/pacticipants/Orders/labels/team:selling", json={})
    broker.put("/pacticipants/Orders/labels/python", json={})

    page = visit(SHOP)

    assert "No The contract with what is in production failed." in page.text
    assert "Shop 1 → Orders 2 production failed first just now team:selling creating" in page.text
    assert "creating an order body $.total Expected 1350 but was '13.50'" in page.text
    assert "Orders 3 main keeps the pact: deploy that first. In which order?" in page.text
    assert "tally verify http://localhost/pacts/provider/Orders/consumer/Shop/version/1" in page.text
    assert page.links["What failed"] == "/pacts/provider/Orders/consumer/Shop/version/1?result=2"
    assert page.links["In which order?"].startswith("/deploy-plan?q%5B%5D%5Bpacticipant%5D=Shop")
    assert page.is_balanced


def test_a_failure_is_a_no_though_another_result_is_missing(api, visit):
    in_production(api, verified=False)
    api.failed("Orders", "2", "Shop", "1")
    api.pact("Shop", "1", "with", "Stock")
    api.version("Stock", "7")
    api.deployed("Stock", "7", "production")

    page = visit(SHOP)

    assert (
        "No 2 of 2 contracts with what is in production do not hold: 1 failed and 1 has no result."
        in page.text
    )


def test_missing_results_alone_are_not_yet_and_say_what_became_of_the_webhook(broker, api, visit):
    hook = {
        "description": "Build Orders",
        "events": [{"name": "contract_requiring_verification_published"}],
        "request": {"method": "POST", "url": "https://ci.example.org/build"},
    }
    assert broker.post("/webhooks", json=hook).status_code == 201
    api.version("Orders", "2", "on", "main")
    api.deployed("Orders", "2", "production")
    api.pact("Shop", "1", "with", "Orders")
    api.pact("Shop", "1", "with", "Stock")

    page = visit(SHOP)

    assert "Not yet 2 of 2 contracts with what is in production have no result yet." in page.text
    assert "Webhook Build Orders for Orders 2 was not sent yet just now. See the delivery" in page.text
    assert page.links["See the delivery"].endswith("/logs")
    assert "No webhook asked Stock to verify it" in page.text
    assert "Stock is not in production" in page.text


def test_nobody_needs_it_is_another_sentence_than_not_verified(api, visit):
    api.version("Shop", "1")

    page = visit(SHOP)

    assert "Yes Nobody needs it: no contract with what is in production needs a result." in page.text


def test_an_unknown_version_leads_to_the_nearest_ones(api, visit):
    for number in ("1.4.0", "1.4.1", "abc"):
        api.version("Shop", number)

    page = visit("/can-i-deploy?pacticipant=Shop&version=1.4&environment=production")

    assert "No No pacts or verification results are published for version 1.4 of Shop." in page.text
    assert parse_qs(urlsplit(page.links["1.4.1"]).query)["version"] == ["1.4.1"]
    assert "abc" not in page.links


def test_what_is_filled_in_becomes_an_address_of_the_version_the_branch_or_the_tag(broker, api):
    api.version("Shop", "1", "on", "feat/x", "tagged", "rc")

    def leads_to(**filled_in):
        answer = broker.get("/can-i-deploy", query_string=filled_in, headers=A_BROWSER)
        assert answer.status_code == 303, answer.text
        return parse_qs(urlsplit(answer.headers["Location"]).query)

    to_production = {"pacticipant": "Shop", "where": "in:production", "name": "", "moment": ""}
    asked = {"pacticipant": ["Shop"], "environment": ["production"]}
    assert leads_to(which="1", **to_production) == {**asked, "version": ["1"]}
    assert leads_to(which="feat/x", **to_production) == {**asked, "branch": ["feat/x"]}
    assert leads_to(which="rc", **to_production) == {**asked, "tag": ["rc"]}
    assert leads_to(which="9", **to_production) == {**asked, "version": ["9"]}
    assert leads_to(pacticipant="Shop", which="1", where="tag", name="prod")["to"] == ["prod"]
    assert leads_to(pacticipant="Shop", which="1", where="branch", name="x")["toBranch"] == ["x"]
    assert leads_to(pacticipant="Shop", which="1", where="main")["mainBranch"] == ["true"]
    then = leads_to(**{**to_production, "which": "1", "moment": "2026-01-02T03:04", "ignore[]": "Orders"})
    assert (then["at"], then["ignore[]"]) == (["2026-01-02T03:04:00Z"], ["Orders"])


@ON_BOTH_DATABASES
@pytest.mark.parametrize("which", ["branch=main", "tag=rc"])
@pytest.mark.parametrize("where", ["environment=production", "to=prod", "toBranch=main", "mainBranch=true"])
def test_branches_and_tags_can_be_asked_about_and_with(broker, api, visit, which, where):
    api.version("Shop", "1", "on", "main", "tagged", "rc")
    in_production(api)
    api.version("Orders", "2", "tagged", "prod")
    broker.patch(
        "/pacticipants/Orders", json={"mainBranch": "main"}, content_type="application/merge-patch+json"
    )

    page = visit(f"/can-i-deploy?pacticipant=Shop&{which}&{where}")

    assert "Yes The contract with" in page.text
    assert page.rows[1][2:4] in {("Orders", "2 production"), ("Orders", "2")}


@pytest.mark.parametrize("query", ["pacticipant=Shop", "pacticipant=Shop&version=1", "branch=1"])
def test_a_link_may_leave_open_where_to_deploy(visit, query):
    page = visit(f"/can-i-deploy?{query}")

    assert (page.status, "must" in page.text) == (200, False)


def test_who_sends_the_form_without_a_place_is_told_so(api, broker):
    api.version("Shop", "1", "on", "main")
    filled_in = "pacticipant=Shop&which=1&where=tag&name="

    answer = broker.get(f"/can-i-deploy?{filled_in}", headers=A_BROWSER, follow_redirects=True)

    assert answer.status_code == 400
    assert "must specify either an environment, or a tag" in answer.text


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "pacticipant=Shopp&version=1&environment=production",
            "'Shopp' does not exist (did you mean 'Shop'?)",
        ),
        ("pacticipant=Shop&version=1&environment=prod", "'prod' does not exist (did you mean 'production'?)"),
        ("version=1&environment=production", "is missing"),
        ("pacticipant=Shop&version=1&at=2026-01-01T00:00:00Z", "must specify either an environment"),
        ("pacticipant=Shop&version=1&to=", "must specify either an environment, or a tag as 'to'"),
        (
            "pacticipant=Shop&version=1&branch=x&environment=test",
            "must be one of: a version, a branch, a tag",
        ),
        ("pacticipant=Shop&version=1&environment=test&at=2026", "at must be a time such as"),
        ("pacticipant=Shop&version=1&enviroment=test", "enviroment is no parameter"),
        ("pacticipant=Shop&branch=main&mainBranch=no", "must be true, or left out"),
    ],
)
def test_what_is_wrong_is_told_beside_the_field_that_is_filled_in_again(api, visit, query, message):
    api.version("Shop", "1", "on", "main")

    page = visit(f"/can-i-deploy?{query}")

    assert (page.status, message in page.text) == (400, True)
    assert page.is_balanced


def test_where_a_version_is_to_go_can_be_left_to_be_chosen(broker, api, visit):
    api.version("Shop", "1")

    page = visit("/can-i-deploy?pacticipant=Shop&version=1")
    source = broker.get("/can-i-deploy?pacticipant=Shop&version=1", headers=A_BROWSER).text

    assert page.status == 200
    assert 'name="which" value="1"' in source


def test_without_a_question_the_page_teaches(visit):
    page = visit("/can-i-deploy")

    assert "tally can-i-deploy --pacticipant NAME --version VERSION --to-environment production" in page.text
    assert page.links["the matrix"] == "/matrix"


@ON_BOTH_DATABASES
def test_the_page_gives_what_the_api_answers_as_json_and_the_rows_as_csv(broker, api):
    in_production(api)

    as_json = broker.get(f"{SHOP}&format=json", headers=A_BROWSER)
    as_csv = broker.get(f"{SHOP}&format=csv", headers=A_BROWSER)

    assert as_json.json == broker.get(SHOP).json
    assert as_csv.text.splitlines()[1].startswith("Shop,1,Orders,2,verified,replayed,false,")


def test_the_past_is_said_to_be_the_past(api, visit):
    in_production(api)
    then = datetime.now(UTC).isoformat()
    api.failed("Orders", "2", "Shop", "1")

    page = visit(f"{SHOP}&at={quote(then)}")

    assert "As of just now: what the broker would have answered then." in page.text
    assert "Yes The contract with what is in production holds." in page.text
    assert "--at" in page.text


def test_what_is_ignored_is_listed_and_can_be_asked_without(api, visit):
    in_production(api, verified=False)

    page = visit(f"{SHOP}&ignore[]=Orders")

    assert "Ignored: Orders" in page.text
    assert page.links["Ask without that"] == "?pacticipant=Shop&version=1&environment=production"


@pytest.mark.parametrize("which", ["version=1", "branch=main"])
def test_an_answer_takes_three_statements_whatever_the_history(api, visit, which):
    in_production(api, verified=False)
    api.version("Shop", "1", "on", "main")
    url = f"/can-i-deploy?pacticipant=Shop&{which}&environment=production"
    counts = []
    for number in range(3, 6):
        with sql_statements() as sent:
            assert "Not yet" in visit(url).text
        counts.append(len(sent))
        api.pact("Shop", str(number), "with", "Orders")
        api.verified("Orders", str(number), "Shop", str(number))

    assert set(counts) == {3}


def test_the_order_of_several_versions_is_a_page(api, visit):
    in_production(api)
    api.verified("Orders", "3", "Shop", "1")
    both = "q[][pacticipant]=Shop&q[][version]=1&q[][pacticipant]=Orders&q[][version]=3&q[][pacticipant]="

    yes = visit(f"/deploy-plan?{both}&environment=production")
    api.pact("Shop", "2", "with", "Orders")
    no = visit(f"/deploy-plan?{both.replace('=1', '=2')}&environment=production")
    wrong = visit("/deploy-plan?q[][pacticipant]=Shop&environment=prod")

    assert "Yes One after the other, in this order." in yes.text
    assert "tally deploy-plan -a Shop -e 1 -a Orders -e 3 --to-environment production" in yes.text
    assert "No Every order breaks production at some step" in no.text
    assert "Orders 3 has not verified the pact of Shop 2" in no.text
    assert (wrong.status, "each selector needs a pacticipant and a version" in wrong.text) == (400, True)
    assert "tally deploy-plan -a NAME" in visit("/deploy-plan").text
    assert yes.is_balanced
    assert no.is_balanced


def test_hostile_names_are_shown_as_they_are(api, visit):
    name = "<script>alert(1)</script>"
    hostile = f"Shop {name}"
    api.pact("Shop", "1", "with", hostile)

    page = visit(SHOP)

    assert name in page.text
    assert page.is_balanced
