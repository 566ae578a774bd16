"""The pacts with a provider that count at a broker: of what is deployed or released, and the newest ones."""

from collections.abc import Iterable, Iterator
from dataclasses import field
from difflib import get_close_matches
from itertools import islice
from typing import Any

from tally.assistants import names
from tally.assistants.answers import ToolError, listed, quoted
from tally.broker_client import BrokerClient
from tally.commands.environments.environments import environment_link
from tally.errors import BrokerError, BrokerUnreachableError, ResourceNotFoundError
from tally.values import dataclass

MOST_PACTS = 100
"""That are fetched for one question; it is said which consumers' are left out."""
_MOST_CONSUMERS = 20
"""Whose branches are looked through for one that may be meant."""
_CURRENT = (
    ("pb:currently-deployed-deployed-versions", "deployedVersions"),
    ("pb:currently-supported-released-versions", "releasedVersions"),
)
_ANY_NEWEST = ("pb:latest-provider-pacts", "pb:latest-provider-pacts-with-main-branch")


@dataclass
class PactInUse:
    """A pact of a version of a consumer, and the environments that this version is in."""

    consumer: str
    version: str
    document: dict[str, Any]
    environments: list[str] = field(default_factory=list)


@dataclass
class PactsInUse:
    """The pacts, and what could not be looked at: `what`, and `why`."""

    pacts: list[PactInUse] = field(default_factory=list)
    left_out: list[dict[str, str]] = field(default_factory=list)

    @property
    def consumers(self) -> list[str]:
        """The consumers whose pacts they are, by name."""
        return sorted({pact.consumer for pact in self.pacts})


def pacts_in_use(
    broker: BrokerClient,
    provider: str,
    field: str,
    *,
    environment: str | None = None,
    branch: str | None = None,
) -> PactsInUse:
    """Return the pacts with *provider* that count: of what is in any environment, and the newest ones.

    With an *environment*, only those of what is there; with a *branch*, the newest of that branch of each
    consumer. Raises ToolError for a name that the broker does not know; *field* is the argument that has
    the provider's.
    """
    names.application(broker, provider, field)
    if environment is not None:
        names.environment(broker, environment)
    return _Fetching(broker, provider).found(environment, branch)


class _Fetching:
    def __init__(self, broker: BrokerClient, provider: str) -> None:
        self._broker = broker
        self._provider = provider
        self._index = broker.index()
        self._found = PactsInUse()
        self._known: dict[tuple[str, str], PactInUse] = {}
        self._fetched: set[str] = set()

    def found(self, environment: str | None, branch: str | None) -> PactsInUse:
        consumers = dict(self._newest("pb:latest-provider-pacts"))
        if branch is not None:
            relation = "pb:latest-provider-pacts-with-branch"
            for consumer, url in self._newest(relation, branch=branch):
                self._add(consumer, url)
            if not self._found.pacts and not self._found.left_out:
                raise ToolError(self._unknown_branch(branch, consumers))
            return self._found
        if environment is None:
            for relation in _ANY_NEWEST:
                for consumer, url in self._newest(relation) if any(self._index.links(relation)) else ():
                    self._add(consumer, url)
        for name, consumer, number in self._in_environments(environment):
            if consumer in consumers:
                self._add_version(name, consumer, number)
        return self._found

    def _newest(self, relation: str, **variables: str) -> Iterator[tuple[str, str]]:
        """Yield the consumers with the addresses of their pacts."""
        found = self._broker.follow(self._index, relation, provider=self._provider, **variables)
        for link in found.links("pb:pacts"):
            yield link.name or "", link.href

    def _in_environments(self, only: str | None) -> Iterator[tuple[str, str, str]]:
        """Yield environments with the versions that are there."""
        listed = self._broker.follow(self._index, "pb:environments")
        links = list(listed.links("pb:environments")) if only is None else [environment_link(listed, only)]
        for link in links:
            environment = self._broker.get(link.expand())
            name = str(environment.state.get("name") or link.name)
            for relation, embedded in _CURRENT:
                for current in environment.links(relation):
                    for item in self._broker.get(current.expand()).embedded(embedded):
                        of = item["_embedded"]
                        yield name, of["pacticipant"]["name"], of["version"]["number"]

    def _add_version(self, environment: str, consumer: str, number: str) -> None:
        if (consumer, number) not in self._known:
            url = self._index.link("pb:publish-pact").expand(
                provider=self._provider, consumer=consumer, consumerApplicationVersion=number
            )
            self._add(consumer, url, number)
        pact = self._known.get((consumer, number))
        if pact is not None and environment not in pact.environments:
            pact.environments.append(environment)

    def _add(self, consumer: str, url: str, number: str = "") -> None:
        if url in self._fetched:
            return
        self._fetched.add(url)
        if len(self._fetched) > MOST_PACTS:
            self._leave_out(f"a pact of {consumer}", f"more than {MOST_PACTS} pacts count for one question")
            return
        try:
            state = self._broker.get(url).state
        except ResourceNotFoundError:
            return  # this version has no pact with the provider
        except BrokerUnreachableError:
            raise
        except BrokerError as error:
            self._leave_out(f"the pact of {consumer} at {url}", str(error))
            return
        version = (state.get("_links") or {}).get("pb:consumer-version") or {}
        number = number or str(version.get("name") or "")
        pact = PactInUse(consumer, number, state)
        if self._known.setdefault((consumer, number), pact) is pact:
            self._found.pacts.append(pact)

    def _unknown_branch(self, branch: str, consumers: Iterable[str]) -> str:
        known: dict[str, None] = {}
        for consumer in islice(consumers, _MOST_CONSUMERS):
            application = self._broker.follow(self._index, "pb:pacticipant", pacticipant=consumer)
            for link in application.links("pb:branches"):
                branches = self._broker.get(link.expand()).embedded("branches")
                known |= dict.fromkeys(str(each["name"]) for each in branches)
        near = get_close_matches(branch, known, n=1)
        hint = (
            f" Did you mean {quoted(near[0])}?" if near else f" They have {listed(known)}." if known else ""
        )
        what = f"no consumer of {quoted(self._provider)} has a pact with it on a branch {quoted(branch)}"
        return f"branch: {what}.{hint}"

    def _leave_out(self, what: str, why: str) -> None:
        self._found.left_out.append({"what": what, "why": why})
