"""Since when an interaction fails: what is kept of a failed result.

Results of provider versions on the same branch follow each other. An interaction fails since the first
result of a run that nothing interrupts: the newest earlier result of the same pact, or else of another one
with the same interaction, decides whether the run goes on. When the consumer has changed the interaction, a
run goes on from what it was before, unless that passed in a newer pact meanwhile.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property

import orjson

from broker.domain.pacts.outline import Outline, OutlinedInteraction
from broker.domain.verifications.interaction_outcomes import Problem, failed, outcomes
from tally.values import dataclass

LONGEST = 300
"""Characters of each text of a problem that are kept."""
_EMPTY = Outline()
_NOTHING_SAID = Problem("", "failed; the result does not say why")


@dataclass(frozen=True)
class Since:
    """The first result of a run of failures, its provider version, and how many *versions* failed in it."""

    result: int
    version: str
    at: datetime
    versions: int = 1


@dataclass(frozen=True)
class FailedInteraction:
    """An interaction that failed, with its first problem."""

    id: str
    key: str
    description: str
    problem: Problem
    since: Since


@dataclass(frozen=True)
class FailedResult:
    """A failed result in short: how many interactions failed, the first problem, and since when it fails."""

    number: int
    failed: int
    problem: Problem
    since: Since
    stored: bytes = b""

    @cached_property
    def interactions(self) -> tuple[FailedInteraction, ...]:
        """The interactions that failed; none when the result does not tell them apart."""
        return _read(self.stored)

    def with_interactions(self, stored: bytes) -> "FailedResult":
        """Return the same with the interactions as they are stored."""
        return replace(self, stored=stored)

    @cached_property
    def by_id(self) -> Mapping[str, FailedInteraction]:
        """The interactions by their ids."""
        return {item.id: item for item in self.interactions}

    @cached_property
    def by_key(self) -> Mapping[str, FailedInteraction]:
        """The interactions by what stays when they change."""
        return {item.key: item for item in self.interactions}


@dataclass(frozen=True)
class EarlierResult:
    """A result on the same branch before another one.

    *rank* is higher for a content that a later consumer version has; *failure* is None for a success.
    """

    content_id: int
    version_id: int
    rank: int
    failure: FailedResult | None


@dataclass(frozen=True)
class NewResult:
    """A failed result: its number, the content, the provider version and the moment."""

    number: int
    content_id: int
    version_id: int
    version: str
    at: datetime
    test_results: bytes | None


def what_failed(
    result: NewResult, earlier: Sequence[EarlierResult], outlines: Mapping[int, Outline]
) -> FailedResult:
    """Return what to keep of a failed result. *earlier* are those before it, newest first.

    *outlines* are those of all their contents, by the ids of the contents.
    """
    own = Since(result.number, result.version, result.at)
    interactions = tuple(
        FailedInteraction(
            item.id, item.key, item.description, problem, _since(item, result, earlier, outlines) or own
        )
        for item, problem in _failed(result, outlines.get(result.content_id, Outline()))
    )
    named = failed(result.test_results)
    first = next((problems[0] for problems in named.values() if problems), _NOTHING_SAID)
    return FailedResult(
        result.number,
        len(interactions) or len(named),
        interactions[0].problem if interactions else _short(first),
        _since_of_whole(result, earlier) or own,
        _written(interactions),
    )


def _failed(result: NewResult, outline: Outline) -> list[tuple[OutlinedInteraction, Problem]]:
    of_interactions = outcomes(result.test_results)
    found = []
    for item in outline.interactions:
        outcome = of_interactions.of(item.id, item.description)
        if outcome.success is False:
            found.append((item, _short(outcome.problems[0] if outcome.problems else _NOTHING_SAID)))
    return found


def _since(
    item: OutlinedInteraction,
    result: NewResult,
    earlier: Sequence[EarlierResult],
    outlines: Mapping[int, Outline],
) -> Since | None:
    """Return where the run of an interaction began; None when it begins with this result."""
    known = [
        before
        for before in earlier
        # A failure that does not say which interactions failed tells nothing about this one.
        if before.failure is None or before.failure.interactions
    ]
    of_content = (before for before in known if before.content_id == result.content_id)
    same = (before for before in known if item.id in _outline(before, outlines).keys)
    decides = next(of_content, None) or next(same, None)
    if decides is not None:
        found = decides.failure.by_id.get(item.id) if decides.failure else None
        return _continued(found.since, decides, result) if found else None
    rank_of_pass = -1
    for before in known:
        if item.key not in _outline(before, outlines).all_keys:
            continue
        found = before.failure.by_key.get(item.key) if before.failure else None
        if found is not None:
            return _continued(found.since, before, result) if rank_of_pass < before.rank else None
        rank_of_pass = max(rank_of_pass, before.rank)
    return None


def _outline(before: EarlierResult, outlines: Mapping[int, Outline]) -> Outline:
    return outlines.get(before.content_id, _EMPTY)


def _since_of_whole(result: NewResult, earlier: Sequence[EarlierResult]) -> Since | None:
    same = next((before for before in earlier if before.content_id == result.content_id), None)
    if same is not None:
        return _continued(same.failure.since, same, result) if same.failure else None
    rank_of_pass = -1
    for before in earlier:
        if before.failure is not None:
            goes_on = rank_of_pass < before.rank
            return _continued(before.failure.since, before, result) if goes_on else None
        rank_of_pass = max(rank_of_pass, before.rank)
    return None


def _continued(since: Since, before: EarlierResult, result: NewResult) -> Since:
    return since if before.version_id == result.version_id else replace(since, versions=since.versions + 1)


def _short(problem: Problem) -> Problem:
    named = problem.place or f"{problem.attribute} {problem.path}".strip()
    texts = (named, problem.text, problem.expected, problem.was)
    # PostgreSQL has no texts with a zero byte.
    return Problem(*(text[:LONGEST].replace("\0", "\N{REPLACEMENT CHARACTER}") for text in texts))


def _written(interactions: Sequence[FailedInteraction]) -> bytes:
    rows = [
        [
            *(item.id, item.key, item.description),
            *(item.problem.place, item.problem.text, item.problem.expected, item.problem.was),
            *(item.since.result, item.since.version, item.since.at.timestamp(), item.since.versions),
        ]
        for item in interactions
    ]
    return zlib.compress(orjson.dumps(rows))


def _read(stored: bytes) -> tuple[FailedInteraction, ...]:
    return tuple(
        FailedInteraction(
            *(identifier, key, description),
            Problem(place, text, expected, was),
            Since(result, version, datetime.fromtimestamp(at, UTC), versions),
        )
        for (identifier, key, description, place, text, expected, was, result, version, at, versions) in (
            orjson.loads(zlib.decompress(stored)) if stored else ()
        )
    )
