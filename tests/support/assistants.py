"""A coding assistant: the protocol's own client, which starts `tally mcp` or speaks to it over HTTP."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp import ClientSession, StdioServerParameters, types
from mcp.client.stdio import stdio_client
from support.serving import TALLY


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


@contextmanager
def assistant(*words: str, **environment: str) -> Iterator[Assistant]:
    """Start `tally mcp` with these words, and speak to it on its standard input and output."""
    command = StdioServerParameters(
        command=str(TALLY), args=["mcp", *words], env={**os.environ, **environment}
    )
    with (
        start_blocking_portal() as portal,
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        portal.wrap_async_context_manager(stdio_client(command, errlog=nowhere)) as (read, write),
        portal.wrap_async_context_manager(ClientSession(read, write)) as session,
    ):
        portal.call(session.initialize)
        yield Assistant(portal, session)
