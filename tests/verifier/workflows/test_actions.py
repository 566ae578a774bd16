"""What follows a step, what is called, and what ends a workflow."""

import pytest
from support.arazzo import a_step, a_workflow, an_arazzo, in_path

from tally.pact import ProviderState
from verifier.errors import StateRefusedError
from verifier.workflows import running
from verifier.workflows.results import Outcome, StepFailure

NUMBER = {"number": "$response.body#/id"}
CANCEL = a_step("cancel", "cancelOrder", parameters=[in_path("$steps.place.outputs.number")])
PLACE = a_workflow(
    a_step(outputs=NUMBER),
    id="place",
    outputs={"number": "$steps.place.outputs.number"},
    **{"x-contract-cleanup": [CANCEL]},
)


def lines(services):
    return [f"{asked.method} {asked.path}" for asked in services.orders.asked]


def a_look(number=7, **more):
    return a_step("look", "getOrder", parameters=[in_path(number)], **more)


def test_a_workflow_that_is_gone_to_decides(services):
    go = [{"name": "on", "type": "goto", "workflowId": "place"}]
    document = an_arazzo(a_workflow(a_look(1, onFailure=go), a_step("never")), PLACE)

    result, cleaned = services.execute(document)

    assert result.outcome is Outcome.PASSED
    assert [step.id for step in cleaned] == ["cancel"]
    assert lines(services) == ["GET /orders/1", "POST /orders", "DELETE /orders/7"]


def test_a_workflow_that_is_gone_to_and_fails_is_the_reason(services):
    go = [{"name": "on", "type": "goto", "workflowId": "other"}]
    document = an_arazzo(a_workflow(a_look(1, onFailure=go)), a_workflow(a_look(2), id="other"))

    result, _ = services.execute(document)

    assert result.outcome is Outcome.FAILED
    assert result.reason.startswith("other: look: ")


def test_a_failure_that_ends_the_workflow_is_a_failure(services):
    end = [{"name": "stop", "type": "end"}]

    result, _ = services.execute(an_arazzo(a_workflow(a_look(1, onFailure=end), a_step())))

    assert result.outcome is Outcome.FAILED
    assert lines(services) == ["GET /orders/1"]


def test_before_a_retry_a_step_or_a_workflow_is_executed(services):
    retry = {
        "name": "make",
        "type": "retry",
        "retryAfter": 0,
        "criteria": [{"condition": "$statusCode == 404"}],
    }
    by_workflow = an_arazzo(a_workflow(a_look(7, onFailure=[{**retry, "workflowId": "place"}])), PLACE)
    by_step = an_arazzo(
        a_workflow(a_look(8, onFailure=[{**retry, "stepId": "place"}]), a_step(outputs=NUMBER))
    )

    first, _ = services.execute(by_workflow)
    second, _ = services.execute(by_step)

    assert (first.outcome, second.outcome) == (Outcome.PASSED, Outcome.PASSED)
    assert lines(services)[:4] == ["GET /orders/7", "POST /orders", "GET /orders/7", "DELETE /orders/7"]
    assert lines(services)[4:7] == ["GET /orders/8", "POST /orders", "GET /orders/8"]


def test_steps_that_precede_each_others_retries_end(services):
    def retry(name):
        return [{"name": "again", "type": "retry", "retryAfter": 0, "retryLimit": 9, "stepId": name}]

    first = a_step("first", "getOrder", parameters=[in_path(1)], onFailure=retry("second"))
    second = a_step("second", "getOrder", parameters=[in_path(2)], onFailure=retry("first"))

    result, _ = services.execute(an_arazzo(a_workflow(first, second)))

    assert result.outcome is Outcome.FAILED
    assert "go in a circle" in result.reason


def test_a_workflow_that_its_own_retries_call_ends(services, monkeypatch):
    monkeypatch.setattr(running, "_MOST_WITH_CALLED", 50)
    again = {"name": "again", "type": "retry", "retryAfter": 0, "retryLimit": 9, "workflowId": "buy"}

    result, _ = services.execute(an_arazzo(a_workflow(a_look(1, onFailure=[again]))))

    assert not result.passed
    assert len(lines(services)) < 2_000


def test_actions_of_the_workflow_are_for_all_steps_and_steps_replace_them_by_name(services):
    again = {"name": "again", "type": "retry", "retryAfter": 0, "retryLimit": 2}
    own = a_step("second", "getOrder", parameters=[in_path(2)], onFailure=[{**again, "retryLimit": 0}])
    go_on = {"name": "on", "type": "goto", "stepId": "second"}
    document = an_arazzo(a_workflow(a_look(1), own, failureActions=[again, go_on]))

    services.execute(document)

    assert lines(services)[:3] == ["GET /orders/1"] * 3
    assert lines(services)[3] == "GET /orders/2"


def test_a_called_workflow_says_what_its_steps_were_answered_and_why_it_failed(services):
    call = {"stepId": "call", "workflowId": "other", "successCriteria": [{"condition": "$statusCode == 404"}]}
    document = an_arazzo(a_workflow(call), a_workflow(a_look(1), id="other"))

    result, _ = services.execute(document)

    (step,) = result.steps
    assert step.failure is StepFailure.CALLED_WORKFLOW
    assert [check.passed for check in step.checks] == [False, True]
    assert "the workflow other passes, but look: " in result.reason


@pytest.mark.parametrize(
    ("value", "said"),
    [("$steps.look.outputs.total", "stands for nothing"), ("x", "inputs of the workflow 'other' are wrong")],
)
def test_a_workflow_is_not_called_with_wrong_inputs(services, value, said):
    look = a_look(1, outputs={"total": "$response.body#/total"}, successCriteria=[{"condition": "true"}])
    call = {"stepId": "call", "workflowId": "other", "parameters": [{"name": "total", "value": value}]}
    inputs = {"type": "object", "properties": {"total": {"type": "integer"}}}
    document = an_arazzo(a_workflow(look, call), a_workflow(a_step(), id="other", inputs=inputs))

    result, _ = services.execute(document)

    assert result.outcome is not Outcome.PASSED
    assert said in result.reason
    assert "POST /orders" not in lines(services)


def test_an_error_in_the_run_itself_cleans_up(services):
    def interrupted(_workflow, result):
        if result.phase == "execute":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        services.execute(an_arazzo(PLACE), step_ended=interrupted)

    assert lines(services) == ["POST /orders", "DELETE /orders/7"]


def test_a_clean_up_that_fails_does_not_keep_the_next_step_from_being_executed(services):
    wrong = a_step("wrong", "cancelOrder", parameters=[in_path(99)])
    again = {"name": "again", "type": "retry", "retryAfter": 60}
    late = a_step("late", "cancelOrder", parameters=[in_path(98)], onFailure=[again])
    document = an_arazzo(a_workflow(a_step(outputs=NUMBER), **{"x-contract-cleanup": [wrong, late, CANCEL]}))

    result, cleaned = services.execute(document, cleanup_seconds=5)

    assert result.outcome is Outcome.PASSED
    assert [step.outcome for step in cleaned if step.id != "late"] == [Outcome.FAILED, Outcome.PASSED]
    reasons = [step.reason for step in cleaned]
    assert any("The time of the clean-up is over, and the next attempt" in text for text in reasons)


class Changer:
    def __init__(self, refused=()):
        self.changes = []
        self._refused = refused

    def change(self, state: ProviderState, action):
        self.changes.append((action, state.name))
        if state.name in self._refused:
            raise StateRefusedError("it cannot")
        return {}


def test_states_that_were_set_up_are_torn_down_when_another_is_refused(services):
    services.states = changer = Changer(refused=("second",))
    states = [{"source": "orders", "name": name} for name in ("first", "second")]

    result, _ = services.execute(an_arazzo(a_workflow(a_step(), **{"x-contract-states": states})))

    assert result.outcome is Outcome.NOT_CHECKED
    assert "state second: it cannot" in result.reason
    assert changer.changes == [("setup", "first"), ("setup", "second"), ("teardown", "first")]
    assert lines(services) == []
