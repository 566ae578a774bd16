"""Which versions are in which environment."""

from collections.abc import Iterator
from typing import Annotated, Any

from tally.amounts import counted
from tally.assistants import names
from tally.assistants.answers import Answer, page_of, quoted
from tally.assistants.sources.sources import Sources
from tally.broker_client import BrokerClient, Resource

_KINDS = (
    ("deployed", "pb:currently-deployed-deployed-versions", "deployedVersions"),
    ("released", "pb:currently-supported-released-versions", "releasedVersions"),
)


def what_is_deployed(
    sources: Sources,
    *,
    environment: Annotated[str | None, "Only what is in this environment."] = None,
    pacticipant: Annotated[str | None, "Only the versions of this application."] = None,
    page: Annotated[int, "Page of the list."] = 1,
) -> Answer:
    """Say which versions are deployed or released in each environment now, and since when."""
    broker = sources.broker
    if pacticipant is not None:
        names.application(broker, pacticipant, "pacticipant")
    if environment is not None:
        asked = [names.environment(broker, environment)]
    else:
        listed = broker.follow(broker.index(), "pb:environments")
        asked = [Resource(listed.url, 200, item) for item in listed.embedded("environments")]
    there = [item for each in asked for item in _in(broker, each, pacticipant)]
    return Answer(
        _summary(asked, there, pacticipant, environment),
        {
            "versions": page_of(there, page, 50),
            "environments": [
                {
                    "name": each.state["name"],
                    "production": bool(each.state.get("production")),
                    "page": each.link("self").expand(),
                }
                for each in asked
            ],
        },
        next=_next(asked, there),
        links={"environments": broker.index().link("pb:environments").expand()},
    )


def _in(broker: BrokerClient, environment: Resource, pacticipant: str | None) -> Iterator[dict[str, Any]]:
    params = [("pacticipant", pacticipant)] if pacticipant else []
    for kind, rel, embedded in _KINDS:
        for item in broker.get(environment.link(rel).expand(), params=params).embedded(embedded):
            parts = item["_embedded"]
            instance = item.get("applicationInstance") or item.get("target")
            yield {
                "environment": environment.state["name"],
                "application": parts["pacticipant"]["name"],
                "version": parts["version"]["number"],
                "how": kind,
                "since": item.get("createdAt"),
                **({"instance": instance} if instance else {}),
            }


def _summary(
    asked: list[Resource], there: list[dict[str, Any]], pacticipant: str | None, environment: str | None
) -> str:
    whose = f" of {quoted(pacticipant)}" if pacticipant else ""
    if not asked:
        return "The broker knows no environment, so it does not know what is deployed anywhere."
    where = f"in {quoted(environment)}" if environment else f"in {counted(len(asked), 'environment')}"
    if not there:
        return f"Nothing{whose} is recorded as deployed or released {where}."
    if len(there) <= 3:  # noqa: PLR2004 - as many as a sentence can name
        named = "; ".join(
            f"{quoted(item['application'])} {quoted(item['version'])} in {quoted(item['environment'])}"
            for item in there
        )
        return f"{counted(len(there), 'version')}{whose} {where}: {named}."
    applications = len({item["application"] for item in there})
    of = whose or f" of {counted(applications, 'application')}"
    return f"{counted(len(there), 'version')}{of} {where}."


def _next(asked: list[Resource], there: list[dict[str, Any]]) -> list[str]:
    if not asked:
        return ["tally create-environment --name production --production"]
    if not there:
        return ["What is deployed is known only where pipelines run tally record-deployment."]
    return []
