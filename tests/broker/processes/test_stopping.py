"""SIGTERM: ready says no for a time, requests are answered meanwhile, and a second signal hurries."""

import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from support.factories import a_publication
from support.receivers import wait_until
from support.serving import PATIENCE, TALLY, free_port, started

READY, LIVE = "/health/ready", "/health/live"
HALF_A_REQUEST = (
    b"PUT /pacticipants/Shop HTTP/1.1\r\nHost: broker\r\n"
    b"Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
)


def get(url):
    return requests.get(url, timeout=PATIENCE)


def test_requests_are_answered_until_the_delay_is_over(database_url, tmp_path):
    environment = {"TALLY_STOP_DELAY_SECONDS": "1"}
    with started(database_url, tmp_path / "log", environment=environment, is_forked=True) as (url, process):
        with requests.Session() as session:
            before = session.get(url + LIVE, timeout=PATIENCE)
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            wait_until(lambda: get(url + READY).status_code == 503, patience=PATIENCE)
            meanwhile = session.post(url + "/contracts/publish", json=a_publication(), timeout=PATIENCE)
            alive = get(url + LIVE)
            otherwise = [
                get(url + READY + "?wait=1"),
                requests.get(url + READY, headers={"Accept": "text/event-stream"}, timeout=PATIENCE),
            ]
        code = process.wait(PATIENCE)
        seconds = time.monotonic() - began

    assert "Connection" not in before.headers
    assert (meanwhile.status_code, meanwhile.headers["Connection"]) == (200, "close")
    assert alive.status_code == 200
    assert [answer.status_code for answer in otherwise] == [503, 503]
    assert code == 0
    assert seconds >= 1


def test_a_second_signal_ends_the_delay(database_url, tmp_path):
    environment = {"TALLY_STOP_DELAY_SECONDS": "600"}
    with started(database_url, tmp_path / "log", environment=environment, is_forked=True) as (url, process):
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: get(url + READY).status_code == 503, patience=PATIENCE)
        process.send_signal(signal.SIGTERM)

        assert process.wait(PATIENCE) == 0


def test_a_second_signal_after_the_delay_ends_the_wait_for_requests_under_way(database_url, tmp_path):
    environment = {"TALLY_STOP_SECONDS": "600"}
    with started(database_url, tmp_path / "log", environment=environment, is_forked=True) as (url, process):
        address = urlsplit(url)
        with socket.create_connection((address.hostname, address.port), timeout=PATIENCE) as under_way:
            under_way.sendall(HALF_A_REQUEST)
            assert get(url + LIVE).status_code == 200  # so that its headers have been read
            process.send_signal(signal.SIGTERM)
            wait_until(lambda: not _is_open(address), patience=PATIENCE)
            is_waiting = process.poll() is None
            process.send_signal(signal.SIGTERM)
            answer = b"".join(iter(lambda: under_way.recv(65_536), b""))
        code = process.wait(PATIENCE)

    assert is_waiting
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"The broker stops. Try again." in answer
    assert code == 0


def _is_open(address):
    try:
        socket.create_connection((address.hostname, address.port), timeout=PATIENCE).close()
    except ConnectionRefusedError:
        return False
    return True


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_several_processes_wait_together_and_hurry_together(database_url, tmp_path):
    environment = {"TALLY_STOP_DELAY_SECONDS": "600", "TALLY_WORKERS": "2"}
    with started(database_url, tmp_path / "log", environment=environment) as (url, process):
        children = _children(process.pid)
        for pid in (process.pid, *children):  # as systemd does, which tells the whole group
            os.kill(pid, signal.SIGTERM)
        wait_until(lambda: {get(url + READY).status_code for _ in range(8)} == {503}, patience=PATIENCE)
        published = requests.post(url + "/contracts/publish", json=a_publication(), timeout=PATIENCE)
        process.send_signal(signal.SIGINT)
        code = process.wait(PATIENCE)

    assert published.status_code == 200
    assert code == 0


def _children(pid):
    return [*map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def test_a_worker_has_a_port_for_probes_and_takes_new_settings(database_url, tmp_path):
    log, conf = tmp_path / "log", tmp_path / "tally.yml"
    conf.write_text("log_level: info\n")
    with _worker(database_url, log, TALLY_CONF=str(conf)) as (url, process, environment):
        answers = [get(url + path) for path in (READY, LIVE, "/", "/health/live/x")]
        refused = requests.post(url + READY, timeout=PATIENCE)
        head = requests.head(url + READY, timeout=PATIENCE)
        conf.write_text("user_agent: other\n")
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: "in force of TALLY_USER_AGENT" in log.read_text(), patience=PATIENCE)
        conf.write_text("log_level: loud\n")
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: "the settings stay as they are" in log.read_text(), patience=PATIENCE)
        conf.write_text("")
        second = subprocess.run(
            [TALLY, "worker"], env=environment, capture_output=True, text=True, check=False
        )

    assert [answer.status_code for answer in answers] == [200, 200, 404, 404]
    assert [answer.json() for answer in answers[:2]] == [{"ok": True}, {"ok": True}]
    assert (refused.status_code, head.status_code, head.content) == (405, 200, b"")
    assert "Choose another TALLY_WORKER_HEALTH_PORT" in second.stderr
    assert (second.returncode, process.returncode) == (2, 0)


@contextmanager
def _worker(database_url, log, **environment):
    port = free_port()
    given = {"TALLY_DATABASE_URL": database_url, "TALLY_WORKER_HEALTH_PORT": str(port)}
    environment = {**os.environ, **given, **environment}
    with log.open("w") as output:
        process = subprocess.Popen([TALLY, "worker"], env=environment, stdout=output, stderr=output)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(url + READY), patience=PATIENCE)
        yield url, process, environment
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _answers(url):
    try:
        return get(url).status_code == 200
    except requests.ConnectionError:
        return False
