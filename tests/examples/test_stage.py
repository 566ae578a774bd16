import importlib
import socket
import subprocess
import sys

import pytest
import requests


@pytest.fixture
def stage(examples, monkeypatch):
    """What the demo plays on, as a module."""
    monkeypatch.syspath_prepend(examples)
    return importlib.import_module("stage")


def test_a_command_is_printed_as_it_is_typed_and_its_output_follows(stage, capfd):
    stage.Stage().run("echo one \\\n    two")

    assert capfd.readouterr().out.splitlines() == ["$ echo one \\", "    two", "one two"]


def test_a_command_may_be_meant_to_fail(stage):
    stage.Stage().run("false", ends_with=1)


@pytest.mark.parametrize(("command", "expected", "ended"), [("false", 0, 1), ("true", 1, 0)])
def test_a_command_that_ends_otherwise_fails_the_demo_with_the_name_of_the_step(
    stage, command, expected, ended
):
    play = stage.Stage()
    play.step("4. Can the shop be deployed?", "Not yet.")

    with pytest.raises(stage.DemoError) as failure:
        play.run(command, ends_with=expected)

    assert str(failure.value) == (
        f"4. Can the shop be deployed?\n  {command}\n  ended with {ended}, and should with {expected}."
    )


def test_what_runs_beside_the_others_is_stopped_at_the_end(stage, tmp_path):
    url = f"http://127.0.0.1:{stage.free_port(0)}"
    command = f"python -m http.server --bind 127.0.0.1 {url.rpartition(':')[2]}"

    with stage.Stage().running(command, url=url, log=tmp_path / "log"):
        assert requests.get(url, timeout=5).ok

    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)


def test_a_server_that_does_not_start_fails_the_demo_with_what_it_wrote(stage, tmp_path):
    play = stage.Stage()

    with (
        pytest.raises(stage.DemoError, match="No such file or directory"),
        play.running("cat nothing-here", url="http://127.0.0.1:1", log=tmp_path / "log"),
    ):
        pass


def test_a_port_that_is_taken_is_replaced_and_that_is_said(stage, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        other = stage.free_port(port)

    assert other != port
    assert capsys.readouterr().out == f"Port {port} is taken, so the demo uses {other}.\n"


def test_the_developers_settings_do_not_reach_the_commands(stage, monkeypatch, capfd):
    monkeypatch.setenv("PACT_BROKER_BASE_URL", "https://broker.example.org")
    play = stage.Stage()

    play.run("printenv PACT_BROKER_BASE_URL", ends_with=1)
    play.export("PACT_BROKER_BASE_URL", "http://127.0.0.1:9292")
    play.run("printenv PACT_BROKER_BASE_URL")

    assert capfd.readouterr().out.splitlines()[1:3] == [
        "$ export PACT_BROKER_BASE_URL=http://127.0.0.1:9292",
        "$ printenv PACT_BROKER_BASE_URL",
    ]


def test_each_run_begins_with_an_empty_directory(stage, tmp_path):
    (tmp_path / "pacts").mkdir()
    (tmp_path / "pacts" / "old.json").write_text("{}")
    (tmp_path / "tallystick.sqlite3").write_text("")

    with stage.fresh(tmp_path):
        left = [path.name for path in tmp_path.iterdir()]

    assert left == ["lock"]


def test_a_second_demo_does_not_empty_the_directory_of_the_first(stage, examples, tmp_path):
    with stage.fresh(tmp_path):
        (tmp_path / "tallystick.sqlite3").write_text("precious")

        second = subprocess.run(
            [sys.executable, examples / "demo.py", "--directory", tmp_path],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    assert second.returncode == 1
    assert "Another demo is running in" in second.stderr
    assert (tmp_path / "tallystick.sqlite3").read_text() == "precious"
