"""Integrations, each a consumer and a provider: as a list, a graph and a diagram (reference §4.13, §11.3)."""

from collections.abc import Iterable, Sequence

from tally.values import dataclass

Cells = tuple[str | int, ...]


@dataclass(frozen=True)
class IntegrationName:
    """A consumer and a provider that have, or had, a pact."""

    consumer: str
    provider: str


_KEYWORDS = {"digraph", "edge", "graph", "node", "strict", "subgraph"}


def dot(integrations: list[IntegrationName]) -> str:
    """Return the graph of the integrations in Graphviz' language, with an arrow to each provider."""
    arrows = [f"  {_node(pair.consumer)} -> {_node(pair.provider)}\n" for pair in integrations]
    graph = "digraph { ranksep=3; ratio=auto; overlap=false; node [ shape=plaintext ]\n\n"
    return graph + "".join(arrows) + "}\n"


def _node(name: str) -> str:
    """Return the name as the Pact Broker writes it, or in quotes if that is not an identifier."""
    bare = name.replace(" ", "_")
    is_identifier = bare.replace("_", "a").isalnum() and not bare[0].isdecimal() and bare.isascii()
    if is_identifier and bare.lower() not in _KEYWORDS:
        return bare
    return '"' + bare.replace("\\", "\\\\").replace('"', '\\"') + '"'


def group(pairs: Sequence[IntegrationName], start: str, limit: int | None = None) -> list[IntegrationName]:
    """Return the integrations between applications that are connected to *start*, directly or through others.

    The search ends when it has found *limit* applications or more, the nearest first.
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

    Zeros fill all rows to the same length. *alone* has a row even without an integration.
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
