"""The history of an interaction: what came of it in the results of a pair, newest first."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from broker.domain.overview.summaries import PactStatus
from broker.domain.pacts.outline import Outline, OutlinedInteraction
from broker.domain.verifications.failing_since import FailedInteraction, FailedResult
from tally.values import dataclass


@dataclass(frozen=True)
class ResultOfPair:
    """A result of any content between the two; *consumer_version* is the newest with that content."""

    number: int
    content_id: int
    sha: str
    consumer_version: str | None
    version: str
    branch: str | None
    success: bool
    at: datetime
    failure: FailedResult | None


@dataclass(frozen=True)
class HistoryEntry:
    """What came of the interaction in a result: *success* is None where the result does not tell.

    *changed* says that the interaction is another one than in the result before; *before* is its content.
    """

    result: ResultOfPair
    success: bool | None
    failed: FailedInteraction | None
    changed: bool = False
    before: str = ""

    @property
    def status(self) -> PactStatus:
        """The verdict of the interaction in this result."""
        if self.success is None:
            return PactStatus.NEVER
        return PactStatus.VERIFIED if self.success else PactStatus.FAILED


def named(outlines: Mapping[int, Outline], name: str) -> OutlinedInteraction | None:
    """Return the interaction with this id or key, of the first content that has it."""
    for outline in outlines.values():
        for item in outline.interactions:
            if name in {item.id, item.key}:
                return item
    return None


def history(results: Sequence[ResultOfPair], outlines: Mapping[int, Outline], key: str) -> list[HistoryEntry]:
    """Return the entries of those *results* whose content has the interaction; the order is kept."""
    entries: list[HistoryEntry] = []
    later: tuple[str, HistoryEntry] | None = None
    for result in results:
        found = next(
            (item for item in outlines.get(result.content_id, Outline()).interactions if item.key == key),
            None,
        )
        if found is None:
            continue
        if later is not None and later[0] != found.id:
            entries[-1] = HistoryEntry(
                later[1].result, later[1].success, later[1].failed, changed=True, before=result.sha
            )
        entries.append(_entry(result, found))
        later = (found.id, entries[-1])
    return entries


def _entry(result: ResultOfPair, item: OutlinedInteraction) -> HistoryEntry:
    if result.failure is None:
        return HistoryEntry(result, result.success or None, None)
    failed = result.failure.by_id.get(item.id)
    if failed is None and not result.failure.interactions:
        return HistoryEntry(result, None, None)
    return HistoryEntry(result, failed is None, failed)
