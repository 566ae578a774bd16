"""SIGHUP: the file of settings is read anew, as a whole or not at all."""

import os
import pty
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from cryptography.fernet import Fernet
from support.factories import a_publication
from support.metrics import fallen, samples
from support.receivers import wait_until
from support.serving import PATIENCE, TALLY, free_port, started

OLD, NEW = "Wk3nq8ZtYb5vRw2L", "Zk3nq8ZtYb5vRw2L"
TAKE_THE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
QUESTION = "/can-i-deploy?pacticipant=Shop&version=1&environment=production"
WAITING = ("tally_answers_held", "tally_pages_listening")
TOKENS = "api_tokens: ci:write:{}\n"
CERTIFICATE = Path(__file__).parents[2] / "data/tls/localhost.pem"


class Reloaded:
    """A process that reads its settings from a file, and what it logs about that."""

    def __init__(self, process, conf, log):
        self._process = process
        self._conf = conf
        self._log = log

    def with_file(self, text):
        """Write the file, send SIGHUP, and return the lines that the process logs then."""
        self._conf.write_text(text)
        return self._lines_of_a_signal()

    def with_pipe(self):
        """Have a pipe that nobody writes to in place of the file while SIGHUP comes; return the lines."""
        self._conf.unlink()
        os.mkfifo(self._conf)
        try:
            return self._lines_of_a_signal()
        finally:
            self._conf.unlink()

    def _lines_of_a_signal(self):
        before = len(self._lines())
        self._process.send_signal(signal.SIGHUP)
        wait_until(lambda: len(self._lines()) > before, patience=PATIENCE)
        return " ".join(self._lines()[before:])

    def _lines(self):
        return [line for line in self._log.read_text().splitlines() if "SIGHUP" in line]


def answers(url):
    try:
        return requests.get(url, timeout=PATIENCE).ok
    except requests.ConnectionError:
        return False


def status(url, token, path="/"):
    return requests.get(
        url + path, headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE
    ).status_code


@contextmanager
def waiting(url, token):
    """Ask what is held back, and listen as a page does; yield futures of the answer and of all events."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"
    session.post(f"{url}/contracts/publish", json=a_publication(), timeout=PATIENCE).raise_for_status()
    events = {"Accept": "text/event-stream"}
    with ThreadPoolExecutor() as pool:
        question = pool.submit(session.get, f"{url}{QUESTION}&wait=60", timeout=90)
        page = pool.submit(lambda: session.get(f"{url}/live", headers=events, timeout=90).text)
        wait_until(lambda: {samples(scraped(url, token)).get((name, ())) for name in WAITING} == {1})
        yield question, page


def test_a_running_broker_takes_new_settings_as_a_whole_or_not_at_all(database_url, tmp_path):
    conf, log = tmp_path / "tally.yml", tmp_path / "log"
    conf.write_text(TOKENS.format(OLD))
    key = Fernet.generate_key().decode()
    environment = {"TALLY_CONF": str(conf), "TALLY_HOST": "0.0.0.0"}  # noqa: S104 - it asks for credentials
    with started(database_url, log, environment=environment, is_forked=True) as (url, process):
        reloaded = Reloaded(process, conf, log)

        refused = {
            text: reloaded.with_file(TOKENS.format(NEW) + text)
            for text in (
                "nonsense: [\n",
                "threads: many\n",
                "api_tokns: x\n",
                "webhook_proxy: nowhere\n",
                "secrets_key: tooshort\n",
                "database_clean_interval: 0\n",
                'user_agent: "a\\0b"\n',
            )
        }
        open_to_all = reloaded.with_file("log_level: info\n")
        not_a_file = reloaded.with_pipe()
        after_refusals = [status(url, token) for token in (OLD, NEW)]
        with waiting(url, OLD) as (question, page):
            taken = reloaded.with_file(
                TOKENS.format(NEW)
                + f"threads: 9\nlog_level: debug\nsecrets_key: {key}\nwebhook_host_whitelist: ci\n"
                "access_log: true\n"
            )
            held = question.result(PATIENCE).status_code
            events = page.result(PATIENCE)
        no_line_before = "broker.access" not in log.read_text()
        after_change = [status(url, token) for token in (OLD, NEW)]
        wait_until(lambda: log.read_text().count("broker.access") == 2, patience=PATIENCE)
        same = reloaded.with_file(conf.read_text().replace("threads: 9", "threads: 4"))
        browser = {"Authorization": f"Bearer {NEW}", "Accept": "text/html"}
        shown = requests.get(url + "/settings", headers=browser, timeout=PATIENCE)

    assert {text for text, line in refused.items() if "settings stay as they are" not in line} == set()
    assert "see line 3" in refused["nonsense: [\n"]
    assert "TALLY_THREADS" in refused["threads: many\n"]
    assert "TALLY_API_TOKENS" in refused["api_tokns: x\n"]
    assert "TALLY_SECRETS_KEY" in refused["secrets_key: tooshort\n"]
    assert "TALLY_USER_AGENT" in refused['user_agent: "a\\0b"\n']
    assert "could write to this broker" in open_to_all
    assert "which is no file" in not_a_file
    assert after_refusals == [200, 401]
    assert "in force of TALLY_LOG_LEVEL, TALLY_ACCESS_LOG, TALLY_API_TOKENS" in taken
    assert "TALLY_WEBHOOK_HOST_WHITELIST" in taken
    assert "TALLY_SECRETS_KEY" in taken
    assert "wait for a restart of TALLY_THREADS" in taken
    assert no_line_before
    assert after_change == [401, 200]
    assert held == 401
    assert "retry:" in events
    assert "no setting has changed" in same
    assert shown.status_code == 200
    assert not any(secret in log.read_text() for secret in (OLD, NEW, key, "tooshort"))


def scraped(url, token):
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/plain"}
    return requests.get(f"{url}/metrics", headers=headers, timeout=PATIENCE).text


def listed(text):
    """Return how many requests for the list of applications were answered with 200."""
    labels = (("method", "GET"), ("route", "/pacticipants"), ("status", "200"))
    return samples(text).get(("tally_request_duration_seconds_count", labels), 0)


def test_counters_go_on_when_settings_change(database_url, tmp_path):
    conf, log = tmp_path / "tally.yml", tmp_path / "log"
    conf.write_text(TOKENS.format(OLD))
    environment = {"TALLY_CONF": str(conf)}
    with started(database_url, log, environment=environment, is_forked=True) as (url, process):
        for _ in range(3):
            status(url, OLD, "/pacticipants")
        before = scraped(url, OLD)
        Reloaded(process, conf, log).with_file(TOKENS.format(NEW) + f"webhook_certificates: {CERTIFICATE}\n")
        status(url, NEW, "/pacticipants")
        after = scraped(url, NEW)

    assert (listed(before), listed(after)) == (3, 4)
    assert fallen(before, after) == set()
    for name in ("tally_sql_statements_total", "tally_sql_seconds_total"):
        key = (name, (("kind", "select"),))
        assert samples(after)[key] > samples(before)[key]
    end = ("tally_certificate_expires_timestamp_seconds", (("file", str(CERTIFICATE)),))
    assert end not in samples(before)
    assert samples(after)[end] > 0


def test_without_a_file_a_broker_goes_on_and_says_that_there_is_nothing_to_read(database_url, tmp_path):
    log = tmp_path / "log"
    with started(database_url, log, is_forked=True) as (url, process):
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: "nothing to read anew" in log.read_text(), patience=PATIENCE)

        assert requests.get(url, timeout=PATIENCE).status_code == 200


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_measurements_of_a_process_that_just_starts_are_none_yet(database_url, tmp_path):
    environment = {"TALLY_API_TOKENS": f"ci:write:{OLD}", "TALLY_WORKERS": "2", "TMPDIR": str(tmp_path)}
    with started(database_url, tmp_path / "log", environment=environment) as (url, _):
        (folder,) = tmp_path.glob("tally-measurements-*")
        (folder / "counter_server-3.db").touch()
        status(url, OLD, "/pacticipants")

        assert listed(scraped(url, OLD)) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_all_processes_take_the_same_settings(database_url, tmp_path):
    conf, log = tmp_path / "tally.yml", tmp_path / "log"
    conf.write_text(TOKENS.format(OLD))
    environment = {"TALLY_CONF": str(conf), "TALLY_WORKERS": "2"}
    with started(database_url, log, environment=environment) as (url, process):
        for _ in range(12):
            status(url, OLD, "/pacticipants")
        before = scraped(url, OLD)

        Reloaded(process, conf, log).with_file(TOKENS.format(NEW))

        def statuses(token):
            return {status(url, token) for _ in range(12)}

        wait_until(lambda: statuses(NEW) == {200}, patience=PATIENCE)
        wait_until(lambda: statuses(OLD) <= {401, 429}, patience=PATIENCE)  # 429: after ten in one process
        after = scraped(url, NEW)

    assert listed(before) == listed(after) == 12
    assert fallen(before, after) == set()


def test_a_broker_ends_with_its_terminal(database_url, tmp_path):
    ours, theirs = pty.openpty()
    port, log = free_port(), tmp_path / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", TAKE_THE_TERMINAL, str(TALLY), "serve"],
            env={**os.environ, "TALLY_DATABASE_URL": database_url, "TALLY_PORT": str(port)},
            stdin=theirs,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    os.close(theirs)
    wait_until(lambda: answers(f"http://127.0.0.1:{port}"), patience=PATIENCE)

    os.close(ours)

    assert process.wait(PATIENCE) == 0
