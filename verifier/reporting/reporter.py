"""The reporter: what every format of a report is told during a run. Only reporters and the command print."""

from collections.abc import Callable, Iterable, Sequence
from typing import Concatenate, ParamSpec

from verifier.contracts.contract import Contract
from verifier.results.result import CaseResult, ContractResult, Report

P = ParamSpec("P")


class Reporter:
    """Told of a run as it happens; a format overrides the methods that it needs, the others do nothing.

    The methods are called in this order. `ended` or `could_not_run` is called last, once.
    """

    shows_exchanges = True
    """Whether the report shows what was sent and received also where a pact was kept."""

    def warned(self, text: str) -> None:
        """Take a warning, before anything is verified. The report holds it too."""

    def started(self, contracts: Sequence[Contract]) -> None:
        """Take the contracts that will be verified."""

    def contract_started(self, contract: Contract) -> None:
        """Take the contract whose cases follow."""

    def case_ended(self, contract: Contract, result: CaseResult) -> None:
        """Take the result of one case."""

    def generated_ended(self, contract: Contract, result: CaseResult) -> None:
        """Take the result of one generated request; those that are alike end as one case, later."""

    def contract_ended(self, verified: ContractResult) -> None:
        """Take the result of one contract, after it was published."""

    def ended(self, report: Report) -> None:
        """Take the report of the whole run."""

    def could_not_run(self, reason: str) -> None:
        """Take the reason why there is no report."""


def _by_each(
    method: Callable[Concatenate[Reporter, P], None],
) -> Callable[Concatenate["Reporters", P], None]:
    """Return a method of `Reporters` that calls *method* of each of its reporters, in their order."""

    def call(self: "Reporters", /, *args: P.args, **kwargs: P.kwargs) -> None:
        for reporter in self.reporters:
            # By its name: *method* itself is the one of Reporter, which does nothing.
            getattr(reporter, method.__name__)(*args, **kwargs)

    return call


class Reporters(Reporter):
    """Several reporters as one."""

    def __init__(self, reporters: Iterable[Reporter]) -> None:
        self.reporters = tuple(reporters)
        self.shows_exchanges = any(reporter.shows_exchanges for reporter in self.reporters)

    warned = _by_each(Reporter.warned)
    started = _by_each(Reporter.started)
    contract_started = _by_each(Reporter.contract_started)
    case_ended = _by_each(Reporter.case_ended)
    generated_ended = _by_each(Reporter.generated_ended)
    contract_ended = _by_each(Reporter.contract_ended)
    ended = _by_each(Reporter.ended)
    could_not_run = _by_each(Reporter.could_not_run)
