"""`tally record`: options, files, and that what it writes can be published."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.hal_server import hal_server_running
from support.har_files import an_archive, an_entry
from support.serving import free_port

from tally.commands.pacts import record

TALLY = Path(sys.executable).with_name("tally")
CERTIFICATE = Path(__file__).parents[3] / "data/tls/localhost.pem"
WHO = ("--consumer", "Shop", "--provider", "Orders")
ASK = "import os, urllib.request as r; r.urlopen(os.environ['{0}'] + '/orders/7').read()"


@pytest.fixture
def har(tmp_path, monkeypatch):
    """An archive with one request, in the working folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.har").write_text(json.dumps(an_archive(an_entry())))
    return "shop.har"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ((), "Give either --upstream, a running provider, or --har, an archive."),
        (("--har", "shop.har", "--upstream", "http://127.0.0.1:1"), "Give either --upstream"),
        (("--upstream", "http://127.0.0.1:1", "--only-host", "x"), "--only-host is for --har"),
        (("--har", "shop.har", "--port", "9"), "an archive is only read"),
        (("--har", "shop.har", "--", "pytest"), "an archive is only read"),
        (("--upstream", "http://127.0.0.1:1", "--url-variable", "X"), "--url-variable needs a COMMAND"),
        (
            ("--upstream", "http://127.0.0.1:1", "--url-variable", "A=B", "--", "true"),
            "--url-variable 'A=B' is no name of a variable",
        ),
        (("--upstream", "127.0.0.1:1"), "is no address: write it as https://host:port/path"),
        (("--upstream", "http://127.0.0.1:99999"), "is no address"),
        (("--upstream", "http://jo:x@127.0.0.1"), "--upstream takes no user, query or fragment"),
        (("--upstream", "https://x", "--ssl-certificate", "missing.pem"), "--ssl-certificate missing.pem"),
        (("--upstream", "http://127.0.0.1:1", "--", "no-such-command"), "no-such-command cannot be started"),
        (("--har", "missing.har"), "missing.har cannot be read: No such file or directory"),
    ],
)
@pytest.mark.usefixtures("har")
def test_options_that_make_no_sense_are_refused(tally, tmp_path, options, problem):
    at = options.index("--") if "--" in options else len(options)

    run = tally("record", *options[:at], *WHO, *options[at:])

    assert run.code == 2
    assert problem in run.err
    assert list(tmp_path.rglob("*.json")) == []


def test_a_draft_replaces_no_file_without_being_told(tally, har):
    assert tally("record", "--har", har, *WHO).code == 0

    again = tally("record", "--har", har, *WHO)
    assert again.code == 2
    assert "drafts/Shop-Orders.json exists already: give --overwrite" in again.err
    assert tally("record", "--har", har, *WHO, "--overwrite").code == 0


def test_names_with_a_slash_make_one_file(tally, har, tmp_path):
    run = tally("record", "--har", har, "--consumer", "a/b", "--provider", "c")

    assert run.code == 0, run.err
    assert [path.name for path in (tmp_path / "drafts").iterdir()] == ["a_b-c.json"]


def test_an_empty_name_and_a_folder_that_is_none_are_refused(tally, har):
    empty = tally("record", "--har", har, "--consumer", " ", "--provider", "Orders")
    no_text = tally("record", "--har", har, "--consumer", "a\udcff", "--provider", "Orders")
    no_folder = tally("record", "--har", har, *WHO, "-o", "shop.har/x")

    assert "--consumer is empty" in empty.err
    assert "cannot be written: Not a directory. Give another --pact-dir." in no_folder.err
    assert "is no UTF-8 text" in no_text.err
    assert (empty.code, no_text.code, no_folder.code) == (2, 2, 2)


def test_a_draft_can_be_published(on_broker, har, read):
    assert on_broker("record", "--har", har, *WHO).code == 0

    published = on_broker("publish", "drafts", "--consumer-app-version", "1", "--validate")

    assert published.code == 0, published.err
    pact = read("/pacts/provider/Orders/consumer/Shop/version/1")
    assert pact["interactions"][0]["description"] == "GET /orders/{id} (200)"


def test_a_command_is_recorded_while_it_runs(tally, hal_server, tmp_path):
    hal_server.answers("GET", "/orders/7", {"id": 7})
    ask = (sys.executable, "-S", "-c", ASK.format("ORDERS_URL"))
    url = ("--upstream", hal_server.base_url, "--url-variable", "ORDERS_URL", "-o", tmp_path)

    run = tally("record", *url, *WHO, "--", *ask)

    assert run.code == 0, run.err
    [interaction] = json.loads((tmp_path / "Shop-Orders.json").read_text())["interactions"]
    assert interaction["request"]["path"] == "/orders/7"
    assert "GET /orders/7 200" in run.err


@pytest.mark.parametrize(
    ("option", "is_trusted"),
    [(("--ssl-certificate", CERTIFICATE), True), (("--skip-ssl-verification",), True), ((), False)],
)
def test_a_provider_behind_tls_is_recorded_when_it_is_trusted(tally, tmp_path, option, is_trusted):
    ask = (sys.executable, "-S", "-c", ASK.format("TALLY_RECORD_URL"))
    with hal_server_running(CERTIFICATE) as server:
        server.answers("GET", "/orders/7", {"id": 7})
        run = tally("record", "--upstream", server.base_url, *option, *WHO, "-o", tmp_path, "--", *ask)

    assert (run.code == 0) is is_trusted
    assert ("CERTIFICATE_VERIFY_FAILED" in run.err) is not is_trusted


def test_a_command_that_fails_is_said_and_what_was_recorded_is_kept(tally, hal_server, tmp_path):
    hal_server.answers("GET", "/orders/7", {"id": 7})
    failing = (sys.executable, "-S", "-c", ASK.format("TALLY_RECORD_URL") + "; raise SystemExit(3)")

    run = tally("record", "--upstream", hal_server.base_url, *WHO, "-o", tmp_path, "--", *failing)

    assert run.code == 1
    assert "ended with 3." in run.err
    assert (tmp_path / "Shop-Orders.json").exists()


def test_nothing_recorded_is_no_empty_pact(tally, tmp_path):
    run = tally("record", "--upstream", "http://127.0.0.1:9", *WHO, "-o", tmp_path / "new", "--", "true")

    assert run.code == 2
    assert "No request came to the address: does the consumer use it?" in run.err
    assert list(tmp_path.iterdir()) == []


def test_an_address_in_use_is_refused(tally, hal_server, tmp_path):
    port = hal_server.base_url.rpartition(":")[2]

    run = tally("record", "--upstream", "http://127.0.0.1:9", *WHO, "-o", tmp_path, "--port", port)

    assert run.code == 2
    assert f"--port {port}: cannot be used (Address already in use): give another." in run.err


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_the_recording_and_writes_the_draft(hal_server, tmp_path, how):
    hal_server.answers("GET", "/orders/7", {"id": 7})
    port = str(free_port())
    process = subprocess.Popen(
        [TALLY, "record", "--upstream", hal_server.base_url, *WHO, "--port", port, "-o", tmp_path],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert f"at http://127.0.0.1:{port} until Ctrl-C." in process.stderr.readline()
    asking = {**os.environ, "URL": f"http://127.0.0.1:{port}"}
    subprocess.run([sys.executable, "-S", "-c", ASK.format("URL")], env=asking, check=True)

    process.send_signal(how)
    out, err = process.communicate(timeout=30)

    assert process.returncode == 0, err
    assert "1 request, 1 interaction" in out
    assert (tmp_path / "Shop-Orders.json").exists()


@pytest.mark.parametrize("seconds", [0, 60])
def test_what_a_command_did_until_ctrl_c_is_kept(tally, hal_server, tmp_path, monkeypatch, seconds):
    monkeypatch.setattr(record, "_PATIENCE", 0.05)
    hal_server.answers("GET", "/orders/7", {"id": 7})
    interrupt = f"; import signal, time; os.kill(os.getppid(), signal.SIGINT); time.sleep({seconds})"
    ask = (sys.executable, "-S", "-c", ASK.format("TALLY_RECORD_URL") + interrupt)

    run = tally("record", "--upstream", hal_server.base_url, *WHO, "-o", tmp_path, "--", *ask)

    assert run.code == 130
    assert (tmp_path / "Shop-Orders.json").exists()
