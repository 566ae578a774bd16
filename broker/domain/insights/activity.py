"""What happened last in an integration, and how large its pact is."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from broker.domain.insights.counts import PublicationToCount, ResultToCount
from broker.domain.insights.periods import day_of
from tally.values import dataclass


@dataclass(frozen=True, order=True)
class Pair:
    """A consumer and a provider."""

    consumer_id: int
    provider_id: int


@dataclass(frozen=True)
class Activity:
    """When there was a publication or a result first, and each last; how large the newest pact is."""

    first_at: datetime
    result_at: datetime | None = None
    failure_at: datetime | None = None
    published_at: datetime | None = None
    interactions: int = 0
    size: int = 0


@dataclass(frozen=True, order=True)
class SizeKey:
    """A pair on one day."""

    consumer_id: int
    provider_id: int
    day: date


@dataclass(frozen=True)
class ContractSize:
    """How many publications there were, and how large the pact of the last one was."""

    publications: int
    interactions: int
    size: int
    published_at: datetime


def with_new(
    kept: Mapping[Pair, Activity],
    results: Iterable[ResultToCount],
    publications: Iterable[PublicationToCount],
) -> dict[Pair, Activity]:
    """Return the activity of each pair that has something new."""
    found: dict[Pair, Activity] = {}
    for result in results:
        pair, at = Pair(result.consumer_id, result.provider_id), result.created_at
        before = found.get(pair) or kept.get(pair) or Activity(at)
        found[pair] = replace(
            before,
            first_at=min(before.first_at, at),
            result_at=_later(before.result_at, at),
            failure_at=before.failure_at if result.success else _later(before.failure_at, at),
        )
    for publication in publications:
        pair, at = Pair(publication.consumer_id, publication.provider_id), publication.created_at
        before = found.get(pair) or kept.get(pair) or Activity(at)
        found[pair] = replace(before, first_at=min(before.first_at, at))
        if before.published_at is None or before.published_at <= at:
            found[pair] = replace(
                found[pair],
                published_at=at,
                interactions=publication.interactions,
                size=publication.size,
            )
    return found


def _later(known: datetime | None, new: datetime) -> datetime:
    return new if known is None else max(known, new)


def sizes(publications: Iterable[PublicationToCount]) -> dict[SizeKey, ContractSize]:
    """Return the last size of each pair and day."""
    found: dict[SizeKey, ContractSize] = {}
    for each in publications:
        key = SizeKey(each.consumer_id, each.provider_id, day_of(each.created_at))
        found[key] = newer(found.get(key), ContractSize(1, each.interactions, each.size, each.created_at))
    return found


def newer(kept: ContractSize | None, new: ContractSize) -> ContractSize:
    """Return both as one: all publications, and the size after the last of them."""
    if kept is None:
        return new
    last = new if new.published_at >= kept.published_at else kept
    return replace(last, publications=kept.publications + new.publications)
