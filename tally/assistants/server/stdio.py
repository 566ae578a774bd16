"""The server on standard input and output, for the editor that started it."""

import signal

import anyio
from mcp.server.stdio import stdio_server

from tally.assistants.catalogue import tools
from tally.assistants.server.protocol import Asking, server
from tally.assistants.sources.sources import Sources


def run(sources: Sources, *, may_write: bool) -> None:
    """Answer until standard input ends, or SIGINT or SIGTERM come."""
    # An interrupt would wait for the thread that reads, which waits for the next line.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    anyio.run(_run, sources, may_write)


async def _run(sources: Sources, may_write: bool) -> None:  # noqa: FBT001 - anyio hands over by position
    asking = Asking(sources)
    answering = server(tools(may_write=may_write, local=True), lambda _request: asking)
    async with stdio_server() as (read, write):
        await answering.run(read, write, answering.create_initialization_options())
