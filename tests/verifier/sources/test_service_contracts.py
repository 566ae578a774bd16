"""A provider against its own service contract: from a file or a broker, with the result published."""

import json

import pytest

from tally.service_contract.parsing import service_contract_hash

ORDER = {
    "type": "object",
    "required": ["id", "status"],
    "properties": {"id": {"type": "integer"}, "status": {"enum": ["new", "paid"]}},
}
SHOW = {
    "parameters": [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}, "example": 1}
    ],
    "responses": {
        "200": {
            "description": "The order",
            "content": {"application/json": {"schema": ORDER, "example": {"id": 1, "status": "new"}}},
        }
    },
}
DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "Orders", "version": "1"},
    "paths": {"/orders/{id}": {"get": SHOW}},
}
PUBLISH = ("--publish", "--provider", "Orders", "--provider-version", "9f8e7d", "--provider-branch", "feat/x")


@pytest.fixture
def contract_file(tmp_path):
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(DOCUMENT))
    return path


@pytest.fixture
def publishing(hal_broker, provider, tally_verify, contract_file):
    """Verify the file, and publish the result."""

    def call():
        return tally_verify(
            *("--service-contract", contract_file, "-b", hal_broker.url),
            *("--provider-url", provider.url, *PUBLISH),
        )

    return call


def test_a_provider_that_keeps_its_schemas_passes(keeping, tally_verify, contract_file):
    ended = tally_verify("--service-contract", contract_file, "--provider-url", keeping.url)

    assert ended.exit_code == 0, ended
    assert "Service contract of Orders" in ended.stdout
    assert "1 passed, 0 failed" in ended.stdout


def test_a_provider_that_breaks_its_schemas_fails_and_the_place_is_named(
    provider, tally_verify, contract_file
):
    provider.on("GET", "/orders/1", {"id": 1, "status": "lost"})

    ended = tally_verify("--service-contract", contract_file, "--provider-url", provider.url)

    assert ended.exit_code == 1
    assert "body $.status" in ended.stdout


def test_operations_without_examples_are_named(keeping, tally_verify, contract_file):
    health = {"get": {"responses": {"204": {"description": "Well"}}}}
    document = {**DOCUMENT, "paths": {**DOCUMENT["paths"], "/health": health}}
    contract_file.write_text(json.dumps(document))

    ended = tally_verify("--service-contract", contract_file, "--provider-url", keeping.url)

    assert ended.exit_code == 0
    assert "The service contract has no example for GET /health: not verified." in ended.stdout


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{}", "openapi.json: "),
        ("nonsense: [", "openapi.json: "),
        (json.dumps({**DOCUMENT, "paths": {}}), "is empty"),
    ],
)
def test_what_is_no_service_contract_or_an_empty_one_is_refused(
    provider, tally_verify, contract_file, content, said
):
    contract_file.write_text(content)

    ended = tally_verify("--service-contract", contract_file, "--provider-url", provider.url)

    assert ended.exit_code == 2
    assert said in ended.stderr


def test_a_file_that_is_not_there_is_named(provider, tally_verify):
    ended = tally_verify("--service-contract", "none.yaml", "--provider-url", provider.url)

    assert ended.exit_code == 2
    assert "none.yaml: there is no such file (--service-contract)" in ended.stderr


def test_the_service_contract_of_a_version_comes_from_the_broker(hal_broker, keeping, tally_verify):
    hal_broker.has_service_contract(DOCUMENT, "any")

    ended = tally_verify(
        *("-b", hal_broker.url, "--provider", "Orders", "--service-contract-from-broker", "9f8e7d"),
        *("--provider-url", keeping.url),
    )

    assert ended.exit_code == 0, ended
    assert "Service contract of Orders" in ended.stdout
    assert hal_broker.service_contract_results == []


def test_the_result_of_a_file_is_published_when_the_broker_has_the_same(hal_broker, publishing):
    hal_broker.has_service_contract(DOCUMENT, service_contract_hash(DOCUMENT))

    ended = publishing()

    assert ended.exit_code == 1
    (result,) = hal_broker.service_contract_results
    assert (result["success"], result["providerApplicationVersion"]) == (False, "9f8e7d")
    assert "status" in {mismatch["attribute"] for mismatch in result["testResults"][0]["mismatches"]}
    assert hal_broker.server.asked_for("PUT", "/b/branch/feat%2Fx/of/9f8e7d")


def test_another_content_at_the_broker_is_said_before_anything_is_replayed(hal_broker, provider, publishing):
    hal_broker.has_service_contract(DOCUMENT, "another")

    ended = publishing()

    assert ended.exit_code == 2
    assert "is not the service contract that the broker has of 'Orders', version '9f8e7d'" in ended.stderr
    assert provider.asked == []


def test_a_service_contract_that_was_never_published_is_said_with_the_command(
    publishing,
):
    ended = publishing()

    assert ended.exit_code == 2
    assert "tally publish-service-contract FILE --service Orders --version 9f8e7d" in ended.stderr


def test_a_broker_that_takes_no_service_contracts_is_said_to_be_another_one(hal_broker, publishing):
    links = {"pb:provider-pacts-for-verification": {"href": "/none"}}
    hal_broker.server.on("GET", "/b", {"_links": links})

    ended = publishing()

    assert ended.exit_code == 2
    assert "accepts no service contracts" in ended.stderr


def test_publishing_a_file_needs_to_know_whose_contract_it_is(
    hal_broker, provider, tally_verify, contract_file
):
    ended = tally_verify(
        *("--service-contract", contract_file, "-b", hal_broker.url, "--provider-url", provider.url),
        *("--publish", "--provider-version", "1"),
    )

    assert ended.exit_code == 2
    assert "--provider NAME" in ended.stderr


def test_an_answer_of_the_broker_that_is_no_service_contract_is_refused(hal_broker, provider, tally_verify):
    hal_broker.has_service_contract(None, "any")

    ended = tally_verify(
        *("-b", hal_broker.url, "--provider", "Orders", "--service-contract-from-broker", "9f8e7d"),
        *("--provider-url", provider.url),
    )

    assert ended.exit_code == 2
    assert "does not hold a service contract" in ended.stderr


def test_all_documents_of_a_version_are_verified(hal_broker, keeping, tally_verify):
    other = {**DOCUMENT, "info": {"title": "Orders again", "version": "1"}}
    hal_broker.has_documents(openapi=DOCUMENT, second=other)

    ended = tally_verify(
        *("-b", hal_broker.url, "--provider", "Orders", "--service-contract-from-broker", "9f8e7d"),
        *("--provider-url", keeping.url),
    )

    assert ended.exit_code == 0, ended
    assert "/promise/Orders/9f8e7d/openapi" in ended.stdout
    assert "/promise/Orders/9f8e7d/second" in ended.stdout
    assert "2 passed, 0 failed" in ended.stdout


def test_generated_requests_are_published_as_one_result_for_each_operation(
    hal_broker, keeping, tally_verify, contract_file
):
    hal_broker.has_service_contract(DOCUMENT, service_contract_hash(DOCUMENT))

    tally_verify(
        *("--service-contract", contract_file, "-b", hal_broker.url, "--provider-url", keeping.url, *PUBLISH),
        *("--phases", "examples,valid", "--max-examples", "5"),
    )

    (result,) = hal_broker.service_contract_results
    ids = [each["interactionId"] for each in result["testResults"]]
    assert ids[0] == "GET /orders/{id}/example"
    assert {each.rpartition("/")[2] for each in ids[1:]} <= {"valid", "1", "2", "3", "4"}


def test_a_part_of_the_phases_is_not_published_as_the_whole(hal_broker, keeping, tally_verify, contract_file):
    ended = tally_verify(
        *("--service-contract", contract_file, "-b", hal_broker.url, "--provider-url", keeping.url, *PUBLISH),
        *("--phases", "valid"),
    )

    assert ended.exit_code == 2
    assert "have examples among the --phases" in ended.stderr


@pytest.mark.parametrize("address", ["", "/v1", "/v1/"])
def test_the_base_path_of_a_document_is_asked_for_once(provider, tally_verify, tmp_path, address):
    provider.on("GET", "/v1/orders/1", {"id": 1, "status": "new"})
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps({**DOCUMENT, "x-contract-base-path": "/v1"}))

    ended = tally_verify("--service-contract", path, "--provider-url", provider.url + address)

    assert ended.exit_code == 0, ended.stdout
    assert [asked.path for asked in provider.asked] == ["/v1/orders/1"]
