from itertools import pairwise

import pytest
import requests
from support import shop
from support.app_server import app_serving
from support.arazzo import a_step, a_workflow, an_arazzo, in_path

HAL = {"Accept": "application/hal+json"}


@pytest.fixture
def broker_url(broker):
    """A broker that knows the services of the shop, where it serves."""
    for name in ("Orders", "payments"):
        broker.post("/pacticipants", json={"name": name})
    with app_serving(broker.application) as url:
        yield url


PAY = a_step("pay", "takePayment", requestBody={"payload": {"order": 7, "amount": 5}})


def a_scenario(*steps):
    document = an_arazzo(a_workflow(*(steps or (a_step(), PAY))), sources=("orders", "payments"))
    document["sourceDescriptions"][0]["x-contract-service"] = "Orders"
    return document


def test_results_are_published_under_the_versions_that_took_part(scenarios, broker_url):
    versions = ["--version", "orders=1.2.3", "--version", "payments=4"]

    ended = scenarios.run(a_scenario(), "--publish", *versions, "-b", broker_url, "-o", "json")

    assert ended.exit_code == 0, ended.stdout
    assert ended.json["published"].startswith(f"{broker_url}/scenario-results/")
    version = f"{broker_url}/pacticipants/Orders/versions/1.2.3"
    listed = requests.get(f"{version}/scenario-results", headers=HAL, timeout=10).json()
    result = requests.get(ended.json["published"], headers=HAL, timeout=10).json()
    assert [each["title"] for each in listed["_embedded"]["scenarioResults"]] == ["The shop"]
    assert result["success"] is True
    steps = result["testResults"]["workflows"][0]["steps"]
    assert [step["outcome"] for step in steps] == ["passed", "passed"]
    assert result["testResults"]["selected"] == {"tags": [], "workflows": []}


def test_a_failure_is_published_too(scenarios, broker_url):
    look = a_step("look", "getOrder", parameters=[in_path(1)])
    versions = ["--version", "orders=1.2.3", "--version", "payments=4"]

    ended = scenarios.run(a_scenario(look, PAY), "--publish", *versions, "-b", broker_url, "-o", "json")

    assert ended.exit_code == 1
    assert ended.json["published"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--version", "orders=1"], "Which version of payments took part? Give --version payments=VERSION."),
        (["--version", "ordres=1"], "--version ordres=…: no document has a source ordres."),
        (["--environment", "test"], "test"),
    ],
)
def test_a_version_that_is_not_known_is_a_problem_after_the_run(scenarios, broker_url, options, message):
    ended = scenarios.run(a_scenario(), "--publish", *options, "-b", broker_url, "-o", "json")

    assert ended.exit_code == 2
    assert ended.json["summary"]["passed"] == 1
    assert "The results were not published: " in ended.json["problems"][0]
    assert message in ended.json["problems"][0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--publish"], "--publish needs the versions that take part"),
        (["--publish", "--version", "orders=1"], "--publish needs --broker-base-url"),
    ],
)
def test_publishing_needs_versions_and_a_broker(scenarios, options, message):
    ended = scenarios.run(a_scenario(), *options)

    assert ended.exit_code == 2
    assert message in ended.stderr
    assert not scenarios.orders.asked


def test_service_contracts_come_from_the_broker_where_no_file_is(scenarios, broker_url, tmp_path):
    for name, document in (("Orders", shop.ORDERS), ("payments", shop.PAYMENTS)):
        body = {"pacticipantName": name, "pacticipantVersionNumber": "4", "content": document}
        url = f"{broker_url}/service-contracts/publish"
        published = requests.post(url, json=body, headers=HAL, timeout=10)
        assert published.status_code == 200, published.text
        (tmp_path / f"{name.lower()}.openapi.json").unlink()

    versions = ["--version=orders=4", "--version=payments=4"]
    ended = scenarios.run(a_scenario(), *versions, "-b", broker_url)
    missing = scenarios.run(a_scenario(), "--version=orders=5", *versions[1:], "-b", broker_url)

    assert ended.exit_code == 0, ended.stderr
    assert "as the contract of payments says for 201" in ended.stdout
    assert missing.exit_code == 2
    assert "The broker has no service contract of 'Orders', version '5'" in missing.stderr


def test_what_is_published_of_a_long_run_is_what_a_broker_takes(scenarios, broker_url):
    scenarios.orders.routes["POST /orders"] = lambda _: (201, {"id": 7, "total": 1, "status": "é" * 400})
    steps = [a_step(f"step-{number}", onFailure=[]) for number in range(40)]
    go_on = {"name": "on", "type": "goto"}
    for step, following in pairwise(steps):
        step["onFailure"] = [{**go_on, "stepId": following["stepId"]}]
    document = an_arazzo(*(a_workflow(*steps, id=f"w{number}") for number in range(20)))
    document["info"]["title"] = "Two\nlines"
    document["sourceDescriptions"][0]["x-contract-service"] = "Orders"

    ended = scenarios.run(document, "--publish", "--version=orders=1", "-b", broker_url, "-o", "json")

    assert ended.json["published"], ended.json["problems"]
    kept = requests.get(ended.json["published"], headers=HAL, timeout=10).json()
    assert kept["title"] == "Two lines"
    assert sum(len(workflow["steps"]) for workflow in kept["testResults"]["workflows"]) == 700


def test_the_versions_that_are_deployed_are_taken(scenarios, broker, broker_url):
    environment = broker.get("/environments").json["_embedded"]["environments"][0]
    for name, number in (("Orders", "8"), ("payments", "9")):
        broker.put(f"/pacticipants/{name}/branches/main/versions/{number}", json={})
        place = f"/pacticipants/{name}/versions/{number}/deployed-versions/environment/{environment['uuid']}"
        assert broker.post(place, json={}).status_code == 201
    publish = ["--publish", "--environment", environment["name"], "-b", broker_url, "-o", "json"]

    ended = scenarios.run(a_scenario(), *publish)
    broker.post(place.replace("/9/", "/10/"), json={})
    only_one = scenarios.run(a_scenario(), *publish, "--version", "orders=8")

    listed = broker.get("/pacticipants/payments/versions/9/scenario-results").json
    assert ended.exit_code == only_one.exit_code == 0, ended.stdout
    assert len(listed["_embedded"]["scenarioResults"]) == 2


def test_a_service_that_is_not_deployed_there_is_said(scenarios, broker, broker_url):
    broker.post("/environments", json={"name": "test", "production": False})

    ended = scenarios.run(a_scenario(), "--publish", "--environment", "test", "-b", broker_url, "-o", "json")

    assert ended.exit_code == 2
    assert (
        "no version of Orders is deployed to test: give --version NAME=VERSION." in ended.json["problems"][0]
    )


def test_several_documents_of_a_version_are_one_contract(scenarios, broker, broker_url, tmp_path):
    (tmp_path / "orders.openapi.json").unlink()
    documents = [{"name": "orders", "content": shop.ORDERS}, {"name": "payments", "content": shop.PAYMENTS}]
    body = {"pacticipantName": "Orders", "pacticipantVersionNumber": "4", "documents": documents}
    assert broker.post("/service-contracts/publish", json=body).status_code == 200
    document = an_arazzo(a_workflow(a_step()))
    document["sourceDescriptions"][0]["x-contract-service"] = "Orders"

    ended = scenarios.run(document, "--version=orders=4", "-b", broker_url)

    assert ended.exit_code == 0, ended.stderr + ended.stdout


def test_a_broker_that_takes_no_results_is_said(scenarios):
    scenarios.orders.routes["GET /"] = lambda _: (
        200,
        {"_links": {}},
        {"Content-Type": "application/hal+json"},
    )
    versions = ["--version=orders=1", "--version=payments=2"]

    ended = scenarios.run(a_scenario(), "--publish", *versions, "-b", scenarios.orders.url, "-o", "json")

    assert ended.exit_code == 2
    assert "takes no results of scenarios" in ended.json["problems"][0]
