"""What GitHub Actions is told."""

from pathlib import Path

import pytest
from support.factories import a_pact, an_interaction

from verifier.reporting.github import MOST_ANNOTATIONS, MOST_ROWS, command

LOST = {"id": 1, "status": "lost"}


def annotations(ended):
    return [line for line in ended.stderr.splitlines() if line.startswith("::")]


def test_a_failure_annotates_the_file_of_its_pact(provider, tally_verify, pact_file, tmp_path, monkeypatch):
    provider.on("GET", "/orders/1", LOST)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))

    ended = tally_verify(pact_file(a_pact()), "--provider-url", provider.url, "--github")

    (annotation,) = annotations(ended)
    assert annotation == (
        "::error file=pact.json,"
        "title=Pact between Shop and Orders%3A a request for order 1%2C given an order exists (id=1)::"
        'Expected "paid" at $.status, but got "lost"'
    )


def test_github_actions_is_told_by_itself_unless_told_not_to(provider, tally_verify, pact_file, monkeypatch):
    pact = pact_file(a_pact())
    elsewhere = tally_verify(pact, "--provider-url", provider.url)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    there = tally_verify(pact, "--provider-url", provider.url, "--output", "json")
    quiet = tally_verify(pact, "--provider-url", provider.url, "--no-github")

    assert (annotations(elsewhere), len(annotations(there)), annotations(quiet)) == ([], 1, [])
    assert there.json["exitCode"] == 1


def test_no_more_errors_are_written_than_github_shows(provider, tally_verify, pact_file):
    interactions = (an_interaction(f"number {number}") for number in range(MOST_ANNOTATIONS + 5))

    ended = tally_verify(pact_file(a_pact(*interactions)), "--provider-url", provider.url, "--github")

    assert len(annotations(ended)) == MOST_ANNOTATIONS


def test_what_could_not_run_is_an_error_too(tally_verify):
    ended = tally_verify("none.json", "--provider-url", "http://localhost:1", "--github")

    assert annotations(ended) == [
        "::error title=tally verify could not run::none.json: there is no such file or folder."
    ]


def test_a_command_escapes_what_would_end_it():
    assert command("error", "50 %\r\nof: a, b", title="a: b, c%") == (
        "::error title=a%3A b%2C c%25::50 %25%0D%0Aof: a, b"
    )


@pytest.mark.parametrize("text", ["x\n::error::forged", "x\n   ::set-output name=a::b", "x\n##[error]forged"])
def test_a_contract_cannot_write_commands_of_its_own(provider, tally_verify, pact_file, text):
    provider.on("GET", "/orders/1", text.encode(), Content_Type="text/plain")

    ended = tally_verify(pact_file(a_pact(an_interaction(text))), "--provider-url", provider.url, "--github")

    forged = [line for line in ended.stdout.splitlines() if line.lstrip().startswith(("::", "##["))]
    assert forged == []
    assert len(annotations(ended)) == 1


@pytest.fixture
def summary(tmp_path, monkeypatch):
    file = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    return file


def test_the_summary_of_the_step_has_a_table_of_what_did_not_pass(provider, tally_verify, pact_file, summary):
    provider.on("GET", "/orders/1", LOST)
    summary.write_text("before\n")

    tally_verify(
        pact_file(a_pact(an_interaction("a | <b>"))), "--provider-url", provider.url, "--max-p95", "0"
    )

    text = summary.read_text()
    assert text.startswith("before\n## ❌ tally verify\n")
    assert "0 passed, 1 failed" in text
    assert "- Budget exceeded&#58; the 95th percentile" in text
    (row,) = [line for line in text.splitlines() if line.startswith("| ❌")]
    assert "a &#124; &#60;b&#62;, given an order exists" in row
    assert row.count("|") == 5


def test_the_summary_of_a_run_that_passes_is_short(keeping, tally_verify, pact_file, summary):
    tally_verify(pact_file(a_pact()), "--provider-url", keeping.url)

    assert summary.read_text().startswith("## ✅ tally verify\n")
    assert "|" not in summary.read_text()


def test_the_summary_says_why_nothing_was_verified(tally_verify, summary):
    tally_verify("none.json", "--provider-url", "http://localhost:1")

    assert "could not run" in summary.read_text()
    assert "none.json" in Path(summary).read_text()


def test_a_long_summary_is_cut_and_says_so(provider, tally_verify, pact_file, summary):
    interactions = (an_interaction(f"number {number}") for number in range(MOST_ROWS + 5))

    tally_verify(pact_file(a_pact(*interactions)), "--provider-url", provider.url)

    assert summary.read_text().count("| ❌") == MOST_ROWS
    assert "… and 5 more." in summary.read_text()


def test_a_pact_outside_the_repository_is_not_annotated_as_a_file(
    provider, tally_verify, pact_file, tmp_path, monkeypatch
):
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "elsewhere"))

    ended = tally_verify(pact_file(a_pact()), "--provider-url", provider.url, "--github")

    assert annotations(ended)[0].startswith("::error title=")
