"""One run: load the contracts, replay them, publish what came of them."""

from collections.abc import Callable, Sequence
from time import perf_counter

from tally.errors import BrokerError, UsageError
from verifier.cases import MessageCase
from verifier.choosing import chosen
from verifier.connecting import plain_session
from verifier.contracts import Contract
from verifier.errors import UnreachableError
from verifier.messages import MessageSource
from verifier.options import Options
from verifier.publishing import Publisher, published_resource
from verifier.replaying import Target, replay
from verifier.reporting import Reporter
from verifier.results import ContractResult, Failure, Report, Result
from verifier.sending import Provider
from verifier.sources import load
from verifier.states import StateChanges


def run(options: Options, reporter: Reporter, *, clock: Callable[[], float] = perf_counter) -> Report:
    """Verify what *options* ask for and return what came of it; *reporter* hears it as it happens.

    Raises TallyError when nothing could be checked: no contract, no provider, no broker.
    """
    started = clock()
    contracts = chosen(load(options), options.filters)
    _check_possible(contracts, options)
    warnings = _warnings(contracts, options)
    for warning in warnings:
        reporter.warned(warning)
    verification = Verification(options, reporter)
    verified = tuple(verification.verify(contract) for contract in contracts)
    report = Report(
        contracts=verified,
        problems=tuple(verification.problems),
        warnings=warnings,
        duration_ms=(clock() - started) * 1000,
    )
    reporter.ended(report)
    return report


class Verification:
    """Verify contracts against one provider, and publish; *problems* are what the broker refused."""

    def __init__(self, options: Options, reporter: Reporter) -> None:
        self._target = target_of(options)
        self._reporter = reporter
        self._publisher = _publisher(options)
        self._reached = False
        self.problems: list[str] = []

    def verify(self, contract: Contract) -> ContractResult:
        """Replay *contract* and publish; raises UnreachableError when the provider was never there."""
        self._reporter.contract_started(contract)
        results: list[Result] = []
        for result in replay(contract.cases, self._target):
            self._see(result)
            results.append(result)
            self._reporter.case_ended(contract, result)
        verified = self._published(ContractResult(contract=contract, results=tuple(results)))
        self._reporter.contract_ended(verified)
        return verified

    def _see(self, result: Result) -> None:
        if result.failure is Failure.UNREACHABLE and not self._reached:
            raise UnreachableError(
                f"{result.problem}. Nothing was verified: start the provider, or check --provider-url, "
                "--state-change-url and --message-url."
            )
        self._reached = self._reached or result.failure is not Failure.UNSUPPORTED

    def _published(self, verified: ContractResult) -> ContractResult:
        if self._publisher is None:
            return verified
        name = verified.contract.name
        if not verified.checked:
            self.problems.append(f"The result of {name} was not published: not all of it could be checked.")
            return verified
        try:
            self._publisher.publish(verified)
        except BrokerError as error:
            self.problems.append(f"The result of {name} was not published: {error}")
            return verified
        return verified.as_published()


def target_of(options: Options) -> Target:
    """Return the provider that *options* describe.

    One session for everything: a provider that serves one connection at a time must not wait for another.
    """
    http, timeout = plain_session(), options.timeout
    provider = Provider(options.provider_url, http=http, headers=options.headers, timeout=timeout)
    states = StateChanges(
        options.state_change_url, http=http, teardown=options.state_change_teardown, timeout=timeout
    )
    messages = MessageSource(options.message_url, http=http, timeout=timeout) if options.message_url else None
    return Target(provider, states, messages)


def _publisher(options: Options) -> Publisher | None:
    return Publisher(options.broker, options.version) if options.publish and options.broker else None


def _check_possible(contracts: Sequence[Contract], options: Options) -> None:
    messages = [
        case.description for contract in contracts for case in contract.cases if isinstance(case, MessageCase)
    ]
    if messages and not options.message_url:
        raise UsageError(
            f"There are messages to verify ({', '.join(map(repr, messages[:3]))}): say with --message-url "
            "where the provider hands them over."
        )
    if options.publish:
        for contract in contracts:
            published_resource(contract)


def _warnings(contracts: Sequence[Contract], options: Options) -> tuple[str, ...]:
    warnings = [warning for contract in contracts for warning in contract.warnings]
    stateful = sum(bool(case.states) for contract in contracts for case in contract.cases)
    if stateful and not options.state_change_url:
        interactions = "1 interaction needs" if stateful == 1 else f"{stateful} interactions need"
        warnings.append(f"{interactions} provider states, which nobody sets up: give --state-change-url.")
    return tuple(warnings)
