import pytest
from support.matrix_answers import FOR_PRODUCTION, answer, row


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
    assert "does not know --at: its answer is about now" in run.err


@pytest.mark.parametrize("patience", [("--wait", "5"), ("--retry-while-unknown", "1")])
def test_nobody_waits_for_the_past(tally_at, patience):
    run = tally_at("can-i-deploy", *FOR_PRODUCTION, "--at", "2026-10-01T00:00:00Z", *patience)

    assert run.code == 2
    assert "the past, which does not change" in run.err
