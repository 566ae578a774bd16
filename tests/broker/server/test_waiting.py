"""`wait`: an answer that comes when the decision changes, while everybody else is served."""

import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import requests
from support.contracts_in_storage import Document, StoredContracts
from support.decisions_over_http import Api
from support.factories import NOON, a_pact, a_publication, a_verification_result
from support.serving import HEARTBEAT, TALLY, serving

from broker.app import create_app
from broker.settings.settings import Settings
from tally.hashing import content_hash

ON_BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
QUESTION = "/can-i-deploy?pacticipant=Shop&version=1&environment=production"
RESULTS = f"/pacts/provider/Orders/consumer/Shop/pact-version/{content_hash(a_pact())}/verification-results"
WAITING = 200
SOON = 4
"""Seconds in which a busy machine answers what takes a quiet one a few milliseconds."""


@pytest.fixture
def undecided(live_broker, database):
    """A running broker that has no result for what Shop 1 needs in production."""
    publish_and_deploy(database)
    return live_broker


def publish_and_deploy(database):
    client = create_app(Settings(), database).test_client()
    client.post("/contracts/publish", json=a_publication(version="1"))
    Api(client).version("Orders", "2")
    Api(client).deployed("Orders", "2", "production")


def timed(url):
    began = time.monotonic()
    answer = requests.get(url, timeout=60)
    answer.raise_for_status()
    return answer, time.monotonic() - began


def verify(url, version="2", **result):
    requests.post(url + RESULTS, json=a_verification_result(version, **result), timeout=10).raise_for_status()


@contextmanager
def held_back(url, number=1):
    """Run the block while so many wait; yield the futures of their answers and seconds."""
    with ThreadPoolExecutor(number) as pool:
        answers = [pool.submit(timed, url) for _ in range(number)]
        time.sleep(1 + number / 100)
        assert not any(answer.done() for answer in answers)
        yield answers


def test_who_does_not_wait_is_told_at_once(undecided):
    assert requests.get(undecided + QUESTION, timeout=10).json()["summary"]["deployable"] is None


def test_the_answer_comes_when_the_time_is_over(undecided):
    answer, seconds = timed(f"{undecided}{QUESTION}&wait=2")

    assert answer.json()["summary"]["deployable"] is None
    assert 2 <= seconds < 2 + SOON
    assert "Retry-After" not in answer.headers


@ON_BOTH
def test_the_answer_comes_as_soon_as_the_decision_changes(undecided):
    with held_back(f"{undecided}{QUESTION}&wait=40") as (answer,):
        began = time.monotonic()
        verify(undecided)
        answer.result()
        seconds = time.monotonic() - began

    assert answer.result()[0].json()["summary"]["deployable"] is True
    assert seconds < SOON


def test_the_answer_comes_when_a_document_is_verified(undecided, database):
    stored, document = StoredContracts(database, lambda: NOON), Document(("read",))
    stored.documents("Orders", "2", {"openapi": document})
    stored.compared(("Shop", "Orders"), "2", "compatible")

    with held_back(f"{undecided}{QUESTION}&wait=40") as (answer,):
        stored.checked("Orders", "2", document, success=True)
        found, seconds = answer.result()

    assert found.json()["summary"]["deployable"] is True
    assert seconds < 2 + SOON


@ON_BOTH
def test_the_answer_comes_when_another_process_changes_the_decision(undecided, database):
    with held_back(f"{undecided}{QUESTION}&wait=40") as (answer,):
        began = time.monotonic()
        create_app(Settings(), database).test_client().post(RESULTS, json=a_verification_result("2"))
        answer.result()
        seconds = time.monotonic() - began

    assert answer.result()[0].json()["summary"]["deployable"] is True
    assert seconds < SOON


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_whichever_process_of_a_server_is_told_all_of_them_know(database_url, database, tmp_path):
    publish_and_deploy(database)
    two_processes = {"TALLY_WORKERS": "2"}
    with (
        serving(database_url, tmp_path / "log", environment=two_processes) as url,
        held_back(f"{url}{QUESTION}&wait=40", 12) as answers,
    ):
        verify(url)
        told = [answer.result()[0].json()["summary"]["deployable"] for answer in answers]
        seconds = [answer.result()[1] for answer in answers]

    assert told == [True] * 12
    assert max(seconds) < 2 + SOON


def test_a_change_that_leaves_results_missing_ends_no_wait(undecided, database):
    with held_back(f"{undecided}{QUESTION}&wait=4") as (answer,):
        Api(create_app(Settings(), database).test_client()).version("Orders", "2", "tagged", "prod")
        time.sleep(1)
        assert not answer.done()

    assert answer.result()[1] >= 4


def test_two_hundred_who_wait_starve_nobody(undecided):
    with held_back(f"{undecided}{QUESTION}&wait=50", WAITING) as waiting:
        slowest = max(timed(undecided + HEARTBEAT)[1] for _ in range(20))
        began = time.monotonic()
        verify(undecided)
        answers = [future.result()[0].json()["summary"]["deployable"] for future in waiting]
        seconds = time.monotonic() - began

    assert answers == [True] * WAITING
    assert slowest < SOON
    assert seconds < SOON


@pytest.mark.parametrize(
    ("database_url", "workers"),
    [("sqlite", "1"), ("postgresql", "1"), ("postgresql", "2")],
    indirect=["database_url"],
)
def test_a_server_that_stops_lets_go_of_who_waits_at_once(database_url, database, workers, tmp_path):
    publish_and_deploy(database)
    with ThreadPoolExecutor(5) as pool:
        with serving(database_url, tmp_path / "log", environment={"TALLY_WORKERS": workers}) as url:
            waiting = [pool.submit(timed, f"{url}{QUESTION}&wait=50") for _ in range(5)]
            time.sleep(1.5)
            began = time.monotonic()
        stopped_after = time.monotonic() - began
        answers = [future.result()[0] for future in waiting]

    assert [answer.json()["summary"]["deployable"] for answer in answers] == [None] * 5
    assert {answer.headers["Retry-After"] for answer in answers} == {"1"}
    assert stopped_after < 2 * SOON


@ON_BOTH
def test_tally_can_i_deploy_waits_for_the_result(undecided):
    command = [
        TALLY,
        "can-i-deploy",
        "-a",
        "Shop",
        "-e",
        "1",
        "--to-environment",
        "production",
        "-b",
        undecided,
    ]
    with subprocess.Popen(
        [*command, "--wait", "60"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as asking:
        time.sleep(2.5)
        assert asking.poll() is None
        verify(undecided)
        output, _ = asking.communicate(timeout=SOON)

    assert asking.returncode == 0
    assert output.startswith(b"Yes: Shop 1 can be deployed to production.\n")


def test_what_cannot_change_is_answered_at_once(undecided):
    verify(undecided, success=False)

    answer, seconds = timed(f"{undecided}{QUESTION}&wait=30")

    assert answer.json()["summary"]["deployable"] is False
    assert seconds < SOON


@pytest.mark.parametrize("wait", ["61", "-1", "long"])
def test_a_wait_out_of_range_is_refused(broker, wait):
    answer = broker.get(f"{QUESTION}&wait={wait}")

    assert answer.status_code == 400
    assert answer.json["errors"] == {"wait": ["wait must be a whole number of seconds from 0 to 60"]}


def test_when_too_many_wait_the_answer_says_so_and_when_to_come_back(broker):
    broker.post("/contracts/publish", json=a_publication(version="1"))
    asked = []

    def hold(seconds, pacticipant_ids):
        asked.append((seconds, len(pacticipant_ids)))
        return False

    answer = broker.get(f"{QUESTION}&wait=30", environ_overrides={"tally.hold": hold})

    assert asked == [(30, 2)]
    assert answer.headers["Retry-After"] == "5"
    assert answer.json["summary"]["deployable"] is None
    assert answer.json["notices"][-1]["text"].startswith("Too many clients are waiting")
