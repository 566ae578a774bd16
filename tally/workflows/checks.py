"""What the parts of an Arazzo document refer to: steps, workflows, inputs, outputs and sources."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tally.errors import InvalidContractError
from tally.json_schema.pointers import pointer
from tally.workflows.criteria import expressions_of_criterion
from tally.workflows.expressions import Expression, expressions_in, parse_expression
from tally.workflows.model import (
    Action,
    ActionType,
    OperationReference,
    Step,
    Workflow,
    WorkflowDocument,
    WorkflowReference,
    called_by,
)
from tally.workflows.parts import refuse, suggestion

Used = tuple[Expression, str]
"""An expression, and the pointer of where it is."""


def check_document(document: WorkflowDocument) -> None:
    """Raise InvalidContractError, which names the place, when something refers to what is not there."""
    for workflow in document.workflows:
        _check_references(document, workflow)
        for step in workflow.all_steps:
            _check_step(document, workflow, step)
        for expression, place in _expressions(workflow):
            _check_expression(document, workflow, expression, place)
    _check_circles(document)


def _check_references(document: WorkflowDocument, workflow: Workflow) -> None:
    for index, reference in enumerate(workflow.depends_on):
        _check_workflow(document, reference, f"{workflow.pointer}/dependsOn/{index}")
    for action in (*workflow.on_success, *workflow.on_failure):
        _check_action(document, workflow, action)
    for index, needed in enumerate(workflow.states):
        place = f"{workflow.pointer}/x-contract-states/{index}/source"
        _check_source(document, needed.source, place, kind="openapi")


def _check_step(document: WorkflowDocument, workflow: Workflow, step: Step) -> None:
    if isinstance(step.target, WorkflowReference):
        _check_workflow(document, step.target, f"{step.pointer}/workflowId")
        for parameter in step.parameters:
            if parameter.location is not None:
                refuse(f"{parameter.pointer}/in", "the parameters of a workflow are its inputs: leave it out")
    else:
        _check_operation(document, step.target, step.pointer)
        calls = bool(_calls(workflow))  # then, what has no place is for the workflows that are called
        for parameter in (*(() if calls else workflow.parameters), *step.parameters):
            if parameter.location is None:
                refuse(parameter.pointer, "'in' is missing: write path, query, header or cookie")
    for action in (*step.on_success, *step.on_failure):
        _check_action(document, workflow, action)
        if step in workflow.cleanup and action.type is not ActionType.RETRY:
            refuse(f"{action.pointer}/type", "a step of the clean-up can be tried again, and nothing else")


def _check_operation(document: WorkflowDocument, target: OperationReference, place: str) -> None:
    key = "operationPath" if target.place else "operationId"
    if target.source is not None:
        _check_source(document, target.source, f"{place}/{key}", kind="openapi")
    elif not any(source.type == "openapi" for source in document.sources):
        refuse(f"{place}/{key}", "no source description is an OpenAPI document")


def _check_action(document: WorkflowDocument, workflow: Workflow, action: Action) -> None:
    if action.workflow:
        _check_workflow(document, action.workflow, f"{action.pointer}/workflowId")
    names = [step.id for step in workflow.steps]
    if action.step and action.step not in names:
        known = suggestion(action.step, names)
        refuse(f"{action.pointer}/stepId", f"the workflow has no step {action.step!r}: {known}")


def _check_workflow(document: WorkflowDocument, reference: WorkflowReference, place: str) -> None:
    if reference.source is not None:
        _check_source(document, reference.source, place, kind="arazzo")
    elif document.workflow(reference.id) is None:
        known = suggestion(reference.id, [workflow.id for workflow in document.workflows])
        refuse(place, f"there is no workflow {reference.id!r}: {known}")


def _check_source(document: WorkflowDocument, name: str, place: str, *, kind: str) -> None:
    source = document.source(name)
    if source is None:
        known = suggestion(name, [source.name for source in document.sources])
        refuse(place, f"there is no source description {name!r}: {known}")
    if source.type != kind:
        refuse(place, f"the source {name!r} is of the type {source.type}, and {kind} is needed")


def _expressions(workflow: Workflow) -> Iterator[Used]:
    yield from _in_values({p.pointer: p.value for p in workflow.parameters})
    yield from _in_values(_outputs(workflow.pointer, workflow.outputs))
    yield from _in_actions((*workflow.on_success, *workflow.on_failure))
    for step in workflow.all_steps:
        yield from _in_values({p.pointer: p.value for p in step.parameters})
        yield from _in_values(_outputs(step.pointer, step.outputs))
        yield from _in_actions((*step.on_success, *step.on_failure))
        for criterion in step.criteria:
            yield from ((found, criterion.pointer) for found in expressions_of_criterion(criterion))
        if step.payload:
            values = [step.payload.value, *(each.value for each in step.payload.replacements)]
            yield from _in_values({step.payload.pointer: values})


def _outputs(place: str, outputs: Mapping[str, str]) -> dict[str, Any]:
    return {f"{place}/outputs{pointer([name])}": expression for name, expression in outputs.items()}


def _in_actions(actions: Iterable[Action]) -> Iterator[Used]:
    for action in actions:
        for criterion in action.criteria:
            yield from ((found, criterion.pointer) for found in expressions_of_criterion(criterion))


def _in_values(values: Mapping[str, Any]) -> Iterator[Used]:
    for place, value in values.items():
        for text in expressions_in(value):
            try:
                yield parse_expression(text), place
            except InvalidContractError as error:
                refuse(place, str(error))


def _check_expression(
    document: WorkflowDocument, workflow: Workflow, expression: Expression, place: str
) -> None:
    name = expression.name
    if expression.root == "inputs":
        _check_input(workflow, name, place, expression)
    elif expression.root == "steps":
        names = [step.id for step in workflow.all_steps]
        step = workflow.step(_owner(name, names, ".outputs."))
        if step is None:
            known = suggestion(name.partition(".")[0], names)
            refuse(place, f"{expression.text}: the workflow has no such step, or not .outputs.: {known}")
        elif isinstance(step.target, OperationReference) or step.outputs:
            _check_output(step.outputs, name.removeprefix(f"{step.id}.outputs."), place, expression)
    elif expression.root == "workflows":
        _check_workflow_value(document, workflow, expression, place)
    elif expression.root == "sourceDescriptions":
        known_names = [source.name for source in document.sources]
        if not any(name in {known, f"{known}.url"} for known in known_names):
            refuse(place, f"{expression.text}: {suggestion(name.partition('.')[0], known_names)}")


def _check_input(workflow: Workflow, name: str, place: str, expression: Expression) -> None:
    schema = workflow.inputs
    if schema is True:
        refuse(place, f"{expression.text}: the workflow has no inputs: declare it under inputs/properties")
    if isinstance(schema, dict) and schema.keys() <= {"type", "properties", "required", "components"}:
        _check_output(schema.get("properties", {}), name, place, expression)


def _check_workflow_value(
    document: WorkflowDocument, workflow: Workflow, expression: Expression, place: str
) -> None:
    name = expression.name
    names = [each.id for each in document.workflows]
    owners = [(kind, document.workflow(_owner(name, names, kind))) for kind in (".outputs.", ".inputs.")]
    for kind, owner in owners:
        if owner is None:
            continue
        if kind == ".outputs.":
            _check_output(owner.outputs, name.removeprefix(f"{owner.id}.outputs."), place, expression)
        if owner.id != workflow.id and owner.id not in _executed_before(document, workflow):
            refuse(place, f"{expression.text}: {owner.id} may not have been executed: add it to dependsOn")
        return
    if any(name.startswith(f"{source.name}.") for source in document.sources if source.type == "arazzo"):
        return
    known = suggestion(name.partition(".")[0], names)
    refuse(place, f"{expression.text}: there is no such workflow, or not .outputs. or .inputs.: {known}")


def _executed_before(document: WorkflowDocument, workflow: Workflow) -> set[str]:
    """Return the workflows that *workflow* depends on, or calls itself."""
    found = {reference.id for reference in called_by(workflow) if reference.source is None}
    waiting = [workflow]
    while waiting:
        for name in _dependencies(waiting.pop()):
            needed = document.workflow(name)
            if needed and name not in found:
                found.add(name)
                waiting.append(needed)
    return found


def _check_output(known: Mapping[str, Any], name: str, place: str, expression: Expression) -> None:
    if not any(name == each or name.startswith((f"{each}.", f"{each}[")) for each in known):
        refuse(place, f"{expression.text}: {name!r} is not declared: {suggestion(name, tuple(known))}")


def _owner(name: str, names: Iterable[str], kind: str) -> str:
    return next((each for each in sorted(names, key=len, reverse=True) if name.startswith(each + kind)), "")


def _check_circles(document: WorkflowDocument) -> None:
    """Refuse workflows that depend on each other in a circle, or whose steps call each other in one."""
    for what, edges in (("depends on", _dependencies), ("calls", _calls)):
        done: set[str] = set()
        for workflow in document.workflows:
            circle = _circle(document, workflow, edges, done)
            if circle:
                path = f" {what} ".join(circle)
                key = "dependsOn" if what == "depends on" else "steps"
                refuse(f"{workflow.pointer}/{key}", f"the workflows go in a circle: {path}. Leave one out")


def _dependencies(workflow: Workflow) -> list[str]:
    return [reference.id for reference in workflow.depends_on if reference.source is None]


def _calls(workflow: Workflow) -> list[str]:
    targets = [step.target for step in workflow.all_steps]
    return [it.id for it in targets if isinstance(it, WorkflowReference) and it.source is None]


def _circle(document: WorkflowDocument, start: Workflow, edges: Any, done: set[str]) -> list[str] | None:
    """Return the circle that can be reached from *start*; what is in *done* leads to none."""
    path: list[str] = []
    waiting: list[tuple[str, bool]] = [(start.id, False)]
    while waiting:
        name, leaving = waiting.pop()
        if leaving:
            done.add(path.pop())
        elif name in path:
            return [*path[path.index(name) :], name]
        elif name not in done:
            path.append(name)
            workflow = document.workflow(name)
            waiting.append((name, True))
            waiting += [(each, False) for each in (edges(workflow) if workflow else ())]
    return None
