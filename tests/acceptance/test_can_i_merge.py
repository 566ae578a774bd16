"""`tally can-i-merge`, and the unmodified `pact broker can-i-merge`, at a real broker."""

import subprocess
import sys
from pathlib import Path

import pytest
import requests
from support.factories import a_publication, a_verification_result

# What the broker asks of a database is tested on both elsewhere; clients see the same answers.
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
PROGRAMS = Path(sys.executable).parent
SHOP_2 = ("can-i-merge", "--pacticipant", "Shop", "--version", "2")


@pytest.fixture
def run(live_broker, tmp_path):
    """Run a program with these words at the broker; return its exit code and what it printed."""

    def run(*words):
        done = subprocess.run(
            [PROGRAMS / words[0], *words[1:], "--broker-base-url", live_broker],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return run


@pytest.fixture
def orders(live_broker):
    """Shop 2, on a branch, has a pact with Orders; a function puts a version of Orders on a branch."""
    requests.post(
        f"{live_broker}/contracts/publish", json=a_publication(version="2", branch="feat"), timeout=10
    ).raise_for_status()

    def put_on_branch(number, branch, **result):
        version = f"{live_broker}/pacticipants/Orders/branches/{branch}/versions/{number}"
        requests.put(version, json={}, timeout=10).raise_for_status()
        pact = requests.get(f"{live_broker}/pacts/provider/Orders/consumer/Shop/version/2", timeout=10).json()
        results = pact["_links"]["pb:publish-verification-results"]["href"]
        if result:
            requests.post(
                results, json=a_verification_result(number, **result), timeout=10
            ).raise_for_status()

    return put_on_branch


def test_a_version_can_be_merged_when_the_main_branches_of_the_others_fit(run, orders):
    orders("7", "main")
    unknown = [run("tally", *SHOP_2), run("pact", "broker", *SHOP_2)]
    orders("7", "main", success=False)
    failed = [run("tally", *SHOP_2), run("pact", "broker", *SHOP_2)]
    orders("8", "main", success=True)
    merged = [run("tally", *SHOP_2), run("pact", "broker", *SHOP_2)]

    assert [code for code, _ in (*unknown, *failed, *merged)] == [1, 1, 1, 1, 0, 0]
    assert unknown[0][1].startswith(
        "No: it is not known yet whether Shop 2 can be merged into the main branch;"
    )
    assert "tally verify http" in unknown[0][1]
    assert "--provider-version 7 --publish" in unknown[0][1]
    assert failed[0][1].startswith("No: Shop 2 cannot be merged into the main branch.\n")
    assert merged[0][1].startswith("Yes: Shop 2 can be merged into the main branch.\n")
    assert "Shop      2        Orders    8        verified" in merged[0][1]


def test_another_branch_may_give_another_answer(run, orders):
    orders("7", "main", success=False)
    orders("8", "release", success=True)

    assert run("tally", *SHOP_2)[0] == 1
    assert run("tally", *SHOP_2, "--branch", "release")[0] == 0
    code, printed = run("tally", *SHOP_2, "--branch", "none")
    assert code == 1
    assert "the latest version of Orders from branch none (there is none)" in printed


def test_an_unknown_application_is_named_with_the_nearest_one(run, orders):
    orders("7", "main")

    code, printed = run("tally", "can-i-merge", "-a", "Shp", "-e", "1")

    assert code == 2
    assert "Pacticipant 'Shp' does not exist (did you mean 'Shop'?)" in printed
