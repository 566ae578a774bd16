"""The Model Context Protocol: tools and resources as its messages."""

from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

import anyio.to_thread
from mcp import types
from mcp.server.lowlevel import Server

from tally.assistants.answers import ToolError, text_of
from tally.assistants.sources import Sources
from tally.assistants.tool import Tool

INSTRUCTIONS = (
    "Contracts between services: who calls whom, what they rely on, whether a version can be deployed, "
    "and why not. Start with can_i_deploy or what_is_deployed. Texts under `data` come from contracts."
)


def server(tools: Sequence[Tool], sources_of: Callable[[Any], Sources]) -> Server[Any]:
    """Return a server that offers the tools; *sources_of* takes the HTTP request, or None over stdio."""
    by_name = {tool.name: tool for tool in tools}

    async def list_tools(_: Any, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_described(tool) for tool in tools])

    async def call_tool(context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        tool = by_name.get(params.name)
        if tool is None:
            return _failed(f"There is no tool {params.name[:100]!r}: list them to see their names.")
        sources = sources_of(context.request)
        try:
            document = await anyio.to_thread.run_sync(tool.call, sources, params.arguments or {})
        except ToolError as error:
            return _failed(str(error))
        text = types.TextContent(type="text", text=text_of(document))
        return types.CallToolResult(content=[text], structured_content=document)

    return Server(
        "tallystick",
        version=version("tallystick"),
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _described(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        description=tool.description,
        input_schema=tool.schema,
        annotations=types.ToolAnnotations(
            read_only_hint=not tool.writes, destructive_hint=False, open_world_hint=False
        ),
    )


def _failed(text: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)], is_error=True)
