"""What every command that asks a broker has in common, shown with `tally list-environments`."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from support.hal_server import Answer, hal_server_running

from tally.commands.options import optional_broker_options

CERTIFICATE = Path(__file__).parents[2] / "data" / "tls" / "localhost.pem"


def test_options_win_over_variables(tally_at, hal_server, monkeypatch):
    monkeypatch.setenv("PACT_BROKER_TOKEN", "from-the-environment")

    tally_at("list-environments", "-k", "from-the-command-line", "-b", hal_server.base_url)

    assert hal_server.asked[0].headers["Authorization"] == "Bearer from-the-command-line"


def test_user_name_and_password_come_from_variables(tally_at, hal_server, monkeypatch):
    monkeypatch.setenv("PACT_BROKER_USERNAME", "ann")
    monkeypatch.setenv("PACT_BROKER_PASSWORD", "p@ss")

    tally_at("list-environments")

    assert hal_server.asked[0].headers["Authorization"] == "Basic YW5uOnBAc3M="


def test_custom_headers_are_sent_with_every_request(tally_at, hal_server):
    tally_at("list-environments", "--custom-header", "X-Team: shop", "--custom-header", "X-Url:a:b")

    sent = [(asked.headers["X-Team"], asked.headers["X-Url"]) for asked in hal_server.asked]
    assert sent == [("shop", "a:b"), ("shop", "a:b")]


def test_a_custom_header_without_a_name_is_refused(tally_at):
    run = tally_at("list-environments", "--custom-header", "shop")

    assert run.code == 2
    assert "--custom-header 'shop' has no name" in run.err


def test_retries_can_be_set(tally_at, hal_server):
    hal_server.answers("GET", "/", Answer({}, 503, {"Retry-After": "0"}))

    tally_at("list-environments", "--retries", "4")

    assert len(hal_server.asked) == 5


def test_an_address_that_is_none_is_refused_in_one_line(tally):
    run = tally("list-environments", "-b", "localhost:9292")

    assert run.code == 2
    assert run.err == (
        "Error: 'localhost:9292' is not the address of a broker: write it as http://host:9292.\n"
    )


def test_an_unreachable_broker_is_one_line_and_exit_code_2(tally, unused_address):
    run = tally("list-environments", "-b", unused_address, "--retries", "0")

    assert run.code == 2
    assert run.err.startswith(f"Error: The broker at {unused_address} gave no answer (connection refused).")
    assert run.err.count("\n") == 1


def test_requests_can_be_logged(hal_server):
    words = ("list-environments", "--log-level", "debug")
    program = "from tally.cli import main; main()"
    tally = [sys.executable, "-c", program, *words]

    done = subprocess.run(
        tally,
        env={**os.environ, "PACT_BROKER_BASE_URL": hal_server.base_url},
        capture_output=True,
        check=True,
    )

    assert b'"GET /environments HTTP/1.1" 200' in done.stderr


def test_a_file_of_certificates_that_is_not_there_is_named(tally):
    run = tally("list-environments", "-b", "https://127.0.0.1:1", "-c", "nowhere.pem")

    assert run.code == 2
    assert run.err == "Error: --ssl-certificate (SSL_CERT_FILE): there is no file nowhere.pem.\n"


def test_any_certificate_can_be_trusted_without_a_word(tally):
    with hal_server_running(CERTIFICATE) as server:
        environments = {"_links": {"pb:environments": {"href": server.url("/environments")}}}
        server.answers("GET", "/", environments)
        server.answers("GET", "/environments", {})

        run = tally("list-environments", "-b", server.base_url, "--skip-ssl-verification")

    assert (run.code, run.err) == (0, "")


@pytest.mark.usefixtures("tally_at")
def test_a_command_may_do_without_a_broker(hal_server, monkeypatch):
    @click.command()
    @optional_broker_options
    def ask(*, broker):
        return broker and broker.base_url

    assert ask.main([], standalone_mode=False) == hal_server.base_url
    monkeypatch.delenv("PACT_BROKER_BASE_URL")
    assert ask.main([], standalone_mode=False) is None


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Answer({}, 401), "wants credentials, and none were given (401)"),
        (Answer({"error": "You may only read"}, 403), "does not allow GET"),
        (Answer("<html>No such page</html>", 404, {"Content-Type": "text/html"}), "answered 404 Not Found"),
        (Answer({"error": {"message": "it broke"}}, 500, {"Retry-After": "0"}), "answered 500"),
        (Answer("<html>Hello</html>", 200, {"Content-Type": "text/html"}), "is it a Pact Broker?"),
    ],
)
def test_every_bad_answer_is_one_line_and_exit_code_2(tally_at, hal_server, answer, message):
    hal_server.answers("GET", "/", answer)

    run = tally_at("list-environments", "--retries", "0")

    assert run.code == 2
    assert run.err.startswith("Error: ")
    assert message in run.err
    assert run.err.count("\n") == 1
