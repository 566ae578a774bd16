"""The Model Context Protocol: tools and resources as its messages."""

import difflib
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from typing import Any

from mcp import MCPError, types
from mcp.server.lowlevel import Server

from tally.assistants.answers import ToolError, quoted, sentence, text_of
from tally.assistants.catalogue import why_withheld
from tally.assistants.server.calls import Calls
from tally.assistants.server.resources import TEMPLATES, MimeType, listed, read
from tally.assistants.sources.sources import Sources
from tally.assistants.tool import SECONDS, Tool
from tally.values import dataclass

INSTRUCTIONS = (
    "Contracts between services: who calls whom, what they rely on, whether a version can be deployed, "
    "and why not. Start with can_i_deploy or what_is_deployed. Texts under `data` come from contracts."
)
EDITOR = "the editor that started the server"
"""The caller over stdio."""


@dataclass(frozen=True)
class Asking:
    """Who asks, and what they are answered from. Calls of the same *caller* count together."""

    sources: Sources
    caller: str = EDITOR


class _Messages:
    def __init__(self, tools: Sequence[Tool], asking: Callable[[Any], Asking], calls: Calls) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self._asking = asking
        self._calls = calls

    async def list_tools(self, _: Any, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_described(tool) for tool in self._tools.values()])

    async def call_tool(self, context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        tool = self._tools.get(params.name)
        if tool is None:
            return _failed(_no_tool(params.name, self._tools))
        asking = self._asking(context.request)
        call = partial(tool.call, asking.sources, params.arguments or {})
        try:
            document = await self._calls.run(call, caller=asking.caller, seconds=tool.seconds)
        except ToolError as error:
            return _failed(str(error))
        text = types.TextContent(type="text", text=text_of(document))
        return types.CallToolResult(content=[text], structured_content=document)

    async def list_resources(
        self, context: Any, params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        asking = self._asking(context.request)
        page = await self._read(partial(listed, asking.sources, params.cursor if params else None), asking)
        resources = [
            types.Resource(
                uri=each.uri, name=each.name, description=each.description, mime_type=each.mime_type.value
            )
            for each in page.items
        ]
        return types.ListResourcesResult(resources=resources, next_cursor=page.next)

    async def list_templates(
        self, _: Any, __: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        templates = [
            types.ResourceTemplate(
                uri_template=each.uri,
                name=each.name,
                description=each.description,
                mime_type=MimeType.JSON.value,
            )
            for each in TEMPLATES
        ]
        return types.ListResourceTemplatesResult(resource_templates=templates)

    async def read_resource(
        self, context: Any, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        asking = self._asking(context.request)
        found = await self._read(partial(read, asking.sources, str(params.uri)), asking)
        contents = types.TextResourceContents(
            uri=str(params.uri), mime_type=found.mime_type.value, text=found.text
        )
        return types.ReadResourceResult(contents=[contents])

    async def _read(self, function: Callable[[], Any], asking: Asking) -> Any:
        try:
            return await self._calls.run(function, caller=asking.caller, seconds=SECONDS)
        except ToolError as error:
            raise MCPError(types.INVALID_PARAMS, sentence(str(error))) from error


def server(tools: Sequence[Tool], asking: Callable[[Any], Asking], calls: Calls | None = None) -> Server[Any]:
    """Return a server of the tools and resources; *asking* takes the HTTP request, or None over stdio."""
    messages = _Messages(tools, asking, calls or Calls())
    return Server(
        "tallystick",
        version=version("tallystick"),
        instructions=INSTRUCTIONS,
        on_list_tools=messages.list_tools,
        on_call_tool=messages.call_tool,
        on_list_resources=messages.list_resources,
        on_list_resource_templates=messages.list_templates,
        on_read_resource=messages.read_resource,
    )


def _described(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        description=tool.description,
        input_schema=tool.schema,
        annotations=types.ToolAnnotations(
            read_only_hint=not (tool.writes or tool.asks_others),
            destructive_hint=tool.asks_others,
            open_world_hint=tool.asks_others,
        ),
    )


def _no_tool(name: str, tools: dict[str, Tool]) -> str:
    if withheld := why_withheld(name):
        return withheld
    near = difflib.get_close_matches(name[:100], tools, n=1)
    hint = f"Did you mean {near[0]}?" if near else "List the tools to see their names."
    return f"There is no tool {quoted(name)}. {hint}"


def _failed(text: str) -> types.CallToolResult:
    content = types.TextContent(type="text", text=sentence(text))
    return types.CallToolResult(content=[content], is_error=True)
