import copy
import json
import random
import re
from pathlib import Path

import pytest
from support.arazzo import a_step, a_workflow, an_arazzo, in_path

from tally.errors import InvalidContractError
from tally.service_contract.json_yaml import parse_yaml
from tally.workflows.extensions import extensions_schema
from tally.workflows.files import load_workflows
from tally.workflows.model import ActionType, Priority
from tally.workflows.reading import read_workflows


def changed(path, value, document=None):
    """Return a document with another value at *path*; None takes the key out."""
    document = copy.deepcopy(document or EXAMPLE)
    *parents, last = path
    holder = document
    for part in parents:
        holder = holder[part]
    if value is None:
        del holder[last]
    else:
        holder[last] = value
    return document


RETRY = {"name": "again", "type": "retry", "retryAfter": 1, "retryLimit": 2}
EXAMPLE = an_arazzo(
    a_workflow(
        a_step(
            parameters=[{"name": "X-Key", "in": "header", "value": "$inputs.key"}],
            outputs={"number": "$response.body#/id"},
            successCriteria=[{"condition": "$statusCode == 201"}],
            onFailure=[RETRY],
        ),
        a_step("look", "getOrder", parameters=[in_path("$steps.place.outputs.number")]),
        inputs={"type": "object", "properties": {"key": {"type": "string"}}},
        **{"x-contract-tags": ["smoke"], "x-contract-priority": "high", "x-contract-timeout": 5},
    ),
    a_workflow(id="later", dependsOn=["buy"]),
)
FIRST = ("workflows", 0)
STEP = (*FIRST, "steps", 0)


def test_a_document_is_read_with_its_extensions():
    document = read_workflows(EXAMPLE)

    workflow = document.workflows[0]
    assert (workflow.tags, workflow.priority, workflow.timeout) == (("smoke",), Priority.HIGH, 5)
    assert workflow.steps[0].on_failure[0].type is ActionType.RETRY
    assert document.workflows[1].depends_on[0].id == "buy"


@pytest.mark.parametrize(
    ("path", "value", "place", "said"),
    [
        (("arazzo",), None, "/", 'it has no "arazzo". Write arazzo: 1.0.1'),
        (("arazzo",), "1.1.0", "/arazzo", "write it as Arazzo 1.0"),
        (("arazzo",), 1.0, "/arazzo", "write a text here, not a number"),
        (("workflow",), [], "/workflow", "did you mean workflows?"),
        (("info", "title"), None, "/info", "'title' is missing"),
        (("sourceDescriptions",), [], "/sourceDescriptions", "at least one is needed"),
        (("sourceDescriptions", 0, "type"), "graphql", "/sourceDescriptions/0/type", "openapi or arazzo"),
        (("workflows",), {}, "/workflows", "write a list here, not an object"),
        (("workflows", 1), "later", "/workflows/1", "write an object here, not a text"),
        (("workflows", 1, "workflowId"), "buy", "/workflows/1/workflowId", "'buy' is there twice"),
        (("workflows", 1, "dependsOn"), ["byu"], "/workflows/1/dependsOn/0", "did you mean buy?"),
        (("workflows", 1, "dependsOn"), ["$buy"], "/workflows/1/dependsOn/0", "$sourceDescriptions.SOURCE"),
        ((*FIRST, "steps"), [], "/workflows/0/steps", "at least one is needed"),
        ((*FIRST, "inputs"), {"type": "objet"}, "/workflows/0/inputs", "not a JSON Schema"),
        ((*FIRST, "x-contract-tag"), ["a"], "/workflows/0/x-contract-tag", "did you mean x-contract-tags?"),
        ((*FIRST, "x-contract-tags"), "smoke", "/workflows/0/x-contract-tags", "is not of type 'array'"),
        ((*FIRST, "x-contract-priority"), "top", "/workflows/0/x-contract-priority", "'critical'"),
        ((*FIRST, "x-contract-timeout"), 0, "/workflows/0/x-contract-timeout", "0"),
        ((*FIRST, "x-contract-cleanup"), [{}], "/workflows/0/x-contract-cleanup/0", "stepId"),
        ((*FIRST, "x-contract-cleanup"), [a_step()], "/workflows/0/x-contract-cleanup/0/stepId", "another"),
        ((*FIRST, "x-contract-states"), [{"name": "a"}], "/workflows/0/x-contract-states/0", "source"),
        (
            (*FIRST, "x-contract-states"),
            [{"source": "odrers", "name": "a"}],
            "/workflows/0/x-contract-states/0/source",
            "did you mean orders?",
        ),
        ((*STEP, "x-contract-tags"), ["a"], "/workflows/0/steps/0/x-contract-tags", "no such extension"),
        ((*STEP, "onSucess"), [], "/workflows/0/steps/0/onSucess", "did you mean onSuccess?"),
        ((*STEP, "workflowId"), "later", "/workflows/0/steps/0", "both operationId and workflowId"),
        ((*STEP, "operationId"), None, "/workflows/0/steps/0", "it names nothing to call"),
        ((*STEP, "operationId"), "$source.x", "/workflows/0/steps/0/operationId", "refers to nothing"),
        (
            (*STEP, "parameters", 0, "in"),
            "body",
            "/workflows/0/steps/0/parameters/0/in",
            "'body' is no place",
        ),
        ((*STEP, "parameters", 0, "in"), None, "/workflows/0/steps/0/parameters/0", "'in' is missing"),
        ((*STEP, "parameters", 0, "value"), None, "/workflows/0/steps/0/parameters/0", "'value' is missing"),
        (
            (*STEP, "parameters", 0, "value"),
            "$inputs.kye",
            "/workflows/0/steps/0/parameters/0",
            "did you mean key?",
        ),
        (
            (*STEP, "parameters", 0, "value"),
            "$input.key",
            "/workflows/0/steps/0/parameters/0",
            "no runtime expression",
        ),
        (
            (*STEP, "parameters", 0),
            {"reference": "$components.parameters.x"},
            "/workflows/0/steps/0/parameters/0/reference",
            "there is no 'x'",
        ),
        ((*STEP, "outputs", "a b"), "$url", "/workflows/0/steps/0/outputs/a b", "letters"),
        ((*STEP, "outputs", "x"), "id", "/workflows/0/steps/0/outputs/x", "no runtime expression"),
        ((*STEP, "outputs", "x"), "$outputs[0]", "/workflows/0/steps/0/outputs/x", "write $outputs.NAME"),
        (
            (*STEP, "outputs", "x"),
            "$response.headers.A",
            "/workflows/0/steps/0/outputs/x",
            "$response.header.",
        ),
        (
            (*STEP, "successCriteria", 0, "condition"),
            "$statusCode = 201",
            "/workflows/0/steps/0/successCriteria/0/condition",
            "cannot be read",
        ),
        (
            (*STEP, "successCriteria", 0, "type"),
            "jsonpth",
            "/workflows/0/steps/0/successCriteria/0/type",
            "did you mean jsonpath?",
        ),
        (
            (*STEP, "successCriteria", 0, "type"),
            "regex",
            "/workflows/0/steps/0/successCriteria/0",
            "'context' is missing",
        ),
        (
            (*STEP, "successCriteria", 0),
            {"context": "$response.body", "type": "regex", "condition": "("},
            "/workflows/0/steps/0/successCriteria/0/condition",
            "cannot be read",
        ),
        (
            (*STEP, "successCriteria", 0),
            {"context": "$response.body", "type": "xpath", "condition": "sum(//a)"},
            "/workflows/0/steps/0/successCriteria/0/condition",
            "is not supported",
        ),
        (
            (*STEP, "successCriteria", 0),
            {
                "context": "$response.body",
                "type": {"type": "xpath", "version": "xpath-9"},
                "condition": "//a",
            },
            "/workflows/0/steps/0/successCriteria/0/type/version",
            "'xpath-9' is not known",
        ),
        ((*STEP, "onFailure", 0, "type"), "retyr", "/workflows/0/steps/0/onFailure/0/type", "mean retry?"),
        ((*STEP, "onFailure", 0, "type"), "goto", "/workflows/0/steps/0/onFailure/0", "it goes nowhere"),
        ((*STEP, "onFailure", 0, "type"), "end", "/workflows/0/steps/0/onFailure/0/retryAfter", "retry only"),
        ((*STEP, "onFailure", 0, "retryLimit"), 1.5, "/workflows/0/steps/0/onFailure/0/retryLimit", "whole"),
        (
            (*STEP, "onFailure", 0, "retryLimit"),
            10**9,
            "/workflows/0/steps/0/onFailure/0/retryLimit",
            "1,000",
        ),
        ((*STEP, "onFailure", 0, "stepId"), "lok", "/workflows/0/steps/0/onFailure/0/stepId", "mean look?"),
        ((*STEP, "onFailure"), [RETRY, RETRY], "/workflows/0/steps/0/onFailure/1", "is there twice"),
        (
            (*STEP, "requestBody"),
            {"payload": {}, "replacements": [{"target": "a", "value": 1}]},
            "/workflows/0/steps/0/requestBody/replacements/0/target",
            "no JSON pointer",
        ),
        (
            (*FIRST, "steps", 1, "parameters", 0, "value"),
            "$steps.plaec.outputs.number",
            "/workflows/0/steps/1/parameters/0",
            "did you mean place?",
        ),
        (
            (*FIRST, "steps", 1, "parameters", 0, "value"),
            "$steps.place.outputs.nmber",
            "/workflows/0/steps/1/parameters/0",
            "did you mean number?",
        ),
        (
            (*FIRST, "outputs"),
            {"x": "$workflows.later.outputs.y"},
            "/workflows/0/outputs/x",
            "'y' is not declared",
        ),
        (
            (*FIRST, "steps", 1, "parameters", 0, "value"),
            "$workflows.later.inputs.x",
            "/workflows/0/steps/1/parameters/0",
            "add it to dependsOn",
        ),
        (
            (*STEP, "successCriteria", 0, "context"),
            "$url",
            "/workflows/0/steps/0/successCriteria/0/context",
            "a simple condition has none",
        ),
        ((*STEP, "successCriteria", 0, "type"), 5, "/workflows/0/steps/0/successCriteria/0/type", "text"),
        (
            (*STEP, "successCriteria", 0, "type"),
            {"type": "regex", "version": "1"},
            "/workflows/0/steps/0/successCriteria/0/type/type",
            "has no versions",
        ),
        (
            (*STEP, "onSuccess"),
            [{"name": "a", "type": "end", "stepId": "look"}],
            "/workflows/0/steps/0/onSuccess/0",
            "what ends goes nowhere",
        ),
        (
            (*STEP, "onSuccess"),
            [{"name": "a", "type": "goto", "stepId": "look", "workflowId": "later"}],
            "/workflows/0/steps/0/onSuccess/0",
            "it has both stepId and workflowId",
        ),
        (
            (*FIRST, "x-contract-cleanup"),
            [a_step("c", onSuccess=[{"name": "a", "type": "end"}])],
            "/workflows/0/x-contract-cleanup/0/onSuccess/0/type",
            "can be tried again, and nothing else",
        ),
        (("components",), {"parameter": {}}, "/components/parameter", "did you mean parameters?"),
        (("components",), {"parameters": {"a b": {}}}, "/components/parameters/a b", "letters"),
        (("components",), {"parameters": {"a": 1}}, "/components/parameters/a", "write an object here"),
        ((*FIRST, "inputs"), "x", "/workflows/0/inputs", "a JSON Schema is an object"),
        ((*FIRST, "inputs"), None, "/workflows/0/steps/0/parameters/0", "the workflow has no inputs"),
        (
            (*FIRST, "steps", 1),
            {"stepId": "look", "operationPath": "/orders"},
            "/workflows/0/steps/1/operationPath",
            "is no operationPath: write {$sourceDescriptions.SOURCE.url}#",
        ),
        (
            (*STEP, "parameters", 0),
            {"reference": "$components.inputs.x"},
            "/workflows/0/steps/0/parameters/0/reference",
            "write $components.parameters.NAME",
        ),
        ((*STEP, "operationPath"), "/orders", "/workflows/0/steps/0", "both operationId and operationPath"),
        ((*STEP, "outputs", "x"), 5, "/workflows/0/steps/0/outputs/x", "write a runtime expression"),
        (
            (*STEP, "outputs", "x"),
            "$sourceDescriptions.order.url",
            "/workflows/0/steps/0/outputs/x",
            "did you mean orders?",
        ),
        (
            (*FIRST, "steps", 1, "parameters"),
            [in_path(1), in_path(2)],
            "/workflows/0/steps/1/parameters/1",
            "is there twice",
        ),
        (
            (*FIRST, "steps", 1),
            {"stepId": "c", "workflowId": "later", "requestBody": {}},
            "/workflows/0/steps/1/requestBody",
            "and no body",
        ),
        (
            (*FIRST, "steps", 1),
            {"stepId": "c", "workflowId": "later", "parameters": [in_path(1)]},
            "/workflows/0/steps/1/parameters/0/in",
            "leave it out",
        ),
        (("sourceDescriptions", 0, "type"), "arazzo", "/workflows/0/steps/0/operationId", "no source"),
        (
            (*FIRST, "dependsOn"),
            ["$sourceDescriptions.orders.x"],
            "/workflows/0/dependsOn/0",
            "is of the type openapi, and arazzo is needed",
        ),
        (
            (*FIRST, "dependsOn"),
            ["later"],
            "/workflows/0/dependsOn",
            "buy depends on later depends on buy. Leave one out",
        ),
    ],
)
def test_what_is_wrong_is_refused_with_its_place_and_a_remedy(path, value, place, said):
    with pytest.raises(InvalidContractError) as refused:
        read_workflows(changed(path, value))

    text = str(refused.value)
    assert text.startswith(f"{place}: "), text
    assert said in text


def test_workflows_that_call_each_other_in_a_circle_are_refused():
    one = a_workflow({"stepId": "call", "workflowId": "two"}, id="one")
    two = a_workflow({"stepId": "call", "workflowId": "one"}, id="two")

    with pytest.raises(InvalidContractError, match="one calls two calls one"):
        read_workflows(an_arazzo(one, two))


@pytest.mark.parametrize("document", [None, [], "arazzo", 5, {"arazzo": "1.0.0"}])
def test_what_is_no_document_is_refused(document):
    with pytest.raises(InvalidContractError, match="/"):
        read_workflows(document)


@pytest.mark.parametrize(
    ("content", "said"), [("", "the file is empty"), ("a: [", "not YAML"), ("[]", "an object")]
)
def test_a_file_that_holds_no_document_is_named(tmp_path, content, said):
    path = tmp_path / "bad.arazzo.yaml"
    path.write_text(content)

    with pytest.raises(InvalidContractError) as refused:
        load_workflows(path)

    assert str(refused.value).startswith(f"{path}: ")
    assert said in str(refused.value)


def test_every_extension_has_a_schema_with_a_description():
    definitions = extensions_schema()["$defs"]

    assert {"x-contract-cleanup", "x-contract-tags", "x-contract-priority", "x-contract-circuit"} <= set(
        definitions
    )
    assert all(schema["description"] for schema in definitions.values())


def test_components_are_reused_with_another_value():
    components = {
        "parameters": {"key": {"name": "X-Key", "in": "header", "value": "a"}},
        "failureActions": {"again": RETRY},
        "inputs": {"shop": {"type": "object", "properties": {"total": {"type": "integer"}}}},
    }
    step = a_step(
        parameters=[{"reference": "$components.parameters.key", "value": "$inputs.total"}],
        onFailure=[{"reference": "$components.failureActions.again"}],
    )
    workflow = a_workflow(step, inputs={"$ref": "#/components/inputs/shop"})

    read = read_workflows(an_arazzo(workflow, components=components)).workflows[0]

    assert read.steps[0].parameters[0].value == "$inputs.total"
    assert read.steps[0].on_failure[0].retry_limit == 2


def test_the_document_on_the_page_can_be_read():
    page = (Path(__file__).parents[3] / "docs/scenarios.md").read_text(encoding="utf-8")
    document = re.search(r"^```yaml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)[1]

    assert read_workflows(parse_yaml(document.encode())).workflows[0].cleanup


def test_every_extension_is_on_the_page():
    page = (Path(__file__).parents[3] / "docs/scenarios.md").read_text(encoding="utf-8")

    assert [name for name in extensions_schema()["$defs"] if f"| `{name}` |" not in page] == []


ODD = [
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "x",
    "$",
    "$steps.",
    "{$inputs.}",
    "$response.body#x",
    [],
    {},
    [[]],
    {"a": {}},
]


def places_in(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places_in(item, (*path, key))


def test_no_document_makes_the_reader_fail_otherwise():
    """Whatever stands wherever is read, or refused with a place."""
    chance = random.Random(11)  # noqa: S311 - the same documents each time
    places = [place for place in places_in(EXAMPLE) if place]
    for _ in range(500):
        document = copy.deepcopy(EXAMPLE)
        for _ in range(chance.randint(1, 3)):
            *parents, last = chance.choice(places)
            holder = document
            for part in parents:
                holder = holder[part] if _has(holder, part) else {}
            if isinstance(holder, dict):
                name = chance.choice([last, "x-contract-" + chance.choice("abc"), str(last)[:-1] or "y"])
                holder[name] = copy.deepcopy(chance.choice(ODD))
            elif isinstance(holder, list) and isinstance(last, int) and last < len(holder):
                holder[last] = copy.deepcopy(chance.choice(ODD))
        try:
            read_workflows(document)
        except InvalidContractError as error:
            assert str(error).startswith("/"), (str(error), json.dumps(document))  # noqa: PT017 - either is right


def _has(holder, part):
    return (
        part in holder
        if isinstance(holder, dict)
        else isinstance(holder, list) and part in range(len(holder))
    )
