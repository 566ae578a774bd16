"""A pipeline that ran `pact verifier` changes one word."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.factories import a_pact, an_interaction

from verifier.cli import verify

PACT = Path(sys.executable).with_name("pact")
DOCUMENTATION = Path(__file__).parents[3] / "docs" / "verifying.md"
REFUSED = {
    "--xslt": "which needs no style sheet",
    "--enable-otel": "sends no traces",
    "--enable-otel-logs": "sends no traces",
    "--enable-otel-traces": "sends no traces",
    "--otel-exporter": "sends no traces",
    "--otel-exporter-endpoint": "sends no traces",
    "--otel-exporter-protocol": "sends no traces",
    "--pretty-log": "has one form",
    "--full-log": "has one form",
    "--compact-log": "has one form",
}
WITHOUT_VALUE = ("--enable", "--pretty", "--full", "--compact")


@pytest.fixture(scope="module")
def theirs():
    pact = subprocess.run([PACT, "verifier", "--help"], capture_output=True, text=True, check=True)
    return pact.stdout


@pytest.fixture
def pact(pact_file):
    return pact_file(a_pact(an_interaction(providerStates=[])))


def options_in(text):
    """Return every option that a help text has a line for."""
    lines = re.findall(
        r"^ +((?:-\w, )*--[a-z-]+(?:, (?:-\w|--[a-z-]+))*|(?:-\w, )+--[a-z-]+.*)", text, re.MULTILINE
    )
    return {option for line in lines for option in re.findall(r"--?[a-z][a-z-]*|-[A-Z]", line)}


def test_every_option_of_pact_verifier_is_known(theirs):
    ours = {name for parameter in verify.params for name in parameter.opts} | {"--help"}

    assert options_in(theirs) - ours == set()
    assert len(options_in(theirs)) > 50


def test_what_is_refused_is_nothing_else_and_documented():
    hidden = {
        name for parameter in verify.params for name in parameter.opts if getattr(parameter, "hidden", False)
    }
    documented = DOCUMENTATION.read_text().partition("## Coming from")[2]

    assert hidden == set(REFUSED)
    assert [name for name in REFUSED if name.removesuffix("-logs") not in documented] == []


@pytest.mark.parametrize("option", REFUSED)
def test_an_option_that_is_refused_says_why(tally_verify, pact, option):
    value = () if option.startswith(WITHOUT_VALUE) else ("something",)

    ended = tally_verify(pact, "--provider-url", "http://127.0.0.1:1", option, *value)

    assert ended.exit_code == 2
    assert f"{option} is not supported:" in ended.stderr
    assert REFUSED[option] in ended.stderr


def test_variables_are_those_of_pact_verifier(theirs):
    ours = {parameter.envvar for parameter in verify.params if parameter.envvar}
    wanted = {name for name in re.findall(r"\[env: ([A-Z_]+)=", theirs) if not name.startswith("OTEL_")}

    assert wanted - ours == set()
    assert len(wanted) > 15
    assert ours - wanted == {
        "PACT_PROVIDER_BASE_URL",
        "PACT_PROVIDER_VERSION",
        "PACT_PROVIDER_BRANCH",
        "PACT_PROVIDER_TAGS",
        "PACT_BUILD_URL",
        "PACT_ENABLE_PENDING",
        "SSL_CERT_FILE",
        "SSL_SKIP_VERIFICATION",
    }


def parts_of(url):
    return url.rpartition("//")[2].split(":")


def test_a_provider_may_be_given_by_host_and_port(keeping, tally_verify, pact):
    host, port = parts_of(keeping.url)

    ended = tally_verify("-f", pact, "-h", host, "-p", port, "--transport", "http", "--base-path", "/")

    assert ended.exit_code == 0, ended


@pytest.mark.parametrize("written", [["http:{} grpc:5555"], ["grpc:5555,http:{}"], ["http:{}", "grpc:5555"]])
def test_several_transports_name_their_ports(keeping, tally_verify, pact, written):
    host, port = parts_of(keeping.url)

    ended = tally_verify("--file", pact, "-h", host, "--transports", *(text.format(port) for text in written))

    assert ended.exit_code == 0, ended


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--provider-url", "http://a", "--port", "1"), "Where is the provider?"),
        ((), "Where is the provider?"),
        (("--transport", "grpc"), "--transport 'grpc' needs --port"),
        (("--transports", "http"), "write the transport and its port as grpc:5555"),
        (("--transports", "http:x"), "write the transport and its port as grpc:5555"),
        (("--hostname", "a b"), "is not an address"),
        (("--port", "1", "--timeout", "1", "--request-timeout", "1"), "set the same limit"),
        (("--port", "1", "--webhook-callback-url", "http://b/p"), "give --broker-base-url"),
    ],
)
def test_places_and_times_that_make_no_sense_are_refused(tally_verify, pact, options, reason):
    ended = tally_verify(pact, *options)

    assert ended.exit_code == 2
    assert reason in ended.stderr


def test_a_timeout_may_be_in_milliseconds(provider, tally_verify, pact):
    provider.on("GET", "/orders/1", lambda _: provider.late(0.3))

    ended = tally_verify(pact, "--provider-url", provider.url, "--request-timeout", "50")

    assert ended.exit_code == 1
    assert "did not respond within 0.05 s" in ended.stdout


def test_states_may_be_asked_for_in_the_query(keeping, tally_verify, pact_file):
    params = {"id": 7, "name": "a b", "deep": {"x": [1]}, "yes": True, "none": None}
    state = {"name": "an order é", "params": params}
    pact = pact_file(a_pact(an_interaction(providerStates=[state])))
    asked_for = (
        "/_states?v=1&id=7&name=a+b&deep=%7B%22x%22%3A%5B1%5D%7D&yes=true&none=null&action={}"
        "&state=an+order+%C3%A9"
    )
    for action in ("setup", "teardown"):
        keeping.on("POST", asked_for.format(action))

    ended = tally_verify(
        pact, "--provider-url", keeping.url, "-s", f"{keeping.url}/_states?v=1",
        "--state-change-as-query", "--state-change-teardown",
    )  # fmt: skip

    assert ended.exit_code == 0, ended
    (setup,) = keeping.asked_for("POST", asked_for.format("setup"))
    assert setup.body == b""
    assert len(keeping.asked_for("POST", asked_for.format("teardown"))) == 1


def test_no_pact_may_be_nothing_to_complain_of(provider, tally_verify, tmp_path):
    (tmp_path / "none").mkdir()

    ended = tally_verify(tmp_path / "none", "--provider-url", provider.url, "--ignore-no-pacts-error")

    assert ended.exit_code == 0, ended
    assert "Warning: There is no pact to verify, and nothing was verified" in ended.stdout
    assert provider.asked == []


def test_no_pact_at_the_broker_neither(verify_from_broker):
    refused, allowed = verify_from_broker(), verify_from_broker("--ignore-no-pacts-error")

    assert (refused.exit_code, allowed.exit_code) == (2, 0)


def test_the_pact_of_a_webhook_is_verified_with_the_credentials_of_the_broker(
    hal_broker, keeping, tally_verify
):
    href = hal_broker.offers(a_pact(an_interaction(providerStates=[])))

    ended = tally_verify(
        "--webhook-callback-url", href, "--provider-url", keeping.url,
        "--broker-url", hal_broker.url, "--user", "ci", "--password", "secret",
    )  # fmt: skip

    assert ended.exit_code == 0, ended
    assert hal_broker.asked_for_pacts == []
    assert hal_broker.server.asked[-1].headers["Authorization"].startswith("Basic ")


def test_colours_may_be_turned_off_and_the_version_asked_for(keeping, tally_verify, pact, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "")

    plain = tally_verify(pact, "--provider-url", keeping.url, "--no-colour")

    assert plain.exit_code == 0, plain
    assert re.search(r"version \d", tally_verify("--version").stdout)


def test_every_request_may_be_logged_without_its_credentials(keeping, pact):
    url = keeping.url.replace("//", "//ci:secret@")
    tally = Path(sys.executable).with_name("tally")

    ended = subprocess.run(
        [tally, "verify", pact, "--provider-url", url, "--loglevel", "debug"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert f"DEBUG:verifier.transport.http:GET {keeping.url}/orders/1: 200" in ended.stderr
    assert "secret" not in ended.stderr


@pytest.mark.parametrize(
    ("option", "reason"),
    [("--ca-file", "no certificates in PEM"), ("--client-certificate", "no certificate with its key in PEM")],
)
def test_a_file_that_is_no_certificate_is_refused_before_anything_is_asked(
    keeping, tally_verify, pact, option, reason
):
    ended = tally_verify(pact, "--provider-url", keeping.url, option, pact)

    assert ended.exit_code == 2
    assert reason in ended.stderr
    assert keeping.asked == []
