"""An Arazzo 1.0 document into one value. What it refers to is looked at by `tally.workflows.checks`."""

import re
from collections.abc import Callable
from typing import TypeVar

from tally.errors import InvalidContractError
from tally.json_schema.schema import Schema
from tally.json_schema.validation import Validator
from tally.workflows import extensions
from tally.workflows.actions import read_actions, read_criteria
from tally.workflows.checks import check_document
from tally.workflows.expressions import expressions_in
from tally.workflows.model import (
    CircuitLimits,
    OperationReference,
    Payload,
    Replacement,
    Source,
    Step,
    StepParameter,
    Workflow,
    WorkflowDocument,
    WorkflowReference,
)
from tally.workflows.parts import Part, kind_of, refuse, suggestion
from tally.workflows.references import component, operation_place, reference_of

_VERSION = re.compile(r"1\.0\.\d+")
_DOCUMENT = ("arazzo", "info", "sourceDescriptions", "workflows", "components")
_INFO = ("title", "summary", "description", "version")
_SOURCE = ("name", "url", "type")
_WORKFLOW = (
    "workflowId",
    "summary",
    "description",
    "inputs",
    "dependsOn",
    "steps",
    "successActions",
    "failureActions",
    "outputs",
    "parameters",
)
_STEP = (
    "description",
    "stepId",
    "operationId",
    "operationPath",
    "workflowId",
    "parameters",
    "requestBody",
    "successCriteria",
    "onSuccess",
    "onFailure",
    "outputs",
)
_PARAMETER = ("name", "in", "value")
_LOCATIONS = ("path", "query", "header", "cookie")
_COMPONENTS = ("inputs", "parameters", "successActions", "failureActions")
_KEY = re.compile(r"[a-zA-Z0-9._-]+")
Item = TypeVar("Item")


def read_workflows(document: object) -> WorkflowDocument:
    """Return the workflows of an Arazzo document. Raises InvalidContractError, which names the place."""
    if not isinstance(document, dict):
        raise InvalidContractError(f"/: an Arazzo document is an object, not {kind_of(document)}")
    part = Part(document, "")
    _check_version(part)
    part.check_keys("an Arazzo document", _DOCUMENT, extensions.OF_DOCUMENT)
    info = part.part("info")
    if "info" in document:
        info.check_keys("the info", _INFO)
    _check_components(part)
    circuit = extensions.circuit(part, CircuitLimits()) or CircuitLimits()
    read = WorkflowDocument(
        title=info.text("title"),
        version=info.text("version"),
        sources=_distinct(part.parts("sourceDescriptions", least=1), _source, lambda it: it.name, "name"),
        workflows=_distinct(
            part.parts("workflows", least=1),
            lambda each: _Reader(part).workflow(each),
            lambda it: it.id,
            "workflowId",
        ),
        parameters=part.part("components").mapping("parameters"),
        circuit=circuit,
        timeout=extensions.extension(part, "x-contract-timeout"),
        undecided=tuple(extensions.extension(part, "x-contract-undecided", [])),
    )
    check_document(read)
    return read


def _check_version(part: Part) -> None:
    if "arazzo" not in part.value:
        refuse("", 'this is no Arazzo document: it has no "arazzo". Write arazzo: 1.0.1 at its top')
    version = part.text("arazzo")
    if not _VERSION.fullmatch(version):
        refuse(part.at("arazzo"), f"Arazzo {version} is not supported: write it as Arazzo 1.0, arazzo: 1.0.1")


def _check_components(part: Part) -> None:
    components = part.part("components")
    components.check_keys("the components", _COMPONENTS)
    for section in _COMPONENTS:
        for name, value in components.mapping(section).items():
            place = components.part(section).at(name)
            if not _KEY.fullmatch(name):
                refuse(place, "a name has letters, digits, '.', '-' and '_' only")
            if not isinstance(value, dict) and section != "inputs":
                refuse(place, f"write an object here, not {kind_of(value)}")


def _source(part: Part) -> Source:
    part.check_keys("a source description", _SOURCE, extensions.OF_SOURCE)
    kind = part.text("type", needed=False) or "openapi"
    if kind not in {"openapi", "arazzo"}:
        refuse(part.at("type"), f"{kind!r} is not known: write openapi or arazzo")
    return Source(
        part.text("name"),
        part.text("url"),
        kind,
        extensions.extension(part, "x-contract-service"),
        extensions.circuit(part, None),
        part.place,
    )


def _distinct(
    parts: tuple[Part, ...], read: Callable[[Part], Item], name: Callable[[Item], str], key: str
) -> tuple[Item, ...]:
    """Return what is read of each part; refuses two with one name."""
    found: dict[str, Item] = {}
    for part in parts:
        item = read(part)
        if name(item) in found:
            refuse(part.at(key), f"{name(item)!r} is there twice: give one of them another {key}")
        found[name(item)] = item
    return tuple(found.values())


class _Reader:
    """Reads workflows of *document*, whose components these may use."""

    def __init__(self, document: Part) -> None:
        self._document = document

    def workflow(self, part: Part) -> Workflow:
        part.check_keys("a workflow", _WORKFLOW, extensions.OF_WORKFLOW)
        extensions.extension(part, "x-contract-cleanup")
        steps = self._steps(part, "steps", least=1)
        cleanup = self._steps(part, "x-contract-cleanup")
        for step in cleanup:
            if any(step.id == other.id for other in steps):
                refuse(f"{step.pointer}/stepId", f"{step.id!r} is a step already: give it another stepId")
        return Workflow(
            id=part.text("workflowId"),
            steps=steps,
            summary=part.text("summary", needed=False),
            inputs=self._inputs(part),
            depends_on=tuple(
                reference_of(text, f"{part.at('dependsOn')}/{index}")
                for index, text in enumerate(part.texts("dependsOn"))
            ),
            parameters=self._parameters(part),
            on_success=read_actions(self._document, part, "successActions", retries=False),
            on_failure=read_actions(self._document, part, "failureActions", retries=True),
            outputs=_outputs(part),
            tags=tuple(extensions.extension(part, "x-contract-tags", [])),
            priority=extensions.priority(part),
            cleanup=cleanup,
            states=extensions.states(part),
            timeout=extensions.extension(part, "x-contract-timeout"),
            undecided=tuple(extensions.extension(part, "x-contract-undecided", [])),
            pointer=part.place,
        )

    def _steps(self, part: Part, key: str, least: int = 0) -> tuple[Step, ...]:
        return _distinct(part.parts(key, least=least), self._step, lambda step: step.id, "stepId")

    def _step(self, part: Part) -> Step:
        part.check_keys("a step", _STEP, extensions.OF_STEP)
        return Step(
            id=part.text("stepId"),
            target=_target(part),
            parameters=self._parameters(part),
            payload=_payload(part),
            criteria=read_criteria(part, "successCriteria"),
            on_success=read_actions(self._document, part, "onSuccess", retries=False),
            on_failure=read_actions(self._document, part, "onFailure", retries=True),
            outputs=_outputs(part),
            timeout=extensions.extension(part, "x-contract-timeout"),
            undecided=tuple(extensions.extension(part, "x-contract-undecided", [])),
            pointer=part.place,
        )

    def _inputs(self, part: Part) -> Schema:
        """Return the schema of the inputs, with the components that it may refer to."""
        if "inputs" not in part.value:
            return True
        schema: Schema = part.value["inputs"]
        place = part.at("inputs")
        if not isinstance(schema, dict | bool):
            refuse(place, f"a JSON Schema is an object, not {kind_of(schema)}")
        inputs = self._document.part("components").mapping("inputs")
        if isinstance(schema, dict) and inputs and "components" not in schema:
            # References lead to "#/components/inputs/…", from the root of the document.
            schema = {**schema, "components": {"inputs": inputs}}
        try:
            Validator(schema)
        except InvalidContractError as error:
            refuse(place, str(error))
        return schema

    def _parameters(self, part: Part) -> tuple[StepParameter, ...]:
        read = [self._parameter(each) for each in part.parts("parameters")]
        for index, parameter in enumerate(read):
            if any((parameter.name, parameter.location) == (it.name, it.location) for it in read[:index]):
                place = f"{part.at('parameters')}/{index}"
                refuse(place, f"the parameter {parameter.name!r} is there twice: leave one out")
        return tuple(read)

    def _parameter(self, part: Part) -> StepParameter:
        place = part.place
        if "reference" in part.value:
            found = component(self._document, part, "parameters")
            given = {"value": part.value["value"]} if "value" in part.value else {}
            part = Part({**found.value, **given}, place)
        part.check_keys("a parameter", _PARAMETER)
        if "value" not in part.value:
            refuse(place, "'value' is missing: write a constant, or a runtime expression such as $inputs.id")
        location = part.text("in", needed=False) or None
        if location == "body":
            refuse(part.at("in"), "'body' is no place: write the value into the payload of requestBody")
        if location not in (None, *_LOCATIONS):
            refuse(part.at("in"), f"{location!r} is no place: {suggestion(location, _LOCATIONS)}")
        return StepParameter(part.text("name"), part.value["value"], location, place)


def _target(part: Part) -> OperationReference | WorkflowReference:
    given = [key for key in ("operationId", "operationPath", "workflowId") if key in part.value]
    if len(given) != 1:
        what = "it names nothing to call" if not given else f"it has both {' and '.join(given)}"
        refuse(part.place, f"{what}: write one of operationId, operationPath and workflowId")
    text, place = part.text(given[0]), part.at(given[0])
    if given[0] == "operationPath":
        return operation_place(text, place)
    reference = reference_of(text, place)
    if given[0] == "workflowId":
        if "requestBody" in part.value:
            refuse(part.at("requestBody"), "a workflow takes parameters, which are its inputs, and no body")
        return reference
    return OperationReference(id=reference.id, source=reference.source)


def _payload(part: Part) -> Payload | None:
    if "requestBody" not in part.value:
        return None
    body = part.part("requestBody")
    body.check_keys("a request body", ("contentType", "payload", "replacements"))
    replacements = []
    for each in body.parts("replacements"):
        each.check_keys("a replacement", ("target", "value"))
        target = each.text("target")
        if not target.startswith("/"):
            refuse(each.at("target"), f"{target!r} is no JSON pointer: write one such as /items/0/id")
        if "value" not in each.value:
            refuse(each.place, "'value' is missing")
        replacements.append(Replacement(target, each.value["value"]))
    return Payload(
        body.value.get("payload"),
        body.text("contentType", needed=False) or None,
        tuple(replacements),
        body.place,
    )


def _outputs(part: Part) -> dict[str, str]:
    outputs = part.part("outputs")
    for name, expression in outputs.value.items():
        if not _KEY.fullmatch(name):
            refuse(outputs.at(name), "the name of an output has letters, digits, '.', '-' and '_' only")
        if not isinstance(expression, str):
            refuse(outputs.at(name), f"write a runtime expression, not {kind_of(expression)}")
        if not any(expressions_in(expression)):
            refuse(
                outputs.at(name), f"{expression!r} is no runtime expression: write $response.body#/id, say"
            )
    return outputs.value
