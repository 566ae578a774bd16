"""What is replayed at the same time, and what never is."""

import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from support.factories import a_pact, an_interaction

from verifier.replay.concurrency import Throttle
from verifier.replay.thread_pool import map_in_threads

OK = {"status": 200}


def reads(count, **changes):
    """Return interactions that only read and need no state."""
    return [
        an_interaction(
            f"reads {number}",
            **{
                "providerStates": [],
                "request": {"method": "GET", "path": f"/slow/{number}"},
                "response": OK,
                **changes,
            },
        )
        for number in range(count)
    ]


@pytest.fixture
def busy(provider):
    """A provider that takes its time, and knows how many requests it served at once at most."""
    lock = threading.Lock()
    provider.at_once = provider.most_at_once = 0

    def slowly(_):
        with lock:
            provider.at_once += 1
            provider.most_at_once = max(provider.most_at_once, provider.at_once)
        answer = provider.late(0.03)
        with lock:
            provider.at_once -= 1
        return answer

    for number in range(20):
        for method in ("GET", "POST"):
            provider.on(method, f"/slow/{number}", slowly)
    return provider


def test_reads_without_states_run_at_once_when_the_provider_takes_its_time(busy, tally_verify, pact_file):
    ended = tally_verify(pact_file(a_pact(*reads(20))), "--provider-url", busy.url)

    assert ended.exit_code == 0, ended
    assert busy.most_at_once > 4


def test_one_case_after_the_other_is_asked_over_one_connection(provider, tally_verify, pact_file):
    for number in range(20):
        provider.on("GET", f"/slow/{number}")

    tally_verify(pact_file(a_pact(*reads(20))), "--provider-url", provider.url, "--concurrency", "1")

    assert len({asked.connection for asked in provider.asked}) == 1


@pytest.mark.parametrize(
    ("changes", "options"),
    [
        ({"providerStates": [{"name": "an order exists"}]}, ("--concurrency", "8")),
        ({"request": {"method": "POST", "path": "/slow/1"}}, ()),
        ({}, ("--concurrency", "1")),
    ],
    ids=["needs a state", "writes", "nothing at once"],
)
def test_some_are_replayed_one_after_the_other(busy, tally_verify, pact_file, changes, options):
    tally_verify(pact_file(a_pact(*reads(6, **changes))), "--provider-url", busy.url, *options)

    assert busy.most_at_once == 1


@pytest.mark.parametrize(
    ("changes", "options"),
    [
        ({"request": {"method": "POST", "path": "/slow/1"}}, ("--concurrency", "4")),
        ({"providerStates": [{"name": "an order exists"}]}, ("--concurrency", "4", "--parallel-states")),
    ],
    ids=["writes", "needs a state"],
)
def test_the_user_may_allow_more_at_once(busy, tally_verify, pact_file, changes, options):
    tally_verify(pact_file(a_pact(*reads(12, **changes))), "--provider-url", busy.url, *options)

    assert 1 < busy.most_at_once <= 4


def test_results_are_in_the_order_of_the_contract_however_long_each_takes(provider, tally_verify, pact_file):
    for number in range(12):
        provider.on("GET", f"/slow/{number}", lambda _, seconds=0.05 / (number + 1): provider.late(seconds))

    ended = tally_verify(
        pact_file(a_pact(*reads(12))), "--provider-url", provider.url, "--concurrency", "6", "-o", "json"
    )

    descriptions = [result["description"] for result in ended.json["contracts"][0]["results"]]
    assert descriptions == [f"reads {number}" for number in range(12)]


def test_what_needs_a_state_waits_for_those_before_and_keeps_those_after_waiting(
    busy, tally_verify, pact_file
):
    busy.on("POST", "/_states")
    stateful = an_interaction("stateful", request={"method": "GET", "path": "/slow/19"}, response=OK)
    pact = a_pact(*reads(5), stateful, *reads(5))
    options = ("--concurrency", "5", "--state-change-url", f"{busy.url}/_states")

    ended = tally_verify(pact_file(pact), "--provider-url", busy.url, *options)

    assert ended.exit_code == 0, ended
    paths = [asked.path for asked in busy.asked]
    assert paths[5:7] == ["/_states", "/slow/19"]


def test_a_provider_that_serves_one_connection_at_a_time_is_not_blocked(one_by_one, tally_verify, pact_file):
    ended = tally_verify(
        pact_file(a_pact(*reads(20))),
        "--provider-url",
        one_by_one,
        "--concurrency",
        "8",
        "--timeout",
        "5",
    )

    assert ended.exit_code == 0, ended


@pytest.fixture
def one_by_one():
    """The address of a provider that serves a connection until it is closed, and only then the next."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_after_the_time_for_all_nothing_begins_and_the_rest_is_not_checked(busy, tally_verify, pact_file):
    started = time.perf_counter()

    ended = tally_verify(
        pact_file(a_pact(*reads(20) * 15)),
        "--provider-url",
        busy.url,
        "--concurrency",
        "1",
        "--total-timeout",
        "0.5",
    )

    assert ended.exit_code == 2
    assert time.perf_counter() - started < 15 * 20 * 0.03
    assert "The time limit of the run was reached (--total-timeout)." in ended.stdout
    assert 0 < len(busy.asked) <= 0.5 / 0.03 + 1


@pytest.mark.parametrize(
    ("cores", "durations", "workers"),
    [
        (2, [20], 1),
        (2, [9, 1.5], 1),
        (2, [90, 16], 20),
        (2, [90, 16] + [17] * 22, 80),
        (2, [90, 20] + [21] * 26, 96),
        (1, [100] * 2 + [100] * 14, 48),
        (2, [6] * 20, 30),
        (2, [16] * 3 + [90] * 20, 10),
        (2, [16] * 3 + [90] * 20 + [45] * 30, 5),
        (2, [16] * 3 + [90] * 20 + [45] * 30 + [16] * 100, 5),
    ],
    ids=[
        "nothing known yet",
        "it answers at once",
        "a quarter at first",
        "it keeps up",
        "no more than the most",
        "one core",
        "what the latency makes worth while",
        "it does not keep up",
        "nor with half as many",
        "and now it does",
    ],
)
def test_how_many_at_once_follows_from_the_durations(cores, durations, workers):
    throttle = Throttle(cores=cores)
    for duration in durations:
        throttle.record(duration)

    assert throttle.workers == workers


@pytest.mark.parametrize(("seats", "workers"), [(1, 1), (4, 6), (500, 96)])
def test_a_provider_that_serves_few_at_a_time_is_not_asked_many_more(seats, workers):
    throttle = Throttle(cores=2)

    for _ in range(500):
        throttle.record(20 * max(throttle.workers / seats, 1))

    assert throttle.workers == workers


def test_auto_lets_those_run_at_once_that_write(busy, tally_verify, pact_file):
    writes = reads(20, request={"method": "POST", "path": "/slow/1"})

    tally_verify(pact_file(a_pact(*writes)), "--provider-url", busy.url, "--concurrency", "auto")

    assert busy.most_at_once > 4


@pytest.mark.parametrize("said", ["0", "-1", "many", ""])
def test_a_concurrency_that_is_no_number_is_refused(provider, tally_verify, pact_file, said):
    ended = tally_verify(pact_file(a_pact()), "--provider-url", provider.url, "--concurrency", said)

    assert ended.exit_code == 2
    assert "write a number from 1 on, or auto" in ended.stderr


def test_threads_come_and_go_as_they_are_wanted():
    names = []

    def work(number):
        names.append(threading.current_thread().name)
        time.sleep(0.005)
        return number

    results = list(map_in_threads(work, range(16), lambda: 3 if 4 <= len(names) < 9 else 1))

    assert results == list(range(16))
    assert len(set(names)) > 1
    own = {threading.current_thread().name}
    assert set(names[:4]) == set(names[-3:]) == own, (
        "while one is enough, nothing is handed to another thread"
    )


def test_what_goes_wrong_in_a_thread_is_raised_where_its_result_is_wanted():
    def work(number):
        return 6 // number

    results = map_in_threads(work, [3, 2, 0, 1], lambda: 2)

    assert [next(results), next(results)] == [2, 3]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_whoever_stops_listening_stops_the_work():
    begun = []

    def work(number):
        begun.append(number)
        time.sleep(0.02)
        return number

    results = map_in_threads(work, range(1000), lambda: 2)
    next(results)
    results.close()

    assert len(begun) < 10
