"""The mock server of pact-python as a second opinion."""

import subprocess
import sys

import pytest
import requests

from consumer_sdk import MismatchError, match


@pytest.mark.parametrize("core", [False, True])
def test_the_same_is_accepted_answered_and_recorded(orders, pact, core):
    (
        orders.upon_receiving("a new order")
        .given("the shop is open", hour=9)
        .with_request(
            "POST",
            match.regex("/orders/7", r"^/orders/\d+$"),
            query={"page": match.integer(1), "q": '{"a":1}'},
            headers={"X-Info": '{"id":"a"}'},
            body={"items": match.each_like({"sku": match.regex("tea", "^[a-z]+$")})},
        )
        .will_respond_with(201, headers={"X-Info": '{"id":"a"}'}, body={"id": match.integer(7)})
    )

    with orders.serve(core=core) as url:
        answer = requests.post(
            f"{url}/orders/99",
            params={"page": 3, "q": '{"a":1}'},
            headers={"X-Info": '{"id":"a"}'},
            json={"items": [{"sku": "milk"}, {"sku": "tea"}]},
            timeout=10,
        )

    assert (answer.status_code, answer.json(), answer.headers["X-Info"]) == (201, {"id": 7}, '{"id":"a"}')
    assert len(pact()["interactions"]) == 1


def test_our_engine_has_the_first_word(orders):
    orders.upon_receiving("an order").with_request("GET", "/orders/7").will_respond_with(200)

    with (
        pytest.raises(MismatchError, match=r"^Sent, but not as declared: GET /orders/8"),
        orders.serve(core=True) as url,
    ):
        requests.get(f"{url}/orders/8", timeout=10)


def test_what_the_core_alone_refuses_fails_the_test_with_its_words(orders):
    orders.upon_receiving("no cache").with_request(
        "GET", "/", headers={"Cache-Control": match.includes("cache")}
    ).will_respond_with(200)

    with (
        pytest.raises(MismatchError, match="Pact's core refuses what is declared: GET /") as failure,
        orders.serve(core=True) as url,
    ):
        requests.get(url, headers={"Cache-Control": "no-cache, no-store"}, timeout=10)

    assert "record it without core=True" in str(failure.value)


def test_without_pact_python_the_extra_to_install_is_named(tmp_path):
    program = """
import sys
from pathlib import Path
sys.modules["pact"] = None
from consumer_sdk import Recorder
from consumer_sdk.pact_files import Recordings

Recorder("Shop", "Orders", Recordings(Path("recordings"))).serve(core=True)
"""

    finished = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert "pip install 'tallystick[consumer-mock-server]'" in finished.stderr.splitlines()[-1]
