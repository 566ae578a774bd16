import subprocess

import pytest
import requests
from support.serving import TALLY


def tally(*arguments):
    finished = subprocess.run([TALLY, *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


@pytest.fixture
def verify(live_broker, orders_service):
    """Verify a part and publish it."""

    def verify(part):
        tally(
            "verify", "--provider", "Orders", "--provider-url", orders_service,
            "--state-change-url", f"{orders_service}/_pact/provider_states",
            "--message-url", f"{orders_service}/_pact/messages",
            "--broker-base-url", live_broker, "--publish", "--provider-version", "2.0.0", "--shard", part,
        )  # fmt: skip

    return verify


def test_machines_share_a_verification_and_the_broker_joins_it(verify, live_broker, shop_pact):
    tally("publish", str(shop_pact), "--consumer-app-version", "1", "-b", live_broker, "--branch", "main")
    results = f"{live_broker}/verification-results/consumer/Shop/version/1/latest"

    verify("1/3")
    verify("3/3")
    before = requests.get(results, timeout=9).json()
    verify("2/3")
    after = requests.get(results, timeout=9).json()

    assert before["_embedded"]["verificationResults"] == []
    assert after["success"] is True
    [result] = after["_embedded"]["verificationResults"]
    assert len(result["testResults"]) == 5
