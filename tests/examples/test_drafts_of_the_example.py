"""A draft that is recorded before the orders service is a contract which that service keeps."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tally.drafts import files
from tally.drafts.draft import draft
from tally.drafts.folding import Folding
from tally.drafts.har import read_har
from tally.drafts.proxy import Upstream, recording
from verifier import Verifier, explanation

ARCHIVE = Path(__file__).parents[1] / "data/har/firefox.har"
PACT = Path(sys.executable).with_name("pact")


@pytest.fixture(params=["V4", "V3"])
def drafted(request, orders_service, tmp_path):
    """The draft of some requests to the orders service, which has what they ask for."""
    for state, params in (
        ("an order exists", {"order_id": 7}),
        ("a product is sold", {"sku": "tea", "price_cents": 450}),
    ):
        change = {"state": state, "action": "setup", "params": params}
        requests.post(f"{orders_service}/_pact/provider_states", json=change, timeout=10).raise_for_status()
    folding = Folding()
    with recording(Upstream(orders_service), folding, lambda *_: None) as proxy:
        order = {"customer": "ada@example.org", "items": [{"sku": "tea", "quantity": 3}]}
        requests.post(f"{proxy.url}/orders", json=order, timeout=10).raise_for_status()
        for path in ("/orders/7", "/orders?status=open", "/orders/999"):
            requests.get(proxy.url + path, headers={"Accept": "application/json"}, timeout=10)
    made = draft(folding.folded(), consumer="Shop", provider="Orders", specification=request.param)
    files.write(tmp_path / "draft.json", made)
    return tmp_path / "draft.json"


def test_the_service_keeps_the_draft_of_what_it_answered(drafted, orders_service):
    names = [each["description"] for each in json.loads(drafted.read_text())["interactions"]]
    assert names == [
        "GET /orders?status (200)",
        "POST /orders (201)",
        "GET /orders/{id} (200)",
        "GET /orders/{id} (404)",
    ]

    report = Verifier(provider=orders_service).add_pact(drafted).run()

    assert report.passed, explanation(report)


def test_the_service_keeps_the_draft_of_an_archive(orders_service, tmp_path):
    state = {"state": "a product is sold", "action": "setup", "params": {"sku": "tea", "price_cents": 450}}
    requests.post(f"{orders_service}/_pact/provider_states", json=state, timeout=10).raise_for_status()
    made = draft(read_har(ARCHIVE).folded(), consumer="Shop", provider="Orders")
    files.write(tmp_path / "draft.json", made)

    report = Verifier(provider=orders_service).add_pact(tmp_path / "draft.json").run()

    assert report.passed, explanation(report)


@pytest.mark.slow
def test_the_rust_verifier_reads_the_draft_as_well(drafted, orders_service):
    command = [
        PACT, "verifier", "--no-colour", "--file", drafted, "--provider-name", "Orders",
        "--hostname", "127.0.0.1", "--port", str(urlsplit(orders_service).port),
    ]  # fmt: skip
    environment = {**os.environ, "PACT_DO_NOT_TRACK": "true"}

    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)

    assert done.returncode == 0, done.stdout + done.stderr
