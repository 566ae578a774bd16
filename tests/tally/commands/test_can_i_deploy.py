import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hal_server import Answer

PACT = Path(sys.executable).with_name("pact")
FOR_PRODUCTION = ("-a", "Shop", "-e", "3", "--to-environment", "production")


def row(server, *, result, **extra):
    """A row of the matrix; *result* is True, False or None."""

    def participant(name, number):
        return {"name": name, "version": {"number": number} if number else None}

    verification = {"success": result, "_links": {"self": {"href": server.url("/results/9")}}}
    return {
        "consumer": participant("Shop", "3"),
        "provider": participant("Orders", "7" if result is not None else None),
        "pact": {"_links": {"self": {"href": server.url("/pacts/shop-orders")}}},
        "verificationResult": None if result is None else verification,
        **extra,
    }


def answer(rows, *, deployable, notices=(), **counts):
    return {
        "summary": {
            "deployable": deployable,
            "reason": "",
            "success": 0,
            "failed": 0,
            "unknown": 0,
            **counts,
        },
        "notices": [{"type": kind, "text": text} for kind, text in notices],
        "matrix": rows,
    }


@pytest.fixture
def matrix(hal_server):
    """Say what the broker answers, and look at what it was asked."""

    class Matrix:
        def says(self, *answers):
            hal_server.answers("GET", "/matrix", *answers)

        @property
        def questions(self):
            return [asked.query for asked in hal_server.asked if asked.path == "/matrix"]

    return Matrix()


def test_yes_is_one_line_a_table_and_exit_code_0(tally_at, hal_server, matrix):
    matrix.says(
        answer(
            [row(hal_server, result=True)],
            deployable=True,
            notices=[("success", "All required results are there.")],
        )
    )

    run = tally_at("can-i-deploy", *FOR_PRODUCTION)

    assert run.code == 0
    assert run.out == (
        "Yes: Shop 3 can be deployed to production.\n\n"
        "CONSUMER  VERSION  PROVIDER  VERSION  RESULT\n"
        "Shop      3        Orders    7        verified\n\n"
        "All required results are there.\n"
    )


def test_no_says_which_result_failed_and_where_to_read_it(tally_at, hal_server, matrix):
    matrix.says(
        answer([row(hal_server, result=False)], deployable=False, notices=[("error", "It failed.")], failed=1)
    )

    run = tally_at("can-i-deploy", *FOR_PRODUCTION)

    assert run.code == 1
    assert run.out.startswith("No: Shop 3 cannot be deployed to production.\n")
    assert "It failed.\n" in run.out
    assert (
        f"does not keep the pact of Shop 3. See what failed:\n    {hal_server.url('/results/9')}" in run.out
    )


def test_a_missing_result_is_a_no_with_the_command_that_would_bring_it(tally_at, hal_server, matrix):
    matrix.says(answer([row(hal_server, result=None)], deployable=None, unknown=1))

    run = tally_at("can-i-deploy", *FOR_PRODUCTION)

    assert run.code == 1
    assert "nobody knows yet whether Shop 3 can be deployed to production; 1 result is missing" in run.out
    assert (
        f"tally verify {hal_server.url('/pacts/shop-orders')} -b {hal_server.base_url} "
        "--provider-url URL --provider-version VERSION --publish"
    ) in run.out


def test_an_ignored_result_is_marked_and_needs_no_next_step(tally_at, hal_server, matrix):
    matrix.says(answer([row(hal_server, result=False, ignored=True)], deployable=True, ignored=1))

    run = tally_at("can-i-deploy", *FOR_PRODUCTION, "--ignore", "Orders")

    assert run.code == 0
    assert "failed (ignored)" in run.out
    assert "Next:" not in run.out


def test_nothing_to_check_prints_no_empty_table(tally_at, matrix):
    matrix.says(answer([], deployable=True, notices=[("success", "There are no missing dependencies.")]))

    assert "CONSUMER" not in tally_at("can-i-deploy", *FOR_PRODUCTION).out


def test_an_old_broker_without_notices_still_gives_its_reason(tally_at, matrix):
    old = answer([], deployable=False)
    del old["notices"]
    old["summary"]["reason"] = "There is no verified pact."
    matrix.says(old)

    assert "There is no verified pact." in tally_at("can-i-deploy", *FOR_PRODUCTION).out


def test_json_output_is_what_the_broker_said(tally_at, hal_server, matrix):
    said = answer([row(hal_server, result=False)], deployable=False)
    matrix.says(said)

    run = tally_at("can-i-deploy", *FOR_PRODUCTION, "--output", "json")

    assert run.code == 1
    assert json.loads(run.out) == said


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


def test_a_dry_run_tells_the_truth_and_exits_with_0(tally_at, hal_server, matrix, monkeypatch):
    matrix.says(answer([row(hal_server, result=False)], deployable=False))

    assert tally_at("can-i-deploy", *FOR_PRODUCTION, "--dry-run").code == 0
    monkeypatch.setenv("PACT_BROKER_CAN_I_DEPLOY_DRY_RUN", "true")
    run = tally_at("can-i-deploy", *FOR_PRODUCTION)
    assert (run.code, run.out.splitlines()[0]) == (0, "No: Shop 3 cannot be deployed to production.")


def test_a_dry_run_exits_with_0_even_when_the_broker_cannot_be_asked(tally_at, matrix):
    matrix.says(Answer({"errors": ["Pacticipant Shop not found"]}, 400))

    run = tally_at("can-i-deploy", *FOR_PRODUCTION, "--dry-run")

    assert run.code == 0
    assert "Pacticipant Shop not found" in run.err


def test_a_refused_question_is_told_from_a_no(tally_at, matrix):
    matrix.says(Answer({"errors": ["Pacticipant Shop not found"]}, 400))

    run = tally_at("can-i-deploy", *FOR_PRODUCTION)

    assert run.code == 2
    assert run.err == "Error: Pacticipant Shop not found\n"


def test_a_link_to_the_matrix_is_followed_where_the_broker_offers_one(tally_at, hal_server):
    hal_server.answers("GET", "/", {"_links": {"tally:matrix": {"href": hal_server.url("/decide")}}})
    hal_server.answers("GET", "/decide", answer([], deployable=True))

    assert tally_at("can-i-deploy", *FOR_PRODUCTION).code == 0


def test_an_option_before_the_pacticipant_that_it_belongs_to_is_refused(tally_at):
    run = tally_at("can-i-deploy", "--version", "3", "--pacticipant", "Shop")

    assert run.code == 2
    assert "--version must come after the --pacticipant" in run.err


def test_an_environment_and_a_tag_exclude_each_other(tally_at):
    run = tally_at("can-i-deploy", *FOR_PRODUCTION, "--to", "prod")

    assert run.code == 2
    assert "--to-environment and --to exclude each other" in run.err


QUESTIONS = [
    "-a A -e 1 --to-environment test",
    "--pacticipant A --version 1",
    "-a A --latest",
    "-a A -l dev --to prod",
    "-a A --branch main --to-environment test",
    "-a A --main-branch --to-environment test",
    "-a A -e 1 -a B -e 2",
    "-a A -e 1 -a B --latest main",
    "-a A -e 1 -a B --tag t",
    "-a A --latest -a B --version 2 --to-environment test",
    "-a A -e 1 --to-environment test --ignore C",
    "-a A -e 1 --to-environment test --ignore C --version 5 --ignore D",
]


@pytest.mark.parametrize("words", QUESTIONS)
def test_it_asks_what_the_pact_command_line_asks(tally_at, hal_server, matrix, words):
    matrix.says(answer([], deployable=True))

    tally_at("can-i-deploy", *words.split())
    ask_with_pact(hal_server.base_url, "can-i-deploy", *words.split())

    ours, theirs = matrix.questions
    assert sorted(ours) == sorted(theirs)
    assert selectors(ours) == selectors(theirs)


@pytest.mark.parametrize(
    ("words", "subject"),
    [
        ("-a A --latest", "the latest version of A"),
        ("-a A --latest dev", "the latest version of A with tag dev"),
        ("-a A --branch main --latest", "the latest version of A from branch main"),
        ("-a A --main-branch", "A from the main branch"),
        ("-a A -e 1 -a B", "A 1 with B"),
        ("-a A -e 1 --to prod", "A 1"),
    ],
)
def test_the_verdict_names_what_was_asked_about(tally_at, matrix, words, subject):
    matrix.says(answer([], deployable=True))

    assert tally_at("can-i-deploy", *words.split()).out.startswith(f"Yes: {subject} can be deployed")


def test_applications_to_ignore_may_come_from_the_environment(tally_at, matrix, monkeypatch):
    matrix.says(answer([], deployable=True))
    monkeypatch.setenv("PACT_BROKER_CAN_I_DEPLOY_IGNORE", "C, D")

    tally_at("can-i-deploy", *FOR_PRODUCTION)

    ignored = [value for key, value in matrix.questions[0] if key.startswith("ignore")]
    assert ignored == ["C", "D"]


def ask_with_pact(base_url, *words):
    environment = {**os.environ, "PACT_BROKER_BASE_URL": base_url}
    subprocess.run([PACT, "broker", *words], env=environment, capture_output=True, check=False)


def selectors(query):
    return [(key, value) for key, value in query if key.startswith(("q[]", "ignore[]"))]


def obstacle(**changes):
    """What our broker says of a pact without a result."""
    return {
        "problem": "missing",
        "since": "2026-11-01T10:00:00+00:00",
        "consumer": {"name": "Shop", "version": "3"},
        "provider": {"name": "Orders", "versions": ["7"]},
        "interactions": [],
        "webhooks": [],
        "underWay": None,
        "command": "tally verify http://broker/pact --provider-url URL --publish",
        "_links": {"pb:pact-version": {"href": "http://broker/pact"}},
        **changes,
    }


def explained(server, *obstacles):
    said = answer([row(server, result=None)], deployable=None, unknown=1)
    said["notices"] = [{"type": "error", "text": "It is missing."}, {"type": "prompt", "text": "Next: …"}]
    return {**said, "tally:explanation": list(obstacles)}


def test_an_explanation_becomes_the_next_step(tally_at, hal_server, matrix):
    called = {"name": "POST ci", "status": "retrying", "triggeredAt": "2026-11-01T10:00:01+00:00"}
    matrix.says(explained(hal_server, obstacle(webhooks=[called], underWay=True)))

    run = tally_at("can-i-deploy", *FOR_PRODUCTION)

    assert run.code == 1
    assert "Next: …" not in run.out
    assert run.out.endswith(
        "Next:\n"
        "  Orders 7 has to verify the pact of Shop 3, published 2026-11-01T10:00:00+00:00.\n"
        "  Webhook POST ci: retrying, triggered 2026-11-01T10:00:01+00:00\n"
        "  Where Orders runs:\n"
        "    tally verify http://broker/pact --provider-url URL --publish\n"
    )


def test_of_many_failures_the_first_are_shown(tally_at, hal_server, matrix):
    problems = [f"body $.items[{number}]: is wrong" for number in range(5)]
    failed = [{"description": f"a request {number}", "problems": problems} for number in range(12)]
    matrix.says(explained(hal_server, obstacle(problem="failed", interactions=failed)))

    run = tally_at("can-i-deploy", *FOR_PRODUCTION)

    assert (
        "    a request 0: body $.items[0]: is wrong; body $.items[1]: is wrong; body $.items[2]: is wrong; "
        "and 2 more\n"
    ) in run.out
    assert "a request 9:" in run.out
    assert "a request 10:" not in run.out
    assert "\n    and 2 more\n" in run.out


def test_a_failure_is_explained_by_its_interactions(tally_at, hal_server, matrix):
    failed = {"description": "a request for order 1", "problems": ["body $.id: expected 1, was 2"]}
    links = {"pb:verification-result": {"href": "http://broker/results/9"}}
    matrix.says(
        explained(hal_server, obstacle(problem="failed", interactions=[failed], underWay=False, _links=links))
    )

    run = tally_at("can-i-deploy", *FOR_PRODUCTION)

    assert (
        "  Orders 7 does not keep the pact of Shop 3, since 2026-11-01T10:00:00+00:00:\n"
        "    a request for order 1: body $.id: expected 1, was 2\n"
        "    http://broker/results/9\n"
    ) in run.out


def test_it_does_not_ask_again_when_nothing_is_under_way(tally_at, hal_server, matrix):
    matrix.says(explained(hal_server, obstacle(underWay=False)))

    run = tally_at("can-i-deploy", *FOR_PRODUCTION, "--retry-while-unknown", "5", "--retry-interval", "0")

    assert run.code == 1
    assert len(matrix.questions) == 1
    assert "Nothing is under way that could bring what is missing." in run.err


@pytest.mark.parametrize("under_way", [True, None])
def test_it_asks_again_while_something_is_or_may_be_under_way(tally_at, hal_server, matrix, under_way):
    matrix.says(explained(hal_server, obstacle(underWay=under_way)))

    tally_at("can-i-deploy", *FOR_PRODUCTION, "--retry-while-unknown", "2", "--retry-interval", "0")

    assert len(matrix.questions) == 3


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
    assert run.err == "The broker does not hold its answer back: asking every 0.1 s\n"
    assert len(matrix.questions) == 3
    assert time.monotonic() - began >= 0.2


def test_the_past_is_asked_about_with_at(tally_at, hal_server, matrix):
    then = answer([row(hal_server, result=True)], deployable=True, success=1)
    matrix.says({**then, "tally:asOf": "2026-10-01T00:00:00+00:00"})

    run = tally_at("can-i-deploy", *FOR_PRODUCTION, "--at", "2026-10-01T00:00:00Z")

    assert run.code == 0
    assert run.out.startswith("Yes: Shop 3 can be deployed to production, as of 2026-10-01T00:00:00Z.\n")
    assert ("at", "2026-10-01T00:00:00Z") in matrix.questions[0]


def test_nobody_is_told_what_to_do_about_the_past(tally_at, hal_server, matrix):
    then = answer([row(hal_server, result=None)], deployable=None, unknown=1)
    matrix.says({**then, "tally:asOf": "2026-10-01T00:00:00+00:00"})

    run = tally_at("can-i-deploy", *FOR_PRODUCTION, "--at", "2026-10-01T00:00:00Z")

    assert run.code == 1
    assert "Next:" not in run.out


def test_an_answer_about_now_does_not_pass_for_one_about_the_past(tally_at, hal_server, matrix):
    matrix.says(answer([row(hal_server, result=True)], deployable=True, success=1))

    run = tally_at("can-i-deploy", *FOR_PRODUCTION, "--at", "2026-10-01T00:00:00Z")

    assert run.code == 2
    assert run.out == ""
    assert "does not know --at and answered about now" in run.err


@pytest.mark.parametrize("patience", [("--wait", "5"), ("--retry-while-unknown", "1")])
def test_nobody_waits_for_the_past(tally_at, patience):
    run = tally_at("can-i-deploy", *FOR_PRODUCTION, "--at", "2026-10-01T00:00:00Z", *patience)

    assert run.code == 2
    assert "the past, which does not change" in run.err
