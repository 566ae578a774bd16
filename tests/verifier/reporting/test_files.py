"""Reports in files, beside the one on standard output."""

import json

from support.factories import a_pact


def test_several_reports_are_written_in_one_run(keeping, tally_verify, pact_file, tmp_path):
    files = {name: tmp_path / "new" / "folder" / name for name in ("json", "junit", "html")}
    options = [part for name, file in files.items() for part in (f"--{name}", file)]

    ended = tally_verify(pact_file(a_pact()), "--provider-url", keeping.url, *options)

    assert ended.exit_code == 0
    assert "Passed: 1 passed" in ended.stdout
    assert json.loads(files["json"].read_text())["summary"]["passed"] == 1
    assert files["junit"].read_text().startswith("<?xml")
    assert files["html"].read_text().startswith("<!DOCTYPE html>")


def test_a_file_that_cannot_be_written_is_said_before_anything_is_verified(
    keeping, tally_verify, pact_file, tmp_path
):
    ended = tally_verify(pact_file(a_pact()), "--provider-url", keeping.url, "--html", tmp_path)

    assert ended.exit_code == 2
    assert f"--html {tmp_path} cannot be written: Is a directory" in ended.stderr
    assert keeping.asked == []


def test_the_json_file_holds_what_standard_output_would(keeping, tally_verify, pact_file, tmp_path):
    file = tmp_path / "report.json"

    ended = tally_verify(
        pact_file(a_pact()), "--provider-url", keeping.url, "--output", "json", "--json", file
    )

    assert json.loads(file.read_text()) == ended.json


def test_a_reason_why_nothing_was_verified_is_in_the_files_too(tally_verify, tmp_path):
    report, page = tmp_path / "r.json", tmp_path / "r.html"

    ended = tally_verify(
        "none.json", "--provider-url", "http://localhost:1", "--json", report, "--html", page
    )

    assert ended.exit_code == 2
    assert "there is no such file" in json.loads(report.read_text())["error"]
    assert "there is no such file" in page.read_text()
