"""Applications as their pages show them: how they stand, what is where, what happened."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum

from broker.domain.model import Pacticipant
from broker.domain.names import display_name
from broker.domain.overview.standings import WORST_FIRST, Standing
from broker.domain.overview.summaries import PactStatus
from tally.amounts import counted
from tally.values import dataclass

TEAM = "team:"
"""What the label begins with that says whose an application is."""
FAILURES = frozenset({PactStatus.FAILED, PactStatus.PENDING})


class ListOrder(Enum):
    """How the list of applications is sorted."""

    WORST = "worst"
    NAME = "name"
    NEWEST = "newest"


@dataclass(frozen=True)
class ListFilter:
    """Which applications are asked for: a part of their name, and a label."""

    search: str = ""
    team: str = ""


@dataclass(frozen=True)
class NewestVersion:
    """A version with the branch that it joined last."""

    id: int
    number: str
    branch: str | None
    build_url: str | None
    created_at: datetime


@dataclass(frozen=True)
class PlaceNow:
    """A version of an application that is in an environment."""

    pacticipant_id: int
    environment: str
    production: bool
    version_id: int
    version: str
    released: bool
    instance: str
    since: datetime


@dataclass(frozen=True)
class ListedApplication:
    """An application of the list: how its integrations stand on main, its newest version, and where it is."""

    pacticipant: Pacticipant
    labels: Sequence[str]
    consumers: int
    providers: int
    verdicts: Mapping[PactStatus, int]
    newest: NewestVersion | None
    places: Sequence[PlaceNow]

    @property
    def verdict(self) -> PactStatus | None:
        """The worst of its verdicts, None without any."""
        return next((status for status in WORST_FIRST if self.verdicts.get(status)), None)

    @property
    def display_name(self) -> str:
        """What people call it, if somebody has said so; "" for what the broker made of its name."""
        shown = self.pacticipant.display_name
        return "" if shown in {self.pacticipant.name, display_name(self.pacticipant.name)} else shown

    @property
    def number_of_worst(self) -> int:
        """How many of its integrations have the worst of its verdicts."""
        return self.verdicts[self.verdict] if self.verdict else 0

    @property
    def total(self) -> int:
        """How many integrations it has."""
        return sum(self.verdicts.values())

    @property
    def environments(self) -> Sequence[str]:
        """Where it is, each environment once."""
        return list(dict.fromkeys(place.environment for place in self.places))


@dataclass(frozen=True)
class Presence:
    """A deployment or a release of an application; *until* is None while it lasts."""

    environment: str
    production: bool
    version: str
    released: bool
    instance: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class ApplicationResult:
    """A result of an integration in which an application takes part."""

    number: int
    consumer: str
    provider: str
    sha: str
    verdict: PactStatus
    provider_version: str
    branch: str | None
    build_url: str | None
    at: datetime


@dataclass(frozen=True)
class PublishedDocument:
    """A document of a service contract; *success* is what its newest result says, None without any."""

    version: str
    name: str
    specification: str
    operations: int
    published_at: datetime
    success: bool | None

    @property
    def verdict(self) -> PactStatus:
        """What its newest result says."""
        if self.success is None:
            return PactStatus.NEVER
        return PactStatus.VERIFIED if self.success else PactStatus.FAILED


@dataclass(frozen=True)
class BranchHead:
    """A branch with its newest version, and how many results of that version there are, by what they say.

    As a consumer these are the newest results of its pacts, as a provider those that it has made.
    """

    name: str
    head: str | None
    updated_at: datetime
    failed: int
    verified: int
    unverified: int

    @property
    def verdict(self) -> PactStatus | None:
        """What its head is, None when nothing is to be said."""
        if self.failed:
            return PactStatus.FAILED
        if self.unverified:
            return PactStatus.NEVER
        return PactStatus.VERIFIED if self.verified else None


@dataclass(frozen=True)
class Sentence:
    """How an application stands, in words; *since* is when the oldest failure began."""

    verdict: PactStatus
    text: str
    since: datetime | None = None


def sentences(name: str, on_main: Iterable[Standing]) -> list[Sentence]:
    """Return how an application stands on main: what fails, else what is not known, else that all is well."""
    found = list(on_main)
    provided = [each for each in found if each.provider == name]
    needed = [each for each in found if each.consumer == name and each.provider != name]
    said = []
    for verdict, of_consumers, of_providers in (
        (PactStatus.FAILED, ("is broken by main", "are broken by main"), ("breaks", "break")),
        (PactStatus.PENDING, ("has a pending failure", "have a pending failure"), ("fails", "fail")),
    ):
        if some := [each for each in provided if each.verdict is verdict]:
            text = f"{len(some)} of {counted(len(provided), 'consumer')} {of_consumers[len(some) > 1]}"
            said.append(Sentence(verdict, text, _oldest(some)))
        if some := [each for each in needed if each.verdict is verdict]:
            what = "what main needs" if verdict is PactStatus.FAILED else "what main needs, pending"
            text = f"{len(some)} of {counted(len(needed), 'provider')} {of_providers[len(some) > 1]} {what}"
            said.append(Sentence(verdict, text, _oldest(some)))
    if said or not found:
        return said
    for verdict, words in (
        (PactStatus.NEVER, "never verified"),
        (PactStatus.CHANGED, "changed since the last verification"),
    ):
        if number := sum(each.verdict is verdict for each in found):
            said.append(Sentence(verdict, f"{number} of {counted(len(found), 'integration')} {words}"))
    if not said:
        both = [
            counted(len(some), word) for some, word in ((provided, "consumer"), (needed, "provider")) if some
        ]
        said.append(Sentence(PactStatus.VERIFIED, f"Verified on main with {' and '.join(both)}"))
    return said


def worst_first(standings: Iterable[Standing], name: str) -> list[Standing]:
    """Return standings, the worst before the others, and what fails longest before what fails since."""

    def place(each: Standing) -> tuple[int, float, str]:
        other = each.provider if each.consumer == name else each.consumer
        return (
            WORST_FIRST.index(each.verdict),
            each.since.timestamp() if each.since else float("inf"),
            other.casefold(),
        )

    return sorted(standings, key=place)


def _oldest(standings: Sequence[Standing]) -> datetime | None:
    return min((each.since for each in standings if each.since), default=None)
