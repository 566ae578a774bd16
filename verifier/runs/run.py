"""A run: load the contracts, replay their cases, publish the results."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from time import perf_counter

from tally.errors import BrokerError, InvalidContractError
from verifier.contracts.contract import Contract
from verifier.errors import UnreachableError
from verifier.options import Options
from verifier.provider.process import Running
from verifier.replay.repetition import repeated
from verifier.replay.replayer import Replayer, not_replayed
from verifier.reporting.reporter import Reporter
from verifier.results.budgets import budget_results
from verifier.results.folding import generated_of, groups_of, passed_as_one, smallest_of
from verifier.results.result import BudgetResult, CaseResult, ContractResult, FailureKind, Report
from verifier.results.statistics import statistics
from verifier.runs.prerequisites import check_possible, warnings_of
from verifier.runs.publication import Publisher
from verifier.runs.target import replay_target
from verifier.selection.filters import filtered, of_consumers
from verifier.selection.shard import sharded
from verifier.sources.pacts import load

_FOR_ITS_END = 0.5
_CAUSED_BY_REQUESTS = frozenset({FailureKind.MISMATCH, FailureKind.NO_ANSWER})
"""Failures that go away with another request, so that it is worth looking for the smallest."""
_UNANSWERED = frozenset(
    {FailureKind.UNREACHABLE, FailureKind.NO_ANSWER, FailureKind.PROVIDER_STATE, FailureKind.MESSAGE}
)


def run(options: Options, reporter: Reporter, *, clock: Callable[[], float] = perf_counter) -> Report:
    """Verify the contracts that *options* name, and return the report; *reporter* is told during the run.

    Raises TallyError when nothing could be checked: without a contract, a provider or a broker.
    """
    started = clock()
    deadline = None if options.total_timeout is None else started + options.total_timeout
    unreadable: list[str] = []
    contracts = selected_contracts(options, unreadable)
    check_possible(contracts, options)
    warnings = warnings_of(contracts, options)
    for warning in warnings:
        reporter.warned(warning)
    reporter.started(contracts)
    verified, problems = _verified(contracts, options, reporter, deadline) if contracts else ((), ())
    report = Report(
        contracts=verified,
        budgets=_budgets(verified, options),
        problems=(*unreadable, *problems),
        warnings=warnings,
        duration_ms=(clock() - started) * 1000,
    )
    reporter.ended(report)
    return report


def _verified(
    contracts: Iterable[Contract], options: Options, reporter: Reporter, deadline: float | None
) -> tuple[tuple[ContractResult, ...], tuple[str, ...]]:
    """Return the result of each contract, and the problems outside of them."""
    with replay_target(options, keeps_exchanges=reporter.shows_exchanges) as target:
        replayer = Replayer(target, options.pace, deadline=deadline)
        verification = VerificationRun(options, reporter, replayer, running=target.running)
        verified = tuple(verification.verify(contract) for contract in contracts)
        verification.look_at_provider()
        # Before the target is closed, which waits for the provider to end.
        if verification.interrupted and target.running:
            target.running.hurry()
    return verified, tuple(verification.problems)


def _budgets(verified: Sequence[ContractResult], options: Options) -> tuple[BudgetResult, ...]:
    """Return the result of each limit: of the user, and of service contracts."""
    if not verified:
        return ()
    of_contracts = (budget for each in verified for budget in each.budgets)
    return (
        *budget_results(options.budgets, statistics(verified)),
        *of_contracts,
        *_coverage(verified, options),
    )


def _coverage(verified: Iterable[ContractResult], options: Options) -> Iterator[BudgetResult]:
    """Yield how much was seen of each service contract, when the user asks for some of it."""
    for each in verified:
        if options.coverage_min is not None and each.coverage is not None:
            name = f"coverage of the {_lower(each.contract.name)}"
            yield BudgetResult(
                "--coverage-min", name, options.coverage_min, each.coverage.percent, "%", at_least=True
            )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def selected_contracts(options: Options, unreadable: list[str]) -> tuple[Contract, ...]:
    """Return the contracts with the cases that *options* select.

    What is no contract, or an empty one, is left out, and why is added to *unreadable*. Raises TallyError as
    `run` does.
    """
    contracts = _with_content(of_consumers(load(options, unreadable), options.filters), unreadable)
    # An empty part has to be published, too, because the broker waits for every part.
    return sharded(filtered(contracts, options.filters), options.shard, keep_empty=options.publish)


def _with_content(contracts: Sequence[Contract], unreadable: list[str]) -> tuple[Contract, ...]:
    """Return those with cases; raises InvalidContractError when there are only others."""
    full = tuple(contract for contract in contracts if contract.cases)
    # An empty pact that is pending is no reason to fail, as long as there is something else to verify.
    empty = [each for each in contracts if not each.cases and not (each.pending and full)]
    unreadable += [
        f"{each.source}: {each.name} is empty: it has no interaction, so there is nothing to verify."
        for each in empty
    ]
    if contracts and not full:
        raise InvalidContractError("\n".join(unreadable))
    return full


class VerificationRun:
    """The verification of all contracts of a run, one after the other.

    *problems* are the results that were not published, and why, and how the provider ended that was started
    for the run: then the rest is not replayed. *interrupted* says whether the user ended the run.
    """

    def __init__(
        self, options: Options, reporter: Reporter, replayer: Replayer, *, running: Running | None = None
    ) -> None:
        self._replayer = replayer
        self._running = running
        self._options = options
        self._reporter = reporter
        self._publisher = _publisher(options)
        self._reached = False
        self._unanswered = False
        self._stopped: str | None = None
        self.interrupted = False
        self.problems: list[str] = []

    def verify(self, contract: Contract) -> ContractResult:
        """Replay *contract* and publish the result; raises UnreachableError if no provider was ever there."""
        self._reporter.contract_started(contract)
        results: list[CaseResult] = []
        generated: list[CaseResult] = []
        for result in self._replayed(contract):
            if generated_of(result):
                generated.append(result)
                self._reporter.generated_ended(contract, result)
            else:
                results.append(result)
                self._reporter.case_ended(contract, result)
        for result in self._folded(generated):
            results.append(result)
            self._reporter.case_ended(contract, result)
        coverage = None
        if contract.service_contract is not None:
            from verifier.results.coverage import coverage_of  # noqa: PLC0415 - not every run has one

            coverage = coverage_of(contract.service_contract, results)
        verified = ContractResult(contract=contract, results=tuple(results), coverage=coverage)
        verified = self._published(replace(verified, budgets=self._measured(verified)))
        self._reporter.contract_ended(verified)
        return verified

    def _measured(self, verified: ContractResult) -> tuple[BudgetResult, ...]:
        if self._stopped or verified.contract.service_contract is None:
            return ()
        from verifier.runs.measuring import measured  # noqa: PLC0415 - not every run has a service contract

        return tuple(measured(verified, self._replayer, self._options.generation))

    def _folded(self, results: list[CaseResult]) -> Iterator[CaseResult]:
        """Yield one result for all generated requests that passed, and for those that failed alike."""
        if not results:
            return
        from verifier.replay.shrinking import Shrinking  # noqa: PLC0415 - loads schemas, which pacts do not need

        shrinking = Shrinking(self._replayer.replay_one)
        for group in groups_of(results):
            if group[0].passed:
                yield passed_as_one(group)
            elif self._stopped or group[0].failure not in _CAUSED_BY_REQUESTS:
                yield replace(smallest_of(group), of=tuple(group))
            else:
                causes = shrinking.by_cause(group)
                for alike in causes:
                    first = alike[0] if len(causes) > 1 else smallest_of(alike)
                    yield replace(shrinking.smallest(first), of=tuple(alike))

    def _replayed(self, contract: Contract) -> Iterator[CaseResult]:
        """Yield one result for each case; after the run is stopped, those left are marked as not replayed."""
        ended = 0
        try:
            for result in self._until_stopped(contract):
                ended += 1
                yield result
        except KeyboardInterrupt:
            self.interrupted = True
            self._stopped = "The run was interrupted."
        for case in contract.cases[ended:]:
            yield not_replayed(case, self._stopped or "")

    def _until_stopped(self, contract: Contract) -> Iterator[CaseResult]:
        if self._stopped:
            return
        for result in repeated(contract.cases, self._options.repeat, self._replayer.replay):
            self._check_reached(result)
            yield result
            fails = result.checked and not (result.passed or result.case.pending or contract.pending)
            if self._options.fail_fast and fails:
                self._stopped = "The run ended with the first failure (--fail-fast)."
                return
            self._unanswered = self._unanswered or result.failure in _UNANSWERED
            if self._unanswered and self._running and (end := self._running.end_of_its_own()):
                self._stopped = "The provider had ended before."
                self.problems.append(end)
                return

    def look_at_provider(self) -> None:
        """Add to the problems how the provider ended, if it was started for the run and did not answer."""
        if self._running and self._unanswered and not self._stopped:
            self.problems += filter(None, [self._running.end_of_its_own(_FOR_ITS_END)])

    def _check_reached(self, result: CaseResult) -> None:
        # A provider that was never there is a mistake of the user. One that goes away later may have crashed,
        # and what it did before that belongs into the report.
        if result.failure is FailureKind.UNREACHABLE and not self._reached:
            raise UnreachableError(
                (self._running and self._running.end_of_its_own(_FOR_ITS_END))
                or f"{result.problem}. Nothing was verified: start the provider, or check --provider-url, "
                "--state-change-url and --message-url."
            )
        self._reached = self._reached or result.failure is not FailureKind.UNSUPPORTED

    def _published(self, verified: ContractResult) -> ContractResult:
        if self._publisher is None:
            return verified
        name = verified.contract.name
        # The broker knows only success and failure, and nothing unchecked may count as either.
        if not verified.checked:
            self.problems.append(f"The result of {name} was not published: not all of it could be checked.")
            return verified
        try:
            self._publisher.publish(verified)
        except BrokerError as error:
            self.problems.append(f"The result of {name} was not published: {error}")
            return verified
        return verified.as_published()


def _publisher(options: Options) -> Publisher | None:
    if not (options.publish and options.broker):
        return None
    return Publisher(options.broker, options.version, options.shard)
