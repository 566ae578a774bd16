"""What a comparison says by each policy, as it is kept."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from support.contract_documents import an_openapi

from broker.services.service_contracts.judging import MOST_FINDINGS, Judge, check, guaranteed
from tally.comparison.comparing import compare
from tally.comparison.findings import Policy
from tally.errors import InvalidContractError
from tally.pact import parse_pact
from tally.service_contract.parsing import parse_service_contract

TABLE = Path(__file__).parents[3] / "data" / "pact-vs-openapi" / "cases.json"

OK = {"200": {"description": "ok"}}


def cases():
    found = json.loads(TABLE.read_text(encoding="utf-8"))
    return [case for case in found if isinstance(case["oas"], dict) and isinstance(case["pact"], dict)]


def test_the_stricter_verdict_is_that_of_the_comparison_itself():
    compared, different = [], []
    for case in cases():
        with suppress(InvalidContractError):  # a few cases of the table are no pacts
            found = compare(parse_pact(case["pact"]), parse_service_contract(case["oas"]))
            compared.append(case["id"])
            if guaranteed(found.as_json()) != found.under(Policy.GUARANTEED).as_json():
                different.append(case["id"])

    assert different == []
    assert len(compared) > 10


@pytest.mark.parametrize("pact", ["{", "[]", '{"interactions": 1}'])
def test_what_is_no_pact_is_unknown_with_the_reason(pact):
    judge = Judge()
    judge.take({"openapi": json.dumps(cases()[0]["oas"])})

    found = judge.compare(pact)

    assert found["possible"]["verdict"] == found["guaranteed"]["verdict"] == "unknown"
    assert found["possible"]["reason"].startswith("The pact cannot be read")


def test_documents_that_cannot_be_read_make_every_comparison_unknown():
    judge = Judge()
    judge.take({"openapi": "{}"})

    found = judge.compare(json.dumps(cases()[0]["pact"]))

    assert found["possible"]["reason"].startswith("The documents cannot be read")


@pytest.mark.parametrize("reader", ["parse_service_contract", "parse_pact"])
def test_a_reader_that_fails_makes_the_comparison_unknown_with_what_happened(monkeypatch, reader):
    def fail(_):
        raise RuntimeError("a fault")

    monkeypatch.setattr(f"broker.services.service_contracts.judging.{reader}", fail)
    judge = Judge()
    judge.take({"openapi": json.dumps(cases()[0]["oas"])})

    found = judge.compare(json.dumps(cases()[0]["pact"]))

    assert found["guaranteed"]["verdict"] == "unknown"
    assert found["possible"]["reason"].endswith("cannot be read: reading ended with RuntimeError: a fault")


def test_a_bounded_number_of_findings_is_kept(monkeypatch):
    monkeypatch.setattr("broker.services.service_contracts.judging.MOST_FINDINGS", 1)
    judge = Judge()
    judge.take({"openapi": json.dumps(cases()[0]["oas"])})

    counts = []
    for case in cases()[:20]:
        found = judge.compare(json.dumps(case["pact"]))["possible"]
        kept = sum(len(interaction["findings"]) for interaction in found["interactions"])
        counts.append((kept, found.get("findingsLeftOut", 0)))

    assert MOST_FINDINGS > 1
    assert all(kept <= 1 for kept, _ in counts)
    assert any(left_out for _, left_out in counts)


def test_a_changed_callback_is_unknown_here_as_it_is_for_the_command():
    def document(path):
        callbacks = {"paid": {path: {"post": {"responses": {"200": {"description": "ok"}}}}}}
        return json.dumps(an_openapi({"/orders": {"post": {"responses": OK, "callbacks": callbacks}}}))

    found = check(document("{$request.body#/a}"), document("{$request.body#/b}"), "service", lenient=False)

    assert found["verdict"] == "unknown"
    assert "callbacks" in found["reasons"][0]
