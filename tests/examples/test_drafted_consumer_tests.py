"""Tests that a coding assistant is given run as they are, and the orders service keeps their pacts."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.drafted_tests import drafted, run, run_with_pytest, written
from support.npm_packages import NODE, NoRegistryError, installed

BIN = Path(sys.executable).parent
ANSWERS = (("getOrder", 200), ("getOrder", 404), ("listOrders", 200), ("placeOrder", 201))


def drafts_of_the_contract(folder, language, examples):
    contract = examples / "orders" / "openapi.yaml"
    for operation, status in ANSWERS:
        document = drafted(
            language, contracts=[contract], operation=operation, status=status, consumer="Shop"
        )
        written(folder, document)


def verify_with_tally(url, pact):
    states = ["--state-change-url", f"{url}/_pact/provider_states"]
    return [BIN / "tally", "verify", pact, "--provider-url", url, *states]


def verify_with_the_rust_core(url, pact):
    place = ["--hostname", "127.0.0.1", "--port", str(urlsplit(url).port), "--provider-name", "Orders"]
    states = ["--state-change-url", f"{url}/_pact/provider_states"]
    return [BIN / "pact", "verifier", "--no-colour", "--file", pact, *place, *states]


def refused_by(verify, url, pact):
    """Return what a verifier says of a pact that the service does not keep; "" if it keeps it."""
    environment = {**os.environ, "PACT_DO_NOT_TRACK": "true"}
    done = subprocess.run(
        verify(url, pact), capture_output=True, text=True, timeout=60, check=False, env=environment
    )
    return done.stdout + done.stderr if done.returncode else ""


def answers_in(pact):
    interactions = json.loads(pact.read_text())["interactions"]
    return {(each["request"]["method"], each["response"]["status"]) for each in interactions}


BOTH = pytest.mark.parametrize("verify", [verify_with_tally, verify_with_the_rust_core])


@pytest.fixture(scope="module")
def recorded_with_python(tmp_path_factory, examples):
    folder = tmp_path_factory.mktemp("drafts")
    drafts_of_the_contract(folder, "python", examples)
    return run_with_pytest(folder)


@pytest.fixture(scope="module")
def recorded_with_javascript(tmp_path_factory, examples):
    try:
        packages = installed()
    except NoRegistryError as error:
        pytest.skip(f"npm reaches no registry from which it can install pact-js: {error}")
    folder = tmp_path_factory.mktemp("drafts")
    (folder / "node_modules").symlink_to(packages)
    drafts_of_the_contract(folder, "javascript", examples)
    run(NODE, "--test", "--test-isolation=none", cwd=folder)
    [pact] = (folder / "pacts").iterdir()
    return pact


@BOTH
def test_the_service_keeps_the_pact_that_drafts_in_python_record(
    verify, recorded_with_python, orders_service
):
    assert answers_in(recorded_with_python) == {("GET", 200), ("GET", 404), ("POST", 201)}
    assert refused_by(verify, orders_service, recorded_with_python) == ""


@pytest.mark.slow
@BOTH
def test_the_service_keeps_the_pact_that_drafts_for_pact_js_record(
    verify, recorded_with_javascript, orders_service
):
    assert answers_in(recorded_with_javascript) == {("GET", 200), ("GET", 404), ("POST", 201)}
    assert refused_by(verify, orders_service, recorded_with_javascript) == ""


def test_a_pact_of_a_draft_is_broken_by_another_type(recorded_with_python, orders_service, tmp_path):
    document = json.loads(recorded_with_python.read_text())
    for interaction in document["interactions"]:
        if interaction["response"]["status"] == 201:
            interaction["response"]["body"]["content"]["total_cents"] = "13.50"
            interaction["response"]["matchingRules"]["body"]["$.total_cents"] = {
                "matchers": [{"match": "type"}]
            }
    broken = tmp_path / "Shop-Orders.json"
    broken.write_text(json.dumps(document))

    assert "$.total_cents" in refused_by(verify_with_tally, orders_service, broken)


@pytest.mark.slow
def test_drafts_of_a_recorded_pact_record_the_same_again(recorded_with_python, tmp_path):
    interactions = json.loads(recorded_with_python.read_text())["interactions"]
    for interaction in interactions:
        document = drafted(pacts=[recorded_with_python], interaction=interaction["description"])
        assert document["data"]["left_out"] == []
        written(tmp_path, document)

    again = json.loads(run_with_pytest(tmp_path).read_text())["interactions"]

    for each in (*interactions, *again):
        each.pop("comments", None)
        each.pop("key", None)
    assert again == interactions


def test_the_page_shows_what_the_tool_answers(examples):
    contract = examples / "orders" / "openapi.yaml"
    page = (examples.parent / "drafted-tests.md").read_text()

    document = drafted(
        contracts=[contract], operation="GET /orders/{id}", status=404, consumer="Shop", provider="Orders"
    )

    assert f"```python\n{document['data']['text']}```\n" in page
