"""The tools that `tally mcp` offers, in the order in which assistants see them."""

from collections.abc import Sequence

from tally.assistants.compatibility.compatibility import check_compatibility
from tally.assistants.decisions.can_i_deploy import can_i_deploy
from tally.assistants.decisions.deploy_plans import deploy_plan
from tally.assistants.drafting.drafts import draft_consumer_test
from tally.assistants.environments.environments import what_is_deployed
from tally.assistants.failures.failures import why_did_it_fail
from tally.assistants.pacts.pact_diffs import pact_diff
from tally.assistants.pacts.provider_states import provider_states
from tally.assistants.service_contracts.comparisons import compare_pact
from tally.assistants.tool import Tool
from tally.assistants.usage.usage import may_i_remove, who_uses
from tally.assistants.verification.verification import LONGEST_CALL, verify_locally

READING: Sequence[Tool] = (
    Tool(can_i_deploy),
    Tool(deploy_plan),
    Tool(why_did_it_fail),
    Tool(what_is_deployed),
    Tool(who_uses),
    Tool(may_i_remove),
    Tool(compare_pact),
    Tool(check_compatibility),
    Tool(pact_diff),
    Tool(provider_states),
    Tool(draft_consumer_test),
    Tool(verify_locally, local=True, asks_others=True, seconds=LONGEST_CALL),
)


def writing() -> Sequence[Tool]:
    """Return the tools that write to the broker."""
    from tally.assistants.writing import WRITING  # noqa: PLC0415 - see its docstring

    return WRITING


def tools(*, may_write: bool, local: bool = True) -> Sequence[Tool]:
    """Return the tools: those that write only where that is allowed, local ones only for who is *local*."""
    found = (*READING, *(writing() if may_write else ()))
    return tuple(tool for tool in found if local or not tool.local)


def why_withheld(name: str) -> str | None:
    """Return why a tool that there is may not be offered; None where there is no such tool."""
    tool = next((each for each in (*READING, *writing()) if each.name == name), None)
    if tool is None:
        return None
    reasons = []
    if tool.writes:
        reasons.append("It writes to the broker: `tally mcp` offers it only with --allow-writes.")
    if tool.local:
        reasons.append("It uses the machine of the server: `tally mcp` offers it only over stdio.")
    return f"{name} is not offered here. {' '.join(reasons)}"
