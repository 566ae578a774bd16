import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pact
import pytest

BIN = Path(sys.executable).parent


@pytest.fixture
def broken_pact(shop_pact, tmp_path):
    """The shop's pact, wanting a total that the service does not give."""
    document = json.loads(shop_pact.read_text())
    for interaction in document["interactions"]:
        if interaction["description"] == "a new order":
            interaction["response"]["body"]["content"]["total_cents"] = "13.50"
            interaction["response"]["matchingRules"]["body"].pop("$.total_cents")
    path = tmp_path / "Shop-Orders.json"
    path.write_text(json.dumps(document))
    return path


def test_the_shop_records_what_the_example_is_to_show(shop_pact):
    interactions = json.loads(shop_pact.read_text())["interactions"]

    shown = {
        (each["description"], *(state["name"] for state in each["providerStates"])) for each in interactions
    }
    assert shown == {
        ("a request for an order", "an order exists"),
        ("a request for an order", "no order exists"),
        ("a new order", "a product is sold"),
        ("a request for the paid orders", "some orders exist"),
        ("an order was paid", "an order exists"),
    }
    assert all(state["params"] for each in interactions for state in each["providerStates"])


def verify_with_tally(orders_service, *contracts):
    command = [
        BIN / "tally", "verify", *contracts, "--provider-url", orders_service,
        "--state-change-url", f"{orders_service}/_pact/provider_states",
        "--message-url", f"{orders_service}/_pact/messages",
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def verify_with_pact(orders_service, pact_file):
    port = str(urlsplit(orders_service).port)
    command = [
        BIN / "pact", "verifier", "--no-colour", "--file", pact_file, "--provider-name", "Orders",
        "--hostname", "127.0.0.1", "--port", port,
        "--state-change-url", f"{orders_service}/_pact/provider_states",
        "--transports", f"message:{port}/_pact/messages",
    ]  # fmt: skip
    environment = {**os.environ, "PACT_DO_NOT_TRACK": "true"}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)


@pytest.mark.parametrize("verify", [verify_with_tally, verify_with_pact])
def test_the_service_keeps_the_contract_of_the_shop(verify, orders_service, shop_pact):
    finished = verify(orders_service, shop_pact)

    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "an order was paid" in finished.stdout


@pytest.mark.parametrize("verify", [verify_with_tally, verify_with_pact])
def test_a_contract_that_the_service_breaks_is_found(verify, orders_service, broken_pact):
    finished = verify(orders_service, broken_pact)

    assert finished.returncode == 1, finished.stdout + finished.stderr
    assert "$.total_cents" in finished.stdout + finished.stderr


def test_the_service_keeps_its_own_contract(orders_service, examples):
    finished = verify_with_tally(orders_service, "--service-contract", examples / "orders" / "openapi.yaml")

    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_pact_python_verifies_the_service_too(orders_service, shop_pact, monkeypatch):
    monkeypatch.setenv("PACT_DO_NOT_TRACK", "true")
    verifier = (
        pact.Verifier("Orders", host="127.0.0.1")
        .add_transport(url=orders_service)
        .add_transport(protocol="message", port=urlsplit(orders_service).port, path="/_pact/messages")
        .state_handler(f"{orders_service}/_pact/provider_states", body=True)
        .add_source(shop_pact)
    )

    verifier.verify()

    assert verifier.results["result"] is True
