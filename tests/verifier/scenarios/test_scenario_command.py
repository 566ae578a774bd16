"""`tally scenario` over real services."""

import json
import os
import signal
import time
from xml.etree import ElementTree as ET

import pytest
from support import shop
from support.arazzo import a_step, a_workflow, an_arazzo, in_path

NUMBER = {"number": "$response.body#/id"}
PAYMENT = {"order": "$steps.place.outputs.number", "amount": 5}
CANCEL = a_step("cancel", "cancelOrder", parameters=[in_path("$steps.place.outputs.number")])
CLEAN_UP = {"x-contract-cleanup": [CANCEL]}
ORDER = {"id": 1, "total": 1, "status": "open"}


def outcomes(report):
    return {workflow["workflowId"]: workflow["outcome"] for workflow in report["workflows"]}


def a_look(id="look", number="$steps.place.outputs.number", **more):  # noqa: A002 - as Arazzo
    return a_step(id, "getOrder", parameters=[in_path(number)], **more)


def test_a_scenario_over_two_services_passes_and_says_what_was_checked(scenarios):
    document = an_arazzo(
        a_workflow(
            a_step(outputs=NUMBER),
            a_step(
                "pay",
                "takePayment",
                requestBody={"payload": {"order": "$steps.place.outputs.number", "amount": 5}},
            ),
        ),
        sources=("orders", "payments"),
    )

    ended = scenarios.run(document)

    assert ended.exit_code == 0
    assert "✓ pay  POST /payments (payments, " in ended.stdout
    assert "✓ the status is a documented success (the step has no successCriteria)" in ended.stdout
    assert "✓ the answer is as the contract of payments says for 201" in ended.stdout
    assert "payments: 1 request, error rate 0.0 %" in ended.stdout
    assert "Passed: 1 passed, 0 failed (1 workflow, 2 steps)" in ended.stdout


def test_a_failed_step_is_shown_with_what_was_expected_and_got_and_a_curl(scenarios):
    step = a_step(successCriteria=[{"condition": "$response.body#/status == 'paid'"}])

    ended = scenarios.run(an_arazzo(a_workflow(step)))

    assert ended.exit_code == 1
    assert "expected  $response.body#/status == 'paid'" in ended.stdout
    assert 'got       $response.body#/status is "open"' in ended.stdout
    assert f"curl -i -X POST {scenarios.orders.url}/orders" in ended.stdout
    assert "/workflows/0/steps/0" in ended.stdout


def test_a_service_that_is_not_there_is_not_checked(scenarios):
    path = scenarios.file(an_arazzo())

    ended = scenarios.call(path, "--source=orders=http://127.0.0.1:1")

    assert ended.exit_code == 2
    assert "http://127.0.0.1:1/orders could not be reached" in ended.stdout
    assert "check --source orders=URL" in ended.stdout


def test_reports_go_into_files(scenarios, tmp_path):
    document = an_arazzo(a_workflow(a_step(), id="first"), a_workflow(a_look(number=1), id="second"))

    scenarios.run(document, "--json", tmp_path / "r.json", "--junit", tmp_path / "r.xml")

    report = json.loads((tmp_path / "r.json").read_text())
    suites = ET.fromstring((tmp_path / "r.xml").read_text())  # noqa: S314 - our own report
    assert outcomes(report) == {"first": "passed", "second": "failed"}
    assert suites.attrib["tests"] == "2"
    assert suites.attrib["failures"] == "1"
    assert "documented success" in suites.find(".//failure").attrib["message"]
    assert "curl -i" in suites.find(".//failure").text


def test_workflows_wait_for_what_they_depend_on_and_get_its_outputs(scenarios):
    document = an_arazzo(
        a_workflow(a_look(number="$workflows.place.outputs.number"), id="look", dependsOn=["place"]),
        a_workflow(
            a_step(outputs=NUMBER),
            id="place",
            outputs={"number": "$steps.place.outputs.number"},
            **CLEAN_UP,
        ),
    )

    report = scenarios.report(document)

    assert outcomes(report) == {"place": "passed", "look": "passed"}
    lines = [f"{asked.method} {asked.path}" for asked in scenarios.orders.asked]
    assert lines == ["POST /orders", "GET /orders/7", "DELETE /orders/7"]


def test_what_depends_on_a_failed_workflow_is_not_run_and_says_so(scenarios):
    document = an_arazzo(
        a_workflow(a_look(number=1), id="first"),
        a_workflow(a_step(), id="second", dependsOn=["first"]),
        a_workflow(a_step(), id="third", dependsOn=["second"]),
    )

    report = scenarios.report(document)

    assert outcomes(report) == {"first": "failed", "second": "not-run", "third": "not-run"}
    assert report["exitCode"] == 1
    reasons = {workflow["workflowId"]: workflow["reason"] for workflow in report["workflows"]}
    assert reasons["second"] == "It depends on first, which did not pass."
    assert not scenarios.orders.asked_for("POST /orders")


def test_a_critical_workflow_goes_first_and_its_failure_stops_the_rest(scenarios):
    document = an_arazzo(
        a_workflow(a_step(), id="normal"),
        a_workflow(a_look(number=1), id="smoke", **{"x-contract-priority": "critical"}),
    )

    report = scenarios.report(document)

    assert outcomes(report) == {"smoke": "failed", "normal": "not-run"}
    assert report["workflows"][1]["reason"] == "The critical workflow smoke did not pass."
    assert not scenarios.orders.asked_for("POST /orders")


def test_tags_select_workflows_and_bring_what_these_depend_on(scenarios):
    document = an_arazzo(
        a_workflow(a_step(), id="base"),
        a_workflow(a_step(), id="tagged", dependsOn=["base"], **{"x-contract-tags": ["smoke", "eu"]}),
        a_workflow(a_step(), id="other", **{"x-contract-tags": ["slow"]}),
    )

    report = scenarios.report(document, "--tag", "smoke")

    assert outcomes(report) == {"base": "passed", "tagged": "passed"}
    assert report["warnings"] == ["base is executed too, because others depend on it."]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--tag", "smoek"], "--tag smoek: no workflow has this tag. did you mean smoke?"),
        (["--workflow", "byu"], "--workflow byu: there is no such workflow; did you mean buy?"),
        (["--source", "odrers=http://localhost"], "--source odrers: no document has such a source"),
        (["--input", "totl=5"], "--input totl: no workflow that is executed has this input"),
        (["--header", "stock=A: b"], "--header stock=…: there is no --source stock; did you mean"),
        (["--source", "orders"], "--source 'orders': write it as --source NAME=VALUE."),
    ],
)
def test_options_that_match_nothing_are_refused(scenarios, options, message):
    document = an_arazzo(a_workflow(a_step(), **{"x-contract-tags": ["smoke"]}))

    ended = scenarios.run(document, *options)

    assert ended.exit_code == 2
    assert message.partition(" did you mean")[0] in ended.stderr
    assert not scenarios.orders.asked


def test_a_source_without_an_address_is_asked_for(scenarios):
    ended = scenarios.call(scenarios.file(an_arazzo()))

    assert ended.exit_code == 2
    assert "Where do the services run? Give --source orders=http://…" in ended.stderr


def test_independent_workflows_are_executed_at_once(scenarios):
    scenarios.orders.routes["POST /orders"] = shop.slow(0.15, {"id": 1, "total": 1, "status": "open"})
    step = a_step(successCriteria=[{"condition": "$statusCode == 200"}])
    document = an_arazzo(*(a_workflow(step, id=f"w{number}") for number in range(4)))

    scenarios.run(document)
    at_once = scenarios.orders.most_at_once
    scenarios.orders.most_at_once = 0
    scenarios.run(document, "--concurrency", 1)

    assert at_once == 4
    assert scenarios.orders.most_at_once == 1


def test_retries_wait_longer_each_time_and_are_counted(scenarios):
    answers = iter(
        [(503, {"error": "busy"}), (503, {"error": "busy"}), (201, {"id": 1, "total": 1, "status": "open"})]
    )
    moments = []

    def in_turn(_):
        moments.append(time.monotonic())
        return next(answers)

    scenarios.orders.routes["POST /orders"] = in_turn
    retry = {
        "name": "again",
        "type": "retry",
        "retryAfter": 0.05,
        "retryLimit": 3,
        "x-contract-backoff": 4,
        "criteria": [{"condition": "$statusCode == 503"}],
    }

    report = scenarios.report(an_arazzo(a_workflow(a_step(onFailure=[retry]))))

    first, second = moments[1] - moments[0], moments[2] - moments[1]
    assert report["workflows"][0]["steps"][0]["attempts"] == 3
    assert 0.05 <= first < 0.2 <= second
    assert report["services"][0]["requests"] == 3
    assert report["services"][0]["errors"] == 2


def test_a_step_goes_on_elsewhere_after_a_failure_that_is_handled(scenarios):
    missing = [
        {"name": "make", "type": "goto", "stepId": "place", "criteria": [{"condition": "$statusCode == 404"}]}
    ]
    done = [{"name": "done", "type": "end"}]
    document = an_arazzo(
        a_workflow(
            a_look("first", number=7, onFailure=missing, onSuccess=done),
            a_step(onSuccess=[{"name": "back", "type": "goto", "stepId": "first"}]),
        )
    )

    report = scenarios.report(document)

    steps = report["workflows"][0]["steps"]
    assert outcomes(report) == {"buy": "passed"}
    assert [(step["stepId"], step["outcome"], step["handled"]) for step in steps] == [
        ("first", "failed", True),
        ("place", "passed", False),
        ("first", "passed", False),
    ]


def test_actions_that_go_in_a_circle_end(scenarios):
    back = [{"name": "back", "type": "goto", "stepId": "place"}]

    report = scenarios.report(an_arazzo(a_workflow(a_step(onSuccess=back))))

    assert outcomes(report) == {"buy": "failed"}
    assert "its actions go in a circle" in report["workflows"][0]["reason"]


def test_workflows_of_which_each_is_called_by_another_need_a_beginning(scenarios):
    def to(name):
        return [{"name": "on", "type": "goto", "workflowId": name}]

    document = an_arazzo(
        a_workflow(a_step(onSuccess=to("two")), id="one"), a_workflow(a_step(onSuccess=to("one")), id="two")
    )

    ended, begun = scenarios.run(document), scenarios.report(document, "--workflow", "one")

    assert (ended.exit_code, len(begun["workflows"])) == (2, 1)
    assert "Every workflow is called by another one" in ended.stderr
    assert outcomes(begun) == {"one": "failed"}


def test_a_circuit_opens_after_repeated_failures_and_keeps_requests_back(scenarios):
    scenarios.orders.routes["POST /orders"] = lambda _: (500, {"error": "broken"})
    retry = {"name": "again", "type": "retry", "retryAfter": 0, "retryLimit": 6}
    document = an_arazzo(
        a_workflow(a_step(onFailure=[retry])), **{"x-contract-circuit": {"failures": 3, "wait": 60}}
    )

    report = scenarios.report(document)

    step = report["workflows"][0]["steps"][0]
    assert len(scenarios.orders.asked) == 3
    assert step["failure"] == "circuit-open"
    assert "Not sent: orders failed 3 times in a row" in step["problem"]
    assert "last failure: POST answered 500" in step["problem"]
    assert report["services"][0]["circuitOpened"] == 1
    assert report["services"][0]["keptBack"] == 4


def test_a_step_that_takes_too_long_fails_and_so_does_a_workflow(scenarios):
    scenarios.orders.routes["POST /orders"] = shop.slow(0.5)
    of_step = an_arazzo(a_workflow(a_step(**{"x-contract-timeout": 0.05})))
    of_workflow = an_arazzo(a_workflow(a_step(), **{"x-contract-timeout": 0.05}))

    for document, said in ((of_step, "within 0.05 s"), (of_workflow, "The time of the workflow (0.05 s)")):
        report = scenarios.report(document)

        step = report["workflows"][0]["steps"][0]
        assert step["failure"] == "timeout"
        assert said in step["problem"]
        assert report["workflows"][0]["durationMs"] < 450
        assert report["exitCode"] == 1


def test_after_the_time_of_the_run_nothing_begins_but_the_clean_up(scenarios):
    scenarios.orders.routes[r"GET /orders/(\d+)(?:\?.*)?"] = shop.slow(0.4, ORDER)
    document = an_arazzo(a_workflow(a_step(outputs=NUMBER), a_look(number=1), a_step("again"), **CLEAN_UP))

    report = scenarios.report(document, "--total-timeout", 0.25)

    assert report["exitCode"] == 2
    said = "orders had not answered: The time of the run (--total-timeout) is over."
    assert said in report["workflows"][0]["reason"]
    assert len(scenarios.orders.asked_for("POST /orders")) == 1
    assert scenarios.orders.asked_for("DELETE /orders/7")


def test_a_workflow_is_called_as_a_step_with_inputs_and_outputs(scenarios):
    place = a_workflow(
        a_step(requestBody={"payload": {"total": "$inputs.total"}}, outputs=NUMBER),
        id="place",
        inputs={"type": "object", "required": ["total"], "properties": {"total": {"type": "integer"}}},
        outputs={"number": "$steps.place.outputs.number"},
        **CLEAN_UP,
    )
    call = {
        "stepId": "make",
        "workflowId": "place",
        "parameters": [{"name": "total", "value": 9}],
        "outputs": {"it": "$outputs.number"},
    }
    document = an_arazzo(a_workflow(call, a_look(number="$steps.make.outputs.it")), place)

    report = scenarios.report(document)

    assert outcomes(report) == {"buy": "passed"}
    assert report["warnings"] == ["place is executed only where another workflow calls it."]
    assert scenarios.orders.asked[0].json == {"total": 9}
    lines = [f"{asked.method} {asked.path}" for asked in scenarios.orders.asked]
    assert lines == ["POST /orders", "GET /orders/7", "DELETE /orders/7"]


def test_inputs_come_from_options_and_files_and_secrets_are_shown_nowhere(scenarios, tmp_path):
    (tmp_path / "inputs.yaml").write_text("total: 3\n")
    inputs = {
        "type": "object",
        "required": ["total", "key"],
        "properties": {"total": {"type": "integer"}, "key": {"type": "string", "format": "password"}},
    }
    criteria = [{"condition": "$response.body#/status == 'never'"}]
    parameters = [{"name": "X-Key", "in": "header", "value": "$inputs.key"}]
    step = a_step(
        requestBody={"payload": {"total": "$inputs.total", "note": "it is {$inputs.key}"}},
        parameters=parameters,
        successCriteria=criteria,
    )
    document = an_arazzo(a_workflow(step, inputs=inputs, outputs={"shown": "$inputs.key"}))

    files = ["--json", tmp_path / "r.json", "--junit", tmp_path / "r.xml", "--log-level", "debug"]
    ended = scenarios.run(
        document, "--inputs", tmp_path / "inputs.yaml", "--input", 'key=hu/sh "hush', *files
    )

    assert scenarios.orders.asked[0].json == {"total": 3, "note": 'it is hu/sh "hush'}
    written = (
        ended.stdout + ended.stderr + (tmp_path / "r.json").read_text() + (tmp_path / "r.xml").read_text()
    )
    assert "hush" not in written
    assert "[redacted]" in written


def test_a_missing_input_is_named(scenarios):
    inputs = {"type": "object", "required": ["total"], "properties": {"total": {"type": "integer"}}}

    ended = scenarios.run(an_arazzo(a_workflow(inputs=inputs)))

    assert ended.exit_code == 2
    assert "The workflow buy needs inputs: --input total=…, or --inputs FILE." in ended.stderr


def test_states_are_set_up_before_and_torn_down_after(scenarios):
    changes = []
    scenarios.orders.routes["POST /states"] = lambda asked: (
        changes.append(asked.json),
        (200, {"number": 7}),
    )[1]
    states = [{"source": "orders", "name": "an order exists", "params": {"total": 5}}]
    inputs = {"type": "object", "properties": {"number": {"type": "integer"}}}
    document = an_arazzo(
        a_workflow(a_step(), a_look(number="$inputs.number"), inputs=inputs, **{"x-contract-states": states})
    )

    report = scenarios.report(document, "--state-change-url", f"orders={scenarios.orders.url}/states")

    assert outcomes(report) == {"buy": "passed"}
    assert [change["action"] for change in changes] == ["setup", "teardown"]
    assert changes[0]["params"] == {"total": 5}


def test_states_without_an_address_are_not_checked(scenarios):
    states = [{"source": "orders", "name": "an order exists"}]

    report = scenarios.report(an_arazzo(a_workflow(a_step(), **{"x-contract-states": states})))

    assert report["exitCode"] == 2
    assert "give --state-change-url orders=URL" in report["workflows"][0]["reason"]


def test_another_service_contract_can_be_given(scenarios, tmp_path):
    stricter = json.loads(json.dumps(shop.ORDERS))
    answers = stricter["paths"]["/orders"]["post"]["responses"]
    answers["201"]["content"]["application/json"]["schema"]["required"] = ["shipped"]
    (tmp_path / "stricter.json").write_text(json.dumps(stricter))

    report = scenarios.report(an_arazzo(), "--document", f"orders={tmp_path / 'stricter.json'}")

    assert outcomes(report) == {"buy": "failed"}
    assert "'shipped' is a required property" in json.dumps(report)


def test_a_document_elsewhere_is_never_fetched(scenarios):
    document = an_arazzo()
    document["sourceDescriptions"][0]["url"] = "https://example.org/orders.yaml"

    ended = scenarios.run(document)

    assert ended.exit_code == 2
    assert "/sourceDescriptions/0/url" in ended.stderr
    assert "give --document orders=FILE" in ended.stderr


def test_an_interrupt_lets_the_step_end_and_cleans_up(scenarios, tmp_path):
    def interrupting(_):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.1)
        return 201, ORDER

    scenarios.orders.routes["POST /orders"] = interrupting
    scenarios.orders.routes[r"DELETE /orders/(\d+)"] = lambda _: (204, None)
    document = an_arazzo(
        a_workflow(a_step(outputs=NUMBER), a_look("more"), **CLEAN_UP),
        a_workflow(a_step(), id="later", dependsOn=["buy"]),
    )

    report = scenarios.report(document, "--junit", tmp_path / "r.xml")

    assert report["exitCode"] == 2
    assert report["problems"] == ["The run was interrupted."]
    assert [f"{asked.method} {asked.path}" for asked in scenarios.orders.asked] == [
        "POST /orders",
        "DELETE /orders/1",
    ]
    assert outcomes(report)["later"] == "not-run"
    assert "The run was interrupted." in (tmp_path / "r.xml").read_text()


def test_a_second_interrupt_ends_the_clean_up(scenarios):
    def interrupting(_):
        os.kill(os.getpid(), signal.SIGINT)
        return shop.slow(0.1, ORDER)(None)

    scenarios.orders.routes["POST /orders"] = interrupting
    scenarios.orders.routes[r"DELETE /orders/(\d+)"] = interrupting
    step = a_step(outputs=NUMBER, successCriteria=[{"condition": "$statusCode == 200"}])
    more = {**CANCEL, "stepId": "more"}
    document = an_arazzo(a_workflow(step, a_look("more-steps"), **{"x-contract-cleanup": [CANCEL, more]}))

    report = scenarios.report(document)

    last = report["workflows"][0]["cleanup"][-1]
    assert (last["stepId"], last["failure"]) == ("more", "ended")
    assert last["problem"] == "The run was interrupted."
    assert len(scenarios.orders.asked_for("DELETE /orders/1")) == 1


def test_a_clean_up_that_is_a_workflow_is_executed_after_the_time_of_the_run_too(scenarios):
    scenarios.orders.routes[r"GET /orders/(\d+)(?:\?.*)?"] = shop.slow(0.4, ORDER)
    number = [{"name": "number", "value": "$steps.place.outputs.number"}]
    inputs = {"type": "object", "properties": {"number": {"type": "integer"}}}
    cancel = a_step("cancel", "cancelOrder", parameters=[in_path("$inputs.number")])
    document = an_arazzo(
        a_workflow(
            a_step(outputs=NUMBER),
            a_look(number=1),
            **{"x-contract-cleanup": [{"stepId": "remove", "workflowId": "remove", "parameters": number}]},
        ),
        a_workflow(cancel, id="remove", inputs=inputs),
    )

    report = scenarios.report(document, "--total-timeout", 0.25)

    assert [step["outcome"] for step in report["workflows"][0]["cleanup"]] == ["passed"]
    assert scenarios.orders.asked_for("DELETE /orders/7")
