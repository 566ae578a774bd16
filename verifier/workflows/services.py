"""The services that steps ask: each with its client, its circuit, and the checks of its contract."""

from collections.abc import Callable
from dataclasses import field, replace

from tally.matching import Mismatch
from tally.pact import Response
from tally.service_contract.model import HttpOperation
from tally.values import dataclass
from verifier.contracts.service_contract_cases import answer_check
from verifier.errors import ProviderError, ProviderTimeoutError, UnreachableError
from verifier.provider.provider import Exchange, ProviderClient
from verifier.provider.states import StateChanger
from verifier.transport.transport import HttpRequest
from verifier.workflows.circuit import Circuit
from verifier.workflows.results import StepFailure

AnswerCheck = Callable[[Response], tuple[Mismatch, ...]]
_SERVER_ERROR = 500


class StepError(Exception):
    """A step that got no answer."""

    def __init__(self, failure: StepFailure, reason: str) -> None:
        super().__init__(reason)
        self.failure = failure


@dataclass(frozen=True)
class Measured:
    """One request to a service, for statistics. *failed*: it got no answer, or a status of 500 and above."""

    step: str
    duration_ms: float
    answered: bool
    failed: bool


@dataclass(frozen=True, eq=False)
class Service:
    """One service; *states* brings it into provider states, if that is possible."""

    name: str
    client: ProviderClient
    circuit: Circuit
    states: StateChanger | None = None
    checks: dict[int, AnswerCheck] = field(default_factory=dict)
    measured: list[Measured] = field(default_factory=list)

    def check_of(self, operation: HttpOperation) -> AnswerCheck:
        """Return the check of answers; raises InvalidContractError when a schema cannot be used."""
        # By identity: an operation holds schemas, which cannot be hashed.
        if id(operation) not in self.checks:
            self.checks[id(operation)] = answer_check(operation)
        return self.checks[id(operation)]

    def ask(
        self, request: HttpRequest, *, step: str, timeout: float | None, fail_fast: bool = True
    ) -> Exchange:
        """Send the *request* of a step; *fail_fast*: not while the circuit is open. Raises StepError."""
        refusal = self.circuit.refusal() if fail_fast else None
        if refusal:
            raise StepError(StepFailure.CIRCUIT_OPEN, refusal)
        try:
            exchange = self.client.send(replace(request, timeout=timeout))
        except BaseException as error:
            self.circuit.record(str(error) or type(error).__name__)
            self.measured.append(Measured(step, 0, answered=False, failed=True))
            if isinstance(error, ProviderError):
                raise StepError(_kind(error), str(error)) from error
            raise
        status = exchange.received.status
        failed = status >= _SERVER_ERROR
        self.circuit.record(f"{request.method} answered {status}" if failed else None)
        self.measured.append(Measured(step, exchange.duration_ms, answered=True, failed=failed))
        return exchange


def _kind(error: ProviderError) -> StepFailure:
    if isinstance(error, UnreachableError):
        return StepFailure.UNREACHABLE
    return StepFailure.TIMEOUT if isinstance(error, ProviderTimeoutError) else StepFailure.NO_ANSWER
