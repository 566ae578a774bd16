"""What the answer to a publication says of the comparisons that it asked for."""

from collections.abc import Callable, Sequence

import orjson

from broker.domain.decisions.evidence import ComparisonVerdict
from broker.domain.model import Notice
from broker.services.service_contracts.comparing import MadeComparison
from broker.web.hal import Links


def of_pact(made: Sequence[MadeComparison], links: Links) -> list[Notice]:
    """Return what a consumer is told of its pact with one provider."""
    return _notices(made, lambda item: f"the service contract of {item.pending.provider}", links)


def of_service_contract(made: Sequence[MadeComparison], links: Links) -> list[Notice]:
    """Return what a provider is told of its documents."""
    return _notices(made, lambda item: f"the pact of {item.pending.consumer}", links)


def under_way(count: int, url: str) -> list[Notice]:
    """Return what is told of comparisons that are still to be made."""
    if not count:
        return []
    what = "One comparison is" if count == 1 else f"{count} comparisons are"
    return [Notice("info", f"  {what} under way: see {url}")]


def _notices(
    made: Sequence[MadeComparison], other: Callable[[MadeComparison], str], links: Links
) -> list[Notice]:
    fitting = [item for item in made if item.verdict is ComparisonVerdict.COMPATIBLE]
    found = [Notice("info", f"  Fits {text}") for text in dict.fromkeys(map(other, fitting))]
    return found + [
        Notice("warning", f"  {_sentence(item, other(item))}, see {_url(item, links)}")
        for item in made
        if item.verdict is not ComparisonVerdict.COMPATIBLE
    ]


def _sentence(item: MadeComparison, other: str) -> str:
    document = orjson.loads(item.json)
    if item.verdict is ComparisonVerdict.UNKNOWN:
        return f"Nobody can say whether it fits {other}: {document.get('reason', 'not all of it is known')}"
    interactions = document["interactions"]
    wrong = [each["description"] for each in interactions if each["verdict"] == "error"]
    return f"Does not fit {other}: {len(wrong)} of {len(interactions)} interactions"


def _url(item: MadeComparison, links: Links) -> str:
    pending = item.pending
    place = {"provider": pending.provider, "consumer": pending.consumer, "sha": pending.pact_sha}
    if item.number is None:
        return links.href("pact-comparisons", **place)
    return links.href("comparison", **place, number=str(item.number))
