"""How long can-i-deploy waits for results, and what for."""

import time

import pytest
from support.matrix_answers import FOR_PRODUCTION, answer, explained, obstacle, row


def test_it_asks_again_while_results_are_missing(tally_at, hal_server, matrix):
    missing = answer([row(hal_server, result=None)], deployable=None, unknown=1)
    matrix.says(missing, missing, answer([row(hal_server, result=True)], deployable=True))

    run = tally_at("can-i-deploy", *FOR_PRODUCTION, "--retry-while-unknown", "5", "--retry-interval", "0")

    assert run.code == 0
    assert len(matrix.questions) == 3
    assert "1 missing: asking again in 0 s (2 of 5)" in run.err


def test_its_patience_ends(tally_at, hal_server, matrix):
    matrix.says(answer([row(hal_server, result=None)], deployable=None, unknown=1))

    run = tally_at("can-i-deploy", *FOR_PRODUCTION, "--retry-while-unknown", "2", "--retry-interval", "0")

    assert run.code == 1
    assert len(matrix.questions) == 3


def test_it_does_not_ask_again_after_a_failure(tally_at, hal_server, matrix):
    matrix.says(answer([row(hal_server, result=False)], deployable=False, failed=1))

    tally_at("can-i-deploy", *FOR_PRODUCTION, "--retry-while-unknown", "2", "--retry-interval", "0")

    assert len(matrix.questions) == 1


@pytest.mark.parametrize("under_way", [True, False, None])
@pytest.mark.parametrize(
    "patience",
    [("--retry-while-unknown", "2", "--retry-interval", "0"), ("--wait", "1", "--retry-interval", "0.2")],
)
def test_it_asks_again_whatever_the_broker_says_of_webhooks(
    tally_at, hal_server, matrix, under_way, patience
):
    called = {"name": "Slack", "status": "failure", "triggeredAt": "2026-11-01T10:00:01+00:00"}
    missing = explained(hal_server, obstacle(webhooks=[called], underWay=under_way))
    matrix.says(missing, missing, answer([row(hal_server, result=True)], deployable=True))

    run = tally_at("can-i-deploy", *FOR_PRODUCTION, *patience)

    assert run.code == 0
    assert len(matrix.questions) == 3
    assert run.err.count("Webhook 'Slack': failed. Still waiting: a result may come without it.") == 1


def test_it_lets_a_broker_that_can_wait_for_the_result(tally_at, hal_server):
    hal_server.answers("GET", "/", {"_links": {"tally:matrix": {"href": hal_server.url("/decide")}}})
    missing = answer([row(hal_server, result=None)], deployable=None, unknown=1)
    hal_server.answers(
        "GET", "/decide", missing, answer([row(hal_server, result=True)], deployable=True, success=1)
    )

    run = tally_at("can-i-deploy", *FOR_PRODUCTION, "--wait", "600", "--retry-interval", "0")

    assert run.code == 0
    waits = [value for asked in hal_server.asked for key, value in asked.query if key == "wait"]
    assert waits == ["20", "20"]


def test_when_the_time_to_wait_is_over_it_asks_a_last_time(tally_at, hal_server):
    hal_server.answers("GET", "/", {"_links": {"tally:matrix": {"href": hal_server.url("/decide")}}})
    missing = answer([row(hal_server, result=None)], deployable=None, unknown=1)
    hal_server.answers("GET", "/decide", missing)

    run = tally_at("can-i-deploy", *FOR_PRODUCTION, "--wait", "1")

    assert run.code == 1
    assert "wait" not in dict(hal_server.asked[-1].query)


@pytest.mark.parametrize("index", [{}, {"_links": {"tally:matrix": {"href": "/matrix"}}}])
def test_a_broker_that_does_not_hold_its_answer_back_is_asked_in_intervals(
    tally_at, hal_server, matrix, index
):
    hal_server.answers("GET", "/", index)
    missing = answer([row(hal_server, result=None)], deployable=None, unknown=1)
    matrix.says(missing, missing, answer([row(hal_server, result=True)], deployable=True, success=1))
    began = time.monotonic()

    run = tally_at("can-i-deploy", *FOR_PRODUCTION, "--wait", "30", "--retry-interval", "0.1")

    assert run.code == 0
    assert run.err == "The broker does not hold its answer back: asking again every 0.1 s\n"
    assert len(matrix.questions) == 3
    assert time.monotonic() - began >= 0.2
