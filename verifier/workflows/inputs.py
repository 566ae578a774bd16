"""The inputs of a workflow: those that are given, with defaults, judged by the workflow's schema."""

from collections.abc import Mapping
from typing import Any

from tally.json_schema.validation import Validator
from tally.workflows.model import Workflow


class InputsError(Exception):
    """The inputs are not what the workflow takes; the text says what to give."""


def complete_inputs(workflow: Workflow, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return *given* with the defaults of the schema. Raises InputsError when the schema refuses them."""
    inputs = {**_defaults(workflow), **given}
    problem = Validator(workflow.inputs).best_problem(inputs)
    if problem is not None:
        place = f" at {problem.pointer}" if problem.pointer else ""
        raise InputsError(f"The inputs of the workflow {workflow.id!r} are wrong{place}: {problem.message}")
    return inputs


def declared_inputs(workflow: Workflow) -> dict[str, Any]:
    """Return the schemas of the inputs that the workflow declares, by name."""
    schema = workflow.inputs
    if not isinstance(schema, dict):
        return {}
    found: dict[str, Any] = {}
    for each in (schema, *(_referred(schema, part) for part in _composed(schema))):
        properties = each.get("properties", {}) if isinstance(each, dict) else {}
        found |= properties if isinstance(properties, dict) else {}
    return found


def _composed(schema: dict[str, Any]) -> list[Any]:
    """Return the schemas that all have to hold besides the root."""
    parts = schema.get("allOf", [])
    return [schema, *(parts if isinstance(parts, list) else [])]


def _referred(schema: dict[str, Any], part: Any) -> Any:
    home = "#/components/inputs/"
    reference = part.get("$ref", "") if isinstance(part, dict) else ""
    if not (isinstance(reference, str) and reference.startswith(home)):
        return part
    return schema.get("components", {}).get("inputs", {}).get(reference.removeprefix(home), {})


def _defaults(workflow: Workflow) -> dict[str, Any]:
    return {
        name: schema["default"]
        for name, schema in declared_inputs(workflow).items()
        if isinstance(schema, dict) and "default" in schema
    }
