import json
import re
from pathlib import Path

import pytest

from tally.service_contract.checks import check_service_contract
from tally.service_contract.json_yaml import parse_yaml
from tally.service_contract.parsing import parse_service_contract

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
    (text,) = blocks("json")

    document = json.loads(text)

    assert check_service_contract(document) == ()
    assert names(document) == ["two teas", "nothing at all"]


def test_the_openapi_document_of_the_guide_is_a_contract_whose_examples_are_paired():
    document, _ = map(parse_yaml, map(str.encode, blocks("yaml")))

    assert check_service_contract(document) == ()
    assert names(document) == ["open", "unknown"]


def test_the_extension_of_the_guide_is_understood():
    document, extension = map(parse_yaml, map(str.encode, blocks("yaml")))
    document["paths"]["/orders"] = {"post": {"responses": {"422": {}}, **extension}}

    assert check_service_contract(document) == ()
    assert "a product that nobody sells" in names(document)


@pytest.mark.parametrize("path", ["docs/examples/orders/openapi.yaml"])
def test_the_contract_of_the_example_service_has_no_warnings(path):
    document = parse_yaml((ROOT / path).read_bytes())

    assert check_service_contract(document) == ()
