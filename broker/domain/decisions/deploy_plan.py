"""In which order versions can go to an environment, one after the other, without ever breaking it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from broker.domain.decisions.matrix import Row, Verdict

MOST_MOVES = 10
"""Every subset of the moves may have to be looked at: about a thousand."""


@dataclass(frozen=True, order=True)
class Release:
    """A version of an application."""

    pacticipant: str
    version: str


@dataclass(frozen=True)
class Clash:
    """Two versions that must not meet; *provider* has no version when none of it is there."""

    consumer: Release
    provider_name: str
    provider_version: str | None
    verdict: Verdict


@dataclass(frozen=True)
class Blocked:
    """A move that cannot be the next one, and what forbids it."""

    move: Release
    clashes: tuple[Clash, ...]


@dataclass(frozen=True)
class Plan:
    """The order, when there is one. Otherwise *steps* is as far as one gets, *blocked* what is left."""

    steps: tuple[Release, ...]
    blocked: tuple[Blocked, ...] = ()

    @property
    def is_possible(self) -> bool:
        """Whether all versions can go."""
        return not self.blocked


State = Mapping[str, frozenset[str]]


class Knowledge:
    """Which versions have pacts with whom, and what came of their verification, from the rows of a matrix."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._needs: dict[Release, set[str]] = {}
        self._results: dict[tuple[Release, Release], Verdict] = {}
        for row in rows:
            consumer = Release(row.consumer, row.consumer_version.number)
            self._needs.setdefault(consumer, set()).add(row.provider)
            if row.provider_version is not None:
                provider = Release(row.provider, row.provider_version.number)
                self._results[consumer, provider] = row.verdict

    def clashes(self, move: Release, there: State) -> tuple[Clash, ...]:
        """Return what forbids that *move* meets what is there; its own application is replaced."""
        there = {**there, move.pacticipant: frozenset({move.version})}
        found = self._clashes_of(move, there)
        for name, versions in sorted(there.items()):
            for version in sorted(versions):
                consumer = Release(name, version)
                if name != move.pacticipant and move.pacticipant in self._needs.get(consumer, ()):
                    found += self._with(consumer, move.pacticipant, [move.version])
        return tuple(found)

    def _clashes_of(self, consumer: Release, there: State) -> list[Clash]:
        found: list[Clash] = []
        for provider in sorted(self._needs.get(consumer, ())):
            versions = sorted(there.get(provider, ()))
            found += self._with(consumer, provider, versions or [None])
        return found

    def _with(self, consumer: Release, provider: str, versions: Sequence[str | None]) -> list[Clash]:
        verdicts = {
            version: Verdict.UNKNOWN
            if version is None
            else self._results.get((consumer, Release(provider, version)), Verdict.UNKNOWN)
            for version in versions
        }
        return [
            Clash(consumer, provider, version, verdict)
            for version, verdict in verdicts.items()
            if verdict is not Verdict.SUCCESS
        ]


def plan(moves: Sequence[Release], there: State, knowledge: Knowledge) -> Plan:
    """Return the first order in which the moves can go, or as far as any order gets.

    *there* is what the environment holds, by application; a move takes the place of all of it. No more than
    MOST_MOVES moves.
    """
    orders: dict[frozenset[Release], tuple[Release, ...]] = {frozenset(): ()}
    waiting: list[tuple[Release, ...]] = [()]
    for steps in waiting:  # grows as orders are found: the shortest first
        state = after(there, steps)
        for move in moves:
            reached = frozenset({*steps, move})
            if move not in steps and reached not in orders and not knowledge.clashes(move, state):
                orders[reached] = (*steps, move)
                waiting.append((*steps, move))
    furthest = max(orders.values(), key=len)
    state = after(there, furthest)
    left = [move for move in moves if move not in furthest]
    return Plan(furthest, tuple(Blocked(move, knowledge.clashes(move, state)) for move in left))


def after(there: State, steps: Iterable[Release]) -> State:
    """Return what the environment holds after the steps."""
    return {**there, **{step.pacticipant: frozenset({step.version}) for step in steps}}
