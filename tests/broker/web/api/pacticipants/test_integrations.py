"""Integrations: listing them, drawing them, and removing them with everything between the two."""

import pytest
from support.contract_documents import an_openapi
from support.factories import a_pact, a_publication, a_verification_result
from support.sql_statements import sql_statements

from broker.app import create_app
from broker.settings.settings import Settings

HAL = {"Accept": "application/hal+json"}


def publish(broker, consumer, provider, version="1", **changes):
    pact = a_pact(consumer=consumer, provider=provider)
    answer = broker.post("/contracts/publish", json=a_publication(pact, version=version, **changes))
    assert answer.status_code == 200, answer.json


def verify(broker, consumer, provider, version="1"):
    latest = broker.get(f"/pacts/provider/{provider}/consumer/{consumer}/latest").json
    url = latest["_links"]["pb:publish-verification-results"]["href"]
    assert broker.post(url, json=a_verification_result(version)).status_code == 201


def pairs(answer):
    assert answer.status_code == 200
    listed = answer.json["_embedded"]["integrations"]
    return [(item["consumer"]["name"], item["provider"]["name"]) for item in listed]


def exists(broker, path):
    return broker.get(path).status_code == 200


def deploy(broker, pacticipant, version):
    (environment,) = broker.get("/environments?name=production").json["_embedded"]["environments"]
    url = (
        f"/pacticipants/{pacticipant}/versions/{version}/deployed-versions/environment/{environment['uuid']}"
    )
    assert broker.post(url, json={}).status_code == 201


def test_integrations_are_listed_the_one_with_the_newest_contract_first(broker):
    for consumer in ("Web", "App"):
        publish(broker, consumer, "Orders")

    listed = broker.get("/integrations", headers=HAL)

    assert pairs(listed) == [("App", "Orders"), ("Web", "Orders")]
    links = listed.json["_embedded"]["integrations"][0]["_links"]
    assert links["pb:group"]["href"].endswith("/pacticipants/App")
    assert broker.get(links["pb:matrix"]["href"]).status_code == 200
    assert broker.delete(links["pb:delete_integration"]["href"]).status_code == 204
    assert pairs(broker.get("/integrations", headers=HAL)) == [("Web", "Orders")]


@pytest.mark.parametrize("accept", ["text/vnd.graphviz", "text/vnd.graphviz, application/json;q=0.5"])
def test_a_graph_is_drawn_for_who_names_it(broker, accept):
    publish(broker, "Web Shop", "Orders")
    publish(broker, 'a"b', "Orders")
    publish(broker, "Node", "Graph")  # which mean something in a graph

    answer = broker.get("/integrations", headers={"Accept": accept})

    assert answer.content_type == "text/vnd.graphviz;charset=utf-8"
    assert "  Web_Shop -> Orders\n" in answer.text
    assert '  "a\\"b" -> Orders\n' in answer.text
    assert '  "Node" -> "Graph"\n' in answer.text
    assert answer.text.startswith("digraph {")


@pytest.mark.parametrize(
    "accept", ["application/hal+json", "application/json", "application/hal+json, */*;q=0.1", "*/*", None]
)
def test_json_is_answered_as_hal(broker, accept):
    assert pairs(broker.get("/integrations", headers={"Accept": accept} if accept else {})) == []


def test_integrations_are_searched_by_either_name_and_read_by_the_page(broker):
    for consumer, provider in (("Web", "Orders"), ("Orders", "Stock"), ("App", "Users")):
        publish(broker, consumer, provider)

    first = broker.get("/integrations?q=ORD&size=1", headers=HAL)

    assert pairs(first) == [("Orders", "Stock")]
    assert first.json["page"]["totalElements"] == 2
    assert pairs(broker.get(first.json["_links"]["next"]["href"], headers=HAL)) == [("Web", "Orders")]


def test_the_integrations_of_one_application_are_listed_by_the_page(broker):
    for consumer, provider in (("Web", "Orders"), ("Orders", "Stock"), ("App", "Users")):
        publish(broker, consumer, provider)

    first = broker.get("/pacticipant/Orders/network?page=1&size=1")

    assert pairs(first) == [("Orders", "Stock")]
    assert first.json["page"]["totalElements"] == 2
    assert pairs(broker.get(first.json["_links"]["next"]["href"])) == [("Web", "Orders")]
    assert pairs(broker.get("/pacticipant/Users/network")) == [("App", "Users")]
    assert broker.get("/pacticipant/Nobody/network").status_code == 404


def test_a_list_costs_the_same_for_one_as_for_twenty(broker):
    counts = []
    for number in range(20):
        publish(broker, f"App {number}", "Orders")
        with sql_statements() as seen:
            broker.get("/integrations", headers=HAL)
        counts.append(len(seen))

    assert set(counts) == {1}


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_an_integration_goes_with_what_is_between_the_two_and_nothing_else(broker):
    publish(broker, "Web", "Orders", version="1")
    verify(broker, "Web", "Orders", version="7")
    publish(broker, "Web", "Users", version="2")
    verify(broker, "Web", "Users", version="8")
    publish(broker, "App", "Orders", version="3")
    verify(broker, "App", "Orders", version="9")

    assert broker.delete("/integrations/provider/Orders/consumer/Web").status_code == 204

    assert pairs(broker.get("/integrations", headers=HAL)) == [("App", "Orders"), ("Web", "Users")]
    gone = ["/pacts/provider/Orders/consumer/Web/latest", "/pacticipants/Web/versions/1"]
    gone += ["/pacticipants/Orders/versions/7"]
    kept = ["/pacts/provider/Users/consumer/Web/latest", "/pacticipants/Web/versions/2"]
    kept += ["/pacts/provider/Orders/consumer/App/latest", "/pacticipants/Orders/versions/9"]
    assert [path for path in gone if exists(broker, path)] == []
    assert [path for path in kept if not exists(broker, path)] == []
    for provider, consumer in (("Users", "Web"), ("Orders", "App")):
        rows = broker.get(f"/matrix/provider/{provider}/consumer/{consumer}").json["matrix"]
        assert [row["verificationResult"]["success"] for row in rows] == [True]


def test_a_pacticipant_that_is_left_without_anything_goes_as_well(broker):
    publish(broker, "Web", "Orders")
    verify(broker, "Web", "Orders", version="7")
    deploy(broker, "Orders", "7")
    broker.put("/pacticipants/Web/versions/2/tags/dev", json={})
    publish(broker, "Orders", "Stock")

    broker.delete("/integrations/provider/Orders/consumer/Web")

    assert not exists(broker, "/pacticipants/Web")
    assert exists(broker, "/pacticipants/Orders")


def test_what_is_deployed_stays_while_it_has_other_integrations(broker):
    publish(broker, "Web", "Orders")
    publish(broker, "App", "Orders")
    verify(broker, "Web", "Orders", version="7")
    verify(broker, "Web", "Orders", version="8")
    deploy(broker, "Orders", "7")
    broker.put("/pacticipants/Orders/versions/9/tags/dev", json={})

    broker.delete("/integrations/provider/Orders/consumer/Web")

    remaining = [number for number in "789" if exists(broker, f"/pacticipants/Orders/versions/{number}")]
    assert remaining == ["7", "9"]


def test_a_version_with_a_service_contract_stays(broker):
    publish(broker, "Web", "Orders")
    body = {"pacticipantName": "Orders", "pacticipantVersionNumber": "7", "content": an_openapi()}
    published = broker.post("/service-contracts/publish", json=body)
    assert published.status_code < 300, published.json

    broker.delete("/integrations/provider/Orders/consumer/Web")

    assert exists(broker, "/pacticipants/Orders/versions/7/service-contract")
    assert not exists(broker, "/pacticipants/Web")


def test_the_head_of_a_branch_is_the_latest_version_that_remains(broker):
    publish(broker, "Web", "Users", version="1")
    publish(broker, "Web", "Orders", version="2")

    broker.delete("/integrations/provider/Orders/consumer/Web")

    assert broker.get("/pacticipants/Web/branches/main/latest-version").json["number"] == "1"


def test_an_unknown_integration_cannot_be_deleted(broker):
    publish(broker, "Web", "Orders")

    nobody = broker.delete("/integrations/provider/Orders/consumer/App")
    backwards = broker.delete("/integrations/provider/Web/consumer/Orders")

    assert (nobody.status_code, nobody.json) == (404, {"error": "No consumer with name 'App' found"})
    assert backwards.status_code == 404
    assert "Orders and Web" in backwards.json["error"]
    assert pairs(broker.get("/integrations", headers=HAL)) == [("Web", "Orders")]


def test_deleting_everything_is_refused_unless_a_setting_allows_it(broker):
    publish(broker, "Web", "Orders")

    refused = broker.delete("/integrations")

    assert refused.status_code == 403
    assert "TALLY_ALLOW_DELETING_ALL_INTEGRATIONS" in refused.json["error"]
    assert exists(broker, "/pacts/provider/Orders/consumer/Web/latest")


def test_deleting_everything_leaves_the_environments(database):
    broker = create_app(Settings(allow_deleting_all_integrations=True), database).test_client()
    publish(broker, "Web", "Orders")

    assert broker.delete("/integrations").status_code == 204

    assert pairs(broker.get("/integrations", headers=HAL)) == []
    assert broker.get("/pacticipants").json["_embedded"]["pacticipants"] == []
    assert len(broker.get("/environments").json["_embedded"]["environments"]) == 2
