"""`tally mcp` over stdio: how it starts, what it never prints, and what slow calls do to others."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from functools import partial

import anyio
import pytest
from click.testing import CliRunner
from mcp.client import Client
from support.assistants import RefusedError, assistant
from support.serving import TALLY

from tally.assistants.answers import Answer, ToolError
from tally.assistants.catalogue import tools
from tally.assistants.command import mcp
from tally.assistants.server.calls import AT_ONCE, MOST_OF_ONE_CALLER, OF_ONE_CALLER, Calls
from tally.assistants.server.protocol import Asking, server
from tally.assistants.sources.sources import Sources
from tally.assistants.tool import Tool
from tally.errors import InvalidContractError, UsageError

TOKEN, PASSWORD, IN_URL = "token-canary-0123456789", "password-canary", "url-canary"
SERVER = {"flask", "werkzeug", "sqlalchemy", "alembic", "playwright", "pact", "rich"}


def test_credentials_are_never_answered_printed_or_logged(unused_address, tmp_path):
    log = tmp_path / "log.txt"
    host = unused_address.removeprefix("http://")
    for words in (
        ["--broker-token", TOKEN],
        ["--broker-username", "op", "--broker-password", PASSWORD],
        ["--broker-base-url", f"http://op:{IN_URL}@{host}"],
    ):
        with assistant(
            "--broker-base-url", unused_address, "--retries", "0", "--log-level", "debug", *words, log=log
        ) as asked:
            with pytest.raises(RefusedError) as refused:
                asked.call("can_i_deploy", pacticipant="Shop", version="1")
            described = str(asked.tools()) + str(asked.templates())

        said = str(refused.value) + described + log.read_text(encoding="utf-8")
        assert "gave no answer" in str(refused.value)
        assert host in log.read_text(encoding="utf-8") or "DEBUG" in log.read_text(encoding="utf-8")
        for secret in (TOKEN, PASSWORD, IN_URL):
            assert secret not in said


def test_an_address_that_is_none_does_not_show_the_password_in_it():
    run = CliRunner().invoke(mcp, ["--broker-base-url", f"htp://op:{IN_URL}@localhost"])

    assert isinstance(run.exception, UsageError)
    assert IN_URL not in str(run.exception)


@pytest.mark.parametrize(
    ("words", "kind", "says"),
    [
        ([], UsageError, "Nothing to answer from"),
        (["--pacts", "."], InvalidContractError, r"has no \*.json file"),
        (["--contract", "broken.yaml"], InvalidContractError, "broken.yaml: "),
        (["--pacts", "broken.yaml"], InvalidContractError, "broken.yaml: is not valid JSON"),
    ],
)
def test_what_cannot_be_answered_from_is_an_error_at_the_start(tmp_path, monkeypatch, words, kind, says):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PACT_BROKER_BASE_URL", raising=False)
    (tmp_path / "broken.yaml").write_text("openapi: [")

    run = CliRunner().invoke(mcp, words)

    with pytest.raises(kind, match=says):
        raise run.exception


def test_an_import_that_fails_in_our_own_code_is_no_missing_package():
    script = (
        "import sys; sys.modules['tally.assistants.server.stdio'] = None; from tally.cli import main; main()"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, "mcp", "--broker-base-url", "http://localhost:1"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 70
    assert "pip install" not in run.stderr


@pytest.mark.parametrize("words", [["--http"], []])
def test_without_the_extra_it_says_what_to_install(words):
    script = "import sys; sys.modules['mcp'] = None; from tally.cli import main; main()"
    run = subprocess.run(
        [sys.executable, "-c", script, "mcp", "--broker-base-url", "http://localhost:1", *words],
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 2
    assert run.stderr == (
        "Error: 'mcp' needs mcp, which is not installed, or too old: pip install 'tallystick[mcp]'\n"
    )


def test_the_server_loads_nothing_that_it_does_not_need():
    script = "import sys, tally.assistants.command, tally.assistants.server.stdio; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    sdk = subprocess.run(
        [sys.executable, "-c", "import sys, mcp.server.lowlevel; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )

    added = set(run.stdout.split()) - set(sdk.stdout.split())
    assert {"tally.assistants.server.stdio", "tally.broker_client"} <= added
    assert {name.partition(".")[0] for name in added}.isdisjoint(
        SERVER | {"broker", "verifier", "consumer_sdk"}
    )
    for slow in (
        "tally.comparison.comparing",
        "tally.compatibility.comparing",
        "tally.assistants.server.http",
    ):
        assert slow not in added


def test_reading_is_all_that_is_offered_unless_writing_is_allowed():
    reading, all_of_them = tools(may_write=False), tools(may_write=True)

    assert reading
    assert not [tool.name for tool in reading if tool.writes]
    assert list(reading) == [tool for tool in all_of_them if not tool.writes]


def test_local_tools_are_not_offered_to_others():
    offered = tools(may_write=True, local=False)

    assert offered
    assert not [tool.name for tool in offered if tool.local]


def fast(sources: Sources) -> Answer:  # noqa: ARG001 - as tools have it
    """Answer at once."""
    return Answer("fast")


def broken(sources: Sources) -> Answer:
    """Fail."""
    raise KeyError(f"a secret of {sources}")


def hostile(sources: Sources) -> Answer:  # noqa: ARG001 - as tools have it
    """Refuse with words of somebody else."""
    raise ToolError(f"Broker said: {'x' * 100_000}\u202e\ud800")


def conversation(asked, *offered):
    """Run *asked* with a client of a server that offers these tools."""

    async def run():
        answering = server([*offered], lambda _request: Asking(Sources()))
        async with Client(answering) as client:
            return await asked(client)

    return anyio.run(run)


def text_of(result):
    [content] = result.content
    return content.text


def test_a_slow_call_is_answered_with_that_and_does_not_stop_others():
    release = threading.Event()

    def slow(sources: Sources) -> Answer:  # noqa: ARG001 - as tools have it
        """Wait."""
        release.wait(30)
        return Answer("slow")

    async def asked(client):
        found = []
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: append_to(found, client.call_tool("slow", {})))
            await anyio.sleep(0.05)
            await append_to(found, client.call_tool("fast", {}))
        return found

    async def append_to(found, answer):
        found.append(await answer)

    first, last = conversation(asked, Tool(slow, seconds=0.5), Tool(fast))
    release.set()

    assert json.loads(text_of(first)) == {"summary": "fast"}
    assert last.is_error
    assert text_of(last).startswith("No answer within 0.5 seconds. It may still be carried out")


@pytest.mark.parametrize(
    ("tool", "says"),
    [
        ("broken", "broken failed unexpectedly (KeyError). The log of `tally mcp` says more."),
        ("fats", "There is no tool `fats`. Did you mean fast?"),
        ("\u202e`", "There is no tool `<U+202E>'`. List the tools to see their names."),
    ],
)
def test_what_fails_says_so_without_details(tool, says):
    result = conversation(lambda client: client.call_tool(tool, {}), Tool(broken), Tool(fast))

    assert (result.is_error, text_of(result)) == (True, says)


def test_a_refusal_is_bounded_and_readable():
    text = text_of(conversation(lambda client: client.call_tool("hostile", {}), Tool(hostile)))

    assert len(text) < 3_000
    assert "\u202e" not in text


def test_one_callers_slow_calls_do_not_keep_others_waiting():
    release = threading.Event()

    async def run():
        calls = Calls()
        answers = []

        async def call(caller, function, seconds=20):
            try:
                answers.append(await calls.run(function, caller=caller, seconds=seconds))
            except ToolError as error:
                answers.append(str(error))

        async with anyio.create_task_group() as group:
            for _ in range(OF_ONE_CALLER + 3):
                group.start_soon(call, "first", partial(release.wait, 20))
            await anyio.sleep(0.1)
            waiting = partial(call, "first", lambda: "late", 0.1)
            await waiting()
            await call("second", lambda: "early")
            release.set()
        await call("first", lambda: "again")
        return answers

    answers = anyio.run(run)

    assert answers[0].startswith("No answer within 0.1 seconds")  # all places of the first are taken
    assert answers[1] == "early"
    assert answers[2:] == [True] * (OF_ONE_CALLER + 3) + ["again"]
    assert OF_ONE_CALLER < AT_ONCE


def test_one_caller_has_only_so_many_calls():
    release = threading.Event()

    async def run():
        calls = Calls()
        refused = []
        async with anyio.create_task_group() as group:
            for _ in range(MOST_OF_ONE_CALLER):
                group.start_soon(partial(calls.run, partial(release.wait, 20), caller="x", seconds=20))
            await anyio.sleep(0.1)
            with pytest.raises(ToolError) as error:
                await calls.run(lambda: None, caller="x", seconds=20)
            refused.append(str(error.value))
            release.set()
        return refused

    assert anyio.run(run) == [
        f"{MOST_OF_ONE_CALLER} calls are not answered yet: call again when some of them are."
    ]


def test_a_call_that_goes_on_keeps_its_place_until_it_ends():
    release = threading.Event()

    async def run():
        calls = Calls()
        for _ in range(OF_ONE_CALLER):
            with pytest.raises(ToolError):
                await calls.run(partial(release.wait, 20), caller="x", seconds=0.01)
        with pytest.raises(ToolError):
            await calls.run(lambda: "now", caller="x", seconds=0.1)
        release.set()
        return await calls.run(lambda: "then", caller="x", seconds=20)

    assert anyio.run(run) == "then"


@pytest.mark.parametrize(
    ("end", "code"),
    [(lambda process: process.stdin.close(), 0), (lambda process: process.send_signal(signal.SIGINT), -2)],
    ids=["input", "interrupt"],
)
def test_the_server_ends_at_once_even_while_a_call_is_under_way(end, code):
    """The broker accepts connections and never answers."""
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        subprocess.Popen(
            [TALLY, "mcp", "--broker-base-url", f"http://127.0.0.1:{silent.getsockname()[1]}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process,
    ):
        client = {"name": "test", "version": "1"}
        version = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client}
        call = {"name": "can_i_deploy", "arguments": {"pacticipant": "Shop", "version": "1"}}
        for message in (
            {"id": 1, "method": "initialize", "params": version},
            {"method": "notifications/initialized"},
            {"id": 2, "method": "tools/call", "params": call},
        ):
            process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == 1
        with silent.accept()[0]:
            began = time.monotonic()
            end(process)
            found = process.wait(20)
            took = time.monotonic() - began
            errors = process.stderr.read()

    assert (found, errors) == (code, b"")
    assert took < 10
