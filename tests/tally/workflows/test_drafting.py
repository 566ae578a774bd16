"""Drafts of workflows from pacts, without a broker."""

import json

import pytest
from support import shop
from support.arazzo import an_arazzo

from tally.errors import InvalidContractError
from tally.pact import parse_pact
from tally.service_contract.parsing import parse_service_contract
from tally.workflows.drafting import draft, in_order, source_name
from tally.workflows.reading import read_workflows
from tally.workflows.sources import load_bound


def a_pact(consumer, provider, *interactions, **more):
    return parse_pact(
        {
            "consumer": {"name": consumer},
            "provider": {"name": provider},
            "interactions": list(interactions),
            "metadata": {"pactSpecification": {"version": "3.0.0"}},
            **more,
        }
    )


def a_request(method="GET", path="/things", status=200, answer=None, **request):
    response = {"status": status} if answer is None else {"status": status, "body": answer}
    return {
        "description": f"{method} {path}",
        "request": {"method": method, "path": path, **request},
        "response": response,
    }


def drafted(*pacts, contracts=None):
    services = list(dict.fromkeys(name for pact in pacts for name in (pact.consumer, pact.provider)))
    files = {name: f"{source_name(name)}.json" for name in services}
    document = draft(services, pacts, contracts or {}, files)
    read_workflows(document)
    return document


def test_the_order_is_from_consumers_to_providers_also_in_a_circle():
    services = ["C", "B", "A"]
    pacts = [a_pact("B", "C"), a_pact("A", "B")]
    circle = [*pacts, a_pact("C", "A")]

    assert [pact.consumer for pact in in_order(services, pacts)] == ["A", "B"]
    assert {pact.consumer for pact in in_order(services, circle)} == {"A", "B", "C"}


def test_queries_headers_and_texts_are_kept_and_nothing_is_taken_for_an_expression():
    request = a_request(
        "POST",
        query={"q": ["$inputs.x"], "tag": ["a", "b"]},
        headers={"X-Trace": "{$url}", "Content-Type": "text/plain", "Cookie": "a=b"},
        body="costs $5 or $inputs.x",
    )

    (step,) = drafted(a_pact("A", "B", request))["workflows"][0]["steps"]

    assert {it["name"]: it["value"] for it in step["parameters"]} == {
        "q": "inputs.x",
        "tag": ["a", "b"],
        "X-Trace": "{url}",
    }
    assert step["requestBody"] == {"contentType": "text/plain", "payload": "costs $5 or $inputs.x"}


def test_bytes_messages_and_errors_are_said():
    image = a_request("PUT", "/images/7", headers={"Content-Type": "image/png"}, body="iVBORw==")
    failing = a_request("GET", "/x", 404)
    messages = a_pact("A", "B", messages=[{"description": "m", "contents": {}}])
    document = drafted(a_pact("A", "B", image, failing, failing), messages)

    texts = document["x-contract-undecided"]
    (step,) = document["workflows"][0]["steps"]
    assert "Left out: 1 message of A with B. Arazzo 1.0 knows requests only." in texts
    assert "Left out: 2 requests of A with B, answered with an error." in texts
    assert any("is no text: write the payload" in text for text in step["x-contract-undecided"])


def test_a_request_that_the_contract_does_not_know_is_marked():
    contract = parse_service_contract(shop.ORDERS)

    document = drafted(a_pact("A", "Orders", a_request("GET", "/baskets/7")), contracts={"Orders": contract})

    (step,) = document["workflows"][0]["steps"]
    assert step["operationPath"] == "{$sourceDescriptions.orders.url}#/paths/~1baskets~1{id}/get"
    assert any("has no operation for GET /baskets/7" in text for text in step["x-contract-undecided"])


def test_operations_without_an_id_are_called_by_their_place():
    document = {**shop.ORDERS, "paths": {"/orders": {"post": {**shop.ORDERS["paths"]["/orders"]["post"]}}}}
    del document["paths"]["/orders"]["post"]["operationId"]
    contract = parse_service_contract(document)

    made = drafted(a_pact("A", "Orders", a_request("POST", "/orders", 201)), contracts={"Orders": contract})

    assert made["workflows"][0]["steps"][0]["operationPath"].endswith("#/paths/~1orders/post")


def test_names_are_told_apart():
    twice = [a_request("GET", "/a"), a_request("GET", "/a")]
    made = drafted(
        a_pact("A", "B", a_request("POST", "/a", 201, {"id": 7, "list": [{"id": "x1"}]}), *twice),
        a_pact(
            "B", "C", a_request("GET", "/c/7/d/8"), a_request("POST", "/e", body={"id": "x1", "ids": [7]})
        ),
    )

    steps = {step["stepId"]: step for step in made["workflows"][0]["steps"]}
    assert {"b-get-a", "b-get-a-2"} <= set(steps)
    assert steps["b-post-a"]["outputs"] == {"id": "$response.body#/list/0/id", "id-2": "$response.body#/id"}
    assert {it["name"] for it in steps["c-get-c-7-d-8"]["parameters"]} == {"id", "id2"}
    assert steps["c-post-e"]["requestBody"]["payload"]["id"] == "$steps.b-post-a.outputs.id"


@pytest.mark.parametrize(("content", "said"), [("{}", "orders.openapi.json: /"), ("a: [", "not YAML")])
def test_a_source_that_is_no_contract_is_named_with_its_file(tmp_path, content, said):
    (tmp_path / "orders.openapi.json").write_text(content)

    path = tmp_path / "shop.arazzo.json"
    path.write_text(json.dumps(an_arazzo()))

    with pytest.raises(InvalidContractError) as refused:
        load_bound(path)

    assert str(refused.value).startswith(f"{path}: /sourceDescriptions/0/url: {tmp_path}/orders.openapi.json")
    assert said in str(refused.value)
