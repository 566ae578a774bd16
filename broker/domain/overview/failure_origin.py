"""Which change brought a failure: that of the pact, or that of the provider.

It is what differs between the first result of the run of failures and the newest result before it in which
the same interaction passed. Nothing is guessed: what the results do not tell is not known.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cached_property

from broker.domain.overview.interaction_history import ResultOfPair
from broker.domain.pacts.outline import NO_OUTLINE, Outline
from tally.values import dataclass


class Changed(Enum):
    """What was another one when the interaction passed last."""

    PACT = "pact"
    PROVIDER = "provider"
    BOTH = "both"
    NEITHER = "neither"
    """The same version passed with the same pact: what fails is in neither, such as its data."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Origin:
    """What changed before the *first* failure; *passed* is the newest result before it that passed.

    *is_new* says that no result before it had the interaction.
    """

    changed: Changed
    first: ResultOfPair | None = None
    passed: ResultOfPair | None = None
    is_new: bool = False


@dataclass(frozen=True)
class PastResults:
    """The newest results of a pair, newest first, and the outlines of their contents by id."""

    results: Sequence[ResultOfPair]
    outlines: Mapping[int, Outline]

    def origin(self, number: int, first: int, key: str | None) -> Origin:
        """Return what changed before the result with this *number* failed, in a run since the *first*.

        *key* is that of an interaction, or None for a result that does not tell its interactions apart.
        What the same version of the provider kept goes before all that other versions did; after that, the
        branch of the first result goes before others.
        """
        this, began = self._with(number), self._with(first)
        if this is None or began is None:
            return Origin(Changed.UNKNOWN)
        kept = [each for each in self._passed_before(this, key) if each.version == this.version]
        if kept:
            return Origin(self._changed(kept[0], this, key), this, kept[0])
        earlier = [result for result in self.results if result.number < first]
        passed = self._passed_before(began, key)
        newest = next((result for result in passed if result.branch == began.branch), None)
        before = newest or next(iter(passed), None)
        if before is not None:
            return Origin(self._changed(before, began, key), began, before)
        is_new = bool(earlier) and all(self._lacks(result, key) for result in earlier)
        return Origin(Changed.PACT if is_new else Changed.UNKNOWN, began, is_new=is_new)

    def _with(self, number: int) -> ResultOfPair | None:
        return next((result for result in self.results if result.number == number), None)

    def _passed_before(self, failed: ResultOfPair, key: str | None) -> list[ResultOfPair]:
        """Return the results before it that passed, of the same content or an older one, newest first."""
        return [
            result
            for result in self.results
            if result.number < failed.number
            and result.content_id <= failed.content_id
            and self._outcome(result, key)
        ]

    def _changed(self, passed: ResultOfPair, failed: ResultOfPair, key: str | None) -> Changed:
        old, new = self._form(passed, key), self._form(failed, key)
        if old == new:
            return Changed.NEITHER if passed.version == failed.version else Changed.PROVIDER
        if passed.version == failed.version:
            return Changed.PACT
        # Both are others than before: what came of the old pact with the new version decides.
        for result in self.results:
            outcome = self._outcome(result, key)
            if result.version == failed.version and self._form(result, key) == old and outcome is not None:
                return Changed.PACT if outcome else Changed.PROVIDER
        return Changed.BOTH

    def _form(self, result: ResultOfPair, key: str | None) -> object:
        """Return what is the same as long as the consumer expects the same; None where it has not the key."""
        if key is None:
            return result.content_id
        return self._ids_by_key.get(result.content_id, {}).get(key)

    @cached_property
    def _ids_by_key(self) -> Mapping[int, Mapping[str, str]]:
        # Each of many interactions is looked up in each of many results.
        return {
            content_id: {item.key: item.id for item in reversed(outline.interactions)}
            for content_id, outline in self.outlines.items()
        }

    def _outcome(self, result: ResultOfPair, key: str | None) -> bool | None:
        """Return whether it passed; None where the result does not tell, or has no such interaction."""
        if self._form(result, key) is None:
            return None
        if key is None or result.success:
            return result.success
        told = result.failure.by_key if result.failure else {}
        return key not in told if told else None

    def _lacks(self, result: ResultOfPair, key: str | None) -> bool:
        outline = self.outlines.get(result.content_id, NO_OUTLINE)
        return key is not None and bool(outline.interactions) and key not in outline.all_keys
