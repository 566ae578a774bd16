"""`tally can-i-merge`, against recorded answers."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PACT = Path(sys.executable).with_name("pact")
YES = {"summary": {"deployable": True, "unknown": 0}, "notices": [], "matrix": []}


@pytest.fixture
def questions(hal_server):
    """Answer yes; return the questions that were asked."""
    hal_server.answers("GET", "/matrix", YES)
    return lambda: [asked.query for asked in hal_server.asked if asked.path == "/matrix"]


def test_it_asks_as_the_pact_command_line_does(tally_at, hal_server, questions):
    words = ["can-i-merge", "--pacticipant", "Shop", "--version", "3"]

    tally_at(*words)
    subprocess.run(
        [PACT, "broker", *words, "--broker-base-url", hal_server.base_url],
        check=True,
        capture_output=True,
        env={"PATH": os.environ["PATH"]},
    )

    ours, theirs = questions()
    assert sorted(ours) == sorted(theirs)


def test_yes_names_the_main_branch_and_exits_with_0(tally_at, questions):
    run = tally_at("can-i-merge", "-a", "Shop", "-e", "3")

    assert (run.code, run.out) == (0, "Yes: Shop 3 can be merged into the main branch.\n")
    assert len(questions()) == 1


def test_another_branch_of_the_others_may_be_named(tally_at, questions):
    run = tally_at("can-i-merge", "-a", "Shop", "-e", "3", "--branch", "release")

    assert run.out == "Yes: Shop 3 can be merged into release.\n"
    [asked] = questions()
    assert ("branch", "release") in asked
    assert ("latest", "true") in asked
    assert "mainBranch" not in dict(asked)


def test_without_a_version_the_latest_one_is_meant(tally_at, questions):
    run = tally_at("can-i-merge", "-a", "Shop")

    assert run.out == "Yes: the latest version of Shop can be merged into the main branch.\n"
    assert ("q[][latest]", "true") in questions()[0]


def test_several_versions_are_merged_together(tally_at, questions):
    run = tally_at("can-i-merge", "-a", "Shop", "-e", "3", "-a", "Orders", "-e", "7")

    assert run.out == "Yes: Shop 3 with Orders 7 can be merged into the main branch.\n"
    assert {("latestby", "cvpv"), ("mainBranch", "true"), ("latest", "true")} <= set(questions()[0])


@pytest.mark.parametrize(("deployable", "said"), [(False, "cannot be merged"), (None, "it is not known yet")])
def test_no_and_not_known_exit_with_1(tally_at, hal_server, deployable, said):
    hal_server.answers("GET", "/matrix", {**YES, "summary": {"deployable": deployable, "unknown": 1}})

    run = tally_at("can-i-merge", "-a", "Shop", "-e", "3")

    assert run.code == 1
    assert said in run.out


def test_json_output_is_what_the_broker_said(tally_at, questions):
    run = tally_at("can-i-merge", "-a", "Shop", "-e", "3", "--output", "json")

    assert json.loads(run.out) == YES
    assert questions()


def test_it_asks_again_while_results_are_missing(tally_at, hal_server, questions):
    missing = {**YES, "summary": {"deployable": None, "unknown": 1}}
    hal_server.answers("GET", "/matrix", missing, YES)

    run = tally_at(
        "can-i-merge", "-a", "Shop", "-e", "3", "--retry-while-unknown", "3", "--retry-interval", "0"
    )

    assert run.code == 0
    assert len(questions()) == 2


def test_a_dry_run_exits_with_0(tally_at, hal_server):
    hal_server.answers("GET", "/matrix", {**YES, "summary": {"deployable": False}})

    assert tally_at("can-i-merge", "-a", "Shop", "-e", "3", "--dry-run").code == 0


def test_a_version_before_any_pacticipant_is_refused(tally_at):
    run = tally_at("can-i-merge", "-e", "3", "-a", "Shop")

    assert run.code == 2
    assert "--version must come after the --pacticipant" in run.err
