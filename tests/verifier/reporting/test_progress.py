"""The progress bar of long runs, on a terminal."""

import os
import pty
import subprocess
import sys

import pytest
from support.factories import a_pact, an_interaction
from support.serving import TALLY

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")


def on_terminal(*arguments):
    """Call `tally verify` with a terminal for its output, and return what it shows."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    command = [TALLY, "verify", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 65536):
            shown += chunk
    except OSError:  # Linux says so at the end
        pass
    process.wait()
    os.close(ours)
    return shown.decode()


def many(count):
    return a_pact(*(an_interaction(f"number {number}", providerStates=[]) for number in range(count)))


def test_a_long_run_on_a_terminal_shows_its_progress_below_its_lines(keeping, pact_file):
    shown = on_terminal(pact_file(many(60)), "--provider-url", keeping.url)

    assert "Verifying" in shown
    assert "60/60" in shown
    results, _ = shown.split("Durations:")  # the slowest are named once more below it
    assert results.count("number 59") == 1
    assert shown.rindex("Passed") > shown.rindex("60/60")
    assert shown.endswith("\x1b[?25h") or shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")


def test_a_short_run_shows_none(keeping, pact_file):
    assert "Verifying" not in on_terminal(pact_file(many(5)), "--provider-url", keeping.url)


def test_there_is_none_in_a_file(keeping, tally_verify, pact_file):
    ended = tally_verify(pact_file(many(60)), "--provider-url", keeping.url)

    assert "Verifying" not in ended.stdout + ended.stderr


def test_a_run_that_cannot_begin_leaves_the_terminal_as_it_was(unused_address, pact_file):
    shown = on_terminal(pact_file(many(60)), "--provider-url", unused_address)

    assert "could not be reached" in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")
