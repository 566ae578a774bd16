"""Reporters: one for each format. They hear a run as it happens; with the command, they alone print."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from verifier.contracts.contract import Contract
from verifier.results.result import CaseResult, ContractResult, Report


class Reporter(Protocol):
    """What every format is told, in this order; `ended` or `could_not_run` comes last, and once."""

    def warned(self, text: str) -> None:
        """Hear what the user should know before anything is verified."""

    def started(self, contracts: Sequence[Contract]) -> None:
        """Hear what is about to be verified."""

    def contract_started(self, contract: Contract) -> None:
        """Hear that the cases of *contract* come next."""

    def case_ended(self, contract: Contract, result: CaseResult) -> None:
        """Hear what came of one case."""

    def contract_ended(self, verified: ContractResult) -> None:
        """Hear what came of one contract, after its result was published."""

    def ended(self, report: Report) -> None:
        """Hear what came of the run."""

    def could_not_run(self, reason: str) -> None:
        """Hear why there is no report."""


class Silent:
    """A reporter that says nothing until the end; those that say less than everything build on it."""

    def warned(self, text: str) -> None:
        """Say nothing yet: it is in the report."""

    def started(self, contracts: Sequence[Contract]) -> None:
        """Say nothing yet."""

    def contract_started(self, contract: Contract) -> None:
        """Say nothing yet."""

    def case_ended(self, contract: Contract, result: CaseResult) -> None:
        """Say nothing yet."""

    def contract_ended(self, verified: ContractResult) -> None:
        """Say nothing yet."""

    def ended(self, report: Report) -> None:
        """Say nothing."""

    def could_not_run(self, reason: str) -> None:
        """Say nothing."""


class Reporters:
    """Several reporters as one; each is told in the order in which they are given."""

    def __init__(self, reporters: Iterable[Reporter]) -> None:
        self._reporters = tuple(reporters)

    def warned(self, text: str) -> None:
        """Tell all."""
        for reporter in self._reporters:
            reporter.warned(text)

    def started(self, contracts: Sequence[Contract]) -> None:
        """Tell all."""
        for reporter in self._reporters:
            reporter.started(contracts)

    def contract_started(self, contract: Contract) -> None:
        """Tell all."""
        for reporter in self._reporters:
            reporter.contract_started(contract)

    def case_ended(self, contract: Contract, result: CaseResult) -> None:
        """Tell all."""
        for reporter in self._reporters:
            reporter.case_ended(contract, result)

    def contract_ended(self, verified: ContractResult) -> None:
        """Tell all."""
        for reporter in self._reporters:
            reporter.contract_ended(verified)

    def ended(self, report: Report) -> None:
        """Tell all."""
        for reporter in self._reporters:
            reporter.ended(report)

    def could_not_run(self, reason: str) -> None:
        """Tell all."""
        for reporter in self._reporters:
            reporter.could_not_run(reason)
