"""The page of a service contract: what is promised, whether it is kept, and who needs which of it."""

import pytest
from support.contract_documents import (
    a_message_operation,
    a_native,
    a_native_operation,
    a_response,
    an_id,
    an_openapi,
    an_operation,
)
from support.factories import a_pact, an_interaction
from support.reading_pages import A_BROWSER
from support.sql_statements import sql_statements

ON_BOTH_DATABASES = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
SHOWS = ("operations", "compatibility", "usage", "comparisons", "results")
HOSTILE = "<script>alert('1')</script>"


def answering(**properties):
    """Return a document whose operation answers with these properties, all of them required."""
    schema = {
        "type": "object",
        "required": sorted(properties),
        "properties": {name: {"type": kind} for name, kind in properties.items()},
    }
    deleting = an_operation(
        operationId="deleteOrder",
        deprecated=True,
        parameters=[an_id(examples={})],
        responses={"204": {"description": ""}},
    )
    return an_openapi(
        {"/orders/{id}": {"get": an_operation(responses={"200": a_response(schema)}), "delete": deleting}}
    )


FIRST = answering(id="integer", status="string")
BREAKING = answering(id="integer")


@pytest.fixture
def offer(broker):
    """Publish documents of a version of Orders, and return the address of their page."""

    def offer(document=None, version="1", **more):
        body = {"pacticipantName": "Orders", "pacticipantVersionNumber": version, "branch": "main", **more}
        if not more.get("documents"):
            body["content"] = document or FIRST
        answer = broker.post("/service-contracts/publish", json=body)
        assert answer.status_code == 200, answer.json
        return f"/pacticipants/Orders/versions/{version}/service-contract"

    return offer


@pytest.fixture
def tell(broker):
    """Publish a result of a version for the document of version 1."""

    def tell(*tests, success, version="1"):
        sha = broker.get("/pacticipants/Orders/versions/1/service-contracts").json["_embedded"]["documents"][
            0
        ]
        url = sha["_links"]["tally:service-contract-content"]["href"] + "/verification-results"
        body = {"success": success, "providerApplicationVersion": version, "testResults": {"tests": tests}}
        answer = broker.post(url, json=body)
        assert answer.status_code == 201, answer.json

    return tell


@ON_BOTH_DATABASES
def test_operations_are_shown_with_their_schemas(visit, offer):
    page = visit(offer())

    assert "Nobody has verified it yet. 1 document with 2 operations, published just now." in page.text
    assert "0 of 2 operations were verified; 1 example can be replayed" in page.text
    assert "GET /orders/{id} getOrder" in page.text
    assert "path id: integer" in page.text
    assert "object id: integer status: string" in page.text
    assert "DELETE /orders/{id} deleteOrder deprecated" in page.text
    assert "tally verify --provider Orders" in page.text
    assert page.is_balanced


@ON_BOTH_DATABASES
def test_what_failed_is_open_and_first(visit, offer, tell):
    address = offer(a_native(a_native_operation(), a_native_operation(id="old", path="/old/{id}")))
    tell(
        {"interactionId": "getOrder/an open order", "success": True},
        {
            "interactionId": "old/an open order",
            "success": False,
            "mismatches": [
                {
                    "attribute": "body",
                    "identifier": "$.id",
                    "description": "a type",
                    "expected": 7,
                    "actual": "x",
                }
            ],
        },
        success=False,
    )

    page = visit(address)

    assert "1 of 2 operations failed." in page.text
    assert "2 of 2 operations were verified" in page.text
    (card,) = page.open_cards
    assert card.startswith("GET /old/{id} old 1 example, 1 failed")
    assert "body $.id expected 7 was x" in card


def test_operations_can_be_searched_and_are_paged(visit, offer, broker):
    operations = [
        a_native_operation(id=f"read{number:02}", path=f"/things/{number}/{{id}}") for number in range(25)
    ]
    address = offer(a_native(*operations))

    assert visit(address).text.count("Who uses it") == 20
    assert visit(f"{address}?page=2").text.count("Who uses it") == 5
    assert visit(f"{address}?search=READ07").text.count("Who uses it") == 1
    assert "No such operation" in visit(f"{address}?search=write").text
    assert len(broker.get(f"{address}?format=json").json["operations"]) == 25


@ON_BOTH_DATABASES
def test_messages_are_shown_as_well_and_each_document_for_itself(visit, offer):
    documents = [
        {"content": a_native(a_message_operation()), "name": "events"},
        {"content": FIRST, "name": "http"},
    ]
    address = offer(documents=documents)

    page = visit(address)

    assert "2 documents with 3 operations" in page.text
    assert "sends orders.paid orderPaid" in page.text
    assert "OrderPaid · application/json object" in page.text
    assert "GET /orders/{id}" in visit(address + page.links["http"]).text
    assert "There is no document 'mail': there are events, http" in visit(f"{address}?document=mail").text


@ON_BOTH_DATABASES
def test_changes_since_earlier_versions_have_both_places_and_a_counterexample(visit, offer):
    offer()
    address = offer(BREAKING, version="2")

    page = visit(f"{address}?show=compatibility")

    assert page.rows[1][:4] == ("openapi", "1", "breaking shown below", "service")
    assert "1 change that breaks somebody, of 1" in page.text
    assert "Before /paths/~1orders~1{id}/get/responses/200/content/application~1json/schema" in page.text
    assert "Counterexample" in page.text
    assert "No policy is set, so the defaults hold" in page.text
    assert page.is_balanced
    assert "have not been compared" in visit(f"{address}?show=compatibility&later=a&earlier=b").text


def test_a_first_version_was_compared_with_nothing(visit, offer):
    assert "Compared with nothing" in visit(f"{offer()}?show=compatibility").text


@ON_BOTH_DATABASES
def test_usage_names_consumers_by_operation_and_what_nobody_uses(visit, offer, publish):
    publish(
        a_pact(an_interaction(response={"status": 200, "body": {"id": 7}}), consumer="Web"),
    )
    address = offer()

    page = visit(f"{address}?show=usage")

    assert page.rows == [
        ("Operation", "Who uses it", "What nobody uses"),
        ("GET /orders/{id}", "Web", "1 place 200 $.status"),
        ("DELETE /orders/{id}", "nobody", "all of it"),
    ]
    assert "1 consumer was looked at" in page.text


@ON_BOTH_DATABASES
def test_usage_answers_who_uses_a_place(visit, offer, publish):
    publish(a_pact(an_interaction("an order", response={"status": 200, "body": {"id": 7}}), consumer="Web"))
    address = offer()

    page = visit(f"{address}?show=usage&place=GET /orders/{{id}} 200 $.id")
    unused = visit(f"{address}?show=usage&place=GET /orders/{{id}} 200 $.status")

    assert "1 contract uses GET /orders/{id} 200 $.id" in page.text
    assert "an order The pact of Web" in page.open_cards[0]
    assert "Nobody uses GET /orders/{id} 200 $.status" in unused.text
    assert visit(f"{address}?show=usage&place=GET /nothing").status == 400


def test_a_document_of_what_is_needed_offers_nothing_to_use(visit, offer):
    address = offer(a_native(role="consumer"))

    assert "Nobody can use it" in visit(f"{address}?show=usage").text


@ON_BOTH_DATABASES
def test_pacts_that_do_not_fit_come_first_with_what_was_found(visit, offer, publish, broker):
    fitting = an_interaction(response={"status": 200, "body": {"id": 7, "status": "paid"}})
    publish(a_pact(fitting, consumer="Able"))
    publish(
        a_pact(an_interaction("an owner", response={"status": 200, "body": {"owner": 1}}), consumer="Zoe")
    )
    address = offer()

    page = visit(f"{address}?show=comparisons")

    assert [row[0] for row in page.rows[1:]] == ["Zoe", "Able"]
    assert page.rows[1][2] == "it does not fit shown below"
    assert "What was found in the pact of Zoe" in page.text
    assert "the document does not declare $.owner" in page.text
    assert page.is_balanced
    table = broker.get(f"{address}?show=comparisons&format=csv").text.splitlines()
    assert table[1].startswith("Zoe,1,incompatible,")
    assert visit(f"{address}?show=comparisons&number=999999").status == 404


@ON_BOTH_DATABASES
def test_results_are_those_of_all_versions_with_the_documents(visit, offer, tell):
    address = offer()
    tell(success=True)
    tell(success=False, version="2")

    page = visit(f"{address}?show=results")

    assert [row[:3] for row in page.rows[1:]] == [("2", "openapi", "failed"), ("1", "openapi", "verified")]
    assert "Never verified" in visit(offer(BREAKING, version="9") + "?show=results").text


def test_clients_of_the_api_get_the_document(broker, offer):
    address = offer()

    assert broker.get(address).json["content"]["openapi"] == "3.1.0"
    assert broker.get(address, headers=A_BROWSER).mimetype == "text/html"


@pytest.mark.parametrize("show", SHOWS)
def test_hostile_documents_are_texts(broker, offer, publish, show):
    publish(a_pact(an_interaction(HOSTILE), consumer=HOSTILE))
    address = offer(a_native(a_native_operation(id=HOSTILE, path=f"/{HOSTILE}/{{id}}")))

    answer = broker.get(f"{address}?show={show}&search=%3Cscript%3E&place=", headers=A_BROWSER)

    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


def test_what_is_not_known_is_said(visit, offer, publish):
    address = offer()
    publish()

    assert (
        "must be one of: operations, compatibility, usage, comparisons, results"
        in visit(f"{address}?show=uses").text
    )
    assert visit("/pacticipants/Shop/versions/1/service-contract").status == 404


@ON_BOTH_DATABASES
@pytest.mark.parametrize(
    ("show", "most"),
    [("operations", 4), ("compatibility", 6), ("usage", 7), ("comparisons", 6), ("results", 2)],
)
def test_what_a_page_asks_of_the_database_does_not_grow(broker, offer, publish, tell, show, most):
    offer()
    publish(a_pact(an_interaction(response={"status": 200, "body": {"owner": 1}})))
    address = offer(BREAKING, version="2")
    tell(success=True)

    broker.get(f"{address}?show={show}", headers=A_BROWSER)
    with sql_statements() as seen:
        assert broker.get(f"{address}?show={show}", headers=A_BROWSER).status_code == 200

    assert len(seen) <= most
