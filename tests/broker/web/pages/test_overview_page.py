"""The overview: what is broken, and who has to act."""

import csv
import io

import pytest
from support.contract_documents import a_native, an_openapi
from support.factories import a_pact, a_publication, an_interaction
from support.reading_pages import A_BROWSER, Page
from support.sql_statements import sql_statements

from broker.domain.verifications.url_metadata import Metadata, encode

ON_BOTH_DATABASES = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
FAILED = [
    {
        "interactionDescription": "a request for order 1",
        "success": False,
        "mismatches": [{"attribute": "body", "identifier": "$.status", "description": "was PENDING_REVIEW"}],
    }
]


@pytest.fixture
def deploy(broker):
    """Record that a version is in an environment."""

    def deploy(name, version, environment="production"):
        found = broker.get(f"/pacticipants/{name}/versions/{version}").json
        link = next(link for link in found["_links"]["pb:record-deployment"] if link["name"] == environment)
        assert broker.post(link["href"], json={}).status_code == 201

    return deploy


def publish_service_contract(broker, name, version="1", document=None):
    body = {"pacticipantName": name, "pacticipantVersionNumber": version, "content": document or an_openapi()}
    assert broker.post("/service-contracts/publish", json=body).status_code == 200
    return broker.get(f"/pacticipants/{name}/versions/{version}/service-contract").json


@ON_BOTH_DATABASES
def test_every_state_has_its_word_and_the_worst_comes_first(visit, publish, verify):
    pacts = {name: publish(a_pact(consumer=name)) for name in ("Kept", "Broken", "Pending", "Changed", "New")}
    verify(pacts["Kept"])
    verify(pacts["Broken"], success=False)
    verify(pacts["Pending"], success=False, metadata=encode(Metadata(("1",), pending=True)))
    verify(pacts["Changed"])
    publish(a_pact(an_interaction("another"), consumer="Changed"), version="2")

    page = visit("/")

    assert [(row[0], row[1], row[2]) for row in page.rows[1:]] == [
        ("Broken", "Orders", "failed"),
        ("Pending", "Orders", "failed (pending)"),
        ("New", "Orders", "never verified"),
        ("Changed", "Orders", "changed"),
        ("Kept", "Orders", "verified"),
    ]
    assert "2 of 5 integrations fail on main · 6 applications" in page.text
    assert page.is_balanced


@ON_BOTH_DATABASES
def test_a_branch_that_passes_does_not_hide_that_main_fails(visit, publish, verify):
    pact = publish(version="1", branch="main")
    verify(pact, "7", branch="main", success=False)
    verify(pact, "8", branch="bot", success=True)
    bots = publish(a_pact(an_interaction("another")), version="2", branch="bot")
    verify(bots, "7", success=True)

    assert visit("/").rows[1][:3] == ("Shop", "Orders", "failed")


@ON_BOTH_DATABASES
def test_what_failed_says_since_when_what_and_whom_it_blocks(broker, visit, publish, verify, deploy):
    pact = publish(a_pact(an_interaction(), an_interaction("another")), branch="main")
    verify(pact, "6", branch="main")
    verify(pact, "7", branch="main", success=False, testResults=FAILED)
    verify(pact, "8", branch="main", success=False, testResults=FAILED)
    broker.put("/pacticipants/Orders/labels/team:selling", json={})
    deploy("Shop", "1")
    deploy("Orders", "6")
    deploy("Shop", "1", "test")
    deploy("Orders", "8", "test")

    page = visit("/")

    assert "Needs somebody Shop → Ordersteam:selling failing since version 7 of Orders, now" in page.text
    assert "1 of 2 interactions: a request for order 1 blocks" in page.text
    assert "blocks production · fails in testbody $.status was PENDING_REVIEW" in page.text
    decision = "/can-i-deploy?pacticipant=Orders&version=8&environment=production"
    assert page.links["production"] == decision
    assert page.links["Shop → Orders"] == "/pacts/provider/Orders/consumer/Shop/version/1"
    assert page.rows[1][:3] == ("Shop", "Orders", "1 of 2")


@ON_BOTH_DATABASES
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("search=sho", {"Shop"}),
        ("search=ORDERS", {"Shop", "Web 100%"}),
        ("search=100%25", {"Web 100%"}),
        ("search=%25", {"Web 100%"}),
        ("search=_", set()),
        ("state=verified", {"Shop"}),
        ("state=never", {"Web 100%", "Web 200"}),
        ("state=failed", set()),
        ("team=team:web", {"Web 200"}),
        ("team=web", {"Web 200"}),
        ("env=production", {"Shop"}),
        ("env=test", set()),
        ("consumer=Shop&provider=Orders", {"Shop"}),
        ("consumer=Sho&provider=Orders", set()),
        ("tags=true", {"Shop", "Web 100%", "Web 200"}),
    ],
)
def test_filters_are_parameters(broker, visit, publish, verify, deploy, query, found):
    verify(publish(a_pact(consumer="Shop")))
    publish(a_pact(consumer="Web 100%"))
    publish(a_pact(consumer="Web 200", provider="Prices"))
    broker.put("/pacticipants/Web 200/labels/team:web", json={})
    deploy("Shop", "1")

    page = visit(f"/?{query}")

    assert {row[0] for row in page.rows[1:]} == found
    assert ("No integration is like that" in page.text) is not found or bool(found)


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("state=green", 400, "failed, pending, never, changed, verified"),
        ("sort=size", 400, "worst, consumer, provider, changed"),
        ("env=prodution", 404, "production"),
        ("team=team:none", 404, "There is no team"),
        ("search=" + "x" * 256, 400, "255"),
    ],
)
def test_what_nobody_has_heard_of_is_refused_with_what_there_is(broker, publish, query, status, said):
    publish()

    answer = broker.get(f"/?{query}", headers=A_BROWSER)

    assert answer.status_code == status
    assert said in Page(answer).text


def test_a_choice_that_finds_nothing_can_be_left_out(visit, publish):
    publish()

    page = visit("/?search=nothing&state=never")

    assert page.links["without “nothing” in a name"] == "/?state=never".removeprefix("/")
    assert page.links["without the state “never verified”"] == "?search=nothing"


@ON_BOTH_DATABASES
def test_a_long_list_is_read_by_the_page_in_any_order(visit, publish):
    publish(
        a_pact(consumer="Shop", provider="Service 000"),
        contracts=[
            contract
            for n in range(120)
            for contract in a_publication(a_pact(provider=f"Service {n:03}"))["contracts"]
        ],
    )

    first, second, beyond = visit("/?sort=provider"), visit("/?sort=provider&page=2"), visit("/?page=3")
    last_first = visit("/?sort=-provider")

    assert [row[1] for row in first.rows[1:]] == [f"Service {n:03}" for n in range(100)]
    assert first.links["Next"] == "?sort=provider&page=2"
    assert [row[1] for row in second.rows[1:]] == [f"Service {n:03}" for n in range(100, 120)]
    assert second.links["Previous"] == "?sort=provider&page=1"
    assert "There is no page 3" in beyond.text
    assert last_first.rows[1][1] == "Service 119"


def test_an_integration_whose_pacts_are_gone_says_so(visit, publish, broker):
    publish()
    broker.delete("/pacts/provider/Orders/consumer/Shop/version/1")

    assert visit("/").rows[1][:3] == ("Shop", "Orders", "never verified")


def test_the_rows_are_there_for_machines_whatever_they_accept(broker, publish, verify):
    verify(publish(a_pact(consumer="=cmd")), "1", branch="main", success=False, testResults=FAILED)
    publish(a_pact(consumer="Shop"))

    as_json = broker.get("/?format=json&state=failed").json
    as_csv = broker.get("/?format=csv", headers={"Accept": "*/*"}).text

    (row,) = as_json["integrations"]
    assert (row["consumer"], row["main"], row["failed"], row["since"] > "2026") == ("=cmd", "failed", 1, True)
    assert row["mismatch"] == "body $.status was PENDING_REVIEW"
    consumers = [row["consumer"] for row in csv.DictReader(io.StringIO(as_csv))]
    assert consumers == ["'=cmd", "Shop"]


@ON_BOTH_DATABASES
def test_services_are_listed_with_their_latest_contract(visit, broker, publish):
    publish_service_contract(broker, "Payments")
    publish_service_contract(broker, "Orders", "1")
    latest = publish_service_contract(broker, "Orders", "2", a_native())
    url = latest["_links"]["tally:publish-verification-results"]["href"]
    broker.post(url, json={"success": False, "providerApplicationVersion": "3"})
    publish(version="3")

    page = visit("/")

    assert page.rows[-2:] == [
        ("Orders", "2 service-contract", "1", "now", "failed by 3"),
        ("Payments", "1 openapi", "1", "now", "never verified"),
    ]
    assert page.rows[-1][0] == "Payments"


def test_deliveries_of_webhooks_show_beside_their_integration(broker, visit, publish):
    body = {
        "events": [{"name": "contract_published"}],
        "request": {"url": "https://ci.example.org"},
    }
    assert broker.post("/webhooks", json=body).status_code == 201
    publish()

    assert visit("/").rows[1][-1] == "waits"


@ON_BOTH_DATABASES
def test_the_number_of_statements_does_not_grow_with_what_is_listed(broker, publish, verify, deploy):
    def cost(path="/"):
        with sql_statements() as seen:
            assert broker.get(path, headers=A_BROWSER).status_code == 200
        return len(seen)

    verify(publish(), success=False)
    publish_service_contract(broker, "Orders")
    deploy("Shop", "1")
    few = cost()
    for n in range(10):
        verify(publish(a_pact(consumer=f"Consumer {n}"), version=str(n)), str(n))

    assert cost() == few <= 4
    assert cost("/?env=production&state=failed&search=o&sort=-changed") <= 4


def test_an_empty_broker_shows_how_to_begin(visit):
    page = visit("/")

    assert "No pacts yet" in page.text
    for command in ("tally publish pacts", "tally verify", "tally record-deployment"):
        assert command in page.text
    assert page.text.count("--broker-base-url http://localhost") == 3


def test_links_name_no_host_so_that_nobody_can_choose_one(broker, publish):
    publish()

    text = broker.get("/", headers={**A_BROWSER, "Host": "evil.example.org"}).text

    assert "evil.example.org" not in text


def test_names_and_mismatches_cannot_bring_markup_into_the_page(broker, publish, verify):
    hostile = "<script>alert('1')</script>\"><img src=x>"
    mismatch = {"attribute": "body", "identifier": hostile, "description": hostile}
    tests = [{"interactionDescription": hostile, "success": False, "mismatches": [mismatch]}]
    verify(publish(a_pact(consumer=hostile, provider=f"{hostile} too")), success=False, testResults=tests)
    environment = {"name": 'x"y', "displayName": hostile, "production": True}
    broker.post("/environments", json=environment)

    text = broker.get("/", headers=A_BROWSER).text

    assert "<script>alert" not in text
    assert "<img" not in text
    assert text.count("&lt;script&gt;") > 5


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        ("/dashboard", "/"),
        ("/dashboard?search=shop&page=2", "/?search=shop&page=2"),
        (
            "/dashboard/provider/Orders%2FEU/consumer/A%20%26%20B",
            "/?consumer=A+%26+B&provider=Orders%2FEU",
        ),
    ],
)
def test_the_dashboard_leads_a_browser_here(broker, asked, leads_to):
    answer = broker.get(asked, headers=A_BROWSER)

    assert (answer.status_code, answer.headers["Location"]) == (303, leads_to)
    assert broker.get("/dashboard").status_code == 200
