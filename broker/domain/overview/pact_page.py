"""What the page of a pact says: the verdict, and the interactions that the reader asked for."""

from collections.abc import Sequence
from datetime import datetime

from broker.domain.model import BranchMembership
from broker.domain.overview.summaries import PactStatus, status_of_content
from broker.domain.pacts.reading import InteractionKind, ReadInteraction
from broker.domain.verifications.failing_since import FailedResult, Since
from broker.domain.verifications.interaction_outcomes import InteractionOutcome
from tally.values import dataclass

VERDICTS = ("failed", "verified", "unknown")


@dataclass(frozen=True)
class Surroundings:
    """The build, branches and tags of a consumer version; the teams of both sides, and their ids."""

    build_url: str | None
    branches: Sequence[BranchMembership]
    tags: Sequence[str]
    consumer_teams: Sequence[str]
    provider_teams: Sequence[str]
    consumer_id: int = 0
    provider_id: int = 0


@dataclass(frozen=True)
class PactResult:
    """A result of a content. *is_main* is true for the newest one of the provider's main branch."""

    number: int
    version: str
    branch: str | None
    success: bool
    pending: bool
    at: datetime
    build_url: str | None
    is_main: bool
    failure: FailedResult | None

    @property
    def status(self) -> PactStatus:
        """The status of the content by this result."""
        return status_of_content(success=self.success, pending=self.pending)


@dataclass(frozen=True)
class ResultDetails:
    """What a result says of its interactions; *test_results* and *verified_by* are JSON as it was sent."""

    test_results: bytes | None = None
    verified_by: bytes | None = None
    failure: FailedResult | None = None


@dataclass(frozen=True)
class JudgedInteraction:
    """An interaction with what came of it; *since* is known for one that failed."""

    read: ReadInteraction
    outcome: InteractionOutcome
    since: Since | None = None

    @property
    def verdict(self) -> str:
        """One of VERDICTS."""
        return {False: "failed", True: "verified", None: "unknown"}[self.outcome.success]


@dataclass(frozen=True)
class Filter:
    """Which interactions a reader asks for; "" is any. *text* is looked for in all that names them."""

    text: str = ""
    state: str = ""
    verdict: str = ""
    kind: str = ""

    @property
    def is_any(self) -> bool:
        """Whether nothing is left out."""
        return not (self.text or self.state or self.verdict or self.kind)

    def fits(self, judged: JudgedInteraction) -> bool:
        """Return whether the interaction is asked for."""
        read = judged.read
        return (
            (not self.verdict or judged.verdict == self.verdict)
            and (not self.kind or read.kind is InteractionKind(self.kind))
            and (not self.state or any(state.name == self.state for state in read.interaction.states))
            and (not self.text or self.text.casefold() in read.names)
        )


def shown_result(results: Sequence[PactResult], number: int | None) -> PactResult | None:
    """Return the result with the number; without one, the newest of the main branch, or else the newest."""
    if number is not None:
        return next((result for result in results if result.number == number), None)
    return next((result for result in results if result.is_main), results[0] if results else None)


def in_order(items: Sequence[JudgedInteraction], *, by_path: bool) -> list[JudgedInteraction]:
    """Return those that failed before the others, in the order of the pact or of their paths."""
    if by_path:
        return sorted(items, key=lambda item: (item.verdict != "failed", item.read.place))
    return sorted(items, key=lambda item: item.verdict != "failed")
