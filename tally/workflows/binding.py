"""The operations that steps call, found in the service contracts of the sources."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from difflib import get_close_matches

from tally.service_contract.model import HttpOperation, ServiceContract
from tally.values import dataclass
from tally.workflows.model import (
    OperationReference,
    Step,
    Workflow,
    WorkflowDocument,
    WorkflowReference,
    called_by,
)
from tally.workflows.parts import refuse, suggestion

_TEMPLATE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class BoundOperation:
    """An operation, and the name of the source whose document has it."""

    source: str
    operation: HttpOperation


@dataclass(frozen=True)
class BoundDocument:
    """A document with the operation of each step, by the step's pointer.

    *others* are the Arazzo documents of its sources. *name* is its file.
    """

    document: WorkflowDocument
    operations: Mapping[str, BoundOperation]
    others: "Mapping[str, BoundDocument]" = field(default_factory=dict)
    name: str = ""


def bound_operations(
    document: WorkflowDocument, contracts: Mapping[str, ServiceContract]
) -> dict[str, BoundOperation]:
    """Return the operation of each step that calls one, by the step's pointer.

    Raises InvalidContractError, which names the step, when there is no such operation, or more than one.
    """
    found = {}
    for workflow in document.workflows:
        for step in workflow.all_steps:
            if isinstance(step.target, OperationReference):
                bound = _bound(step, step.target, contracts)
                _check_parameters(workflow, step, bound.operation)
                found[step.pointer] = bound
    return found


def sources_of(workflow: Workflow, bound: BoundDocument) -> Iterator[str]:
    """Yield the names of the sources whose services the steps of *workflow* ask, not those of others."""
    for step in workflow.all_steps:
        if step.pointer in bound.operations:
            yield bound.operations[step.pointer].source
    yield from (needed.source for needed in workflow.states)


def reachable(bound: BoundDocument, workflow: Workflow) -> Iterator[tuple[BoundDocument, Workflow]]:
    """Yield *workflow* and all that its steps and actions may call, each with its document, once."""
    seen: set[tuple[str, str]] = set()
    waiting = [(bound, workflow)]
    while waiting:
        home, each = waiting.pop()
        if (home.name, each.id) in seen:
            continue
        seen.add((home.name, each.id))
        yield home, each
        for reference in called_by(each):
            other = home.others[reference.source] if reference.source else home
            found = other.document.workflow(reference.id)
            waiting += [(other, found)] if found else []


def _bound(
    step: Step, target: OperationReference, contracts: Mapping[str, ServiceContract]
) -> BoundOperation:
    wanted = [target.source] if target.source else list(contracts)
    candidates = [
        BoundOperation(source, operation)
        for source in wanted
        for operation in contracts[source].http_operations
        if (operation.pointer == target.place if target.place else operation.id == target.id)
    ]
    if len(candidates) == 1:
        return candidates[0]
    key = "operationPath" if target.place else "operationId"
    where = " or ".join(wanted)
    if candidates:
        several = " and ".join(candidate.source for candidate in candidates)
        name = f"$sourceDescriptions.{candidates[0].source}.{target.id}"
        refuse(f"{step.pointer}/{key}", f"{target.id!r} is an operation of {several}: write {name}, say")
    known = [
        operation.pointer if target.place else operation.id
        for source in wanted
        for operation in contracts[source].http_operations
    ]
    text = target.place or target.id or ""
    if text.partition(".")[0] in contracts and target.source is None:
        refuse(f"{step.pointer}/{key}", f"{text!r} is no operation: write $sourceDescriptions.{text}")
    return refuse(f"{step.pointer}/{key}", f"{where} has no operation {text!r}: {suggestion(text, known)}")


def _check_parameters(workflow: Workflow, step: Step, operation: HttpOperation) -> None:
    in_path = set(_TEMPLATE.findall(operation.path))
    for parameter in step.parameters:
        if parameter.location == "path" and parameter.name not in in_path:
            known = suggestion(parameter.name, tuple(in_path))
            refuse(f"{parameter.pointer}/name", f"{operation.title} has no {parameter.name!r}: {known}")
        declared = [it.name for it in operation.parameters if it.location == parameter.location]
        close = get_close_matches(parameter.name, declared, n=1)
        if parameter.location == "query" and close and parameter.name not in declared:
            reason = f"{operation.title} declares no query parameter {parameter.name!r}"
            refuse(f"{parameter.pointer}/name", f"{reason}: did you mean {close[0]}?")
    given = {it.name for it in (*workflow.parameters, *step.parameters) if it.location == "path"}
    if missing := sorted(in_path - given):
        what = f"{operation.title} needs a value for {', '.join(missing)}"
        refuse(step.pointer, f"{what}: add a parameter with in: path")


def check_others(document: WorkflowDocument, others: Mapping[str, BoundDocument]) -> None:
    """Refuse references to workflows that another Arazzo document does not have."""
    for workflow in document.workflows:
        places = [(each, f"{workflow.pointer}/dependsOn/{at}") for at, each in enumerate(workflow.depends_on)]
        places += [
            (step.target, f"{step.pointer}/workflowId")
            for step in workflow.all_steps
            if isinstance(step.target, WorkflowReference)
        ]
        actions = [*workflow.on_success, *workflow.on_failure]
        actions += [action for step in workflow.all_steps for action in (*step.on_success, *step.on_failure)]
        places += [(it.workflow, f"{it.pointer}/workflowId") for it in actions if it.workflow]
        for reference, place in places:
            other = others[reference.source].document if reference.source else None
            if other and other.workflow(reference.id) is None:
                known = [workflow.id for workflow in other.workflows]
                reason = f"{reference.source} has no workflow {reference.id!r}"
                refuse(place, f"{reason}: {suggestion(reference.id, known)}")
