"""A real plugin of our own, which the Rust core starts and asks: for contents, and for a transport."""

import json
import os
import socketserver
import subprocess
import sys
import threading

import pytest
from support.csv_plugin import installed
from support.factories import a_pact, an_interaction
from support.serving import TALLY

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="the plugin is started by a script of the shell"),
]


@pytest.fixture
def plugins(tmp_path):
    """A folder of plugins with the one in it."""
    return installed(tmp_path)


@pytest.fixture
def verified(plugins):
    """Call `tally verify` where the plugin is installed, and return the results by description."""

    def call(*options):
        environment = {**os.environ, "PACT_PLUGIN_DIR": str(plugins)}
        command = [TALLY, "verify", *map(str, options), "--output", "json"]
        ended = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        document = json.loads(ended.stdout)
        results = document["contracts"][0]["results"]
        return document["exitCode"], {result["description"]: result for result in results}

    return call


@pytest.fixture
def lines():
    """The port of a provider that answers "pong" to the line "ping"."""

    class Line(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(b"pong\n" if self.rfile.readline() == b"ping\n" else b"what?\n")

    with socketserver.TCPServer(("127.0.0.1", 0), Line) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,)).start()
        yield server.server_address[1]
        server.shutdown()


def contents(text, kind="text/csv"):
    return {"content": text, "contentType": kind, "encoded": False}


TABLE = {
    **an_interaction("a table", providerStates=[]),
    "type": "Synchronous/HTTP",
    "response": {
        "status": 200,
        "headers": {"Content-Type": ["text/csv"]},
        "body": contents("id,price\n1,2\n"),
    },
    "pluginConfiguration": {"csv": {}},
}
MESSAGE = {
    "type": "Asynchronous/Messages",
    "description": "a table was written",
    "contents": contents("id,price\n1,2\n"),
    "metadata": {"contentType": "text/csv"},
    "pluginConfiguration": {"csv": {}},
}
PLAIN = {**an_interaction("without a plugin", providerStates=[]), "type": "Synchronous/HTTP"}
PLAIN["response"] = {"status": 200}


def a_line(answer="pong"):
    return {
        "type": "Synchronous/Messages",
        "description": "a line",
        "key": "1",
        "transport": "lines",
        "request": {"contents": contents("ping", "text/plain")},
        "response": [{"contents": contents(answer, "text/plain")}],
        "pluginConfiguration": {"csv": {}},
    }


def needing_the_plugin(*interactions):
    plugins = [{"name": "csv", "version": "0.0.1", "configuration": {}}]
    return a_pact(*interactions, metadata={"pactSpecification": {"version": "4.0"}, "plugins": plugins})


def test_contents_are_compared_by_the_plugin(provider, verified, pact_file):
    provider.on("GET", "/orders/1", b"id,price\n1,2\n", Content_Type="text/csv")
    provider.on("POST", "/_messages", b"id,price\n1,7\n", Content_Type="text/csv")
    pact = pact_file(needing_the_plugin(TABLE, MESSAGE, PLAIN))

    code, results = verified(pact, "--provider-url", provider.url, "--message-url", "/_messages")

    assert code == 1
    assert results["a table"]["outcome"] == results["without a plugin"]["outcome"] == "passed"
    (mismatch,) = results["a table was written"]["mismatches"]
    assert (mismatch["identifier"], mismatch["description"]) == ("$[1][1]", "Expected '2', got '7'")


def test_the_engine_pact_core_uses_the_plugin_too(provider, verified, pact_file):
    provider.on("GET", "/orders/1", b"id,price\n1,9\n", Content_Type="text/csv")

    code, results = verified(
        pact_file(needing_the_plugin(TABLE)), "--provider-url", provider.url, "--engine", "pact-core"
    )

    assert code == 1
    assert results["a table"]["mismatches"][0]["identifier"] == "$[1][1]"


@pytest.mark.parametrize(("answer", "outcome"), [("pong", "passed"), ("ping", "failed")])
def test_the_plugin_speaks_its_transport_at_the_port_that_is_named(
    provider, lines, verified, pact_file, answer, outcome
):
    pact = pact_file(needing_the_plugin(a_line(answer)))

    _, results = verified(pact, "--provider-url", provider.url, "--transports", f"lines:{lines}")

    assert results["a line"]["outcome"] == outcome
    assert provider.asked == []


def test_a_plugin_that_cannot_start_leaves_its_interactions_unchecked(plugins, provider, verified, pact_file):
    (plugins / "csv-0.0.1" / "plugin").write_text("#!/bin/sh\nexit 3\n")

    code, results = verified(pact_file(needing_the_plugin(TABLE)), "--provider-url", provider.url)

    assert code == 2
    assert results["a table"]["failure"] == "unsupported"
    assert results["a table"]["problem"]
