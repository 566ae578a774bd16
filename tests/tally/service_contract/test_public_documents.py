"""Documents and schemas of public projects are read, and nothing in them is doubtful that is not."""

import json
from pathlib import Path

import pytest

from tally.json_schema.dialects import modern
from tally.json_schema.validation import Validator
from tally.service_contract.checks import check_service_contract

DATA = Path(__file__).parents[2] / "data"
DOCUMENTS = {
    f"{case['id']} {kind}": case[kind]
    for case in json.loads((DATA / "pact-vs-openapi" / "cases.json").read_text())
    for kind in ("oas", "asyncapi")
    if case[kind] is not None
}
DOUBTFUL = {
    "opc/oas/request-security-extra oas": "no security scheme 'invalid' is described",
    "opc/oas/no-pacts-found oas": "there are no operations",
    "opc/oas/pact-missing-interactions oas": "there are no operations",
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_public_document_is_a_contract(name):
    warnings = check_service_contract(DOCUMENTS[name])

    assert [warning for warning in warnings if DOUBTFUL.get(name, "nothing") not in warning] == []


def test_public_schemas_are_read():
    cases = json.loads((DATA / "schema-compatibility" / "apicurio.json").read_text())

    for case in cases:
        for key in ("original_schema", "update_schema"):
            assert isinstance(Validator(modern(case[key])).accepts({}), bool)
