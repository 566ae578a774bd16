"""The network of applications, as rows for a diagram (Pact Broker reference §11.3)."""

from collections.abc import Iterable, Sequence

from broker.domain.integration import IntegrationName

Cells = tuple[str | int, ...]


def group(pairs: Sequence[IntegrationName], start: str, limit: int | None = None) -> list[IntegrationName]:
    """Return the integrations among *start* and what is connected to it, the nearest first.

    No more is looked for when there are *limit* applications or more.
    """
    neighbours: dict[str, list[str]] = {}
    for pair in pairs:
        neighbours.setdefault(pair.consumer, []).append(pair.provider)
        neighbours.setdefault(pair.provider, []).append(pair.consumer)
    found = {start: None}
    frontier = [start]
    while frontier and (limit is None or len(found) < limit):
        reached = dict.fromkeys(other for name in frontier for other in neighbours.get(name, ()))
        frontier = [name for name in reached if name not in found]
        found.update(dict.fromkeys(frontier))
    return [pair for pair in pairs if pair.consumer in found and pair.provider in found]


def rows(pairs: Iterable[IntegrationName], *, alone: str | None = None) -> list[Cells]:
    """Return a row for each application: number, name, 1, 1, 0, number, the numbers of its providers.

    All rows are filled up with zeros to one length. *alone* has a row even when it is in no pair.
    """
    providers: dict[str, set[str]] = {} if alone is None else {alone: set()}
    for pair in pairs:
        providers.setdefault(pair.consumer, set()).add(pair.provider)
        providers.setdefault(pair.provider, set())
    numbers = {name: number for number, name in enumerate(sorted(providers, key=str.lower), start=1)}
    most = max(map(len, providers.values()), default=0)
    return [
        (number, name, 1, 1, 0, number, *_filled([numbers[other] for other in providers[name]], most))
        for name, number in numbers.items()
    ]


def _filled(numbers: list[int], length: int) -> list[int]:
    return sorted(numbers) + [0] * (length - len(numbers))
