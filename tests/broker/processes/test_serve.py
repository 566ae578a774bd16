"""`tally serve` when it cannot: one line that says why and what to do, and exit code 2."""

import json
import os
import re
import signal
import socket
import subprocess
from datetime import UTC, datetime

import pytest
import requests
from sqlalchemy import text
from support.receivers import wait_until
from support.serving import TALLY, free_port, serving

from broker.storage.database import Database


def serve(*options, **environment):
    command = [TALLY, "serve", *options]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, **environment}
    )


def the_only_line(finished):
    assert finished.returncode == 2, finished.stdout + finished.stderr
    [line] = finished.stderr.splitlines()
    return line


def test_an_address_in_use_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        line = the_only_line(serve("--port", port, "--database-url", f"sqlite:///{tmp_path}/x.sqlite3"))

    assert line == (
        f"Error: cannot listen on 127.0.0.1:{port}: Address already in use. Choose another --port or --host."
    )


@pytest.mark.parametrize("place", ["no/such/folder/x.sqlite3", "."])
def test_a_database_file_that_cannot_be_written_is_named(tmp_path, place):
    url = f"sqlite:///{tmp_path}/{place}"

    line = the_only_line(serve("--port", str(free_port()), "--database-url", url))

    assert "cannot use the database: unable to open database file" in line
    assert "--database-url" in line


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "x.sqlite3").write_text("this is a shopping list, " * 50)

    line = the_only_line(
        serve("--port", str(free_port()), "--database-url", f"sqlite:///{tmp_path}/x.sqlite3")
    )

    assert "file is not a database" in line


def test_a_server_that_does_not_answer_is_told():
    port = free_port()

    line = the_only_line(serve("--database-url", f"postgresql://tally:secret@127.0.0.1:{port}/tally"))

    assert "cannot use the database" in line
    assert "secret" not in line


@pytest.mark.parametrize("url", ["", "nonsense", "oracle://x/y"])
def test_what_is_no_database_url_is_refused(url):
    line = the_only_line(serve("--port", str(free_port()), "--database-url", url))

    assert "--database-url is not a database URL" in line


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://h/d?prepare_threshold=often", "prepare_threshold must be a whole number or none"),
        ("postgresql://h/d?row_factory=x", "row_factory cannot be chosen in the URL"),
        ("postgresql://h/d?connect_timeout=1&connect_timeout=2", "connect_timeout is given twice"),
        ("postgresql://127.0.0.1/d?conect_timeout=1", 'invalid connection option "conect_timeout"'),
        ("sqlite:///x.sqlite3?timeout=long", "timeout must be a number, not 'long'"),
        ("sqlite:///x.sqlite3?timout=5", "timout is no parameter of SQLite"),
    ],
)
def test_a_parameter_of_a_database_url_that_cannot_be_is_named(url, says, tmp_path):
    line = the_only_line(serve("--database-url", url.replace("x.sqlite3", f"{tmp_path}/x.sqlite3")))

    assert says in line


def test_a_server_of_postgresql_that_does_not_answer_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        line = the_only_line(serve("--database-url", f"postgresql://127.0.0.1:{silent.getsockname()[1]}/d"))

    assert "timeout" in line


@pytest.mark.parametrize(("threshold", "is_prepared"), [("0", True), ("none", False), ("7", False)])
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_whether_statements_are_prepared_can_be_chosen(database_url, threshold, is_prepared):
    database = Database(f"{database_url}&prepare_threshold={threshold}")
    for _ in range(3):
        with database.transaction() as storage:
            storage.pacticipants.find_or_create(["Shop"], datetime.now(UTC))

    with database.connection() as connection:
        prepared = connection.scalar(
            text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%pacticipants%'")
        )

    assert (prepared > 0) is is_prepared
    database.close()


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_a_database_from_a_newer_release_is_left_alone(database_url):
    database = Database(database_url)
    with database.connection() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("UPDATE schema_compatibility SET usable_from = '9998'"))
        connection.commit()

    line = the_only_line(serve("--port", str(free_port()), "--database-url", database_url))

    assert "newer release of Tallystick (its schema is 9999)" in line
    with database.connection() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"
    database.close()


def test_another_address_needs_credentials_or_consent(tmp_path):
    line = the_only_line(serve("--host", "0.0.0.0", "--database-url", f"sqlite:///{tmp_path}/x.sqlite3"))  # noqa: S104 - refused

    assert "TALLY_BASIC_AUTH_USERNAME" in line
    assert "--insecure" in line


def test_several_workers_need_postgresql(tmp_path):
    line = the_only_line(serve("--workers", "2", "--database-url", f"sqlite:///{tmp_path}/x.sqlite3"))

    assert "PostgreSQL" in line


def test_a_setting_with_a_wrong_value_is_named():
    assert "TALLY_PORT must be a whole number, not 'http'" in the_only_line(serve(TALLY_PORT="http"))


def test_a_setting_that_does_not_exist_is_named():
    assert "Did you mean TALLY_DATABASE_URL?" in the_only_line(serve(TALLY_DATABSE_URL="sqlite:///x"))


def test_a_schedule_that_is_none_is_named():
    line = the_only_line(serve(PACT_BROKER_DATABASE_CLEAN_CRON_SCHEDULE="at night"))

    assert "TALLY_DATABASE_CLEAN_CRON_SCHEDULE must be five fields such as `15 2 * * *`" in line


def test_a_database_that_is_not_there_yet_is_waited_for():
    url = f"postgresql://tally:secret@127.0.0.1:{free_port()}/tally"

    finished = serve("--database-url", url, TALLY_DATABASE_CONNECT_MAX_RETRIES="1")

    [_, again, last] = finished.stderr.splitlines()
    assert finished.returncode == 2
    assert again == "Trying again in 1 s."
    assert last.startswith("Error: cannot use the database")


def test_a_schema_is_left_alone_when_only_tally_migrate_may_change_it(tmp_path):
    url = f"sqlite:///{tmp_path}/x.sqlite3"

    line = the_only_line(serve("--database-url", url, TALLY_AUTO_MIGRATE_DB="false"))

    assert "run `tally migrate`" in line
    migrated = subprocess.run(
        [TALLY, "migrate", "--database-url", url],
        env={**os.environ, "TALLY_AUTO_MIGRATE_DB": "false"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert migrated.stdout == "The database is up to date.\n"
    with serving(url, tmp_path / "log", environment={"TALLY_AUTO_MIGRATE_DB": "false"}) as address:
        assert requests.get(address, timeout=30).status_code == 200


def test_the_log_may_be_json(tmp_path):
    log = tmp_path / "log"
    environment = {
        "TALLY_LOG_FORMAT": "json",
        "TALLY_DATABASE_CLEAN_ENABLED": "true",
        "TALLY_LOG_LEVEL": "debug",
    }

    with serving(f"sqlite:///{tmp_path}/x.sqlite3", log, environment=environment):
        pass

    [line, *_] = [json.loads(text) for text in log.read_text().splitlines() if text.startswith("{")]
    assert set(line) == {"timestamp", "level", "logger", "message"}


def test_a_token_that_is_not_well_formed_is_named():
    line = the_only_line(serve(TALLY_API_TOKENS="ci:write:short"))

    assert line == "Error: TALLY_API_TOKENS: the token ci must have at least 16 characters"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_several_workers_serve_one_database(database_url, tmp_path):
    with serving(database_url, tmp_path / "log", environment={"TALLY_WORKERS": "2"}) as url:
        name = {"name": "Shop"}
        answers = [requests.post(f"{url}/pacticipants", json=name, timeout=30).status_code for _ in range(6)]
        found = requests.get(f"{url}/pacticipants", timeout=30).json()["_embedded"]["pacticipants"]

    assert answers == [201] * 6
    assert [pacticipant["name"] for pacticipant in found] == ["Shop"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_process_that_dies_is_replaced(database_url, tmp_path):
    log = tmp_path / "log"

    def processes(what):
        return [int(found) for found in re.findall(rf"{what}.* as process (\d+)", log.read_text())]

    environment = {"TALLY_WORKERS": "2", "TALLY_LOG_LEVEL": "debug"}
    with serving(database_url, log, environment=environment) as url:
        wait_until(lambda: (len(processes("Listening")), len(processes("Sending"))) == (2, 1), patience=60)
        for process in (processes("Listening")[0], processes("Sending")[0]):
            os.kill(process, signal.SIGKILL)
        wait_until(lambda: (len(processes("Listening")), len(processes("Sending"))) == (3, 2), patience=60)

        assert requests.get(f"{url}/pacticipants", timeout=30).status_code == 200

    assert "A server process ended (-9); another one starts" in log.read_text()
    assert "A webhook worker process ended (-9); another one starts" in log.read_text()


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_data_outlives_the_server(database_url, tmp_path):
    with serving(database_url, tmp_path / "first") as url:
        requests.post(f"{url}/pacticipants", json={"name": "Shop"}, timeout=30).raise_for_status()

    with serving(database_url, tmp_path / "second") as url:
        assert requests.get(f"{url}/pacticipants/Shop", timeout=30).status_code == 200


def test_the_code_of_a_link_is_in_no_line_of_the_log(tmp_path):
    log = tmp_path / "log"
    url = f"sqlite:///{tmp_path}/x.sqlite3"
    with serving(url, log, environment={"TALLY_LOG_LEVEL": "debug"}, is_forked=True) as broker:
        page = requests.get(
            f"{broker}/log-in/link?code=canary-1", headers={"Accept": "text/html"}, timeout=30
        )
        requests.post(f"{broker}/log-in/link?code=canary-2", data={"code": "canary-3"}, timeout=30)
        requests.get(f"{broker}/log-in/link?code=canary-4&code=%FF%00", timeout=30)
        host, port = broker.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(b"GET /log-in/link?code=canary-5 HTTP/9.9\r\nno header\r\n\r\n")
            connection.recv(1000)

    assert page.status_code == 200
    assert "canary-1" in page.text
    assert "canary" not in log.read_text()
