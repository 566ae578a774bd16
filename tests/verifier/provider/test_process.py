"""A provider that is started for the run, and stopped at its end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.factories import a_pact, an_interaction
from support.serving import TALLY

PROVIDER = """
import http.server, json, os, pathlib, subprocess, sys, time

port, pids = int(sys.argv[1]), pathlib.Path(sys.argv[2])
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pids.write_text(f"{os.getpid()} {child.pid}")

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/slow":
            time.sleep(20)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps({"id": 1, "status": "paid"}).encode())

    def log_message(self, *_):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


@pytest.fixture
def startable(tmp_path, free_address):
    """A command that starts a provider with a child, and where it is then."""
    script = tmp_path / "provider.py"
    script.write_text(PROVIDER)
    port = free_address.rpartition(":")[2]
    return f"{sys.executable} {script} {port} {tmp_path / 'pids'}", free_address


def living(tmp_path):
    """Return which of the provider's two processes are still there a second later; a zombie is not."""
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    until = time.monotonic() + 1
    while any(map(is_alive, pids)) and time.monotonic() < until:
        time.sleep(0.02)
    return [pid for pid in pids if is_alive(pid)]


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


def test_a_provider_is_started_and_stopped_with_all_that_it_started(
    startable, tally_verify, pact_file, tmp_path
):
    command, address = startable

    ended = tally_verify(pact_file(a_pact()), "--provider-url", address, "--start", command)

    assert ended.exit_code == 0, ended
    assert living(tmp_path) == []


def test_a_command_that_ends_at_once_shows_what_it_wrote(tally_verify, pact_file, unused_address):
    start = ("--start", "echo no such table: orders; exit 3")

    ended = tally_verify(pact_file(a_pact()), "--provider-url", unused_address, *start)

    assert ended.exit_code == 2
    assert "ended with exit code 3 before it responded" in ended.stderr
    assert "no such table: orders" in ended.stderr


def test_a_provider_that_never_answers_is_given_up(tally_verify, pact_file, unused_address):
    start = ("--start", "echo waiting; sleep 30", "--start-timeout", "0.3")

    ended = tally_verify(pact_file(a_pact()), "--provider-url", unused_address, *start)

    assert ended.exit_code == 2
    assert "did not respond within 0.3 s (--start-timeout)" in ended.stderr
    assert "waiting" in ended.stderr


def test_what_answers_already_is_not_taken_for_the_provider(keeping, tally_verify, pact_file):
    ended = tally_verify(pact_file(a_pact()), "--provider-url", keeping.url, "--start", "sleep 30")

    assert ended.exit_code == 2
    assert f"Something already responds at {keeping.url}" in ended.stderr


def test_waiting_for_needs_something_to_wait_for(keeping, tally_verify, pact_file):
    ended = tally_verify(
        pact_file(a_pact()), "--provider-url", keeping.url, "--wait-for", f"{keeping.url}/health"
    )

    assert ended.exit_code == 2
    assert "--wait-for needs --start" in ended.stderr


def interruptible(words):
    """Start a process that Ctrl-C ends, also where these tests run in the background, which ignores it."""
    return subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads matter
    )


def wait_for_a_result(process):
    assert any("✓" in line for line in iter(process.stdout.readline, "")), "the run ended before"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_run_with_its_report_and_without_the_provider(
    startable, pact_file, tmp_path, number
):
    command, address = startable
    slow = an_interaction("takes long", request={"method": "GET", "path": "/slow"})
    path = pact_file(a_pact(an_interaction(), slow, an_interaction("never asked")))
    words = [TALLY, "verify", path, "--provider-url", address, "--start", command]
    with interruptible(words) as process:
        wait_for_a_result(process)
        time.sleep(0.2)
        process.send_signal(number)
        interrupted = time.perf_counter()
        output = process.stdout.read()

    assert process.returncode == 2
    assert time.perf_counter() - interrupted < 1
    assert "1 passed" in output
    assert "2 interactions were not replayed. The run was interrupted." in output
    assert living(tmp_path) == []


def test_an_interrupt_does_not_wait_for_a_provider_that_will_not_end(startable, pact_file, tmp_path):
    command, address = startable
    path = pact_file(
        a_pact(an_interaction(), an_interaction("slow", request={"method": "GET", "path": "/slow"}))
    )
    words = [TALLY, "verify", path, "--provider-url", address, "--start", f"trap '' TERM; {command}"]
    with interruptible(words) as process:
        wait_for_a_result(process)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        interrupted = time.perf_counter()
        process.stdout.read()

    assert time.perf_counter() - interrupted < 1
    assert living(tmp_path) == []


DYING = """
import http.server, os, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/crash":
            print("out of memory", flush=True)
            os._exit(7)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"id": 1, "status": "paid"}')

    def log_message(self, *_):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def test_a_provider_that_ends_during_the_run_is_reported_with_what_it_wrote(
    tally_verify, pact_file, tmp_path, free_address
):
    script = tmp_path / "provider.py"
    script.write_text(DYING)
    crash = an_interaction("crash", request={"method": "POST", "path": "/crash"}, providerStates=[])
    crash["request"]["method"] = "GET"
    pact = a_pact(
        an_interaction("before"), crash, *(an_interaction(f"after {number}") for number in range(9))
    )
    start = ("--start", f"{sys.executable} {script} {free_address.rpartition(':')[2]}")

    ended = tally_verify(
        pact_file(pact), "--provider-url", free_address, *start, "--output", "json", "--concurrency", "1"
    )

    assert ended.exit_code == 1
    (problem,) = ended.json["problems"]
    assert "The provider ended with 7 during the run" in problem
    assert "out of memory" in problem
    assert ended.json["summary"]["not-checked"] >= 8


def test_a_provider_that_ends_before_the_first_request_is_reported_too(
    tally_verify, pact_file, tmp_path, free_address
):
    script = tmp_path / "provider.py"
    script.write_text(DYING.replace('self.path == "/crash"', 'self.path != "/"'))
    start = ("--start", f"{sys.executable} {script} {free_address.rpartition(':')[2]}")

    ended = tally_verify(pact_file(a_pact()), "--provider-url", free_address, *start)

    assert "The provider ended with 7 during the run" in ended.stdout + ended.stderr
    assert "out of memory" in ended.stdout + ended.stderr
