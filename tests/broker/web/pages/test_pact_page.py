"""The page of a pact: what the two agree on, and which of it the provider keeps."""

import pytest
from support.contract_documents import an_openapi
from support.factories import a_message, a_message_pact, a_pact, an_interaction, results_of
from support.reading_pages import A_BROWSER

PACT = "/pacts/provider/Orders/consumer/Shop"


def test_an_interaction_reads_like_documentation(visit, publish):
    publish(
        a_pact(
            an_interaction(
                request={
                    "method": "post",
                    "path": "/orders",
                    "query": {"dry": ["yes"]},
                    "body": {"sku": "tea"},
                },
                response={
                    "status": 201,
                    "headers": {"Location": "/orders/1"},
                    "matchingRules": {
                        "header": {"Location": {"matchers": [{"match": "regex", "regex": "/orders/.*"}]}}
                    },
                },
            )
        )
    )

    page = visit(f"{PACT}/version/1")

    assert "1 interaction Pact 3.0.0" in page.text
    assert "POST /orders?dry=yes a request for order 1" in page.text
    assert "Given an order exists id = 1" in page.text
    assert 'Request POST /orders?dry=yes { "sku": "tea" }' in page.text
    assert "Response status 201 Location: /orders/1 matches /orders/.*" in page.text
    assert """curl -i -g 'http://localhost:8080/orders?dry=yes' --data-raw '{"sku":"tea"}'""" in page.text
    assert page.is_balanced


def test_messages_and_replies_are_shown(visit, publish):
    publish(
        {
            **a_pact(),
            "interactions": [
                {
                    "type": "Asynchronous/Messages",
                    "description": "an order was paid",
                    "contents": {"content": {"id": 1}, "contentType": "application/json", "encoded": False},
                    "metadata": {"topic": "orders"},
                    "pending": True,
                    "comments": {"text": ["Sent once."]},
                },
                {
                    "type": "Synchronous/Messages",
                    "description": "a question",
                    "request": {
                        "contents": {"content": "how many?", "contentType": "text/plain", "encoded": False}
                    },
                    "response": [
                        {"contents": {"content": "12", "contentType": "text/plain", "encoded": False}}
                    ],
                },
            ],
            "metadata": {"pactSpecification": {"version": "4.0"}},
        }
    )

    text = visit(f"{PACT}/latest").text

    assert "message from Orders an order was paid pending" in text
    assert "Sent once." in text
    assert 'Message topic: orders { "id": 1 }' in text
    assert "Message how many? Reply 12" in text


def test_a_message_pact_of_version_3_is_shown(visit, publish):
    publish(a_message_pact(a_message(metaData={"topic": "orders"})))

    assert 'Message topic: orders { "id": 1, "status": "paid" }' in visit(f"{PACT}/latest").text


def test_what_failed_is_open_and_says_why(visit, publish, verify):
    names = ["first", "second", "third", "fourth", "fifth"]
    published = publish(a_pact(*map(an_interaction, names)))
    mismatch = {"attribute": "body", "identifier": "$.id", "description": "expected 1 but was 2"}
    verify(published, "7", success=False, testResults=results_of(published, "fifth", mismatches=[mismatch]))

    page = visit(f"{PACT}/version/1")

    assert "failed 1 of 5 interactions fails since Orders 7 (just now)." in page.text
    (failed,) = page.open_cards
    assert failed.startswith("GET /orders/1 fifth since 7 body $.id expected 1 but was 2")
    assert "verified (4)" in page.text


def test_a_short_pact_is_all_open(visit, publish):
    publish(a_pact(*map(an_interaction, ["first", "second", "third"])))

    assert len(visit(f"{PACT}/version/1").open_cards) == 3


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_every_provider_version_has_its_newest_result(visit, publish, verify):
    published = publish()
    verify(published, "1", success=False)
    verify(published, "2", success=False, branch="feat")
    verify(published, "1")

    page = visit(f"{PACT}/version/1")

    nothing_said = "failed; the result does not say why"
    assert page.rows[1:] == [
        ("1", "verified", "", "", "just now"),
        ("2 feat", "failed", nothing_said, "2 now", "just now"),
    ]


def test_what_nobody_verified_says_how(visit, publish):
    published = publish(a_pact(provider="Orders & $(more)"))
    sha = published["_links"]["pb:pact-version"]["name"]

    page = visit("/pacts/provider/Orders%20&%20$(more)/consumer/Shop/latest")

    address = "http://localhost/pacts/provider/Orders%20%26%20%24%28more%29/consumer/Shop/pact-version/"
    assert f"tally verify {address}{sha}" in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/version/1",
        "/versions/1",
        "/latest",
        "/latest/prod",
        "/branch/feat%2Fx/latest",
        "/pact-version/{sha}",
        "/pact-version/{sha}/metadata/Y3ZuPTE",
    ],
)
def test_every_way_to_a_pact_leads_to_its_page(visit, publish, path):
    published = publish(branch="feat/x", tags=["prod"])
    sha = published["_links"]["pb:pact-version"]["name"]

    page = visit(PACT + path.format(sha=sha))

    assert (page.status, "Shop → Orders" in page.text) == (200, True)
    assert page.links["1"] == "/pacticipants/Shop/versions/1"


def test_the_latest_pact_without_tags_has_a_page(visit, publish):
    publish(version="1")
    publish(version="2", tags=["prod"])

    assert "1" in visit(f"{PACT}/latest-untagged").links


def test_many_interactions_are_on_several_pages_and_failed_ones_first(visit, publish, verify):
    published = publish(a_pact(*(an_interaction(f"number {number:03}") for number in range(150))))
    verify(published, success=False, testResults=results_of(published, "number 149"))

    first, second, fourth = (visit(f"{PACT}/version/1?page={number}") for number in (1, 2, 4))

    assert "150 interactions" in first.text
    assert "number 149" in first.text
    assert "number 048" in first.text
    assert "number 049" not in first.text
    assert "number 049" in second.text
    assert (first.links["Next"], second.links["Previous"]) == ("?page=2", "?page=1")
    assert "There is no page 4" in fourth.text


def test_of_a_very_long_text_the_beginning_is_shown(visit, publish):
    long = an_interaction(response={"status": 200, "body": {"text": "x" * 100_000}})
    publish(a_pact(long))

    page = visit(f"{PACT}/version/1")

    assert "more characters (SHA-1" in page.text
    assert len(page.text) < 50_000


def test_of_a_very_long_document_that_is_no_pact_the_beginning_is_shown(visit, broker):
    assert broker.put(f"{PACT}/version/1", json=list(range(10_000))).status_code == 201

    page = visit(f"{PACT}/version/1")

    assert "4998, …" in page.text
    assert "5000" not in page.text


@pytest.mark.parametrize("document", [{"no": {"pact": ["<b>"]}}, [1, {"a": "<b>"}]])
def test_a_document_that_is_no_pact_is_shown_as_it_is(visit, broker, document):
    assert broker.put(f"{PACT}/version/1", json=document).status_code == 201

    page = visit(f"{PACT}/version/1")

    assert "cannot be read as a pact" in page.text
    assert '"<b>"' in page.text
    assert "tally verify" not in page.text


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (f"{PACT}/version/2", "No pact between Shop (2) and Orders found"),
        (f"{PACT}/latest/prod", "No pact between Shop and Orders found"),
        ("/pacts/provider/Orders/consumer/Nobody/latest", "No consumer with name 'Nobody' found"),
        ("/pacts/provider/Nobody/consumer/Shop/latest", "No provider with name 'Nobody' found"),
    ],
)
def test_what_is_not_there_is_told_on_a_page(visit, publish, path, message):
    publish()

    page = visit(path)

    assert page.status == 404
    assert message in page.text
    assert page.links["Go to the overview"] == "/"


@pytest.mark.parametrize(
    ("url", "is_link"), [("https://ci.example.org/1", True), ("javascript:alert(1)", False)]
)
def test_only_web_addresses_of_builds_are_links(visit, publish, url, is_link):
    publish(buildUrl=url)

    page = visit("/pacticipants/Shop/versions/1")
    assert (url in page.text, url in page.links) == (True, is_link)
    page = visit(f"{PACT}/latest")
    assert (page.links.get("build") == url, f"build {url}" in page.text) == (is_link, not is_link)


def test_the_verdict_of_main_is_that_of_the_overview(visit, publish, verify, broker):
    published = publish()
    broker.patch("/pacticipants/Orders", json={"mainBranch": "main"})
    verify(published, "1", branch="main", success=False)
    verify(published, "2", branch="feat")

    page = visit(f"{PACT}/latest")

    assert "failed The verification fails since Orders 1 (just now)." in page.text
    assert "The two today: main failed" in page.text


def test_the_strip_in_the_head_shows_the_newest_results_of_the_pair_whatever_their_contents(
    broker, publish, verify
):
    verify(publish(), "1", branch="main")
    verify(publish(a_pact(an_interaction("another")), version="2"), "2", branch="main", success=False)

    page = broker.get(f"{PACT}/latest", headers=A_BROWSER).text

    assert 'aria-label="2 results, the newest last: 1 verified, 1 failed"' in page


def test_environments_are_in_the_order_in_which_versions_go_through_them(visit, publish, broker):
    publish()
    broker.put("/pacticipants/Shop", json={"mainBranch": "main"})
    broker.post("/environments", json={"name": "acceptance", "production": False})
    for environment in broker.get("/environments").json["_embedded"]["environments"]:
        path = f"/pacticipants/Shop/versions/1/deployed-versions/environment/{environment['uuid']}"
        assert broker.post(path, json={}).status_code == 201

    page = visit(f"{PACT}/latest")

    today = page.text.partition("The two today:")[2]
    assert today.startswith(" main never verified test never verified acceptance never verified production")
    where = [row[0] for row in visit("/pacticipants/Shop").rows]
    assert where[1:4] == ["test", "acceptance", "production"]


def test_a_new_version_on_main_that_has_verified_nothing_yet_makes_it_changed(visit, publish, verify, broker):
    published = publish()
    verify(published, "1", branch="main")
    broker.put("/pacticipants/Orders/branches/main/versions/2", json={})

    page = visit(f"{PACT}/latest")

    assert "changed Orders 2 on main has not verified this pact yet; 1 main did, just now." in page.text


def test_a_failure_before_the_newest_content_still_stands(visit, publish, verify):
    verify(publish(), "1", branch="main", success=False)
    publish(a_pact(an_interaction("another")), version="2")

    page = visit(f"{PACT}/latest")

    assert (
        "failed Orders has not verified this pact yet; what was verified before it fails since Orders 1"
        in (page.text)
    )


def test_a_pact_that_does_not_fit_the_service_contract_says_so(visit, publish, broker):
    document = {"pacticipantName": "Orders", "pacticipantVersionNumber": "1", "branch": "main"}
    broker.put("/pacticipants/Orders", json={"mainBranch": "main"})
    assert (
        broker.post("/service-contracts/publish", json={**document, "content": an_openapi()}).status_code
        < 300
    )
    broker.put("/pacticipants/Orders/service-contract-policy", json={"evidence": "comparison"})
    publish(a_pact(an_interaction(response={"status": 418})))

    page = visit(f"{PACT}/latest")

    assert "failed It does not fit the service contract of Orders 1: see what differs." in page.text
    assert "/comparisons/" in page.links["see what differs"]


def test_interactions_are_filtered_by_text_state_verdict_and_kind(visit, publish, verify):
    paid = an_interaction(
        "is paid", providerStates=[{"name": "paid"}], request={"method": "GET", "path": "/paid"}
    )
    published = publish(a_pact(*map(an_interaction, ["first", "second", "third"]), paid))
    verify(published, success=False, testResults=results_of(published, "second"))

    def shown(query):
        text = visit(f"{PACT}/latest?{query}").text
        return [name for name in ("first", "second", "third", "is paid") if f" {name} " in f"{text} "]

    assert shown("verdict=failed") == ["second"]
    assert shown("text=FIRST") == ["first"]
    assert shown("text=%2Fpaid") == ["is paid"]
    assert shown("state=paid") == ["is paid"]
    assert shown("kind=message") == []
    assert "1 of 4 interactions" in visit(f"{PACT}/latest?state=paid").text
    assert visit(f"{PACT}/latest?text=nothing").links["Show all 4"] == "?"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("verdict=broken", "verdict must be one of: failed, verified, unknown"),
        ("kind=x", "kind must be one of: http, message, synchronous"),
        (f"text={'x' * 300}", "text cannot have more than 255 characters"),
        ("format=xml", "format must be one of csv, json"),
    ],
)
def test_a_filter_that_is_not_known_is_refused(visit, publish, query, message):
    publish()

    page = visit(f"{PACT}/latest?{query}")

    assert page.status == 400
    assert message in page.text.replace("'", "")


def test_a_link_to_an_interaction_leads_to_its_page_and_opens_it(visit, publish, broker):
    published = publish(a_pact(*(an_interaction(f"number {number:03}") for number in range(120))))
    name = published["interactions"][110]["_id"]

    page = visit(f"{PACT}/version/1?open={name}")

    assert any("number 110" in card and "Response status 200" in card for card in page.open_cards)
    assert f'id="i-{name}"' in broker.get(f"{PACT}/version/1?open={name}", headers=A_BROWSER).text
    assert "Show request and response" in page.links


def test_all_interactions_of_a_page_can_be_opened(visit, publish):
    publish(a_pact(*map(an_interaction, ["a", "b", "c", "d"])))

    assert len([card for card in visit(f"{PACT}/latest?open=all").open_cards if "Response" in card]) == 4


def test_the_interactions_are_rows_for_machines(broker, publish, verify):
    published = publish(a_pact(*map(an_interaction, ["=first", "second"])))
    verify(published, "7", success=False, testResults=results_of(published, "second"))

    rows = broker.get(f"{PACT}/latest?format=json").json["interactions"]

    assert [(row["description"], row["verdict"], row["failing_since"]) for row in rows] == [
        ("=first", "verified", None),
        ("second", "failed", "7"),
    ]
    assert "'=first" in broker.get(f"{PACT}/latest?format=csv").text
    assert broker.get(f"{PACT}/latest").json["interactions"]
    results = broker.get(f"{PACT}/latest?format=json&table=results").json["results"]
    assert [(row["provider_version"], row["verdict"], row["failing_since"]) for row in results] == [
        ("7", "failed", "7")
    ]
