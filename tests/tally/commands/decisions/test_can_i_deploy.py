import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.hal_server import Answer
from support.matrix_answers import FOR_PRODUCTION, answer, row

PACT = Path(sys.executable).with_name("pact")


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
    assert "it is not known yet whether Shop 3 can be deployed to production; 1 result is missing" in run.out
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
