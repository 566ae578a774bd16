"""Workflows of an Arazzo document that `tally verify` executes against the provider of a service contract."""

import json

import pytest
from support.arazzo import a_step, a_workflow, an_arazzo, in_path
from support.contract_documents import a_response, an_openapi

ORDER = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
PLACE = {
    "operationId": "placeOrder",
    "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
    "responses": {"201": a_response(ORDER)},
}
READ = {
    "operationId": "readOrder",
    "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
    "responses": {"200": a_response(ORDER), "404": {"description": ""}},
}
STEPS = (
    a_step(outputs={"id": "$response.body#/id"}),
    a_step(
        "read",
        "readOrder",
        parameters=[in_path("$steps.place.outputs.id")],
        successCriteria=[{"condition": "$statusCode == 200"}],
    ),
)


@pytest.fixture
def verify(tally_verify, tmp_path, provider):
    contract, workflows = tmp_path / "openapi.json", tmp_path / "buy.arazzo.json"
    contract.write_text(json.dumps(an_openapi({"/orders": {"post": PLACE}, "/orders/{id}": {"get": READ}})))

    def call(*steps):
        workflows.write_text(json.dumps(an_arazzo(a_workflow(*steps))))
        return tally_verify(
            "--service-contract", contract, "--workflow", workflows, "--provider-url", provider.url
        )

    return call


def test_a_workflow_is_a_case_with_values_passed_on(verify, provider):
    provider.on("POST", "/orders", {"id": 7}, status=201)
    provider.on("GET", "/orders/7", {"id": 7})

    ended = verify(*STEPS)

    assert ended.exit_code == 0, ended.stdout
    assert "✓ The shop: buy" in ended.stdout
    assert "2 of 2 operations, 2 of 3 statuses" in ended.stdout


def test_a_workflow_fails_with_the_step_and_every_request(verify, provider):
    provider.on("POST", "/orders", {"id": 7}, status=201)
    provider.on("GET", "/orders/7", b"", status=404)

    ended = verify(*STEPS)

    assert ended.exit_code == 1
    assert "step read: " in ended.stdout
    assert "-X POST" in ended.stdout.partition("reproduce")[2]
    assert "/orders/7" in ended.stdout.partition("reproduce")[2]


def test_an_operation_that_the_contract_does_not_have_is_named(verify):
    ended = verify(a_step("pay", "payOrder"))

    assert ended.exit_code == 2
    assert "payOrder" in ended.stderr


def test_workflows_need_a_service_contract(tally_verify, tmp_path, provider):
    ended = tally_verify("--workflow", tmp_path / "a.yaml", "--provider-url", provider.url, tmp_path)

    assert ended.exit_code == 2
    assert "--workflow names workflows of a service contract" in ended.stderr
