"""Contracts whose cases are verified one at a time, whenever somebody asks: what a test runner does."""

from contextlib import ExitStack
from functools import cached_property

from verifier.contracts.cases import AnyCase
from verifier.contracts.contract import Contract
from verifier.options import Options
from verifier.replay.replayer import ReplayTarget, replay_case
from verifier.results.result import CaseResult
from verifier.runs.run import selected_contracts
from verifier.runs.target import replay_target


class Session:
    """Verify cases of the contracts that *options* name; the provider is not asked before.

    Every method may raise TallyError, as `verifier.running.run` does.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._stack = ExitStack()

    @cached_property
    def contracts(self) -> tuple[Contract, ...]:
        """The contracts with the cases that are wanted."""
        return selected_contracts(self._options)

    def verify(self, case: AnyCase) -> CaseResult:
        """Return what came of *case*."""
        return replay_case(case, self._target)

    def close(self) -> None:
        """Let go of the provider; it is stopped when it was started for this session."""
        self._stack.close()

    @cached_property
    def _target(self) -> ReplayTarget:
        return self._stack.enter_context(replay_target(self._options))
