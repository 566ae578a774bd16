import os
import pty
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import Popen

import pytest

TALLY = Path(sys.executable).with_name("tally")
GREEN = "\x1b[32m"


@pytest.fixture
def on_a_terminal(hal_server):
    """Run the command with a terminal as its output, and return what it wrote there."""

    def run(*words, **variables):
        environment = {
            name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}
        }
        environment |= {"PACT_BROKER_BASE_URL": hal_server.base_url, "TERM": "xterm", **variables}
        ours, theirs = pty.openpty()
        with Popen([TALLY, *words], stdout=theirs, env=environment) as process:
            os.close(theirs)
            written = "".join(iter(lambda: read(ours), ""))
        os.close(ours)
        assert process.returncode == 0
        return written

    return run


def read(terminal):
    try:
        return os.read(terminal, 4096).decode()
    except OSError:  # how Linux reports the end of a terminal
        return ""


@pytest.fixture
def deployable(hal_server):
    notices = [{"type": "success", "text": "All required results are there."}]
    row = {
        "consumer": {"name": "Shop [web]", "version": {"number": "3"}},
        "provider": {"name": "Orders", "version": {"number": "7"}},
        "verificationResult": {"success": True},
    }
    answer = {"summary": {"deployable": True, "unknown": 0}, "notices": notices, "matrix": [row]}
    hal_server.answers("GET", "/matrix", answer)
    return ("can-i-deploy", "-a", "Shop [web]", "-e", "3", "--to-environment", "test")


def test_verdict_and_notices_are_coloured_by_their_kind(on_a_terminal, deployable):
    written = on_a_terminal(*deployable)

    assert f"{GREEN}Yes: Shop [web] 3 can be deployed to test." in written
    assert f"{GREEN}All required results are there." in written


def test_a_table_is_ruled_and_takes_names_as_they_are(on_a_terminal, deployable):
    written = on_a_terminal(*deployable)

    assert "───" in written
    assert "Shop [web]" in written.partition("───")[2]


def test_colour_can_be_turned_off(on_a_terminal, deployable):
    assert GREEN not in on_a_terminal(*deployable, NO_COLOR="1")


@pytest.fixture
def described(hal_server):
    link = {"pb:pacticipant": {"href": hal_server.url("/pacticipants/{pacticipant}"), "templated": True}}
    hal_server.answers("GET", "/", {"_links": link})
    yesterday = (datetime.now(UTC) - timedelta(hours=30)).isoformat(timespec="seconds")
    hal_server.answers("GET", "/pacticipants/Shop", {"name": "Shop", "createdAt": yesterday})
    return ("describe-pacticipant", "--name", "Shop"), yesterday


def test_a_time_is_relative_and_exact_with_verbose(on_a_terminal, described):
    command, yesterday = described

    assert "Created: 1 day ago" in on_a_terminal(*command)
    assert f"Created: {yesterday}" in on_a_terminal(*command, "--verbose")


def test_a_time_is_exact_where_there_is_no_terminal(tally_at, described):
    command, yesterday = described

    assert f"Created: {yesterday}\n" in tally_at(*command).out


def test_nothing_is_cut_off_on_a_narrow_terminal(on_a_terminal, hal_server):
    names = [f"environment-{number}-{'x' * 60}" for number in range(2)]
    found = [{"uuid": "u" * 36, "name": name, "displayName": name, "production": True} for name in names]
    hal_server.answers("GET", "/environments", {"_embedded": {"environments": found}})

    written = on_a_terminal("list-environments", COLUMNS="60")

    assert "…" not in written
    assert written.count("x") == 4 * 60
    assert written.count("u") >= 2 * 36
