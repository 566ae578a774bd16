"""With TALLY_LOG_FORMAT=json, each line that a program of the broker writes is one JSON object."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from support.receivers import wait_until
from support.serving import TALLY, free_port, serving

JSON = {"TALLY_LOG_FORMAT": "json"}
ALWAYS = {"timestamp", "level", "logger", "message"}


def lines_of(text):
    found = [json.loads(line) for line in text.splitlines()]
    assert [line for line in found if not line.keys() >= ALWAYS] == []
    return found


def run(*words, program=TALLY, **environment):
    """Run a command to its end; return its code, what it wrote to stdout, and the lines of its log."""
    finished = subprocess.run(
        [program, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, **JSON, **environment},
    )
    return finished.returncode, finished.stdout, lines_of(finished.stderr)


def the_only_error(*words, **environment):
    code, written, lines = run(*words, **environment)
    assert (code, written) == (2, "")
    [line] = [line for line in lines if line["level"] == "error"]
    return line["message"]


def test_a_server_says_where_it_is_in_a_line_of_its_log(tmp_path):
    log = tmp_path / "log"
    environment = JSON | {"PACT_BROKER_LOG_DIR": "/tmp", "TALLY_LOG_LEVEL": "debug"}  # noqa: S108 - ignored

    with serving(f"sqlite:///{tmp_path}/x.sqlite3", log, environment=environment) as url:
        requests.get(url, timeout=30)

    first, second, *_ = lines_of(log.read_text())
    assert (first["level"], first["message"]) == (
        "warning",
        "PACT_BROKER_LOG_DIR is ignored: the log goes to standard error.",
    )
    assert second["message"].startswith("The broker is at http://127.0.0.1:")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_each_of_several_processes_logs_so(database_url, tmp_path):
    log = tmp_path / "log"
    environment = JSON | {"TALLY_WORKERS": "2", "TALLY_LOG_LEVEL": "debug"}
    with serving(database_url, log, environment=environment) as url:
        requests.get(url, timeout=30)
        wait_until(lambda: log.read_text().count("Listening on") == 2)
        wait_until(lambda: "Sending webhooks as process" in log.read_text())

    lines = lines_of(log.read_text())
    assert sum("unning on" in line["message"] or "broker is at" in line["message"] for line in lines) == 1


@pytest.mark.parametrize(
    ("words", "environment", "says"),
    [
        (["serve"], {"TALLY_PORT": "often"}, "TALLY_PORT must be a whole number, not 'often'"),
        (["serve"], {"TALLY_PROT": "1"}, "there is no setting TALLY_PROT. Did you mean TALLY_PORT?"),
        (["serve", "--port", "often"], {}, "Invalid value for '-p' / '--port'"),
        (["serve", "--host", "--port", "1"], {}, "--host has no value: '--port' follows it"),
        (["serve"], {"TALLY_CONF": "/no/such/file"}, "TALLY_CONF names /no/such/file"),
        (["worker"], {"TALLY_WEBHOOK_RETRY_SCHEDULE": "x"}, "TALLY_WEBHOOK_RETRY_SCHEDULE"),
        (["clean", "--keep", "x"], {}, "DATABASE_CLEAN_KEEP_VERSION_SELECTORS"),
        (["migrate", "--no-such-option"], {}, "No such option"),
    ],
)
def test_what_is_wrong_at_the_start_is_one_line(words, environment, says):
    assert says in the_only_error(*words, **environment)


def test_a_database_that_is_away_is_waited_for_in_lines():
    url = f"postgresql://tally:secret@127.0.0.1:{free_port()}/tally"

    code, written, lines = run("serve", TALLY_DATABASE_URL=url, TALLY_DATABASE_CONNECT_MAX_RETRIES="1")

    assert (code, written) == (2, "")
    assert [line["message"] for line in lines][1] == "Trying again in 1 s."
    assert [line["level"] for line in lines] == ["warning", "info", "error"]
    assert "secret" not in repr(lines)


def test_migrate_and_clean_say_what_they_did_in_their_log(tmp_path):
    url = f"sqlite:///{tmp_path}/x.sqlite3"

    migrated = run("migrate", TALLY_DATABASE_URL=url)
    cleaned = run("clean", TALLY_DATABASE_URL=url)
    asked = run("clean", "--output", "json", TALLY_DATABASE_URL=url)

    assert (migrated[:2], migrated[2][-1]["message"]) == ((0, ""), "The database is up to date.")
    assert cleaned[:2] == (0, "")
    assert cleaned[2][-1]["message"].startswith('Cleaned up: {"')
    assert json.loads(asked[1]) == json.loads(cleaned[2][-1]["message"].removeprefix("Cleaned up: "))


_WHAT_NOBODY_CAUGHT = """
import asyncio, logging, os, sys, threading, warnings
import click
from broker.logs import begin_logging, logging_its_end
from broker.settings.settings import Settings

def crash():
    raise ValueError("of a thread \\N{LINE SEPARATOR}\\x85 \\ud800")

class Broken:
    def __del__(self):
        raise ValueError("at the end of an object")

async def forget():
    task = asyncio.create_task(fail())
    await asyncio.sleep(0.01)
    del task

async def fail():
    raise ValueError("of a task")

begin_logging(os.environ)
warnings.warn("a warning\\nof two lines")
thread = threading.Thread(target=crash, name="crashing")
thread.start(); thread.join()
broken = Broken(); del broken
asyncio.run(forget())
print("printed", file=sys.stderr)
click.echo("echoed", err=True)
logging.getLogger("x").warning("%d", "no number")
logging.getLogger("x").warning("\\x1b[31m\\u202e \\ud800 %s", 2 ** 70)
logging_its_end(Settings(log_format="json"), crash)
"""


def test_what_nobody_caught_is_one_line_each_with_its_traceback_inside():
    code, written, lines = run("-c", _WHAT_NOBODY_CAUGHT, program=sys.executable)

    assert (code, written) == (1, "")
    assert [line["message"].partition("\n")[0].partition(" 0x")[0].rpartition("/")[2] for line in lines] == [
        "<string>:23: UserWarning: a warning",
        "The thread crashing ends by an unexpected ValueError",
        "Exception ignored in <function Broken.__del__ at",
        "Task exception was never retrieved",
        "printed",
        "echoed",
        "A line of x (30) cannot be written: %d format: a real number is required, not str",
        f"\x1b[31m\u202e \ud800 {2**70}",
        "The program ends by an unexpected ValueError",
    ]
    traces = [line["exception"] for line in lines if "exception" in line]
    assert len(traces) == 4
    assert all(trace.startswith("Traceback (most recent call last):\n") for trace in traces)


def test_a_line_for_people_shows_no_control_character_of_a_message():
    program = (
        "import logging; from broker.logs import configure_logging; "
        "from broker.settings.settings import Settings; "
        "configure_logging(Settings()); logging.getLogger('x').warning('a\\nb\\x1b[31m\\u202e\\u2028 ä')"
    )

    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )

    [line] = finished.stderr.splitlines()
    assert line.endswith(r"WARNING x a\nb\x1b[31m\u202e\u2028 ä")


def test_the_level_can_be_changed_while_a_program_runs():
    program = (
        "import logging; from broker.logs import configure_logging, set_level; "
        "from broker.settings.settings import Settings; configure_logging(Settings(log_level='error')); "
        "log = logging.getLogger('broker.worker'); log.info('before'); set_level('info'); log.info('after')"
    )

    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )

    assert [line.split()[-1] for line in finished.stderr.splitlines()] == ["after"]


def test_without_json_a_start_says_what_it_ever_said(tmp_path):
    log: Path = tmp_path / "log"

    with serving(f"sqlite:///{tmp_path}/x.sqlite3", log) as url:
        requests.get(url, timeout=30)

    assert log.read_text() == f"The broker is at {url}   (Ctrl-C stops it)\n"
