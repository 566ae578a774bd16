"""What is sent as the body of a step."""

import json

import pytest
from support.arazzo import a_step, a_workflow, an_arazzo

from verifier.workflows.results import StepFailure

INPUTS = {"type": "object", "properties": {"name": {"type": "string"}, "body": {"type": "object"}}}
GIVEN = {"name": 'A "b" & c', "body": {"total": 3, "list": [1, 2]}}


def send(services, payload, **body):
    step = a_step(requestBody={"payload": payload, **body}, successCriteria=[{"condition": "true"}])
    result, _ = services.execute(an_arazzo(a_workflow(step, inputs=INPUTS)), GIVEN)
    return result.steps[0], (services.orders.asked or [None])[-1]


@pytest.mark.parametrize(
    ("payload", "sent"),
    [
        ({"a": "$inputs.name", "b": "x {$inputs.name}"}, {"a": 'A "b" & c', "b": 'x A "b" & c'}),
        ("$inputs.body", GIVEN["body"]),
        ('{"total": 5, "name": "{$inputs.name}"}', {"total": 5, "name": 'A "b" & c'}),
        ([1, "$inputs.body#/total"], [1, 3]),
        ("plain", "plain"),
        (5, 5),
    ],
)
def test_json(services, payload, sent):
    _, asked = send(services, payload)

    assert asked.headers["content-type"] == "application/json"
    assert json.loads(asked.body) == sent


@pytest.mark.parametrize(
    ("payload", "content_type", "sent"),
    [
        (
            {"a": "$inputs.name", "b": [1, True], "c": None},
            "application/x-www-form-urlencoded",
            "a=A+%22b%22+%26+c&b=1&b=true&c=",
        ),
        ("a={$inputs.name}", "application/x-www-form-urlencoded", "a=A%20%22b%22%20%26%20c"),
        ("<a>{$inputs.name}</a>", "application/xml", "<a>A &quot;b&quot; &amp; c</a>"),
        ("hello {$inputs.name}", "text/plain", 'hello A "b" & c'),
    ],
)
def test_other_types(services, payload, content_type, sent):
    _, asked = send(services, payload, contentType=content_type)

    assert asked.headers["content-type"] == content_type
    assert asked.body.decode() == sent


def test_replacements_are_set_at_their_pointers(services):
    replacements = [
        {"target": "/list/0", "value": "$inputs.name"},
        {"target": "/list/-", "value": 9},
        {"target": "/new", "value": {"x": "{$inputs.body#/total}"}},
    ]

    _, asked = send(services, "$inputs.body", replacements=replacements)

    assert json.loads(asked.body) == {"total": 3, "list": ['A "b" & c', 2, 9], "new": {"x": "3"}}


@pytest.mark.parametrize(
    ("payload", "body", "said"),
    [
        ('{"a": {$inputs.name}}', {}, "the payload is no JSON after its expressions were filled in"),
        ({"a": 1}, {"replacements": [{"target": "/b/c", "value": 1}]}, "no place /b/c"),
        ([], {"replacements": [{"target": "/3", "value": 1}]}, "no place /3"),
        ({"a": 1}, {"contentType": "application/xml"}, "write the payload as a text"),
        ([1], {"contentType": "application/x-www-form-urlencoded"}, "a form has names"),
        ("$inputs.body#/none", {}, "$inputs.body#/none stands for nothing"),
    ],
)
def test_what_cannot_be_written_is_not_sent(services, payload, body, said):
    step, asked = send(services, payload, **body)

    assert asked is None
    assert step.failure is StepFailure.NO_VALUE
    assert said in step.problem
