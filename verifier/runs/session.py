"""Contracts whose cases are verified one at a time, whenever somebody asks: what a test runner does."""

from contextlib import ExitStack
from functools import cached_property

from tally.errors import InvalidContractError
from verifier.contracts.cases import AnyCase
from verifier.contracts.contract import Contract
from verifier.options import Options
from verifier.replay.replayer import ReplayTarget, replay_case
from verifier.results.result import CaseResult
from verifier.runs.run import selected_contracts
from verifier.runs.target import replay_target


class Session:
    """Verify single cases of the contracts that *options* name; the provider is only opened for the first.

    Every method may raise TallyError, as `verifier.running.run` does.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._stack = ExitStack()

    @cached_property
    def contracts(self) -> tuple[Contract, ...]:
        """The contracts with the selected cases."""
        unreadable: list[str] = []
        contracts = selected_contracts(self._options, unreadable)
        if unreadable:
            raise InvalidContractError("\n".join(unreadable))
        return contracts

    def verify(self, case: AnyCase) -> CaseResult:
        """Replay *case* and return its result."""
        return replay_case(case, self._target)

    def close(self) -> None:
        """Close the connections, and stop the provider if it was started for this session."""
        self._stack.close()

    @cached_property
    def _target(self) -> ReplayTarget:
        return self._stack.enter_context(replay_target(self._options))
