"""The pages that explain the API (Pact Broker reference §1.10, §2.9)."""

import gzip
import re

import pytest
from support.contract_documents import an_openapi
from support.factories import a_pact, a_publication, a_verification_result
from support.reading_pages import A_BROWSER, Page

from broker.app import create_app
from broker.settings.settings import Settings
from broker.web import api
from broker.web.routes import PATHS

# Where two relations have the same name, such as pb: and beta:, the first one is explained.
RELATIONS = {relation.bare_name: relation for relation in reversed(api.RELATIONS)}
ASKS_FOR_JSON = {"Accept": "text/html,application/json"}


@pytest.fixture
def lived_in(broker):
    """A broker with a little of everything."""
    broker.post("/contracts/publish", json=a_publication(tags=["prod"]))
    broker.post("/contracts/publish", json=a_publication(a_pact(consumer="Invoicing"), version="2"))
    pact = broker.get("/pacts/provider/Orders/consumer/Shop/latest").json
    url = pact["_links"]["pb:publish-verification-results"]["href"]
    broker.post(url, json=a_verification_result("1"))
    contract = {"pacticipantName": "Orders", "pacticipantVersionNumber": "1", "content": an_openapi()}
    broker.post("/service-contracts/publish", json=contract)
    broker.put("/pacticipants/Shop/labels/ours", json={})
    version = broker.get("/pacticipants/Shop/versions/1").json
    for relation in ("pb:record-deployment", "pb:record-release"):
        broker.post(version["_links"][relation][0]["href"], json={})
    webhook = {"request": {"method": "POST", "url": "https://example.org/"}, "consumer": {"name": "Shop"}}
    broker.post("/webhooks", json=webhook | {"provider": {"name": "Orders"}})
    return broker


def relations_in(broker, path):
    """Yield every relation with a prefix, of the document at *path* and all that it leads to."""
    seen, waiting = set(), [path]
    while waiting:
        url = waiting.pop()
        answer = broker.get(url, headers={"Accept": "application/hal+json"})
        if not (answer.mimetype or "").endswith("json"):
            continue
        for relation, link in links_in(answer.json):
            yield relation
            href = link["href"]
            if "{" not in href and href not in seen:
                seen.add(href)
                waiting.append(href)


def links_in(document):
    if isinstance(document, list):
        for item in document:
            yield from links_in(item)
    if isinstance(document, dict):
        for relation, found in document.get("_links", {}).items():
            for link in found if isinstance(found, list) else [found]:
                yield relation, link
        for key, item in document.items():
            if key != "_links":
                yield from links_in(item)


def test_every_relation_that_an_answer_has_is_explained(lived_in):
    found = {name.partition(":")[2] for name in relations_in(lived_in, "/") if ":" in name}

    assert len(found) > 60
    assert found - RELATIONS.keys() == set()


def test_every_route_that_an_explanation_names_exists():
    assert {item.route for item in RELATIONS.values() if item.route} - PATHS.keys() == set()


@pytest.mark.parametrize("rel", sorted(RELATIONS))
def test_an_explanation_is_a_page(broker, rel):
    page = Page(broker.get(f"/doc/{rel}?context=index", headers=A_BROWSER))

    assert (page.status, page.is_balanced) == (200, True)
    assert RELATIONS[rel].help in page.text


@pytest.mark.parametrize(("alias", "rel"), [("webhooks-create", "create"), ("webhooks-webhooks", "webhooks")])
def test_relations_of_webhooks_are_explained_under_the_names_in_their_curie_too(broker, alias, rel):
    assert RELATIONS[rel].help in Page(broker.get(f"/doc/{alias}?context=webhooks")).text


def test_an_explanation_shows_how_to_call_what_the_link_leads_to(broker):
    page = Page(broker.get("/doc/publish-contracts"))

    assert "curl -X POST -H 'Content-Type: application/json'" in page.text
    assert "http://localhost/contracts/publish" in page.text


def test_an_unknown_relation_has_no_explanation_and_says_so(broker):
    page = Page(broker.get("/doc/%3Cscript%3E?context=pact"))

    assert page.status == 200
    assert "Nothing is documented about this relation" in page.text
    assert "<script>" in page.text  # as a text


@pytest.mark.parametrize(
    ("path", "address"),
    [("/", "/"), ("/pacticipants?q=a", "/pacticipants?q=a"), ("/pacticipants/a%2Fb", "/pacticipants/a%2Fb")],
)
def test_a_browser_that_asks_for_json_is_led_to_the_explorer(broker, path, address):
    answer = broker.get(path, headers=ASKS_FOR_JSON)

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/hal-browser/browser.html#{address}"


def test_the_explorer_is_below_the_path_that_the_broker_is_mounted_at(database):
    settings = Settings(base_url="https://contracts.example.org/broker")
    mounted = create_app(settings, database).test_client()

    location = mounted.get("/", headers=ASKS_FOR_JSON).headers["Location"]

    assert location == "/broker/hal-browser/browser.html#/"


def test_the_explorer_can_be_switched_off(database):
    without = create_app(Settings(use_hal_browser=False), database).test_client()

    assert without.get("/hal-browser/browser.html").status_code == 404
    assert without.get("/", headers=ASKS_FOR_JSON).status_code == 200
    for path in ("/", "/api-docs", "/doc/environments"):
        assert "/hal-browser/browser.html" not in Page(without.get(path, headers=A_BROWSER)).links.values()


def test_the_description_has_pages_that_name_every_operation_and_every_schema(broker):
    description = broker.get("/openapi.json").json
    index = Page(broker.get("/api-docs", headers=A_BROWSER))
    paths = {href.partition("#")[0] for href in index.links.values() if href.startswith("/api-docs/")}
    pages = {path: broker.get(path, headers=A_BROWSER) for path in paths}
    text = " ".join(Page(answer).text for answer in pages.values())

    assert all(Page(answer).is_balanced and answer.status_code == 200 for answer in pages.values())
    for path, methods in description["paths"].items():
        for method in methods.keys() - {"options"}:
            assert f"{method.upper()} {path} " in text
    for name in description["components"]["schemas"]:
        assert name in text
        assert Page(broker.get(f"/api-docs/schemas/{name}", headers=A_BROWSER)).status == 200


def test_no_page_of_the_description_is_large(broker):
    index = broker.get("/api-docs", headers=A_BROWSER)
    paths = {href.partition("#")[0] for href in Page(index).links.values() if href.startswith("/api-docs/")}
    pages = {path: broker.get(path, headers=A_BROWSER).get_data() for path in {"/api-docs", *paths}}

    assert {path for path, content in pages.items() if len(gzip.compress(content)) > 20_000} == set()
    assert {path for path, content in pages.items() if len(re.findall(rb"<[a-z]", content)) > 2_500} == set()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/api-docs/webhoks", "did you mean 'webhooks'"),
        ("/api-docs/schemas/Pacticipan", "did you mean 'Pacticipant'"),
    ],
)
def test_a_subject_that_is_misspelt_is_not_found_and_the_nearest_is_named(broker, path, said):
    page = Page(broker.get(path, headers=A_BROWSER))

    assert (page.status, said in page.text) == (404, True)


def test_every_page_leads_to_the_description_and_the_explorer(broker):
    page = Page(broker.get("/", headers=A_BROWSER))

    assert page.links["The API"] == "/api-docs"
    assert page.links["Explorer"] == "/hal-browser/browser.html"


def test_whoever_asks_for_json_as_a_browser_is_sent_to_the_explorer(broker):
    path = "/pacts/provider/Orders/consumer/a%2Fb/pact-version/abc/verification-results/1"

    answer = broker.get(path, headers={"Accept": "text/html,application/json"})

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/hal-browser/browser.html#{path}"
