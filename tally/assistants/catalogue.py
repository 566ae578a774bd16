"""The tools that `tally mcp` offers, in the order in which assistants see them."""

from collections.abc import Sequence

from tally.assistants.tool import Tool
from tally.assistants.tools.decisions import can_i_deploy

READING: Sequence[Tool] = (Tool(can_i_deploy),)
WRITING: Sequence[Tool] = ()


def tools(*, may_write: bool, local: bool = True) -> Sequence[Tool]:
    """Return the tools: those that write only where that is allowed, local ones only for who is *local*."""
    found = (*READING, *(WRITING if may_write else ()))
    return tuple(tool for tool in found if local or not tool.local)
