"""Who uses a place of a service: as a broker knows it, by pacts that it has, or by files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from http import HTTPStatus
from typing import Any

from tally.assistants import names
from tally.assistants.answers import ToolError, listed, quoted
from tally.assistants.judging.process import judged
from tally.assistants.sources.file_choice import contracts_called, contracts_of_service, pacts_of_provider
from tally.assistants.sources.files import ServiceContractFile
from tally.assistants.sources.given import Given, content
from tally.assistants.sources.sources import Sources
from tally.assistants.verification.broker_pacts import pacts_in_use
from tally.broker_client import BrokerClient, Resource
from tally.errors import BrokerRefusedError, ResourceNotFoundError
from tally.values import dataclass

MOST_INTERACTIONS = 20
"""Of one consumer that are shown; how many more there are is said."""
User = dict[str, Any]
"""A consumer with the `versions` and `interactions` that use a place; it is `certain`, or only may."""


@dataclass(frozen=True)
class Question:
    """Who uses *place* of *service*; *version* is of the service whose contract describes it."""

    service: str
    place: str
    environment: str | None = None
    version: str | None = None


@dataclass(frozen=True)
class Usage:
    """Who uses a place. *consumers* were looked at; what could not be, and why, is *not_compared*.

    *contract* is what describes the place, in words; "" where nothing does.
    """

    place: str
    users: Sequence[User]
    consumers: Sequence[str]
    contract: str = ""
    not_compared: Sequence[dict[str, str]] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    near: Sequence[str] | None = None
    """What pacts ask for in place of an operation that no pact and no contract has; None for one that is."""
    knows_all: bool = True
    """Whether all consumers are known: a broker's are, those in files are only those."""

    @property
    def certain(self) -> list[User]:
        """Those that use it for sure."""
        return [user for user in self.users if user["certain"]]


def ask(sources: Sources, question: Question) -> Usage:
    """Return who uses the place.

    Raises ToolError or UsageError for what is not known, and UndecidedError when it cannot be said in time.
    """
    if sources.asked is None:
        return _by_files(sources, question)
    found = _by_usage(sources.asked, question)
    return found or _by_pacts(sources, sources.asked, question)


def _by_usage(broker: BrokerClient, question: Question) -> Usage | None:
    """Return what the broker says; None when it does not keep who uses what, or has no service contract."""
    index = broker.index()
    if "" in {question.environment, question.version}:  # the broker takes it for nothing
        check_names(broker, question)
    link = next(index.links("tally:usage"), None)
    if link is None:
        return None
    about = {"environment": question.environment, "version": question.version}
    params = [
        ("place", question.place),
        *((name, value) for name, value in about.items() if value is not None),
    ]
    try:
        answer = broker.get(link.expand(pacticipant=question.service), params=params)
    except ResourceNotFoundError:
        check_names(broker, question)
        return None
    except BrokerRefusedError as error:
        if error.status != HTTPStatus.BAD_REQUEST:
            raise
        raise ToolError(f"{error}. A place is written as in `GET /orders/{{id}} 200 $.total`.") from error
    return _usage(question, index, answer)


def check_names(broker: BrokerClient, question: Question) -> None:
    """Raise ToolError for a name in the question that the broker does not know."""
    names.application(broker, question.service, "service")
    if question.environment is not None:
        names.environment(broker, question.environment)
    if question.version is not None:
        names.version(broker, question.service, question.version, "version")


def _usage(question: Question, index: Resource, answer: Resource) -> Usage:
    [place] = answer.state["places"]
    version = answer.state["version"]
    url = index.link("tally:service-contract").expand(pacticipant=question.service, version=version)
    return Usage(
        place["place"],
        _merged(
            (user["consumer"], user["versions"], user["interactions"], user.get("since"))
            for user in place["users"]
        ),
        answer.state["consumers"],
        f"the service contract of {quoted(question.service)} {quoted(version)}",
        links={"usage": f"{url}?show=usage"},
    )


def _by_pacts(sources: Sources, broker: BrokerClient, question: Question) -> Usage:
    """Return what the pacts at the broker say, by a contract in a file if there is one."""
    if question.version is not None:
        names.version(broker, question.service, question.version, "version")
        raise ToolError(
            f"version: {quoted(question.service)} {quoted(question.version)} has no service contract at the "
            "broker: leave the version out to ask by the pacts alone, or publish one."
        )
    found = pacts_in_use(broker, question.service, "service", environment=question.environment)
    documents = [content(f"pact of {pact.consumer} {pact.version}", pact.document) for pact in found.pacts]
    contracts = contracts_called(sources.files, question.service)
    answer = _judged(question.place, contracts, documents)
    users = [
        (
            pact.consumer,
            [{"number": pact.version, "environments": pact.environments}],
            user["interactions"],
            None,
        )
        for user in answer["users"]
        for pact in [found.pacts[user["index"]]]
    ]
    return Usage(
        answer["place"],
        _merged(users),
        found.consumers,
        listed(each.path for each in contracts),
        [*found.left_out, *answer["unreadable"]],
        near=answer.get("near"),
    )


def _by_files(sources: Sources, question: Question) -> Usage:
    if question.environment is not None or question.version is not None:
        raise ToolError(
            "environment, version: files do not say which versions there are, and where they are. Leave "
            "these out, or start `tally mcp` with --broker-base-url."
        )
    pacts = pacts_of_provider(sources.files, question.service)
    contracts = contracts_of_service(sources.files, question.service, optional=True)
    documents = [content(str(each.path), each.document) for each in pacts]
    answer = _judged(question.place, contracts, documents)
    users = [
        (pact.consumer, [{"file": str(pact.path)}], user["interactions"], None)
        for user in answer["users"]
        for pact in [pacts[user["index"]]]
    ]
    return Usage(
        answer["place"],
        _merged(users),
        sorted({pact.consumer for pact in pacts}),
        listed(each.path for each in contracts),
        answer["unreadable"],
        near=answer.get("near"),
        knows_all=False,
    )


def _judged(place: str, contracts: Sequence[ServiceContractFile], pacts: Sequence[Given]) -> Any:
    if not contracts:
        return judged("who_uses_assumed", pacts=pacts, place=place)
    documents = [content(str(each.path), each.document) for each in contracts]
    return judged("who_uses", documents=documents, pacts=pacts, place=place)


def _merged(
    users: Iterable[tuple[str, list[dict[str, Any]], list[dict[str, str]], str | None]],
) -> list[User]:
    """Return each consumer once for the same interactions, with all versions that have them."""
    found: dict[tuple[str, str], User] = {}
    for consumer, versions, interactions, since in users:
        user = found.setdefault(
            (consumer, repr(interactions)),
            {
                "consumer": consumer,
                "certain": any("doubt" not in each for each in interactions),
                "versions": [],
                **_shown(interactions),
            },
        )
        user["versions"] += versions
        if since:
            user["since"] = min(since, user.get("since", since))
    return sorted(found.values(), key=lambda user: str(user["consumer"]))


def _shown(interactions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    left = len(interactions) - MOST_INTERACTIONS
    more = {"more_interactions": left} if left > 0 else {}
    return {"interactions": list(interactions[:MOST_INTERACTIONS]), **more}
