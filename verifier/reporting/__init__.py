"""Reporters: one for each format. They hear a run as it happens; with the command, they alone print."""

from typing import Protocol

from verifier.contracts import Contract
from verifier.results import ContractResult, Report, Result


class Reporter(Protocol):
    """What every format is told, in this order; `ended` or `could_not_run` comes last, and once."""

    def warned(self, text: str) -> None:
        """Hear what the user should know before anything is verified."""

    def contract_started(self, contract: Contract) -> None:
        """Hear that the cases of *contract* come next."""

    def case_ended(self, contract: Contract, result: Result) -> None:
        """Hear what came of one case."""

    def contract_ended(self, verified: ContractResult) -> None:
        """Hear what came of one contract, after its result was published."""

    def ended(self, report: Report) -> None:
        """Hear what came of the run."""

    def could_not_run(self, reason: str) -> None:
        """Hear why there is no report."""
