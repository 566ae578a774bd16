"""Which places of a service nobody uses: as a broker knows it, or by files."""

from collections.abc import Mapping, Sequence
from dataclasses import field

from tally.assistants.answers import ToolError, listed, quoted
from tally.assistants.judging.process import judged
from tally.assistants.service_contracts.broker_contracts import without_contract
from tally.assistants.sources.file_choice import contracts_of_service, pacts_of_provider
from tally.assistants.sources.given import content
from tally.assistants.sources.sources import Sources
from tally.assistants.usage.usage_answers import Question, check_names
from tally.broker_client import BrokerClient
from tally.errors import BrokerError, ResourceNotFoundError
from tally.values import dataclass


@dataclass(frozen=True)
class Unused:
    """The places, and whose pacts were looked at. *contract* is what has the places, in words."""

    places: Sequence[str]
    consumers: Sequence[str]
    contract: str
    not_compared: Sequence[dict[str, str]] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    knows_all: bool = True


def unused_places(sources: Sources, question: Question) -> Unused:
    """Return what nobody uses of the service in the *question*, whose place does not count.

    Raises ToolError for what is not known, and UndecidedError when it cannot be said in time.
    """
    if sources.asked is not None:
        return _at_broker(sources.asked, question)
    if question.environment is not None or question.version is not None:
        raise ToolError("environment, version: files do not say these. Leave them out, or name a broker.")
    pacts = pacts_of_provider(sources.files, question.service)
    contracts = contracts_of_service(sources.files, question.service)
    found = judged(
        "unused",
        documents=[content(str(each.path), each.document) for each in contracts],
        pacts=[content(str(each.path), each.document) for each in pacts],
    )
    return Unused(
        found["places"],
        sorted({each.consumer for each in pacts}),
        listed(each.path for each in contracts),
        found["unreadable"],
        knows_all=False,
    )


def _at_broker(broker: BrokerClient, question: Question) -> Unused:
    index = broker.index()
    link = next(index.links("tally:unused-places"), None)
    if link is None:
        raise BrokerError(f"The broker at {broker.base_url} does not know who uses what: give a place.")
    if "" in {question.environment, question.version}:  # the broker takes it for nothing
        check_names(broker, question)
    about = {"environment": question.environment, "version": question.version}
    params = [(name, value) for name, value in about.items() if value is not None]
    try:
        answer = broker.get(link.expand(pacticipant=question.service), params=params)
    except ResourceNotFoundError as error:
        check_names(broker, question)
        raise ToolError(without_contract(quoted(question.service))) from error
    version = answer.state["version"]
    url = index.link("tally:service-contract").expand(pacticipant=question.service, version=version)
    return Unused(
        answer.state["places"],
        answer.state["consumers"],
        f"the service contract of {quoted(question.service)} {quoted(version)}",
        links={"usage": f"{url}?show=usage"},
    )
