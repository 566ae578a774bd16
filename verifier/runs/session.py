"""Contracts whose cases are verified one at a time, whenever somebody asks: what a test runner does."""

from contextlib import ExitStack, nullcontext
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from tally.errors import InvalidContractError
from tally.locks import locked
from verifier.contracts.cases import AnyCase
from verifier.contracts.contract import Contract
from verifier.options import Options
from verifier.replay.replayer import ReplayTarget, replay_case
from verifier.results.result import CaseResult
from verifier.runs.prerequisites import check_case
from verifier.runs.run import selected_contracts
from verifier.runs.target import replay_target


class Session:
    """Verify single cases of the contracts that *options* name; the provider is only opened for the first.

    Several processes that share the directory *turns* take turns at one provider: what one of them sets up
    must not change what another one asks. Every method may raise TallyError, as `verifier.runs.run` does.
    """

    def __init__(self, options: Options, *, turns: Path | None = None) -> None:
        self._options = options
        self._stack = ExitStack()
        name = sha256(options.provider_url.encode()).hexdigest()[:16]
        self._turns = turns / f"{name}.lock" if turns else None
        self.unreadable: list[str] = []
        """What is no contract, or an empty one, and why; known when `contracts` is."""

    @cached_property
    def contracts(self) -> tuple[Contract, ...]:
        """The contracts with the selected cases; none when none of them can be read."""
        try:
            return selected_contracts(self._options, self.unreadable)
        except InvalidContractError:
            if self.unreadable:
                return ()
            raise

    def verify(self, case: AnyCase) -> CaseResult:
        """Replay *case* and return its result; raises UsageError when its message or state has no source."""
        check_case(case, self._options)
        with locked(self._turns, shared=self._may_be_at_once(case)) if self._turns else nullcontext():
            return replay_case(case, self._target)

    def close(self) -> None:
        """Close the connections, and stop the provider if it was started for this session."""
        self._stack.close()

    def _may_be_at_once(self, case: AnyCase) -> bool:
        return self._options.pace.allows(case) and not self._options.state_change_url

    @cached_property
    def _target(self) -> ReplayTarget:
        return self._stack.enter_context(replay_target(self._options))
