"""A coding assistant: the protocol's own client, which starts `tally mcp` or speaks to it over HTTP."""

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import requests
import uvicorn
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp import ClientSession, StdioServerParameters, types
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from support.serving import PATIENCE, TALLY, free_port

from tally.assistants.server import http
from tally.assistants.server.http import Listening
from tally.assistants.sources.sources import Sources


class RefusedError(AssertionError):
    """The tool answered that it cannot; the text is what the assistant reads."""


class Assistant:
    """Ask a server; every method waits for the answer."""

    def __init__(self, portal: BlockingPortal, session: ClientSession) -> None:
        self._portal = portal
        self._session = session

    def tools(self) -> dict[str, types.Tool]:
        return {tool.name: tool for tool in self._portal.call(self._session.list_tools).tools}

    def call(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """Return the document; raises RefusedError with the text of a refusal."""
        result = self._portal.call(self._session.call_tool, tool, arguments)
        [content] = result.content
        if result.is_error:
            raise RefusedError(content.text)
        assert len(content.text) <= 25_000, len(content.text)
        document: dict[str, Any] = json.loads(content.text)
        assert document == result.structured_content
        return document

    def resources(self, cursor: str | None = None) -> types.ListResourcesResult:
        params = types.PaginatedRequestParams(cursor=cursor)
        return self._portal.call(lambda: self._session.list_resources(params=params))

    def templates(self) -> list[types.ResourceTemplate]:
        return self._portal.call(self._session.list_resource_templates).resource_templates

    def read(self, uri: str) -> str:
        """Return the text of a resource; raises MCPError for a refusal."""
        [content] = self._portal.call(self._session.read_resource, uri).contents
        assert len(content.text) <= 25_000, len(content.text)
        return content.text


@contextmanager
def assistant(*words: str, log: Path = Path(os.devnull), **environment: str) -> Iterator[Assistant]:
    """Start `tally mcp` with these words, and speak to it on its standard input and output."""
    command = StdioServerParameters(
        command=str(TALLY), args=["mcp", *words], env={**os.environ, **environment}
    )
    with (
        start_blocking_portal() as portal,
        log.open("w", encoding="utf-8") as errors,
        portal.wrap_async_context_manager(stdio_client(command, errlog=errors)) as (read, write),
        portal.wrap_async_context_manager(ClientSession(read, write)) as session,
    ):
        portal.call(session.initialize)
        yield Assistant(portal, session)


@contextmanager
def assistants_served(*words: str, log: Path, **environment: str) -> Iterator[str]:
    """Start `tally mcp --http` with these words; yield the address that assistants are given.

    What it prints goes to *log*. It is stopped as Ctrl-C would, and has to end with 0.
    """
    port = free_port()
    command = [TALLY, "mcp", "--http", "--port", str(port), *words]
    variables = {**os.environ, **environment}
    with (
        log.open("w", encoding="utf-8") as output,
        subprocess.Popen(
            command, env=variables, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            _wait_until_it_listens(port, process, log)
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            process.send_signal(2)
            code = process.wait(PATIENCE)
    assert code == 0, log.read_text(encoding="utf-8")


@contextmanager
def assistants_served_here(sources: Sources) -> Iterator[str]:
    """Yield the address of a server in this process: quicker than `tally mcp --http`."""
    listening = Listening("127.0.0.1", free_port())
    application = http.application(sources, listening, may_write=False)
    config = uvicorn.Config(
        application, host=listening.host, port=listening.port, http="h11", ws="none", log_config=None
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield listening.address
    finally:
        server.should_exit = True
        thread.join()


def _wait_until_it_listens(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            requests.get(f"http://127.0.0.1:{port}/", timeout=PATIENCE)
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"tally mcp --http gave no answer:\n{log.read_text(encoding='utf-8')}")


@contextmanager
def assistant_over_http(address: str, authorization: str | None = None) -> Iterator[Assistant]:
    """Speak to a server over HTTP, with this header."""
    headers = {"Authorization": authorization} if authorization else {}
    client = httpx2.AsyncClient(headers=headers, timeout=PATIENCE)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(client),
        portal.wrap_async_context_manager(streamable_http_client(address, http_client=client)) as streams,
        portal.wrap_async_context_manager(ClientSession(streams[0], streams[1])) as session,
    ):
        portal.call(session.initialize)
        yield Assistant(portal, session)
