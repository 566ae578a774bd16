"""`--output` means the same in all commands."""

import json
from collections import Counter

import click
import pytest
from support.factories import a_pact, an_interaction
from support.hal_server import Answer
from support.matrix_answers import FOR_PRODUCTION, answer, row

from tally.cli import tally as whole
from tally.commands.importing import import_report
from tally.commands.options import FORMATS
from tally.importing.comparison import Answers, Comparison, Count, DeploymentQuestion
from tally.importing.journal import Journal

PUBLISH = ("publish", "pact.json", "-a", "1", "--output", "table")


def commands(group=whole, name="tally"):
    context = click.Context(group, **group.context_settings)
    for known in group.list_commands(context):
        found = group.get_command(context, known)
        yield f"{name} {known}", found
        if isinstance(found, click.Group):
            yield from commands(found, f"{name} {known}")


def choices(found):
    options = [parameter for parameter in found.params if parameter.name == "output"]
    return tuple(options[0].type.choices) if options else None


def test_every_command_that_has_formats_has_the_same():
    offered = {name: choices(found) for name, found in commands()}

    with_formats = {name: set(formats) - {"id"} for name, formats in offered.items() if formats}
    assert {name: formats for name, formats in with_formats.items() if formats != set(FORMATS)} == {}
    assert len(with_formats) > 30


@pytest.fixture
def pact_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pact.json").write_text(json.dumps(a_pact(an_interaction(providerStates=[]))))


@pytest.mark.usefixtures("pact_file", "published")
def test_what_is_published_is_a_table(tally_at):
    run = tally_at(*PUBLISH)

    assert (run.code, run.err) == (0, "")
    assert [line.split() for line in run.out.splitlines()] == [
        ["CONSUMER", "VERSION", "PROVIDER", "RESULT"],
        ["Shop", "1", "Orders", "published"],
    ]


@pytest.mark.usefixtures("pact_file")
def test_beside_a_table_it_is_told_why_something_was_refused(tally_at, hal_server):
    refusal = {"notices": [{"type": "error", "text": "Cannot change the content."}]}
    hal_server.answers("POST", "/contracts/publish", Answer(refusal, 409))

    run = tally_at(*PUBLISH)

    assert run.code == 1
    assert run.out.splitlines()[1].split() == ["Shop", "1", "Orders", "refused"]
    assert run.err == "Cannot change the content.\n"


@pytest.mark.usefixtures("pact_file")
def test_a_verification_has_a_line_for_each_interaction(tally, hal_server):
    run = tally("verify", "pact.json", "--provider-url", hal_server.base_url, "--output", "table")

    assert run.code == 1
    heading, line = run.out.splitlines()
    assert heading.split() == ["CONSUMER", "PROVIDER", "INTERACTION", "RESULT"]
    assert line.split()[:2] == ["Shop", "Orders"]
    assert line.endswith("failed")


@pytest.mark.usefixtures("pact_file")
def test_a_verification_is_json_on_one_line_or_indented(tally, hal_server):
    verify = ("verify", "pact.json", "--provider-url", hal_server.base_url, "--output")

    line, indented = tally(*verify, "json").out, tally(*verify, "pretty").out

    assert (line.count("\n"), json.loads(line)["exitCode"]) == (1, 1)
    assert json.loads(indented).keys() == json.loads(line).keys()
    assert indented.startswith("{\n  ")


@pytest.mark.usefixtures("pact_file")
def test_what_could_not_be_verified_leaves_the_table_out(tally, hal_server):
    run = tally("verify", "no-such.json", "--provider-url", hal_server.base_url, "--output", "table")

    assert (run.code, run.out) == (2, "")
    assert "no-such.json" in run.err


def test_a_plan_is_a_table_and_beside_it_the_no(tally_at, hal_server):
    link = {"tally:deploy-plan": {"href": hal_server.url("/deploy-plan")}}
    hal_server.answers("GET", "/", {"_links": link})
    steps = [{"pacticipant": "Orders", "version": "3"}]
    plan = ("deploy-plan", "-a", "Orders", "-e", "3", "--to-environment", "production", "-o", "table")
    hal_server.answers(
        *("GET", "/deploy-plan"),
        {"summary": {"possible": True}, "steps": steps, "blocked": []},
        {"summary": {"possible": False}, "steps": [], "blocked": []},
    )

    possible, impossible = tally_at(*plan), tally_at(*plan)

    assert [line.split() for line in possible.out.splitlines()] == [
        ["STEP", "APPLICATION", "VERSION"],
        ["1", "Orders", "3"],
    ]
    assert (possible.code, possible.err) == (0, "")
    assert len(impossible.out.splitlines()) == 1
    assert impossible.err == "No: every order breaks production at some step.\n"


@pytest.mark.parametrize(
    "question", [("can-i-deploy", *FOR_PRODUCTION), ("can-i-merge", "-a", "Shop", "-e", "3")]
)
def test_a_decision_is_a_table_and_beside_it_the_no(tally_at, hal_server, matrix, question):
    refused = answer(
        [row(hal_server, result=False)], deployable=False, notices=[("error", "It failed.")], failed=1
    )
    matrix.says(answer([row(hal_server, result=True)], deployable=True), refused)

    yes, no = tally_at(*question, "-o", "table"), tally_at(*question, "-o", "table")

    assert [line.split() for line in yes.out.splitlines()] == [
        ["CONSUMER", "VERSION", "PROVIDER", "VERSION", "RESULT"],
        ["Shop", "3", "Orders", "7", "verified"],
    ]
    assert (yes.code, yes.err, no.code) == (0, "", 1)
    assert len(no.out.splitlines()) == 2
    assert no.err.startswith("No: Shop 3 cannot be ")
    assert no.err.endswith("It failed.\n")


@pytest.mark.parametrize(("status", "result"), [(200, "published"), (409, "refused")])
def test_a_service_contract_is_a_row(tally_at, hal_server, tmp_path, status, result):
    link = {"tally:publish-service-contract": {"href": hal_server.url("/service-contracts")}}
    hal_server.answers("GET", "/", {"_links": link})
    told = {"notices": [{"type": "error", "text": "Why."}]}
    hal_server.answers("POST", "/service-contracts", Answer(told, status))
    contract = {"openapi": "3.0.0", "info": {"title": "Orders", "version": "1"}, "paths": {}}
    (tmp_path / "openapi.json").write_text(json.dumps(contract))

    run = tally_at(
        *("publish-service-contract", tmp_path / "openapi.json", "--service", "Orders"),
        *("--version", "1", "--output", "table"),
    )

    assert run.out.splitlines()[1].split() == ["Orders", "1", result], run
    assert run.err.endswith("Why.\n") is (status == 409)


def test_an_import_has_a_row_for_each_kind_and_tells_the_rest_beside_it(capsys):
    journal = Journal(Counter(pacts=2), Counter(), ["P"], ["R"])
    comparison = Comparison((Count("pacts", 2, 2),), 0, ())

    import_report.show(journal, comparison, "table", dry_run=False)

    printed = capsys.readouterr()
    heading, row = (line.split() for line in printed.out.splitlines())
    assert (heading, row[:3]) == (["WHAT", "SOURCE", "TARGET"], ["pacts", "2", "2"])
    assert printed.err.splitlines()[1:] == ["Note: R.", "Problem: P."]


def test_an_import_says_in_words_how_the_brokers_differ(capsys):
    journal = Journal(Counter(), Counter(), [], [])
    asked = DeploymentQuestion("Shop", "1", "production")
    comparison = Comparison((Count("pacts", None, 2),), 3, (Answers(asked, "yes", "no", "There is no pact"),))

    import_report.show(journal, comparison, "text", dry_run=False)

    printed = capsys.readouterr().out
    assert "not told" in printed
    assert "Can Shop 1 be deployed to production? Source: yes. Target: no. There is no pact." in printed
    assert "can-i-deploy: 2 of 3 answers agree." in printed
    assert printed.endswith("The brokers differ.\n")
