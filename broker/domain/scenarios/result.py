"""Results of scenarios: workflows that were executed over several services."""

from collections.abc import Sequence
from datetime import datetime

from tally.values import dataclass


@dataclass(frozen=True)
class Participant:
    """A version of a service that took part."""

    pacticipant: str
    version: str


@dataclass(frozen=True, kw_only=True)
class NewScenarioResult:
    """A result to store; *test_results* is JSON with what came of each workflow and step."""

    title: str
    success: bool
    duration_ms: int
    participants: Sequence[Participant]
    build_url: str | None = None
    test_results: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class ScenarioResult:
    """A stored result. In lists, *test_results* is left out."""

    id: int
    title: str
    success: bool
    duration_ms: int
    created_at: datetime
    participants: Sequence[Participant]
    build_url: str | None = None
    test_results: bytes | None = None
