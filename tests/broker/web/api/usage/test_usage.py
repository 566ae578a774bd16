"""Who uses what of a service, over HTTP."""

from datetime import timedelta

import pytest
from support.factories import NOON, a_pact, a_publication, an_interaction
from support.sql_statements import sql_statements

from broker.app import create_app
from broker.settings.settings import Settings

EMAIL = "GET /orders/{id} 200 $.customer.email"
URL = "/pacticipants/Orders/usage"
UNUSED = "/pacticipants/Orders/unused-places"
MOST_STATEMENTS = 14


def a_document(**changes):
    properties = {
        "id": {"type": "integer"},
        "customer": {
            "type": "object",
            "properties": {"email": {"type": "string"}, "name": {"type": "string"}},
        },
    }
    schema = {"type": "object", "properties": properties}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Orders", "version": "1"},
        "paths": {
            "/orders/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "get": {
                    "operationId": "getOrder",
                    "responses": {
                        "200": {"description": "", "content": {"application/json": {"schema": schema}}}
                    },
                },
                "delete": {"operationId": "deleteOrder", "responses": {"204": {"description": ""}}},
            }
        },
        **changes,
    }


def an_exchange(description="an order", body=None, path="/orders/7"):
    return an_interaction(
        description,
        request={"method": "GET", "path": path},
        response={"status": 200, "body": body or {"id": 7, "customer": {"email": "a@example.org"}}},
    )


def publish(broker, *interactions, consumer="Shop", version="1", branch="main"):
    pact = a_pact(*(interactions or [an_exchange()]), consumer=consumer)
    answer = broker.post("/contracts/publish", json=a_publication(pact, version=version, branch=branch))
    assert answer.status_code == 200, answer.json


def publish_document(broker, document=None, version="1", service="Orders"):
    answer = broker.post(
        "/service-contracts/publish",
        json={
            "pacticipantName": service,
            "pacticipantVersionNumber": version,
            "branch": "main",
            "content": document or a_document(),
        },
    )
    assert answer.status_code in {200, 201}, answer.json


def deploy(broker, name, version, environment="production"):
    links = broker.get(f"/pacticipants/{name}/versions/{version}").json["_links"]["pb:record-deployment"]
    link = next(link for link in links if link["name"] == environment)
    assert broker.post(link["href"], json={}).status_code == 201


@pytest.fixture(autouse=True)
def _service(broker):
    publish_document(broker)


def users(broker, place=EMAIL, **query):
    answer = broker.get(URL, query_string={"place": place, **query})
    assert answer.status_code == 200, answer.json
    (found,) = answer.json["places"]
    return found["users"]


def test_who_relies_on_a_property_is_told(broker):
    publish(broker)
    deploy(broker, "Shop", "1")

    (user,) = users(broker)

    assert (user["consumer"], user["certain"]) == ("Shop", True)
    assert user["versions"] == [{"number": "1", "environments": ["production"]}]
    assert user["interactions"] == [{"description": "an order"}]
    assert user["since"].startswith("20")
    assert broker.get(user["_links"]["tally:contract"]["href"]).status_code == 200


def test_what_nobody_names_has_no_users(broker):
    publish(broker)

    assert users(broker, "GET /orders/{id} 200 $.customer.name") == []
    assert [user["consumer"] for user in users(broker, "getOrder")] == ["Shop"]
    assert users(broker, "DELETE /orders/{id}") == []


def test_only_what_is_in_the_environment_counts(broker):
    publish(broker)
    publish(broker, an_exchange(body={"id": 7}), version="2")
    deploy(broker, "Shop", "2")

    assert users(broker, environment="production") == []
    assert users(broker, environment="test") == []
    assert [user["versions"][0]["number"] for user in users(broker, "getOrder")] == ["2"]
    deploy(broker, "Shop", "1", "test")
    (user,) = users(broker, environment="test")
    assert user["versions"] == [{"number": "1", "environments": ["test"]}]


def test_the_newest_pact_and_that_of_the_main_branch_count_without_an_environment(broker):
    publish(broker, version="1", branch="main")
    publish(broker, an_exchange(body={"id": 7}), version="2", branch="feature")

    (user,) = users(broker)

    assert user["versions"] == [{"number": "1", "environments": []}]


def test_since_when_is_told_though_contents_change(database):
    moments = (NOON + timedelta(minutes=minutes) for minutes in range(1000))
    broker = create_app(Settings(), database, clock=lambda: next(moments)).test_client()
    publish(broker)
    began = users(broker)[0]["since"]
    publish(broker, an_exchange(body={"id": 7, "customer": {"email": "", "name": ""}}), version="2")

    assert users(broker)[0]["since"] == began
    assert users(broker, "GET /orders/{id} 200 $.customer.name")[0]["since"] > began


def test_a_use_that_is_only_possible_says_why(broker):
    publish(broker, an_exchange(path="/api/v1/orders/7"))

    (user,) = users(broker)

    assert user["certain"] is False
    assert user["interactions"] == [
        {"description": "an order", "doubt": "GET /api/v1/orders/7 fits no operation"}
    ]


def test_a_pact_that_cannot_be_read_may_use_everything(broker):
    broker.put("/pacts/provider/Orders/consumer/Odd/version/1", json={"interactions": [{"odd": True}]})

    (user,) = users(broker, "DELETE /orders/{id}")

    assert user["consumer"] == "Odd"
    assert "the pact cannot be read" in user["interactions"][0]["doubt"]


def test_a_pact_from_before_is_read_when_somebody_asks(broker, database):
    publish(broker)
    with database.connection() as connection:
        connection.exec_driver_sql("DELETE FROM pact_usages")
        connection.exec_driver_sql("UPDATE integrations SET uses_since = NULL")
        connection.commit()

    (user,) = users(broker)

    assert (user["consumer"], user.get("since"), user["certain"]) == ("Shop", None, True)
    publish(broker, version="2")
    assert users(broker)[0]["since"] is not None


def test_a_consumer_whose_document_depends_on_an_operation_uses_it(broker):
    document = {
        "serviceContract": "1",
        "operations": [{"id": "x", "kind": "http", "method": "GET", "path": "/x", "responses": {"200": {}}}],
        "dependencies": [{"service": "Orders", "operations": ["deleteOrder"]}],
    }
    publish_document(broker, document, service="Back Office")

    (user,) = users(broker, "DELETE /orders/{id} 204")

    assert (user["consumer"], user["certain"]) == ("Back Office", False)
    assert "needs deleteOrder, and may use all of it" in user["interactions"][0]["doubt"]
    assert broker.get(user["_links"]["tally:contract"]["href"]).status_code == 200
    assert users(broker) == []
    assert users(broker, "DELETE /orders/{id}", environment="production") == []
    deploy(broker, "Back Office", "1")
    assert len(users(broker, "DELETE /orders/{id}", environment="production")) == 1


def test_what_nobody_uses_is_listed(broker):
    publish(broker)

    answer = broker.get(UNUSED)

    assert answer.json["places"] == ["GET /orders/{id} 200 $.customer.name", "DELETE /orders/{id}"]
    assert answer.json["consumers"] == ["Shop"]
    assert (answer.json["version"], answer.json.get("environment")) == ("1", None)


def test_a_property_of_a_recursive_schema_is_one_wherever_it_is_used(broker):
    document = a_document()
    schema = document["paths"]["/orders/{id}"]["get"]["responses"]["200"]["content"]["application/json"]
    document["components"] = {"schemas": {"Order": {**schema["schema"]}}}
    document["components"]["schemas"]["Order"]["properties"]["parent"] = {
        "$ref": "#/components/schemas/Order"
    }
    schema["schema"] = {"$ref": "#/components/schemas/Order"}
    publish(broker, an_exchange(body={"parent": {"id": 7}}))
    publish_document(broker, document, version="2")

    for path in ("$.id", "$.parent.parent.id"):
        answer = broker.get(URL, query_string={"place": f"GET /orders/{{id}} 200 {path}"}).json
        (user,) = answer["places"][0]["users"]
        assert (user["consumer"], user["certain"]) == ("Shop", False)
    assert "GET /orders/{id} 200 $.id" not in broker.get(UNUSED).text


def test_several_places_are_one_question(broker):
    publish(broker)

    answer = broker.get(URL, query_string=[("place", EMAIL), ("place", "deleteOrder")])

    assert [(each["place"], len(each["users"])) for each in answer.json["places"]] == [
        (EMAIL, 1),
        ("DELETE /orders/{id}", 0),
    ]


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ("", 400, "is missing: say which place"),
        ("place=GET+/orders/{id}+200+$.nothing", 400, "is not in the service contract"),
        ("place=GET+/nothing", 400, "it has GET /orders/{id}"),
        ("place=getOrder&environment=moon", 404, "No environment is called 'moon'"),
        ("place=getOrder&version=7", 404, "7"),
        ("&".join(["place=getOrder"] * 51), 400, "cannot be given more than 50 times"),
        ("place=" + "x" * 1001, 400, "cannot be longer than 1000 characters"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(broker, query, status, text):
    answer = broker.get(f"{URL}?{query}")

    assert answer.status_code == status
    assert text in answer.get_data(as_text=True)


def test_a_service_without_a_document_is_refused(broker):
    publish(broker)

    answer = broker.get("/pacticipants/Shop/usage?place=x")

    assert answer.status_code == 404
    assert "Shop has no service contract" in answer.json["error"]
    assert broker.get("/pacticipants/Nobody/usage?place=x").status_code == 404


def test_a_document_of_what_a_service_needs_offers_nothing(broker):
    operation = {
        "id": "getOrder",
        "kind": "http",
        "method": "GET",
        "path": "/orders",
        "responses": {"200": {}},
    }
    document = {"serviceContract": "1", "role": "consumer", "operations": [operation]}
    publish_document(broker, document, service="Shop")

    answer = broker.get("/pacticipants/Shop/unused-places")

    assert answer.status_code == 404
    assert "says what it needs of others" in answer.json["error"]


def test_a_document_that_cannot_be_read_any_more_is_refused(broker, database):
    publish_document(broker, a_document(openapi="3.1.1"), version="2")
    with database.connection() as connection:
        connection.exec_driver_sql("UPDATE service_contracts SET document = CAST('{\"old\": 1}' AS BLOB)")
        connection.commit()

    answer = broker.get(UNUSED)

    assert answer.status_code == 404
    assert "The service contract of Orders 2 cannot be read" in answer.json["error"]


def test_equal_content_is_read_once(broker):
    publish(broker)
    with sql_statements() as first:
        publish(broker, version="2")
    with sql_statements() as second:
        publish(broker, an_exchange("another"), version="3")

    assert not any("INSERT INTO pact_usages" in statement for statement in first)
    assert sum("INSERT INTO pact_usages" in statement for statement in second) == 1


def test_a_question_costs_as_many_statements_whatever_there_is(broker):
    users(broker)  # the documents are read for the first question alone
    counts = []
    for number in range(1, 4):
        for consumer in range(number * 3):
            publish(
                broker, an_exchange(f"order {number}"), consumer=f"Consumer {consumer}", version=str(number)
            )
            deploy(broker, f"Consumer {consumer}", str(number))
        with sql_statements() as seen:
            users(broker)
        counts.append(len(seen))

    assert counts[0] == counts[1] == counts[2]
    assert counts[0] <= MOST_STATEMENTS


def test_nothing_is_kept_of_an_integration_that_is_deleted(broker, database):
    publish(broker)

    broker.delete("/integrations/provider/Orders/consumer/Shop")

    with database.connection() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM pact_usages").scalar() == 0
