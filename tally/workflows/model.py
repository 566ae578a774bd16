"""An Arazzo document as frozen values."""

from collections.abc import Iterator, Mapping
from dataclasses import field
from enum import Enum, IntEnum
from typing import Any

from tally.json_schema.schema import Schema
from tally.pact import ProviderState
from tally.values import dataclass


class CriterionType(Enum):
    """In which language a condition is written."""

    SIMPLE = "simple"
    REGEX = "regex"
    JSONPATH = "jsonpath"
    XPATH = "xpath"


class ActionType(Enum):
    """What follows a step."""

    END = "end"
    GOTO = "goto"
    RETRY = "retry"


class Priority(IntEnum):
    """Which workflow begins first. When a critical one fails, no other is begun."""

    CRITICAL = 0
    HIGH = 1
    NORMAL = 2
    LOW = 3


@dataclass(frozen=True)
class CircuitLimits:
    """After so many *failures* in a row a service is not asked again for *wait* seconds."""

    failures: int = 5
    wait: float = 30


@dataclass(frozen=True)
class Source:
    """A document that workflows refer to by *name*. *type* is "openapi" or "arazzo".

    *service* is the name of the service at the broker.
    """

    name: str
    url: str
    type: str
    service: str | None = None
    circuit: CircuitLimits | None = None
    pointer: str = ""


@dataclass(frozen=True)
class WorkflowReference:
    """A workflow of this document, or of the Arazzo document that *source* names."""

    id: str
    source: str | None = None


@dataclass(frozen=True)
class OperationReference:
    """An operation by its *id*, or by its JSON *place* in the document of *source*.

    A *source* of None is the only one that has the operation.
    """

    id: str | None = None
    place: str | None = None
    source: str | None = None


@dataclass(frozen=True)
class Criterion:
    """A condition; *context* is the runtime expression of what it looks at, unless it is a simple one."""

    condition: str
    type: CriterionType = CriterionType.SIMPLE
    context: str | None = None
    pointer: str = ""


@dataclass(frozen=True)
class StepParameter:
    """A value for a parameter; *value* may hold runtime expressions. *location* is None for inputs."""

    name: str
    value: Any
    location: str | None = None
    pointer: str = ""


@dataclass(frozen=True)
class Replacement:
    """A *value* to be set in a payload at the JSON pointer *target*."""

    target: str
    value: Any


@dataclass(frozen=True)
class Payload:
    """The body of a request; *value* may hold runtime expressions."""

    value: Any = None
    content_type: str | None = None
    replacements: tuple[Replacement, ...] = ()
    pointer: str = ""


@dataclass(frozen=True, kw_only=True)
class Action:
    """What follows a step when all *criteria* hold. Times are in seconds.

    Attempt n of a retry waits *retry_after* · *backoff*ⁿ.
    """

    name: str
    type: ActionType
    step: str | None = None
    workflow: WorkflowReference | None = None
    criteria: tuple[Criterion, ...] = ()
    retry_after: float | None = None
    retry_limit: int = 1
    backoff: float | None = None
    pointer: str = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """A call of an operation, or of a workflow. *timeout* is in seconds, for each attempt."""

    id: str
    target: OperationReference | WorkflowReference
    parameters: tuple[StepParameter, ...] = ()
    payload: Payload | None = None
    criteria: tuple[Criterion, ...] = ()
    on_success: tuple[Action, ...] = ()
    on_failure: tuple[Action, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)
    timeout: float | None = None
    undecided: tuple[str, ...] = ()
    pointer: str = ""


@dataclass(frozen=True)
class SourceState:
    """A provider state that the service of *source* is brought into before the first step."""

    source: str
    state: ProviderState


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """Steps that are executed in their order, and *cleanup* steps that are executed in any case."""

    id: str
    steps: tuple[Step, ...]
    summary: str = ""
    inputs: Schema = True
    depends_on: tuple[WorkflowReference, ...] = ()
    parameters: tuple[StepParameter, ...] = ()
    on_success: tuple[Action, ...] = ()
    on_failure: tuple[Action, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    priority: Priority = Priority.NORMAL
    cleanup: tuple[Step, ...] = ()
    states: tuple[SourceState, ...] = ()
    timeout: float | None = None
    undecided: tuple[str, ...] = ()
    pointer: str = ""

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """The steps, and those of the clean-up."""
        return self.steps + self.cleanup

    def step(self, name: str) -> Step | None:
        """Return the step with this id, or None."""
        return next((step for step in self.all_steps if step.id == name), None)


@dataclass(frozen=True, kw_only=True)
class WorkflowDocument:
    """An Arazzo document. *parameters* are those of its components, as they are written."""

    title: str
    version: str
    sources: tuple[Source, ...]
    workflows: tuple[Workflow, ...]
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    circuit: CircuitLimits = CircuitLimits()
    timeout: float | None = None
    undecided: tuple[str, ...] = ()

    def source(self, name: str) -> Source | None:
        """Return the source with this name, or None."""
        return next((source for source in self.sources if source.name == name), None)

    def workflow(self, name: str) -> Workflow | None:
        """Return the workflow with this id, or None."""
        return next((workflow for workflow in self.workflows if workflow.id == name), None)


def called_by(workflow: Workflow) -> Iterator[WorkflowReference]:
    """Yield the workflows that the steps and actions of *workflow* may call."""
    actions = [*workflow.on_success, *workflow.on_failure]
    for step in workflow.all_steps:
        if isinstance(step.target, WorkflowReference):
            yield step.target
        actions += [*step.on_success, *step.on_failure]
    yield from (action.workflow for action in actions if action.workflow)
