"""`tally-health`: what it asks, what it says, and what it costs. The servers here are sockets of the test."""

import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.serving import free_port

from tally import health_check

SCRIPT = Path(health_check.__file__)
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


def health(*options, **environment):
    """Run it as a container does, with these settings alone."""
    command = [sys.executable, SCRIPT, *options]
    kept = {
        name: text for name, text in os.environ.items() if not name.startswith(("TALLY_", "PACT_BROKER_"))
    }
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=30, env={**kept, **environment}
    )


@contextmanager
def answering(*parts, host="127.0.0.1", pause=0.0):
    """Answer each connection with these bytes; yield the port and the first lines that were asked."""
    asked = []

    def answer_all():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return  # the test is over
            with connection:
                asked.append(connection.recv(1000).partition(b"\r\n")[0].decode())
                for part in parts:
                    time.sleep(pause)
                    try:
                        connection.sendall(part)
                    except OSError:
                        break  # who asked has gone

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listener:
        thread = threading.Thread(target=answer_all)
        thread.start()
        yield str(listener.getsockname()[1]), asked
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_broker_that_answers_is_alive():
    with answering(OK) as (port, asked):
        done = health(TALLY_PORT=port)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert asked == ["GET /health/live HTTP/1.1"]


def test_an_answer_may_come_in_pieces():
    with answering(b"HTTP/1.1 2", b"00 OK\r", b"\n\r\n", pause=0.01) as (port, _):
        assert health(TALLY_PORT=port).returncode == 0


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", "'HTTP/1.1 503 Service Unavailable'"),
        (b"HTTP/1.1 401 Unauthorized\r\n\r\n", "'HTTP/1.1 401 Unauthorized'"),
        (b"", "''"),
        (b"SSH-2.0-x\xff\x1b[31m\r\n", r"'SSH-2.0-x\xff\x1b[31m'"),
        (b"x" * 1024, f"'{'x' * 1024}'"),  # no more is read
    ],
)
def test_any_other_answer_is_said(answer, says):
    with answering(answer) as (port, _):
        done = health(TALLY_PORT=port)

    assert done.returncode == 1
    assert done.stderr == f"tally-health: http://127.0.0.1:{port}/health/live answers {says} instead of 200\n"


def test_nobody_who_listens_is_said():
    port = free_port()

    done = health(TALLY_PORT=str(port))

    assert done.returncode == 1
    assert done.stderr.startswith(f"tally-health: http://127.0.0.1:{port}/health/live gives no answer: ")
    assert "refused" in done.stderr


def test_an_answer_that_trickles_is_given_up_in_time(monkeypatch):
    monkeypatch.setattr(health_check, "SECONDS", 0.2)
    with answering(*[b"H"] * 100, pause=0.05) as (port, _):
        monkeypatch.setenv("TALLY_PORT", port)
        began = time.monotonic()

        complaint = health_check.complaint("PORT", "9292")

        assert time.monotonic() - began < 2
    assert complaint.endswith("gives no answer: timed out")


@pytest.mark.parametrize(
    ("host", "listens"),
    [
        ("0.0.0.0", "127.0.0.1"),  # noqa: S104 - as in a container
        ("127.0.0.2", "127.0.0.2"),
        ("localhost", "127.0.0.1"),
        ("::", "::1"),
        ("::1", "::1"),
        ("", "127.0.0.1"),
    ],
)
def test_the_address_is_the_one_that_the_broker_listens_on(host, listens):
    with answering(OK, host=listens) as (port, asked):
        done = health(TALLY_HOST=host, TALLY_PORT=port)

    assert (done.returncode, done.stderr) == (0, "")
    assert len(asked) == 1


def test_an_address_of_version_6_is_written_as_one():
    assert "http://[::1]:1/health/live gives no answer" in health(TALLY_HOST="::", TALLY_PORT="1").stderr


def test_the_variables_of_a_pact_broker_count_as_well():
    with answering(OK) as (port, _):
        assert health(PACT_BROKER_PORT=port).returncode == 0
        assert health(TALLY_PORT=port, PACT_BROKER_PORT="1").returncode == 0
        assert health(PACT_BROKER_PORT_ENVIRONMENT_VARIABLE_NAME="PORT", PORT=port).returncode == 0


@pytest.mark.parametrize("port", ["http", "-1", "65536", "tcp://10.0.0.1:80", "80 ", "1e3"])
def test_a_port_that_is_none_is_said(port):
    done = health(TALLY_PORT=port)

    assert done.returncode == 1
    assert done.stderr == f"tally-health: TALLY_PORT must be a port, not {port!r}\n"


@pytest.mark.parametrize("host", ["a..b", "ä", "x" * 300, "300.1.1.1.1", "[::1]", "http://localhost"])
def test_a_host_that_cannot_be_is_said_in_one_line(host):
    done = health(TALLY_HOST=host, TALLY_PORT="1")

    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "gives no answer" in line


def test_where_no_server_answers_a_worker_is_asked():
    with answering(OK) as (port, asked):
        done = health(TALLY_WORKER_HEALTH_PORT=port, TALLY_PORT=str(free_port()))

    assert (done.returncode, done.stderr) == (0, "")
    assert asked == ["GET /health/live HTTP/1.1"]


def test_where_a_server_answers_no_worker_is_asked():
    with answering(OK) as (port, _), answering(OK) as (of_worker, asked):
        assert health(TALLY_WORKER_HEALTH_PORT=of_worker, TALLY_PORT=port).returncode == 0

    assert asked == []


def test_where_neither_answers_both_are_named():
    ports = [str(free_port()) for _ in range(2)]

    done = health(TALLY_PORT=ports[0], TALLY_WORKER_HEALTH_PORT=ports[1])

    assert done.returncode == 1
    assert all(f":{port}/health/live gives no answer" in done.stderr for port in ports)


def test_a_worker_that_hangs_is_not_alive():
    with answering(b"HTTP/1.1 503 Service Unavailable\r\n\r\n") as (port, _):
        done = health(TALLY_PORT=str(free_port()), TALLY_WORKER_HEALTH_PORT=port)

    assert done.returncode == 1
    assert "answers 'HTTP/1.1 503 Service Unavailable' instead of 200" in done.stderr


def test_a_port_of_the_worker_that_is_none_is_said():
    done = health(TALLY_PORT=str(free_port()), TALLY_WORKER_HEALTH_PORT="nine")

    assert done.returncode == 1
    assert "TALLY_WORKER_HEALTH_PORT must be a port, not 'nine'" in done.stderr


def test_options_are_refused():
    done = health("--help")

    assert done.returncode == 1
    assert done.stderr.startswith("tally-health takes no options")


def test_it_imports_socket_and_nothing_else():
    with answering(OK) as (port, _):
        loaded = imported(SCRIPT, TALLY_PORT="1", TALLY_WORKER_HEALTH_PORT=port)

    assert "socket" in loaded
    assert loaded - imported("-c", "import socket") == set()


def imported(*command, **environment):
    """Return the modules that the interpreter of a health check imports, those of its start among them."""
    words = [sys.executable, "-I", "-S", "-X", "importtime", *command]
    done = subprocess.run(
        words, capture_output=True, text=True, check=True, env={**os.environ, **environment}
    )
    return {
        line.rpartition("|")[2].strip()
        for line in done.stderr.splitlines()
        if line.startswith("import time:")
    }
