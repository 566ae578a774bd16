"""What may be assumed while it is being proved."""

from collections.abc import Callable, Hashable
from dataclasses import field

from tally.values import dataclass

_NONE = 1_000_000


@dataclass
class Assumptions:
    """Statements about a part of a value, each with how deep in the value that part is.

    A statement that comes up while it is being proved is taken as true if it is then about a smaller part:
    values are finite, so that this is an induction. Everything that rests on it falls when it is not proved.
    """

    _open: dict[Hashable, tuple[int, int]] = field(default_factory=dict)
    _proved: set[Hashable] = field(default_factory=set)
    _failed: set[Hashable] = field(default_factory=set)
    # What was proved on an open statement: the number of the outermost one, and how deep.
    _provisional: dict[Hashable, tuple[int, int]] = field(default_factory=dict)
    _rests_on: int = _NONE
    _is_cut: bool = False

    def holds(self, statement: Hashable, depth: int, prove: Callable[[], bool]) -> bool:
        """Return whether *statement*, about a part that is so deep in the value, is proved."""
        if statement in self._proved or statement in self._failed:
            return statement in self._proved
        if statement in self._open:
            number, opened = self._open[statement]
            if depth <= opened:
                self._is_cut = True
                return False
            self._rests_on = min(self._rests_on, number)
            return True
        number, least_depth = self._provisional.get(statement, (_NONE, _NONE))
        if depth >= least_depth:
            self._rests_on = min(self._rests_on, number)
            return True
        return self._proves(statement, depth, prove)

    def _proves(self, statement: Hashable, depth: int, prove: Callable[[], bool]) -> bool:
        number, before = len(self._open), len(self._provisional)
        outer_rests_on, outer_cut = self._rests_on, self._is_cut
        self._open[statement] = number, depth
        self._rests_on, self._is_cut = _NONE, False
        proved = prove()
        rests_on, is_cut = self._rests_on, self._is_cut
        del self._open[statement]
        self._is_cut = outer_cut or (is_cut and not proved)
        if not proved:
            self._rests_on = outer_rests_on
            self._drop(list(self._provisional)[before:])
            if not is_cut:
                self._failed.add(statement)
        elif rests_on >= number:
            self._rests_on = outer_rests_on
            self._proved.add(statement)
            self._keep(list(self._provisional)[before:], number)
        else:
            self._rests_on = min(outer_rests_on, rests_on)
            self._provisional.pop(statement, None)
            self._provisional[statement] = rests_on, depth
        return proved

    def _drop(self, statements: list[Hashable]) -> None:
        for statement in statements:
            del self._provisional[statement]

    def _keep(self, statements: list[Hashable], number: int) -> None:
        for statement in statements:
            if self._provisional[statement][0] >= number:
                del self._provisional[statement]
                self._proved.add(statement)
