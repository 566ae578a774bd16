"""Who needs whom: integrations with their verdicts, what is near a service, and what breaks with it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from broker.domain.overview.summaries import PactStatus
from tally.values import dataclass

Pair = tuple[int, int]
"""The ids of a consumer and of its provider."""
MOST_PAIRS = 20_000
"""Of so many at most it is known who needs whom through others."""


@dataclass(frozen=True)
class Part:
    """Which integrations are wanted; None stands for any.

    *numbers* are those of the storage; one of *members* takes part in each.
    """

    numbers: frozenset[int] | None = None
    verdict: PactStatus | None = None
    members: frozenset[int] | None = None


@dataclass(frozen=True)
class NetworkIntegration:
    """A consumer that needs a provider: the verdict of a place, and how much is in the latest pact."""

    consumer_id: int
    consumer: str
    provider_id: int
    provider: str
    verdict: PactStatus
    interactions: int
    messages: int

    @property
    def pair(self) -> Pair:
        """The ids of both."""
        return self.consumer_id, self.provider_id

    @property
    def names(self) -> tuple[str, str]:
        """The names of both."""
        return self.consumer, self.provider

    @property
    def kind(self) -> str:
        """How the two talk, as the latest pact has it; "" without one."""
        if self.interactions and self.messages:
            return "HTTP, messages"
        if self.messages:
            return "messages"
        return "HTTP" if self.interactions else ""

    @property
    def total(self) -> int:
        """The number of interactions of the latest pact, with messages."""
        return self.interactions + self.messages


@dataclass(frozen=True)
class Network:
    """Integrations, and the teams of services by name."""

    integrations: Sequence[NetworkIntegration]
    teams: Mapping[str, str]

    @property
    def services(self) -> list[str]:
        """The names of all that take part, sorted."""
        return sorted({name for each in self.integrations for name in (each.consumer, each.provider)})


def within(pairs: Iterable[Pair], start: int, steps: int | None) -> set[Pair]:
    """Return the pairs on ways of at most so many *steps* from *start*, in either direction; None is any."""
    beside: defaultdict[int, list[Pair]] = defaultdict(list)
    for pair in pairs:
        for end in pair:
            beside[end].append(pair)
    found: set[Pair] = set()
    seen, border = {start}, {start}
    while border and steps != 0:
        passed = {pair for node in border for pair in beside[node]}
        found |= passed
        border = {end for pair in passed for end in pair} - seen
        seen |= border
        steps = None if steps is None else steps - 1
    return found


@lru_cache(maxsize=8)
def dependents(pairs: tuple[Pair, ...]) -> Mapping[int, int]:
    """Return for each provider how many services need it, directly or through others.

    Of services that need each other in a circle, none counts itself.
    """
    needed: defaultdict[int, set[int]] = defaultdict(set)
    for consumer, provider in pairs:
        needed[provider].add(consumer)
    bits = {node: 1 << index for index, node in enumerate(sorted({end for pair in pairs for end in pair}))}
    reach = dict.fromkeys(bits, 0)
    changed: Collection[int] = list(needed)
    while changed:
        again = set()
        for provider in changed:
            needed_by = reach[provider]
            for consumer in needed[provider]:
                needed_by |= reach[consumer] | bits[consumer]
            if needed_by != reach[provider]:
                reach[provider] = needed_by
                again.add(provider)
        changed = [provider for provider, by in needed.items() if not again.isdisjoint(by)]
    return {node: (reach[node] & ~bits[node]).bit_count() for node in needed}
