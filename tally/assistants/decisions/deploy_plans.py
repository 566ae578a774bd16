"""The order in which several versions can be deployed."""

from typing import Annotated, Any

from tally.assistants import names
from tally.assistants.answers import Answer, ToolError, quoted
from tally.assistants.sources.sources import Sources
from tally.broker_client import BrokerClient, Resource
from tally.commands.decisions.deploy_plan import because, plan
from tally.commands.decisions.selectors import VersionSelector
from tally.errors import BrokerRefusedError, UnauthorisedError


def deploy_plan(
    sources: Sources,
    *,
    versions: Annotated[
        dict[str, str],
        'The version of each application that is to go there: {"Shop": "1.4", "Orders": "2.1"}.',
    ],
    environment: Annotated[str, "Where they are to be deployed, such as production."],
) -> Answer:
    """Find the order in which several versions can be deployed, one after the other, breaking nothing.

    Call it when can_i_deploy says no for one version alone because another one has to go first.
    """
    moves = [_move(name, number) for name, number in versions.items()]
    if not moves:
        raise ToolError('versions is empty: name applications and their versions, as {"Shop": "1.4"}.')
    found = _plan(sources.broker, moves, environment)
    data = {
        "possible": found.state["summary"]["possible"],
        "steps": found.state["steps"],
        "blocked": [_blocked(item, environment) for item in found.state["blocked"]],
    }
    return Answer(_summary(found, environment), data, next=_next(found, environment), links=_links(found))


def _move(name: str, number: Any) -> VersionSelector:
    if not isinstance(number, str) or not number:
        raise ToolError(f"versions: name the version of {quoted(name)} as a text.")
    return VersionSelector(name, version=number)


def _plan(broker: BrokerClient, moves: list[VersionSelector], environment: str) -> Resource:
    try:
        return plan(broker, moves, environment)
    except UnauthorisedError:
        raise
    except BrokerRefusedError:
        # The broker says what it does not know; these say as well what is near.
        names.environment(broker, environment)
        for move in moves:
            names.version(broker, move.pacticipant, move.version or "", "versions")
        raise


def _summary(found: Resource, environment: str) -> str:
    order = ", then ".join(
        f"{quoted(each['pacticipant'])} {quoted(each['version'])}" for each in _first(found)
    )
    more = len(found.state["steps"]) - len(_first(found))
    order += f", and {more} more" if more else ""
    where = quoted(environment)
    if found.state["summary"]["possible"]:
        return f"Yes: deploy to {where} in this order: {order}."
    blocked = " and ".join(quoted(item["pacticipant"]) for item in found.state["blocked"])
    first = f" These can go first: {order}. Then {blocked} cannot." if order else ""
    return f"No: every order breaks {where} at some step.{first}"


def _first(found: Resource) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = found.state["steps"]
    return steps[:10]


def _next(found: Resource, environment: str) -> list[str]:
    if found.state["summary"]["possible"]:
        return ["Record each step with tally record-deployment; ask again when something else has changed."]
    return [
        f"What stands in the way of {quoted(item['pacticipant'])}: can_i_deploy with version "
        f"{quoted(item['version'])} and environment {quoted(environment)}."
        for item in found.state["blocked"][:5]
    ]


def _blocked(item: dict[str, Any], environment: str) -> dict[str, Any]:
    return {
        "pacticipant": item["pacticipant"],
        "version": item["version"],
        "because": [because(clash, environment) for clash in item["because"]],
    }


def _links(found: Resource) -> dict[str, str]:
    return {"plan": found.url}
