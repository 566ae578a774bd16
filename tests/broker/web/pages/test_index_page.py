"""The index: what depends on what, and how it stands."""

import pytest
from support.contract_documents import a_native, an_openapi
from support.factories import a_pact, a_publication, an_interaction
from support.reading_pages import A_BROWSER
from support.sql_statements import sql_statements

from broker.domain.verifications.url_metadata import Metadata, encode

ON_BOTH_DATABASES = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
HEADINGS = ("Consumer", "Provider", "Latest pact", "Verification")


def publish_service_contract(broker, name, version="1", document=None):
    body = {"pacticipantName": name, "pacticipantVersionNumber": version, "content": document or an_openapi()}
    assert broker.post("/service-contracts/publish", json=body).status_code == 200
    return broker.get(f"/pacticipants/{name}/versions/{version}/service-contract").json


@ON_BOTH_DATABASES
def test_an_integration_is_listed_with_its_latest_pact_and_the_newest_result(visit, publish, verify):
    publish(version="1")
    latest = publish(a_pact(an_interaction(), an_interaction("another")), version="2", branch="feat")
    verify(latest, "8", success=False)
    verify(latest, "9", branch="main")

    page = visit("/")

    assert page.rows == [
        HEADINGS,
        ("Shop", "Orders", "2 feat 2 interactions, published just now", "verified by 9 main just now"),
    ]
    assert page.is_balanced


@ON_BOTH_DATABASES
def test_every_status_has_its_word(visit, publish, verify):
    pacts = {name: publish(a_pact(consumer=name)) for name in ("Kept", "Broken", "Pending", "Changed", "New")}
    verify(pacts["Kept"])
    verify(pacts["Broken"], success=False)
    verify(pacts["Pending"], success=False, metadata=encode(Metadata(("1",), pending=True)))
    verify(pacts["Changed"])
    publish(a_pact(an_interaction("another"), consumer="Changed"), version="2")

    page = visit("/")

    words = {row[0]: row[3].split(" by ")[0] for row in page.rows[1:]}
    assert words == {
        "Broken": "failed",
        "Changed": "changed",
        "Kept": "verified",
        "New": "never verified",
        "Pending": "failed (pending)",
    }


def test_an_integration_whose_pacts_are_gone_says_so(visit, publish, broker):
    publish()
    broker.delete("/pacts/provider/Orders/consumer/Shop/version/1")

    assert visit("/").rows[1] == ("Shop", "Orders", "none", "never verified")


@ON_BOTH_DATABASES
@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("sho", {"Shop"}),
        ("ORDERS", {"Shop", "Web 100%"}),
        ("100%", {"Web 100%"}),
        ("%", {"Web 100%"}),
        ("_", set()),
    ],
)
def test_a_search_looks_in_both_names_and_takes_signs_literally(visit, publish, search, found):
    publish(a_pact(consumer="Shop"))
    publish(a_pact(consumer="Web 100%"))
    publish(a_pact(consumer="Web 200", provider="Prices"))

    page = visit(f"/?search={search.replace('%', '%25')}")

    assert {row[0] for row in page.rows[1:]} == found
    assert f"“{search}”" in page.text


@ON_BOTH_DATABASES
def test_a_long_list_is_read_by_the_page(visit, publish):
    publish(
        a_pact(consumer="Shop", provider="Service 000"),
        contracts=[
            contract
            for n in range(60)
            for contract in a_publication(a_pact(provider=f"Service {n:03}"))["contracts"]
        ],
    )

    first, second, beyond = visit("/"), visit("/?page=2&search=serv"), visit("/?page=3")

    assert "60 integrations" in first.text
    assert [row[1] for row in first.rows[1:]] == [f"Service {n:03}" for n in range(50)]
    assert first.links["Next"] == "/?search=&page=2"
    assert "Previous" not in first.links
    assert [row[1] for row in second.rows[1:]] == [f"Service {n:03}" for n in range(50, 60)]
    assert second.links["Previous"] == "/?search=serv&page=1"
    assert "Next" not in second.links
    assert "There is no page 3" in beyond.text


@pytest.mark.parametrize("number", ["0", "-1", "x", "", "9" * 30, "²"])
def test_a_page_number_that_is_none_means_the_first(visit, publish, number):
    publish()

    assert visit(f"/?page={number}").rows[1][0] == "Shop"


@ON_BOTH_DATABASES
def test_services_are_listed_with_their_latest_contract(visit, broker, publish):
    publish_service_contract(broker, "Payments")
    publish_service_contract(broker, "Orders", "1")
    latest = publish_service_contract(broker, "Orders", "2", a_native())
    url = latest["_links"]["tally:publish-verification-results"]["href"]
    broker.post(url, json={"success": False, "providerApplicationVersion": "3"})
    publish(version="3")

    page = visit("/?search=")

    assert page.rows[-2:] == [
        ("Orders", "2 service-contract 1 operation, published just now", "failed by 3 just now"),
        ("Payments", "1 openapi 1 operation, published just now", "never verified"),
    ]
    assert [row[0] for row in visit("/?search=pay").rows[1:]] == ["Payments"]


@ON_BOTH_DATABASES
def test_the_number_of_statements_does_not_grow_with_what_is_listed(broker, publish, verify):
    def cost():
        with sql_statements() as seen:
            broker.get("/", headers=A_BROWSER)
        return len(seen)

    verify(publish())
    publish_service_contract(broker, "Orders")
    few = cost()
    for n in range(10):
        verify(publish(a_pact(consumer=f"Consumer {n}"), version=str(n)), str(n))

    assert cost() == few <= 4


def test_an_empty_broker_shows_how_to_begin(visit):
    page = visit("/")

    assert "No pacts yet" in page.text
    assert "tally publish pacts" in page.text
    assert "--broker-base-url http://localhost" in page.text


def test_links_name_no_host_so_that_nobody_can_choose_one(broker, publish):
    publish()

    text = broker.get("/", headers={**A_BROWSER, "Host": "evil.example.org"}).text

    assert "evil.example.org" not in text
