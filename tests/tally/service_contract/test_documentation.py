import json
import re
from pathlib import Path

import pytest
from support.contract_documents import an_openapi

from tally.errors import InvalidContractError
from tally.json_schema.validation import Validator
from tally.service_contract.checks import check_service_contract
from tally.service_contract.json_yaml import parse_yaml
from tally.service_contract.parsing import parse_service_contract
from tally.service_contract.references import EXTENSIONS
from tally.service_contract.structure import published_schema

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "service-contracts.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def names(document):
    return [
        example.name
        for operation in parse_service_contract(document).operations
        for example in operation.examples
    ]


def test_the_native_document_of_the_guide_is_a_contract():
    _, text = blocks("json")

    document = json.loads(text)

    assert check_service_contract(document) == ()
    assert Validator(published_schema()).accepts(document)
    assert names(document) == ["two teas", "nothing at all", "nobody", "an order"]


def test_the_plain_schema_of_the_guide_is_a_contract():
    document = json.loads(blocks("json")[0])

    assert check_service_contract(document) == ()
    assert names(document) == ["an order"]


def test_the_facts_of_the_guide_are_understood():
    facts = parse_yaml(blocks("yaml")[2].encode())

    contract = parse_service_contract(an_openapi(**facts))

    assert [each.service for each in contract.dependencies] == ["Payments", "Mail"]
    assert [state.name for state in contract.states] == ["an order exists"]
    with pytest.raises(InvalidContractError, match=r"^/x-contract-dependencies/0/versions"):
        parse_service_contract(
            an_openapi(**{**facts, "x-contract-dependencies": [{"service": "a", "versions": "?"}]})
        )


@pytest.mark.parametrize("name", ["`" + name.rstrip("-") for name in sorted(EXTENSIONS)])
def test_each_extension_is_described(name):
    assert name in TEXT


def test_the_openapi_document_of_the_guide_is_a_contract_whose_examples_are_paired():
    document, *_ = map(parse_yaml, map(str.encode, blocks("yaml")))

    assert check_service_contract(document) == ()
    assert names(document) == ["open", "unknown"]


def test_the_extension_of_the_guide_is_understood():
    document, extension, _ = map(parse_yaml, map(str.encode, blocks("yaml")))
    document["paths"]["/orders"] = {"post": {"responses": {"422": {}}, **extension}}

    assert check_service_contract(document) == ()
    assert "a product that nobody sells" in names(document)


@pytest.mark.parametrize("path", ["docs/examples/orders/openapi.yaml"])
def test_the_contract_of_the_example_service_has_no_warnings(path):
    document = parse_yaml((ROOT / path).read_bytes())

    assert check_service_contract(document) == ()
