"""The page of the search: a few of each kind, all of one kind, and as JSON and CSV."""

from urllib.parse import urlsplit

import pytest
from support.factories import a_pact, an_interaction
from support.indexing import index_everything
from support.reading_pages import A_BROWSER
from support.sql_statements import sql_statements

MARKUP = "<script>alert(1)</script>"


@pytest.fixture
def search(visit, database):
    def search(query):
        index_everything(database)
        return visit(f"/search?{query}")

    return search


def requests(*paths):
    return [an_interaction(f"a request {path}", request={"method": "GET", "path": path}) for path in paths]


def test_each_thing_that_is_found_leads_to_itself(broker, search, publish):
    pact = publish(a_pact(*requests("/orders/{id}"), consumer="Order Desk"), version="order-7")
    broker.put("/pacticipants/Order Desk/branches/order-x/versions/order-7", json={})
    number = pact["interactions"][0]["_id"]

    page = search("q=order")

    assert page.links["Order Desk"] == "/pacticipants/Order%20Desk"
    assert page.links["Order Desk → Orders"] == "/pacts/provider/Orders/consumer/Order%20Desk/latest"
    on_main = "/pacts/provider/Orders/consumer/Order%20Desk/branch/main/latest"
    assert page.links["GET /orders/{id} a request /orders/{id}"] == f"{on_main}?open={number}#i-{number}"
    assert page.links["an order exists"] == f"{on_main}?state=an+order+exists"
    assert f'id="i-{number}"' in broker.get(f"{on_main}?open={number}", headers=A_BROWSER).text
    assert page.links["order-x"] == "/pacticipants/Order%20Desk/branches/order-x"
    assert page.links["order-7"] == "/pacticipants/Order%20Desk/versions/order-7"
    assert page.is_balanced
    for link in (page.links["Order Desk"], page.links["order-7"], page.links["an order exists"]):
        assert broker.get(link, headers=A_BROWSER).status_code == 200


def test_an_interaction_that_is_only_in_the_latest_pact_leads_there(search, publish):
    publish(version="1")
    publish(a_pact(*requests("/new")), version="2", branch="feat")

    link = search("q=/new").links["GET /new a request /new"]

    assert urlsplit(link).path == "/pacts/provider/Orders/consumer/Shop/latest"


def test_five_of_each_kind_are_shown_and_the_others_by_the_page(search, publish):
    publish(a_pact(*requests(*(f"/things/{number}" for number in range(60)))))

    some = search("q=things")
    assert len(some.rows) == 5
    assert "Interactions 50 or more" in some.text

    all_of_them = search("q=things&kind=interactions")
    last = search("q=things&kind=interactions&page=2")
    assert (len(all_of_them.rows), len(last.rows)) == (50, 10)
    assert "60 interactions with “things”" in all_of_them.text
    assert all_of_them.links["Next"] == "?q=things&kind=interactions&page=2"
    assert set(all_of_them.rows).isdisjoint(last.rows)


def test_the_best_comes_first(search, publish):
    for name in ("Cart", "The Cart", "Cart 2", "Descartes"):
        publish(a_pact(consumer=name, provider="P"))

    names = [row[0] for row in search("q=cart&kind=applications").rows]

    assert names == ["Cart", "Cart 2", "The Cart", "Descartes"]


def test_what_was_not_found_is_told_with_what_was_searched(search, publish):
    publish()

    page = search("q=zzz")

    assert "Nothing has “zzz” in it" in page.text
    assert search("q=zzz&kind=states").links["Search everything"] == "?q=zzz"


def test_without_a_question_the_page_says_what_can_be_asked(search):
    assert "All words have to be in it" in search("").text


def test_names_are_shown_as_they_are(search, publish):
    publish(a_pact(*requests(f"/{MARKUP}"), consumer=f"{MARKUP} & Co/Ltd"), branch="ﬁ/日本 🚀")

    for query in ("script", "%3Cscript%3E", "日本", "🚀", "co%2Fltd"):
        page = search(f"q={query}")
        assert MARKUP in page.text or "ﬁ/日本 🚀" in page.text
        assert page.is_balanced


def test_what_waits_for_the_index_is_told(visit, publish):
    publish()

    assert "changes are not in the index yet" in visit("/search?q=shop").text


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("q=" + "x" * 201, "at most 200 characters"),
        ("q=" + "%22" * 10_000, "at most 200 characters"),
        ("q=x&kind=pacts", "must be one of applications, integrations"),
        ("q=x&format=xml", "must be one of csv, json"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(visit, query, reason):
    page = visit(f"/search?{query}")

    assert page.status == 400
    assert reason in page.text


def test_what_was_found_can_be_read_as_json(broker, database, publish):
    publish(a_pact(*requests("/orders/{id}")))
    index_everything(database)

    found = broker.get("/search?q=orders&format=json").json["results"]

    assert [item["kind"] for item in found] == ["applications", "integrations", "interactions"]
    assert found[0] == {
        "kind": "applications",
        "name": "Orders",
        "method": "",
        "path": "",
        "application": "Orders",
        "provider": None,
        "url": "http://localhost/pacticipants/Orders",
    }


@pytest.mark.parametrize("query", ["q=orders", "q=get+/orders/1&kind=interactions"])
def test_a_search_costs_four_statements(broker, database, publish, query):
    publish()
    index_everything(database)

    with sql_statements() as seen:
        assert broker.get(f"/search?{query}", headers=A_BROWSER).status_code == 200

    assert len(seen) <= 4
