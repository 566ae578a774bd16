"""The inputs that the user gives, for the workflows that take them."""

from typing import Any

import orjson

from tally.errors import UsageError
from tally.workflows.parts import suggestion
from verifier.scenarios.options import ScenarioOptions
from verifier.scenarios.plan import Plan, Planned
from verifier.workflows.inputs import declared_inputs


def inputs_of(planned_workflow: Planned, options: ScenarioOptions) -> dict[str, Any]:
    """Return the inputs that the user gives for the workflow, as its schema wants them."""
    workflow = planned_workflow.workflow
    declared = declared_inputs(workflow)
    found: dict[str, Any] = {}
    of_one = options.inputs.get(workflow.id)
    for name, schema in declared.items():
        given = options.inputs.get(f"{workflow.id}.{name}", options.inputs.get(name))
        if isinstance(of_one, dict) and name in of_one:
            given = of_one[name]
        if given is not None:
            found[name] = value_of_text(given, schema) if isinstance(given, str) else given
    return found


def check_inputs(plan: Plan, options: ScenarioOptions) -> None:
    """Raise UsageError for an input that no workflow has, and for one that is needed and not there."""
    names = {name for each in plan.workflows for name in declared_inputs(each.workflow)}
    full = {
        f"{each.workflow.id}.{name}" for each in plan.workflows for name in declared_inputs(each.workflow)
    }
    ids = {each.workflow.id for each in plan.workflows}
    for name in options.inputs:
        if name not in names | full | ids:
            known = suggestion(name, tuple(names)) if names else "no workflow has inputs"
            raise UsageError(f"--input {name}: no workflow that is executed has this input; {known}")
    for each in plan.workflows:
        schema = each.workflow.inputs
        needed = schema.get("required", []) if isinstance(schema, dict) else []
        given = inputs_of(each, options)
        defaults = declared_inputs(each.workflow)
        states = any(True for _ in each.workflow.states)
        missing = [name for name in needed if name not in given and not _has_default(defaults.get(name))]
        if missing and not states:
            wanted = " ".join(f"--input {name}=…" for name in missing)
            raise UsageError(f"The workflow {each.workflow.id} needs inputs: {wanted}, or --inputs FILE.")


def _has_default(schema: Any) -> bool:
    return isinstance(schema, dict) and "default" in schema


def value_of_text(text: str, schema: Any) -> Any:
    """Return an input of the command line as the schema wants it: a text, or the JSON that it is."""
    kinds = schema.get("type") if isinstance(schema, dict) else None
    wanted = [kinds] if isinstance(kinds, str) else kinds
    if isinstance(wanted, list) and "string" in wanted:
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
