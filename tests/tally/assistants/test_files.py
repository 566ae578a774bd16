"""Pacts and service contracts of the user's machine, as the tools read them."""

import json

import pytest
from support.factories import a_pact

from tally.assistants.sources.files import Files
from tally.errors import InvalidContractError

OPENAPI = """
openapi: 3.1.0
info: {title: Orders, version: "1"}
paths:
  /orders:
    get:
      operationId: listOrders
      responses: {"200": {description: all, content: {application/json: {schema: {$ref: "order.yaml"}}}}}
"""


@pytest.fixture
def folder(tmp_path):
    pacts = tmp_path / "pacts"
    pacts.mkdir()
    (pacts / "shop-orders.json").write_text(json.dumps(a_pact()))
    (tmp_path / "openapi.yaml").write_text(OPENAPI)
    (tmp_path / "order.yaml").write_text("type: object")
    return tmp_path


def test_pacts_of_a_folder_are_found_with_the_names_in_them(folder):
    [found] = Files([folder / "pacts"]).pacts()

    assert (found.consumer, found.provider) == ("Shop", "Orders")
    assert (found.path, found.document) == (folder / "pacts" / "shop-orders.json", a_pact())


def test_a_file_that_is_named_twice_is_one(folder):
    assert len(Files([folder / "pacts", folder / "pacts" / "shop-orders.json"]).pacts()) == 1


def test_a_file_is_read_again_only_when_it_changed(folder):
    files = Files([folder / "pacts"])
    [before] = files.pacts()
    [same] = files.pacts()
    before.path.write_text(json.dumps(a_pact(consumer="Till")))
    [after] = files.pacts()

    assert same is before
    assert after.consumer == "Till"


def test_a_service_contract_is_read_again_when_a_file_that_it_refers_to_changed(folder):
    files = Files(contract_paths=[folder / "openapi.yaml"])
    [before] = files.service_contracts()
    [same] = files.service_contracts()
    (folder / "order.yaml").write_text("type: object\nrequired: [id]")
    [after] = files.service_contracts()

    assert same is before
    assert before.service == "Orders"
    assert [operation.id for operation in before.contract.operations] == ["listOrders"]
    assert before.document != after.document


def test_a_pact_that_comes_later_is_there_and_one_that_was_removed_is_not(folder):
    files = Files([folder / "pacts"])
    files.pacts()
    (folder / "pacts" / "till-orders.json").write_text(json.dumps(a_pact(consumer="Till")))
    (folder / "pacts" / "shop-orders.json").unlink()

    assert [pact.consumer for pact in files.pacts()] == ["Till"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", r"shop-orders.json: is not valid JSON \(line 1, column 2"),
        ("[]", "shop-orders.json: .*expected an object"),
        (json.dumps({"interactions": []}), "shop-orders.json: consumer: "),
        ("[" * 100_000, "shop-orders.json: is nested too deeply"),
    ],
)
def test_a_file_that_is_no_pact_is_named(folder, content, message):
    (folder / "pacts" / "shop-orders.json").write_text(content)

    with pytest.raises(InvalidContractError, match=message):
        Files([folder / "pacts"]).pacts()


def test_a_folder_without_pacts_is_an_error(tmp_path):
    with pytest.raises(InvalidContractError, match=r"has no \*\.json file"):
        Files([tmp_path]).pacts()


def test_a_pact_in_place_of_a_service_contract_is_named(folder):
    with pytest.raises(InvalidContractError, match=r"shop-orders.json: is a pact.* --pacts"):
        Files(contract_paths=[folder / "pacts" / "shop-orders.json"]).service_contracts()


def test_a_file_that_is_no_service_contract_is_named(folder):
    (folder / "openapi.yaml").write_text("title: nothing")

    with pytest.raises(InvalidContractError, match=r"openapi.yaml: is neither OpenAPI, .*which channel"):
        Files(contract_paths=[folder / "openapi.yaml"]).service_contracts()
