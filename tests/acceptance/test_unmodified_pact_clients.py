"""The whole flow with the clients of the Pact project, as they are: the command line and pact-python."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pact
import pytest
import requests

PACT = Path(sys.executable).with_name("pact")
ENVIRONMENT = {**os.environ, "PACT_DO_NOT_TRACK": "true"}


@pytest.fixture
def pact_broker(live_broker):
    """Run `pact broker` with our address; return what it printed."""

    def run(*arguments, ends_with=0):
        command = [PACT, "broker", *arguments, "--broker-base-url", live_broker]
        finished = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=60, env=ENVIRONMENT
        )
        assert finished.returncode == ends_with, finished.stdout + finished.stderr
        return finished.stdout + finished.stderr

    return run


def verify_with_the_command_line(broker, provider, *options, ends_with=0):
    port = str(urlsplit(provider).port)
    command = [
        PACT, "verifier", "--no-colour", "--broker-url", broker, "--provider-name", "Orders",
        "--hostname", "127.0.0.1", "--port", port,
        "--state-change-url", f"{provider}/_pact/provider_states",
        "--transports", f"message:{port}/_pact/messages",
        "--consumer-version-selectors", '{"mainBranch": true}', *options,
        "--publish", "--provider-version", "2.0.0", "--provider-branch", "main", "--provider-tags", "rc",
    ]  # fmt: skip
    finished = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120, env=ENVIRONMENT
    )
    assert finished.returncode == ends_with, finished.stdout + finished.stderr


def verify_with_pact_python(broker, provider):
    verifier = (
        pact.Verifier("Orders", host="127.0.0.1")
        .add_transport(url=provider)
        .add_transport(protocol="message", port=urlsplit(provider).port, path="/_pact/messages")
        .state_handler(f"{provider}/_pact/provider_states", body=True)
        .set_publish_options(version="2.0.0", branch="main", tags=["rc"])
    )
    source = verifier.broker_source(broker, selector=True)
    source.consumer_version(main_branch=True).include_pending().provider_branch("main").build()
    verifier.verify()


@pytest.mark.parametrize("verify", [verify_with_the_command_line, verify_with_pact_python])
def test_from_an_empty_broker_to_yes(
    verify, pact_broker, live_broker, orders_service, shop_pact, monkeypatch
):
    monkeypatch.setenv("PACT_DO_NOT_TRACK", "true")
    may_shop_deploy = ("can-i-deploy", "-a", "Shop", "-e", "1.0.0", "--to-environment", "production")

    published = pact_broker("publish", str(shop_pact), "-a", "1.0.0", "--branch", "main", "--tag", "dev")
    before = pact_broker(*may_shop_deploy, ends_with=1)
    verify(live_broker, orders_service)
    pact_broker("record-deployment", "-a", "Orders", "-e", "2.0.0", "--environment", "production")
    after = pact_broker(*may_shop_deploy)

    assert "Pact of Shop 1.0.0 with Orders: published" in published
    assert "There is no verified pact" in before
    assert "2.0.0" in after


@pytest.mark.parametrize("verify", [verify_with_the_command_line, verify_with_pact_python])
def test_the_result_is_told_for_each_interaction(
    verify, pact_broker, live_broker, orders_service, shop_pact, monkeypatch
):
    monkeypatch.setenv("PACT_DO_NOT_TRACK", "true")
    pact_broker("publish", str(shop_pact), "-a", "1.0.0", "--branch", "main")

    verify(live_broker, orders_service)

    summary = requests.get(
        f"{live_broker}/verification-results/consumer/Shop/version/1.0.0/latest", timeout=9
    ).json()
    [result] = summary["_embedded"]["verificationResults"]
    version = requests.get(f"{live_broker}/pacticipants/Orders/versions/2.0.0", timeout=9).json()
    interactions = json.loads(shop_pact.read_text())["interactions"]
    assert summary["success"] is True
    assert result["providerApplicationVersion"] == "2.0.0"
    assert len(result["testResults"]) == len(interactions)
    assert [branch["name"] for branch in version["_embedded"]["branches"]] == ["main"]
    assert [tag["name"] for tag in version["_embedded"]["tags"]] == ["rc"]


def test_a_broken_contract_fails_unless_it_is_pending_and_forbids_the_deployment(
    pact_broker, live_broker, orders_service, shop_pact, tmp_path
):
    document = json.loads(shop_pact.read_text())
    document["interactions"][0]["response"]["status"] = 299
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(document))
    pact_broker("publish", str(broken), "-a", "9", "--branch", "main")

    verify_with_the_command_line(live_broker, orders_service, "--enable-pending", ends_with=0)
    verify_with_the_command_line(live_broker, orders_service, ends_with=1)
    pact_broker("record-deployment", "-a", "Orders", "-e", "2.0.0", "--environment", "production")
    said = pact_broker("can-i-deploy", "-a", "Shop", "-e", "9", "--to-environment", "production", ends_with=1)

    assert "failed" in said


def test_an_environment_made_by_the_command_line_is_there(pact_broker):
    pact_broker("create-environment", "--name", "uat", "--display-name", "UAT")

    assert "uat" in pact_broker("list-environments")
