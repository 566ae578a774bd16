"""A workflow of an Arazzo document, executed against the provider."""

from collections.abc import Iterator

from tally.matching import Mismatch
from tally.workflows.model import CircuitLimits
from verifier.contracts.cases import ArazzoCase
from verifier.provider.provider import ProviderClient
from verifier.provider.states import StateChanges
from verifier.results.result import CaseResult, FailureKind, Step
from verifier.workflows.circuit import Circuit
from verifier.workflows.means import Means
from verifier.workflows.results import Outcome, StepFailure, StepResult
from verifier.workflows.running import execute
from verifier.workflows.services import Service

_KINDS = {
    StepFailure.TIMEOUT: FailureKind.TIMEOUT,
    StepFailure.NO_ANSWER: FailureKind.NO_ANSWER,
    StepFailure.UNREACHABLE: FailureKind.UNREACHABLE,
    StepFailure.PROVIDER_STATE: FailureKind.PROVIDER_STATE,
}


def replay_arazzo(case: ArazzoCase, provider: ProviderClient, states: StateChanges) -> CaseResult:
    """Execute the workflow and its clean-up, and return what came of it; about the first step that failed."""
    names = {source.name for source in case.bound.document.sources}
    services = {
        name: Service(name, provider, Circuit(name, CircuitLimits()), states.changer) for name in names
    }
    result, cleaned = execute(case.bound, case.workflow, Means(services=services), {})
    steps = (*result.steps, *cleaned)
    failed = next((step for step in steps if not step.passed and not step.handled), None)
    last = failed or (steps[-1] if steps else None)
    exchanged = CaseResult(
        case=case,
        sent=last.sent if last else None,
        received=last.received if last else None,
        steps=tuple(_steps(case, steps)),
        duration_ms=sum(step.duration_ms for step in steps),
    )
    if failed is None and result.outcome is Outcome.PASSED:
        return exchanged
    mismatches = tuple(_mismatches(failed)) if failed else ()
    kind = _KINDS.get(failed.failure) if failed and failed.failure else None
    return CaseResult(
        **{
            **vars(exchanged),
            "mismatches": mismatches,
            "failure": FailureKind.MISMATCH if mismatches else kind or FailureKind.UNSUPPORTED,
            "problem": f"Step {failed.id}: {failed.reason}" if failed else result.reason,
        }
    )


def _mismatches(step: StepResult) -> Iterator[Mismatch]:
    for check in step.checks:
        if not check.passed:
            yield Mismatch(
                "step", step.id, check.text, check.got, f"step {step.id}: {check.text}, got {check.got}"
            )


def _steps(case: ArazzoCase, steps: tuple[StepResult, ...]) -> Iterator[Step]:
    for step in steps:
        if step.sent and step.received:
            bound = case.bound.operations.get(step.step.pointer) if step.step else None
            yield Step(bound.operation if bound else None, step.sent, step.received, step.duration_ms)
