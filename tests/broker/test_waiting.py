"""`wait`: an answer that comes when the decision changes, while everybody else is served."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from decisions_over_http import Api
from factories import a_pact, a_publication, a_verification_result
from serving import HEARTBEAT

from broker.app import create_app
from broker.settings import Settings
from tally.hashing import content_hash

QUESTION = "/can-i-deploy?pacticipant=Shop&version=1&environment=production"
RESULTS = f"/pacts/provider/Orders/consumer/Shop/pact-version/{content_hash(a_pact())}/verification-results"
WAITING = 200


@pytest.fixture
def undecided(live_broker, database):
    """A running broker that has no result for what Shop 1 needs in production."""
    client = create_app(Settings(), database).test_client()
    client.post("/contracts/publish", json=a_publication(version="1"))
    Api(client).version("Orders", "2")
    Api(client).deployed("Orders", "2", "production")
    return live_broker


def timed(url):
    began = time.monotonic()
    answer = requests.get(url, timeout=60)
    answer.raise_for_status()
    return answer, time.monotonic() - began


def test_who_does_not_wait_is_told_at_once(undecided):
    assert requests.get(undecided + QUESTION, timeout=10).json()["summary"]["deployable"] is None


def test_the_answer_comes_when_the_time_is_over(undecided):
    answer, seconds = timed(f"{undecided}{QUESTION}&wait=2")

    assert answer.json()["summary"]["deployable"] is None
    assert 2 <= seconds < 8
    assert "X-Tally-Wait" not in answer.headers


def test_the_answer_comes_when_the_decision_changes(undecided):
    later = threading.Timer(
        1, requests.post, [undecided + RESULTS], {"json": a_verification_result("2"), "timeout": 10}
    )
    later.start()

    answer, seconds = timed(f"{undecided}{QUESTION}&wait=40")

    assert answer.json()["summary"]["deployable"] is True
    assert 1 <= seconds < 20
    later.join()


def test_two_hundred_who_wait_starve_nobody(undecided):
    with ThreadPoolExecutor(WAITING) as pool:
        waiting = [pool.submit(timed, f"{undecided}{QUESTION}&wait=50") for _ in range(WAITING)]
        time.sleep(3)

        slowest = max(timed(undecided + HEARTBEAT)[1] for _ in range(20))
        requests.post(undecided + RESULTS, json=a_verification_result("2"), timeout=10).raise_for_status()
        answers = [future.result()[0].json()["summary"]["deployable"] for future in waiting]

    assert answers == [True] * WAITING
    assert slowest < 1


def test_what_cannot_change_is_answered_at_once(undecided):
    requests.post(undecided + RESULTS, json=a_verification_result("2", success=False), timeout=10)

    answer, seconds = timed(f"{undecided}{QUESTION}&wait=30")

    assert answer.json()["summary"]["deployable"] is False
    assert seconds < 10


@pytest.mark.parametrize("wait", ["61", "-1", "long"])
def test_a_wait_out_of_range_is_refused(broker, wait):
    answer = broker.get(f"{QUESTION}&wait={wait}")

    assert answer.status_code == 400
    assert answer.json["errors"] == {"wait": ["wait must be a whole number of seconds from 0 to 60"]}
