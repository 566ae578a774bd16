"""`tally mcp --http`: everybody asks with their own credentials, and nobody else's."""

import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import anyio
import pytest
import requests
from click.testing import CliRunner
from support.app_server import app_serving
from support.assistants import (
    RefusedError,
    assistant_over_http,
    assistants_served,
    assistants_served_here,
)
from support.databases import new_sqlite
from support.factories import a_pact, a_publication

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database
from tally.assistants.command import mcp
from tally.assistants.server.calls import Calls
from tally.assistants.server.http_requests import CheckedRequests
from tally.assistants.sources.sources import Files, Sources
from tally.broker_client import BrokerClient
from tally.errors import UsageError

WRITER, READER = "alices-token-0123456789", "bobs-token-0123456789"
PASSWORD = "carols-password-0123456789"
SETTINGS = Settings(
    api_tokens=(f"alice:write:{WRITER}", f"bob:read:{READER}"),
    basic_auth_username="carol",
    basic_auth_password=PASSWORD,
    failed_logins_per_minute=0,
)
BEARER = {"Authorization": f"Bearer {WRITER}"}
MESSAGES = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}


@pytest.fixture(scope="module")
def brokers():
    """The addresses of a broker that asks for credentials, and of one that does not."""
    with new_sqlite() as database_url:
        database = Database(database_url, synchronous="normal")
        with (
            app_serving(create_app(SETTINGS, database)) as closed,
            app_serving(create_app(Settings(), database)) as opened,
        ):
            requests.post(
                f"{opened}/contracts/publish", json=a_publication(a_pact(), version="1"), timeout=30
            ).raise_for_status()
            yield closed, opened
        database.close()


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return tmp_path_factory.mktemp("mcp") / "log.txt"


@pytest.fixture(scope="module")
def closed(brokers, log):
    """A server, with everything logged, of the broker that asks for credentials."""
    with assistants_served("--broker-base-url", brokers[0], "--log-level", "debug", log=log) as address:
        yield address


@pytest.fixture(scope="module")
def opened(brokers):
    """A server of the broker that asks nobody for credentials."""
    with assistants_served_here(Sources(BrokerClient(brokers[1]))) as address:
        yield address


def post(address, message=LIST, **headers):
    with requests.Session() as session:
        session.trust_env = False  # no ~/.netrc
        return session.post(address, json=message, headers={**MESSAGES, **headers}, timeout=30)


def basic(name, password):
    return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"


@pytest.mark.parametrize("authorization", [f"Bearer {WRITER}", f"Bearer {READER}", basic("carol", PASSWORD)])
def test_who_has_an_account_at_the_broker_is_answered(closed, authorization):
    with assistant_over_http(closed, authorization) as asked:
        answer = asked.call("can_i_deploy", pacticipant="Shop", version="1")

    assert answer["summary"].startswith("No: ")


@pytest.mark.parametrize(
    ("authorization", "says"),
    [
        (None, "The broker asks for credentials"),
        ("Bearer wrong", "does not accept these credentials"),
        (basic("carol", "wrong"), "does not accept these credentials"),
        ("Digest carol", "Bearer or Basic"),
        ("", "Bearer or Basic"),
    ],
)
def test_who_has_none_is_told_to_send_credentials(closed, authorization, says):
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = post(closed, **headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="tallystick", Basic realm="tallystick"'
    assert says in answer.json()["error"]


def test_one_callers_credentials_are_not_used_for_the_next(closed):
    allowed = [
        post(closed, **BEARER).status_code,
        post(closed).status_code,
        post(closed, **BEARER).status_code,
    ]

    assert allowed == [200, 401, 200]


def test_callers_at_the_same_time_keep_their_own_rights(closed):
    tokens = [WRITER, "wrong", READER, ""] * 10
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda token: post(closed, Authorization=f"Bearer {token}"), tokens)

    assert [answer.status_code for answer in answers] == [200, 401, 200, 401] * 10


def test_a_broker_that_asks_nobody_for_credentials_is_asked_without(opened):
    with assistant_over_http(opened) as asked:
        answer = asked.call("can_i_deploy", pacticipant="Shop", version="1")

    assert answer["summary"].startswith("No: ")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example.com"}, 421),
        ({"Host": "evil.example.com:8008"}, 421),
        ({"Host": "127.0.0.1.evil.example.com"}, 421),
        ({"Host": "user@127.0.0.1", "Origin": "http://evil.example.com"}, 403),
        ({"Host": "[broken"}, 421),
        ({"Origin": "https://evil.example.com"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost:3000"}, 403),
        ({"Origin": "http://[broken"}, 403),
    ],
)
def test_a_page_in_a_browser_cannot_ask(opened, headers, status):
    answer = post(opened, **headers)

    assert answer.status_code == status
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_a_request_for_this_machine_by_another_of_its_names_is_answered(opened):
    assert post(opened, Host="localhost:1").status_code == 200


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "OPTIONS"])
def test_there_are_no_sessions_or_streams(opened, method):
    answer = requests.request(method, opened, headers=MESSAGES, timeout=30)

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_a_large_body_is_refused(opened):
    call = {"name": "can_i_deploy", "arguments": {"pacticipant": "a" * 1024 * 1024}}

    assert post(opened, {**LIST, "method": "tools/call", "params": call}).status_code == 413


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"[" * 100_000, b'{"id": 1', b"\xff", b'{"jsonrpc": "2.0"}']
)
def test_a_body_that_is_no_message_is_refused(opened, body):
    answer = requests.post(opened, data=body, headers=MESSAGES, timeout=30)

    assert 400 <= answer.status_code < 500
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("argument", ["NaN", '"\\ud800"', "1" + "0" * 400, "[" * 500 + "]" * 500, "1e999"])
@pytest.mark.parametrize("version", ["2025-06-18", "2026-07-28"])
def test_arguments_that_are_no_text_are_refused(opened, argument, version):
    meta = json.dumps(
        {
            "io.modelcontextprotocol/protocolVersion": version,
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        }
    )
    arguments = f'{{"pacticipant": {argument}, "version": "1"}}'
    call = f'{{"name": "can_i_deploy", "arguments": {arguments}, "_meta": {meta}}}'
    body = f'{{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {call}}}'
    headers = {
        **MESSAGES,
        "MCP-Protocol-Version": version,
        "Mcp-Method": "tools/call",
        "Mcp-Name": "can_i_deploy",
    }

    answer = requests.post(opened, data=body.encode(), headers=headers, timeout=30)

    assert answer.status_code in {200, 400}, answer.text
    if answer.status_code == 200:
        result = answer.json()["result"]
        assert result["isError"]
        assert result["content"][0]["text"].startswith("pacticipant")


def answers_of(application, *, headers=((b"host", b"localhost"),), seconds=0.05):
    """Return what is sent for a request to the application whose body never comes."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        await anyio.sleep_forever()

    async def run():
        checked = CheckedRequests(application, None, {"localhost"}, Calls(), seconds=seconds)
        scope = {"type": "http", "method": "POST", "path": "/mcp", "headers": headers, "client": ("::1", 1)}
        await checked(scope, receive, send)

    anyio.run(run)
    return sent


async def waits_for_the_body(_scope, receive, _send):
    await receive()


async def begins_to_answer(_scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await receive()


def test_a_request_that_takes_too_long_is_over():
    start, body = answers_of(waits_for_the_body)

    assert start["status"] == 408
    assert json.loads(body["body"]) == {"error": "The request took too long."}
    assert [message["status"] for message in answers_of(begins_to_answer)] == [200]


def test_a_request_for_no_host_or_several_is_refused():
    for headers in ((), ((b"host", b"localhost"), (b"host", b"localhost"))):
        assert answers_of(waits_for_the_body, headers=headers)[0]["status"] == 421


def test_credentials_that_are_sent_twice_are_refused():
    headers = ((b"host", b"localhost"), (b"authorization", b"Bearer a"), (b"authorization", b"Bearer b"))

    assert answers_of(waits_for_the_body, headers=headers)[0]["status"] == 401


def test_tools_that_run_programs_of_the_server_are_not_offered(opened):
    with assistant_over_http(opened) as asked:
        assert "verify_locally" not in asked.tools()


@pytest.mark.parametrize(
    ("words", "environment", "says"),
    [
        (["--broker-token", "secret-canary"], {}, "their own credentials"),
        ([], {"PACT_BROKER_TOKEN": "secret-canary"}, "their own credentials"),
        (["--broker-username", "op", "--broker-password", "secret-canary"], {}, "their own credentials"),
        (["--broker-base-url", "http://op:secret-canary@localhost:1"], {}, "their own credentials"),
        (["--custom-header", "X-Api-Key: secret-canary"], {}, "their own credentials"),
        (["--host", "::"], {}, "--base-url"),
        (["--host", "::", "--base-url", "mcp"], {}, "not an address"),
        (["--base-url", "http://[broken"], {}, "not an address"),
        (["--base-url", "ftp://mcp.example.com"], {}, "not an address"),
        (["--base-url", "https://op:secret-canary@mcp.example.com"], {}, "not an address"),
        (["--host", "192.0.2.1", "--pacts", "."], {}, "could read the files"),
        (["--base-url", "https://mcp.example.com", "--pacts", "."], {}, "could read the files"),
        (["--host", "192.0.2.1"], {}, "Cannot listen"),
    ],
)
def test_what_would_share_what_is_the_operators_is_refused_at_the_start(
    tmp_path, monkeypatch, words, environment, says
):
    (tmp_path / "pact.json").write_text(json.dumps(a_pact()))
    monkeypatch.chdir(tmp_path)

    run = CliRunner().invoke(
        mcp, ["--http", "--broker-base-url", "http://localhost:1", *words], env=environment
    )

    assert isinstance(run.exception, UsageError)
    assert says in str(run.exception)
    assert "secret-canary" not in run.output + str(run.exception)


def test_the_operators_netrc_is_not_used(brokers, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login carol password {PASSWORD}\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    own = BrokerClient(brokers[0])

    with assistants_served_here(Sources(own)) as address:
        answer = post(address, Authorization=None)

    assert answer.status_code == 401
    assert own.index()  # which does use it


@pytest.fixture
def files(tmp_path):
    (tmp_path / "pact.json").write_text(json.dumps(a_pact()))
    return Files([tmp_path])


def test_files_are_read_by_nobody_whose_credentials_the_broker_did_not_accept(files):
    with assistants_served_here(Sources(BrokerClient("http://127.0.0.1:1", retries=0), files)) as address:
        answer = post(address, Authorization="Bearer whatever")

    assert answer.status_code == 503
    assert "cannot be asked" in answer.json()["error"]


def test_wrong_credentials_do_not_wait_for_the_broker_to_take_further_ones(files):
    settings = replace(SETTINGS, failed_logins_per_minute=1)
    with new_sqlite() as database_url:
        database = Database(database_url, synchronous="normal")
        with (
            app_serving(create_app(settings, database)) as broker,
            assistants_served_here(Sources(BrokerClient(broker), files)) as address,
        ):
            began = time.monotonic()
            with ThreadPoolExecutor(40) as pool:
                codes = list(pool.map(lambda number: refused_as(address, f"wrong {number}"), range(40)))
            allowed = post(address, **BEARER).status_code
            seconds = time.monotonic() - began
        database.close()

    assert set(codes) <= {401, 429}
    assert 429 in codes
    assert allowed == 200
    assert seconds < 12, "the broker asks to wait for a minute"


def refused_as(address, token):
    return post(address, Authorization=f"Bearer {token}").status_code


def test_options_of_http_need_it():
    run = CliRunner().invoke(mcp, ["--broker-base-url", "http://localhost:1", "--port", "8008"])

    assert "are for --http" in str(run.exception)


def test_credentials_are_not_logged(closed, log):
    """The last test of this module: what the others sent is in the log, or is not."""
    with assistant_over_http(closed, f"Bearer {WRITER}") as asked, pytest.raises(RefusedError) as refused:
        asked.call("can_i_deploy", pacticipant="Nobody", version="1")
    post(closed, Authorization=basic("carol", PASSWORD))
    post(closed, Authorization="Bearer wrong-token-canary")

    written = log.read_text(encoding="utf-8")
    assert "GET / HTTP" in written  # it is the log of everything
    for secret in (WRITER, READER, PASSWORD, basic("carol", PASSWORD), "wrong-token-canary"):
        assert secret not in written + str(refused.value)
