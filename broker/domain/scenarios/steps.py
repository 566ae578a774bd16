"""What came of the workflows and steps of a scenario, read from what a client sent: any JSON."""

from collections.abc import Sequence
from typing import Any

from tally.errors import InvalidContractError
from tally.hashing import parse_exactly
from tally.values import dataclass

_OUTCOMES = {"passed": True, "failed": False}
_LONGEST = 86_400_000.0  # a day, in milliseconds


@dataclass(frozen=True)
class ExecutedStep:
    """A step of a workflow; *passed* is None for one that was not executed."""

    name: str
    service: str
    operation: str
    passed: bool | None
    problem: str
    milliseconds: float | None


@dataclass(frozen=True)
class ExecutedWorkflow:
    """A workflow with its steps."""

    name: str
    summary: str
    passed: bool | None
    reason: str
    milliseconds: float | None
    steps: Sequence[ExecutedStep]


def workflows_of(test_results: bytes | None) -> list[ExecutedWorkflow]:
    """Return the workflows that were executed; what is in another form is left out."""
    if test_results is None:
        return []
    try:
        written = parse_exactly(test_results)
    except InvalidContractError:
        return []
    return [_workflow(item) for item in _objects(written, "workflows")]


def _workflow(item: dict[str, Any]) -> ExecutedWorkflow:
    return ExecutedWorkflow(
        _text(item, "workflowId"),
        _text(item, "summary"),
        _passed(item),
        _text(item, "reason"),
        _milliseconds(item),
        [_step(step) for step in _objects(item, "steps")],
    )


def _step(item: dict[str, Any]) -> ExecutedStep:
    return ExecutedStep(
        _text(item, "stepId"),
        _text(item, "service"),
        _text(item, "operation"),
        _passed(item),
        _text(item, "problem"),
        _milliseconds(item),
    )


def _passed(item: dict[str, Any]) -> bool | None:
    return _OUTCOMES.get(_text(item, "outcome"))


def _objects(value: Any, name: str) -> list[dict[str, Any]]:
    items = value.get(name) if isinstance(value, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _text(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _milliseconds(item: dict[str, Any]) -> float | None:
    value = item.get("durationMs")
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return float(value) if 0 <= value <= _LONGEST else None
