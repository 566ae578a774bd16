"""`tally gates`, against a real broker."""

import json
import re

import pytest
import requests
from support.hal_server import Answer
from support.insights import count

from tally.commands.insights import gates

UUID = "[0-9a-f]{8}-[0-9a-f-]{27}"


@pytest.fixture
def verified(broker_url, database):
    """Publish a pact of Shop with Orders and results, and count them unless told otherwise."""
    from support.factories import a_publication, a_verification_result  # noqa: PLC0415 - they load the broker

    def publish(*verdicts, is_counted=True):
        requests.post(f"{broker_url}/contracts/publish", json=a_publication(), timeout=10).raise_for_status()
        latest = requests.get(f"{broker_url}/pacts/provider/Orders/consumer/Shop/latest", timeout=10).json()
        href = latest["_links"]["pb:publish-verification-results"]["href"]
        for version, verdict in enumerate(verdicts):
            body = a_verification_result(f"{version}.{len(verdicts)}", success=verdict == "passed")
            requests.post(href, json=body, timeout=10).raise_for_status()
        if is_counted:
            count(database)

    return publish


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_gate_is_created_listed_changed_and_deleted(on_broker):
    assert on_broker("gates", "list").out == f"{gates.NOTHING}\n"
    made = on_broker("gates", "create", "--metric", "success_rate", "--threshold", "95", "--team", "selling")
    assert made.code == 0
    assert re.fullmatch(
        rf"Created the gate 'success rate at least 95 % over 30 days' for team:selling \({UUID}\)\.\n",
        made.out,
    )
    (uuid,) = re.findall(UUID, made.out)

    assert on_broker("gates", "update", "--uuid", uuid, "--threshold", "98.5").code == 0
    (listed,) = json.loads(on_broker("gates", "list", "--output", "json").out)["_embedded"]["gates"]
    assert (listed["threshold"], listed["team"], listed["days"]) == (98.5, "selling", 30)
    assert (
        on_broker("gates", "update", "--uuid", uuid, "--metric", "coverage", "--output", "id").out
        == f"{uuid}\n"
    )
    assert (
        "coverage of the service contract at least 98.5 %  team:selling  0" in on_broker("gates", "list").out
    )

    assert on_broker("gates", "delete", "--uuid", uuid).code == 0
    gone = on_broker("gates", "delete", "--uuid", uuid)
    assert (gone.code, gone.err) == (
        2,
        f"Error: There is no quality gate {uuid}. To see all: tally gates list\n",
    )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("verdicts", "code", "said"),
    [
        (
            ("passed", "passed"),
            0,
            "passed: Success rate is 100 % over 30 days, at least 95 % as it must be.\n",
        ),
        (("passed", "failed"), 1, "failed: Success rate is 50 % over 30 days, and must be at least 95 %.\n"),
        ((), 1, "unknown: Success rate is unknown: there is no result in these days.\n"),
    ],
)
def test_a_check_exits_with_1_unless_the_gate_is_kept(on_broker, verified, verdicts, code, said):
    verified(*verdicts)
    on_broker("gates", "create", "--metric", "success_rate", "--threshold", "95")

    found = on_broker("gates", "check", "--pacticipant", "Orders")

    assert (found.code, found.out) == (code, said)
    table = on_broker("gates", "check", "--pacticipant", "Orders", "--output", "table")
    assert (table.code, table.out.split()[0]) == (code, "STATE")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_check_with_nothing_to_check_is_no_pass(on_broker, verified):
    verified("passed")
    no_gates = on_broker("gates", "check", "--pacticipant", "Orders")
    on_broker("gates", "create", "--metric", "success_rate", "--threshold", "95", "--pacticipant", "Orders")

    found = on_broker("gates", "check", "--pacticipant", "Shop")

    assert (no_gates.code, found.code) == (2, 2)
    assert found.err.startswith("Error: There is nothing to check: No quality gate is for Shop. Create one:")
    assert on_broker("gates", "check", "--pacticipant", "Orders").code == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_results_that_are_not_counted_are_waited_for(on_broker, verified, database, monkeypatch):
    verified("passed")
    on_broker("gates", "create", "--metric", "success_rate", "--threshold", "95")
    verified("passed", "failed", is_counted=False)

    late = on_broker("gates", "check", "--pacticipant", "Orders", "--timeout", "0")
    assert (late.code, "3 results of Orders are not counted" in late.out) == (1, False)
    assert "2 results of Orders are not counted yet" in late.out
    monkeypatch.setattr(gates.time, "sleep", lambda _: count(database))
    assert on_broker("gates", "check", "--pacticipant", "Orders").out.startswith(
        "failed: Success rate is 66.7 %"
    )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_missing_or_misspelt_is_said(on_broker, verified):
    verified("passed")

    assert "--metric is missing" in on_broker("gates", "create", "--threshold", "3").err
    assert "--threshold is missing" in on_broker("gates", "create", "--metric", "p95").err
    both = on_broker(
        "gates", "create", "--metric", "p95", "--threshold", "1", "--team", "a", "--pacticipant", "b"
    )
    assert "cannot be used together" in both.err
    assert (
        "must be from 0 to 100"
        in on_broker("gates", "create", "--metric", "coverage", "--threshold", "101").err
    )
    assert "Nothing is to be changed" in on_broker("gates", "update", "--uuid", "x").err
    misspelt = on_broker("gates", "check", "--pacticipant", "Ordres")
    assert (misspelt.code, misspelt.err) == (
        2,
        "Error: The broker knows no application 'Ordres'. Did you mean Orders?\n",
    )


def test_a_broker_without_gates_is_named(hal_server, tally_at):
    hal_server.answers("GET", "/gates", Answer("", 404))

    found = tally_at("gates", "list")

    assert found.code == 2
    assert "knows no quality gates" in found.err
