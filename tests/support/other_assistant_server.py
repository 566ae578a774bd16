"""SmartBear's server for coding assistants, `@smartbear/mcp`: unmodified, started by Node."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.shared.exceptions import MCPError
from support.assistants import RefusedError
from support.npm_packages import NODE

_PROGRAM = Path("@smartbear", "mcp", "dist", "index.js")
_PREFIX = "contract-testing_"


class OtherServer:
    """Call its tools, whose names are given without their prefix; every call waits for the answer."""

    def __init__(self, portal: BlockingPortal, session: ClientSession) -> None:
        self._portal = portal
        self._session = session
        self.called: set[str] = set()

    def offered(self) -> set[str]:
        """Return the names of all tools."""
        return {tool.name.removeprefix(_PREFIX) for tool in self._portal.call(self._session.list_tools).tools}

    def call(self, tool: str, /, **arguments: Any) -> Any:
        """Return what the broker answered; raises RefusedError with the text of a refusal."""
        self.called.add(tool)
        result = self._portal.call(self._session.call_tool, _PREFIX + tool, arguments)
        [content] = result.content
        if result.is_error:
            raise RefusedError(content.text)
        return json.loads(content.text)

    def call_for_nothing(self, tool: str, /, **arguments: Any) -> None:
        """Call a tool that the broker answers with 204.

        The server makes a text of the body that is not there, `undefined`, and then finds its own answer
        invalid. It does so with every broker: the Pact Broker, too, answers 204 to what deletes.
        """
        try:
            answer = self.call(tool, **arguments)
        except MCPError as error:
            assert "Invalid tools/call result" in str(error), error  # noqa: PT017 - its text is all there is
        else:
            raise AssertionError(f"{tool} answered {answer}")


@contextmanager
def other_server(node_modules: Path, broker: str, credentials: tuple[str, str]) -> Iterator[OtherServer]:
    """Start the server in its Pact Broker mode, which it chooses for a user with a password."""
    username, password = credentials
    command = StdioServerParameters(
        command=str(NODE),
        args=[str(node_modules / _PROGRAM)],
        env={
            "MCP_TRANSPORT": "stdio",
            "PACT_BROKER_BASE_URL": broker,
            "PACT_BROKER_USERNAME": username,
            "PACT_BROKER_PASSWORD": password,
        },
    )
    with (
        start_blocking_portal() as portal,
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        portal.wrap_async_context_manager(stdio_client(command, errlog=nowhere)) as (read, write),
        portal.wrap_async_context_manager(ClientSession(read, write)) as session,
    ):
        portal.call(session.initialize)
        yield OtherServer(portal, session)
