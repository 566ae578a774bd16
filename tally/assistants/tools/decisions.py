"""Tools about deployments: whether one can happen, and what stands in its way."""

from typing import Annotated

from tally.assistants.answers import Answer, ToolError, quoted
from tally.assistants.sources import Sources
from tally.commands import output as printing
from tally.commands.decisions.decision_requests import Patience, ask
from tally.commands.decisions.decisions import decision
from tally.commands.decisions.questions import DecisionQuestion, DecisionTarget
from tally.commands.decisions.selectors import VersionSelector

_ONCE = Patience(0, 0)


def can_i_deploy(
    sources: Sources,
    *,
    pacticipant: Annotated[str, "Name of the application, as the broker knows it."],
    version: Annotated[str | None, "Its version. Leave it out to ask about the newest of a branch."] = None,
    branch: Annotated[str | None, "Its newest version of this branch, in place of a version."] = None,
    environment: Annotated[str | None, "Where it is to be deployed, such as production."] = None,
) -> Answer:
    """Say whether a version can be deployed without breaking anything; if not, why, and what to do next.

    Call it before a deployment, and whenever somebody asks why something cannot be deployed.
    """
    if (version is None) == (branch is None):
        raise ToolError("Give one of version and branch.")
    asked = VersionSelector(pacticipant, version=version, branch=branch, latest=branch is not None)
    question = DecisionQuestion((asked,), DecisionTarget(environment, None))
    answer = ask(sources.broker, question.parameters(), _ONCE)
    found = decision(answer)
    named = f"{quoted(pacticipant)} {quoted(version or f'newest of {branch}')}"
    where = f" to {quoted(environment)}" if environment else ""
    return Answer(
        found.verdict(named, f"be deployed{where}"),
        {
            "deployable": found.deployable,
            "reasons": [notice.text for notice in found.notices],
            "compared": [row.cells() for row in found.rows],
        },
        next=found.next_steps(sources.broker.base_url, question.aim_of_deployment, printing.moment),
    )
