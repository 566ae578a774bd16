"""In which order versions can go to an environment, one after the other, without ever breaking it."""

from collections.abc import Iterable, Mapping, Sequence

from broker.domain.decisions.evidence import Kind
from broker.domain.decisions.matrix import Row, Verdict, worst
from tally.values import dataclass

MOST_MOVES = 10
"""Every subset of the moves may have to be tried: with ten, that is about a thousand."""


@dataclass(frozen=True, order=True)
class Move:
    """A version of an application, which goes to the environment or is there already."""

    pacticipant: str
    version: str


@dataclass(frozen=True)
class Clash:
    """A consumer version that the provider has not verified; without *provider_version*, none is there.

    *kind* says what does not fit where that is no pact: what the consumer's document needs, or a document of
    the version itself, which is on both sides then.
    """

    consumer: Move
    provider_name: str
    provider_version: str | None
    verdict: Verdict
    kind: Kind | None = None


@dataclass(frozen=True)
class BlockedMove:
    """A move that cannot be the next one, and the clashes that it would cause."""

    move: Move
    clashes: tuple[Clash, ...]


@dataclass(frozen=True)
class DeployPlan:
    """The order if there is one; otherwise *steps* is the longest possible beginning, *blocked* the rest."""

    steps: tuple[Move, ...]
    blocked: tuple[BlockedMove, ...] = ()

    @property
    def is_possible(self) -> bool:
        """Whether all versions can go."""
        return not self.blocked


State = Mapping[str, frozenset[str]]


class Knowledge:
    """Which versions need which providers, and whether they fit, from the rows of a matrix."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._needs: dict[Move, set[tuple[str, Kind | None]]] = {}
        self._results: dict[tuple[Move, Move, Kind | None], Verdict] = {}
        for row in rows:
            consumer, kind = (
                Move(row.consumer, row.consumer_version.number),
                row.kind if row.subject else None,
            )
            self._needs.setdefault(consumer, set()).add((row.provider, kind))
            if row.provider_version is not None:
                # A pact and a dependency may be between the same two versions: each has to be right.
                key = consumer, Move(row.provider, row.provider_version.number), kind
                self._results[key] = worst(row.verdict, self._results.get(key, row.verdict))

    def clashes(self, move: Move, there: State) -> tuple[Clash, ...]:
        """Return the clashes of *move* with what is there; it replaces versions of its own application."""
        there = {**there, move.pacticipant: frozenset({move.version})}
        found = self._clashes_of(move, there)
        others = [
            Move(name, version)
            for name, versions in sorted(there.items())
            for version in sorted(versions)
            if name != move.pacticipant
        ]
        for consumer in others:
            for provider, kind in self._needed(consumer):
                if provider == move.pacticipant:
                    found += self._with(consumer, provider, [move.version], kind)
        return tuple(found)

    def _clashes_of(self, consumer: Move, there: State) -> list[Clash]:
        found: list[Clash] = []
        for provider, kind in self._needed(consumer):
            versions = sorted(there.get(provider, ()))
            found += self._with(consumer, provider, versions or [None], kind)
        return found

    def _needed(self, consumer: Move) -> list[tuple[str, Kind | None]]:
        return sorted(
            self._needs.get(consumer, ()), key=lambda need: (need[0], need[1].value if need[1] else "")
        )

    def _with(
        self, consumer: Move, provider: str, versions: Sequence[str | None], kind: Kind | None
    ) -> list[Clash]:
        verdicts = {
            version: Verdict.UNKNOWN
            if version is None
            else self._results.get((consumer, Move(provider, version), kind), Verdict.UNKNOWN)
            for version in versions
        }
        return [
            Clash(consumer, provider, version, verdict, kind)
            for version, verdict in verdicts.items()
            if verdict is not Verdict.SUCCESS
        ]


def plan(moves: Sequence[Move], there: State, knowledge: Knowledge) -> DeployPlan:
    """Return the first order in which the moves can go, or the longest possible beginning of one.

    *there* has the versions in the environment, by application; a move replaces those of its application.
    There must be no more than MOST_MOVES moves.
    """
    orders: dict[frozenset[Move], tuple[Move, ...]] = {frozenset(): ()}
    waiting: list[tuple[Move, ...]] = [()]
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
    return DeployPlan(furthest, tuple(BlockedMove(move, knowledge.clashes(move, state)) for move in left))


def after(there: State, steps: Iterable[Move]) -> State:
    """Return what the environment holds after the steps."""
    return {**there, **{step.pacticipant: frozenset({step.version}) for step in steps}}
