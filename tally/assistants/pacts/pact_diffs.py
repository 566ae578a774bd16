"""What changed between two versions of a pact."""

import json
from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Annotated, Any

from tally.amounts import counted
from tally.assistants.answers import Answer, ToolError, page_of, quoted
from tally.assistants.pacts.pacts import pact_of, version_of
from tally.assistants.sources.sources import Sources
from tally.broker_client import BrokerClient, Resource
from tally.errors import InvalidContractError, ResourceNotFoundError
from tally.values import dataclass

NOTHING = "nothing"
"""How the broker writes that there is no value."""
_SENT = ("method", "path", "query", "request ")
_RULES = ("rule of ", "generator of ")


class Looks(IntEnum):
    """What a change looks like for the provider, the worst first. Only a verification can tell."""

    DEMANDS_MORE = 0
    SENDS_OTHER = 1
    MAY_DIFFER = 2
    DEMANDS_LESS = 3

    def __str__(self) -> str:
        """Return it in words."""
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True)
class PactChange:
    """One change between two pacts, by its interaction; *kind* is added, removed or changed."""

    interaction: str
    kind: str
    place: str = ""
    before: str = ""
    after: str = ""

    @property
    def looks(self) -> Looks:
        """What it looks like for the provider."""
        if self.kind != "changed" or self.place.startswith(("comment", "pending")):
            return Looks.DEMANDS_MORE if self.kind == "added" else Looks.DEMANDS_LESS
        if self.place.startswith(_RULES):
            # Without a rule the value has to be the one of the example.
            tighter, looser = self.after == NOTHING, self.before == NOTHING
            return Looks.DEMANDS_MORE if tighter else Looks.DEMANDS_LESS if looser else Looks.MAY_DIFFER
        if self.place.startswith(_SENT):
            return Looks.SENDS_OTHER
        if self.after == NOTHING:
            return Looks.DEMANDS_LESS
        if self.before == NOTHING or self.place in {"status", "kind"}:
            return Looks.DEMANDS_MORE
        return Looks.DEMANDS_MORE if _type(self.before) is not _type(self.after) else Looks.MAY_DIFFER

    def document(self) -> dict[str, Any]:
        """Return it as data."""
        sides = {"place": self.place, "before": self.before, "after": self.after} if self.place else {}
        return {"interaction": self.interaction, "change": self.kind, **sides, "looks": str(self.looks)}


@dataclass(frozen=True)
class PactDifference:
    """What changed, the changes that look breaking first; *page* shows it to people."""

    changes: tuple[PactChange, ...]
    page: str

    @property
    def breaking(self) -> int:
        """How many changes look as if the provider had to change."""
        return sum(change.looks <= Looks.SENDS_OTHER for change in self.changes)

    def in_words(self) -> str:
        """Return how many interactions came, went and changed, as a clause."""
        interactions = {kind: set[str]() for kind in ("added", "changed", "removed")}
        for change in self.changes:
            interactions[change.kind].add(change.interaction)
        counts = [f"{len(found)} {kind}" for kind, found in interactions.items() if found]
        if not counts:
            return "no interaction differs: it is elsewhere, or one of the two is no pact; see data.text"
        look = "looks" if self.breaking == 1 else "look"
        return f"interactions: {', '.join(counts)}; {counted(self.breaking, 'change')} {look} breaking"


def pact_diff(  # noqa: PLR0913 - one for each name
    sources: Sources,
    *,
    consumer: Annotated[str, "Name of the consumer."],
    provider: Annotated[str, "Name of the provider."],
    version: Annotated[
        str | None, "Version of the consumer. Without it: the newest of its main branch that has a pact."
    ] = None,
    other_version: Annotated[
        str | None, "The version to compare with. Without it: the newest earlier one with another content."
    ] = None,
    page: Annotated[int, "Page of the changes."] = 1,
) -> Answer:
    """Say what changed in a pact between two versions of the consumer, side by side.

    Changes that look breaking for the provider come first: what the consumer demands in addition, then what
    it sends in another way. Only a verification can tell whether the provider really breaks.
    """
    broker = sources.broker
    pact = pact_of(broker, consumer, provider, version, "version")
    if other_version is None:
        before = _previous(broker, pact)
    else:
        before = pact_of(broker, consumer, provider, other_version, "other_version")
    whose = f"the pact of {quoted(consumer)} with {quoted(provider)}"
    if before is None:
        return Answer(
            f"There is no earlier content of {whose} than that of version {quoted(version_of(pact))}.",
            links={"pact": pact.link("self").expand()},
        )
    between = f"{quoted(version_of(before))} and {quoted(version_of(pact))}"
    links = {"pact": pact.link("self").expand(), "before": before.link("self").expand()}
    if _sha(before) == _sha(pact):
        return Answer(f"Nothing: {between} have the same content of {whose}.", links=links)
    found = difference(broker, pact, _sha(before))
    data: dict[str, Any] = {"changes": page_of([change.document() for change in found.changes], page, 30)}
    if not found.changes:
        data["text"] = broker.content(found.page).decode("utf-8", "replace")
    return Answer(
        f"Between {between} of {whose}: {found.in_words()}.", data, links={"diff": found.page, **links}
    )


def difference(broker: BrokerClient, pact: Resource, sha: str) -> PactDifference:
    """Return what changed in a pact since another content of the pair, by its hash.

    Raises ToolError where the broker cannot tell: only the pages of a Tallystick broker have it as JSON.
    """
    page = pact.link("pb:diff").expand(pactVersion=sha)
    try:
        rows = broker.document(f"{page}?format=json")["changes"]
    except (InvalidContractError, KeyError, TypeError) as error:
        raise ToolError(
            f"This broker does not say what changed as JSON: see {page}, or use a Tallystick broker."
        ) from error
    return PactDifference(tuple(sorted(_changes(rows), key=lambda change: change.looks)), page)


def _changes(rows: Iterable[Mapping[str, str]]) -> Iterable[PactChange]:
    return (PactChange(**row) for row in rows)


def _previous(broker: BrokerClient, pact: Resource) -> Resource | None:
    try:
        return broker.follow(pact, "pb:previous-distinct")
    except ResourceNotFoundError:
        return None


def _sha(pact: Resource) -> str:
    return pact.link("pb:pact-version").name or ""


def _type(text: str) -> type:
    """Return what a value is; the broker writes texts without quotes."""
    try:
        found = type(json.loads(text))
    except ValueError:
        return str
    return float if found is int else found
