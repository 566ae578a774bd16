"""The verdicts of a public table, interaction by interaction; docs/comparing.md explains each difference."""

import json
from pathlib import Path

import pytest

from tally.comparison.comparing import compare
from tally.json_schema.pointers import pointer_parts
from tally.pact import parse_pact
from tally.service_contract.joining import joined
from tally.service_contract.parsing import parse_service_contract

CASES = {
    case["id"]: case
    for case in json.loads(Path("tests/data/pact-vs-openapi/cases.json").read_text(encoding="utf-8"))
}
DIFFERENT = {
    # Nobody has compared it, so that "ok" would say too much.
    ("opc/asyncapi/mixed-http-and-async-no-oas", 0): "warning",
    # Text can be looked at by its schema.
    ("opc/oas/references", 1): "ok",
    ("opc/oas/response-body", 4): "ok",
}
DOCUMENTS = {"openapi": "oas", "asyncapi": "asyncapi"}
WITHOUT_DOCUMENT = "opc/asyncapi/spec-missing"
COMPARED = [name for name, case in CASES.items() if case["interactions"] and name != WITHOUT_DOCUMENT]


@pytest.mark.parametrize("name", COMPARED)
def test_the_verdicts_are_those_of_the_table_or_explained(name):
    case = CASES[name]
    documents = [case[kind] for kind in ("oas", "asyncapi") if case[kind]]

    comparison = compare(parse_pact(case["pact"]), joined(list(map(parse_service_contract, documents))))

    expected = [DIFFERENT.get((name, each["index"]), each["verdict"]) for each in case["interactions"]]
    assert [interaction.verdict.value for interaction in comparison.interactions] == expected


@pytest.mark.parametrize("name", COMPARED)
def test_every_place_is_there(name):
    case = CASES[name]
    documents = {kind: case[short] for kind, short in DOCUMENTS.items() if case[short]}
    contracts = list(map(parse_service_contract, documents.values()))

    comparison = compare(parse_pact(case["pact"]), joined(contracts, list(documents)))

    for finding in comparison.findings:
        assert is_there(case["pact"], finding.pact), finding
        document = documents.get(finding.document_name, {})
        assert finding.document == "" or is_there(document, finding.document), finding


def is_there(found, place):
    for key in pointer_parts(place):
        try:
            found = found[int(key)] if isinstance(found, list) else found[key]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def test_few_interactions_are_judged_otherwise():
    interactions = sum(len(case["interactions"]) for case in CASES.values())
    without_document = len(CASES[WITHOUT_DOCUMENT]["interactions"])

    assert interactions == 95
    assert interactions - len(DIFFERENT) - without_document >= 90
