from datetime import UTC, datetime

import pytest

from tally.workflows.model import Action, ActionType, CircuitLimits
from verifier.workflows.circuit import Circuit
from verifier.workflows.waiting import LONGEST_WAIT, wait_before


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def circuit(clock):
    """One that opens after two failures, for ten seconds."""
    return Circuit("orders", CircuitLimits(2, 10), clock=clock)


def fail(circuit):
    assert circuit.refusal() is None
    circuit.record("GET answered 500")


def test_a_circuit_opens_after_failures_in_a_row_and_says_so(circuit):
    fail(circuit)
    circuit.record(None)
    fail(circuit)
    assert circuit.refusal() is None
    circuit.record("GET answered 500")

    assert circuit.refusal() == (
        "Not sent: orders failed 2 times in a row, so it is not asked for another 10.0 s "
        "(last failure: GET answered 500)"
    )
    assert (circuit.times_opened, circuit.refused) == (1, 1)


def test_after_the_wait_one_request_tries_and_its_success_closes_it(circuit, clock):
    fail(circuit)
    fail(circuit)
    clock.now = 11

    first, second = circuit.refusal(), circuit.refusal()
    circuit.record(None)

    assert first is None
    assert "while one request tries it" in second
    assert circuit.refusal() is None


def test_after_the_wait_a_failure_opens_it_again(circuit, clock):
    fail(circuit)
    fail(circuit)
    clock.now = 11
    fail(circuit)

    assert "failed 3 times in a row" in circuit.refusal()
    assert circuit.times_opened == 1


NOW = datetime(2026, 11, 29, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("action", "retries", "header", "seconds"),
    [
        ({}, 0, "", 0.1),
        ({}, 3, "", 0.8),
        ({"retry_after": 2.0}, 3, "", 2),
        ({"retry_after": 2.0, "backoff": 3}, 2, "", 18),
        ({"retry_after": 2.0}, 0, "7", 7),
        ({"retry_after": 2.0}, 0, "Sun, 29 Nov 2026 04:00:09 GMT", 9),
        ({"retry_after": 2.0}, 0, "Sun, 29 Nov 2026 03:00:00 GMT", 0),
        ({"retry_after": 2.0}, 0, "soon", 2),
        ({"retry_after": 0.0}, 0, "99999999999999", LONGEST_WAIT),
        ({"backoff": 100}, 900, "", LONGEST_WAIT),
    ],
)
def test_the_wait_before_a_retry(action, retries, header, seconds):
    given = Action(name="again", type=ActionType.RETRY, **action)

    assert wait_before(given, retries, {"retry-after": header}, NOW) == pytest.approx(seconds)
