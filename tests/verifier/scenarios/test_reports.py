"""What people and programs are told of a run."""

import json

import pytest
from support import shop
from support.arazzo import a_step, a_workflow, an_arazzo, in_path

NUMBER = {"number": "$response.body#/id"}
CANCEL = a_step("cancel", "cancelOrder", parameters=[in_path("$steps.place.outputs.number")])


def a_look(number, id="look", **more):  # noqa: A002 - as Arazzo
    return a_step(id, "getOrder", parameters=[in_path(number)], **more)


def test_the_text_says_what_was_not_run_and_why(scenarios):
    document = an_arazzo(
        a_workflow(a_look(1), a_step("more"), id="first", summary="the first one"),
        a_workflow(id="second", dependsOn=["first"]),
    )

    text = scenarios.run(document).stdout

    assert "✗ first: the first one (" in text
    assert "- not run: more" in text
    assert "not run: It depends on first, which did not pass." in text
    assert "Failed: 0 passed, 1 failed, 1 not-run" in text


def test_the_text_shows_called_workflows_handled_failures_attempts_and_clean_ups(scenarios):
    retry = {"name": "again", "type": "retry", "retryAfter": 0}
    go_on = {"name": "on", "type": "goto", "stepId": "call"}
    document = an_arazzo(
        a_workflow(
            a_look(1, onFailure=[retry, go_on]),
            {"stepId": "call", "workflowId": "place"},
            **{"x-contract-cleanup": [{**CANCEL, "parameters": [in_path("$steps.never.outputs.x")]}]},
        ),
        a_workflow(a_step(outputs=NUMBER), id="place", **{"x-contract-cleanup": [CANCEL]}),
    )
    document["workflows"][0]["steps"].append(a_look(2, "never", outputs={"x": "$response.body#/id"}))
    end = [{"name": "done", "type": "end"}]
    document["workflows"][0]["steps"][1]["onSuccess"] = end

    text = scenarios.run(document, "--verbose").stdout

    assert "✗ look  GET /orders/{id} (orders, " in text
    assert ", 2 attempts) [check, handled]" in text
    assert "✓ call  workflow place (" in text
    assert "  ✓ place  POST /orders (orders, " in text
    assert "There is nothing to clean up: $steps.never.outputs.x stands for nothing" in text
    assert "Passed: 1 passed, 0 failed" in text


def test_many_failures_are_cut_and_counted(scenarios):
    document = an_arazzo(*(a_workflow(a_look(1), id=f"w{number}") for number in range(23)))

    text = scenarios.run(document).stdout

    assert "20) " in text
    assert "21) " not in text
    assert "and 3 more failures: --json FILE has them all" in text


def test_the_text_says_that_a_circuit_opened_and_the_document_has_undecided_parts(scenarios):
    scenarios.orders.routes["POST /orders"] = lambda _: (500, {"error": "broken"})
    retry = {"name": "again", "type": "retry", "retryAfter": 0, "retryLimit": 3}
    document = an_arazzo(
        a_workflow(a_step(onFailure=[retry], **{"x-contract-undecided": ["the total"]})),
        **{"x-contract-circuit": {"failures": 2}},
    )

    ended = scenarios.run(document)

    assert "its circuit opened once and kept 2 requests back" in ended.stdout
    assert "Note: buy/place: still to be decided: the total" in ended.stdout


def test_junit_says_skipped_for_what_was_not_run_and_error_for_what_was_not_checked(scenarios, tmp_path):
    document = an_arazzo(
        a_workflow(a_step(), id="first", **{"x-contract-states": [{"source": "orders", "name": "s"}]}),
        a_workflow(id="second", dependsOn=["first"]),
    )

    scenarios.run(document, "--junit", tmp_path / "r.xml")

    written = (tmp_path / "r.xml").read_text()
    assert "give --state-change-url orders=URL" in written
    assert 'errors="1" skipped="1"' in written


def test_bytes_that_are_no_text_are_in_base64(scenarios):
    scenarios.orders.routes["POST /orders"] = lambda _: (201, b"\xff\xfe", {"Content-Type": "image/png"})

    report = scenarios.report(an_arazzo())

    assert report["workflows"][0]["steps"][0]["response"]["bodyBase64"] == "//4="


def test_tokens_of_answers_are_hidden_wherever_they_occur_again(scenarios):
    scenarios.orders.routes["POST /orders"] = lambda _: (
        201,
        {"id": 7, "total": 1, "status": "open", "auth": {"accessToken": "tok en/1", "list": ["x", None]}},
    )
    expand = {"name": "expand", "in": "query", "value": "$steps.place.outputs.t"}
    look = a_step("look", "getOrder", parameters=[in_path(7), expand])
    document = an_arazzo(
        a_workflow(
            a_step(outputs={"t": "$response.body#/auth/accessToken"}),
            look,
            outputs={"used": "$steps.place.outputs.t", "apiKey": "$steps.place.outputs.t"},
        )
    )

    ended = scenarios.run(document, "--output", "pretty")

    assert "expand=tok%20en%2F1" in scenarios.orders.asked[1].path
    assert "tok en" not in ended.stdout
    assert "tok%20en" not in ended.stdout
    assert ended.json["workflows"][0]["outputs"] == {"used": "[redacted]", "apiKey": "[redacted]"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--header", "orders=no colon"], "--header is written as --header SOURCE='NAME: VALUE'."),
        (["--inputs", "nowhere.yaml"], "--inputs nowhere.yaml: cannot be read"),
        (["--inputs", "LIST"], "write an object of inputs by their names"),
        (["--input", "total"], "--input 'total': write it as --input NAME=VALUE."),
        (["--input", "total=1", "--input", "total=2"], "--input names 'total' twice"),
        (["--source", "orders=ftp://x"], "--source names 'orders' twice"),
        (["--concurrency", "0"], "--concurrency"),
        (["--timeout", "nan"], "--timeout"),
        (["--total-timeout", "inf"], "--total-timeout"),
    ],
)
def test_options_that_cannot_be_read_are_refused(scenarios, tmp_path, options, message):
    (tmp_path / "list.json").write_text("[1]")
    words = [str(tmp_path / "list.json") if word == "LIST" else word for word in options]

    ended = scenarios.run(an_arazzo(), *words)

    assert ended.exit_code == 2
    assert message in ended.stderr
    assert not scenarios.orders.asked


def test_inputs_of_one_workflow_are_its_own(scenarios, tmp_path):
    inputs = {"type": "object", "properties": {"total": {"type": "integer"}, "note": {}}}
    step = a_step(requestBody={"payload": {"total": "$inputs.total", "note": "$inputs.note"}})
    document = an_arazzo(a_workflow(step, id="one", inputs=inputs), a_workflow(step, id="two", inputs=inputs))
    (tmp_path / "inputs.json").write_text(json.dumps({"total": 1, "two": {"total": 2}}))

    options = ["--inputs", tmp_path / "inputs.json", "--input", "one.note=[1, 2]", "--input", "note=plain"]
    ended = scenarios.run(document, *options, "--concurrency", 1)

    assert ended.exit_code == 0, ended.stdout
    assert [asked.json for asked in scenarios.orders.asked] == [
        {"total": 1, "note": [1, 2]},
        {"total": 2, "note": "plain"},
    ]


def test_headers_are_sent_to_their_service_only(scenarios):
    pay = a_step("pay", "takePayment", requestBody={"payload": {"order": 7, "amount": 5}})
    document = an_arazzo(a_workflow(a_step(), pay), sources=("orders", "payments"))

    ended = scenarios.run(document, "--header", "orders=Authorization: Bearer abc", "-o", "json")

    assert scenarios.orders.asked[0].headers["authorization"] == "Bearer abc"
    assert "authorization" not in scenarios.payments.asked[0].headers
    assert "Bearer abc" not in ended.stdout


def test_a_table_has_a_row_for_each_step(scenarios):
    cleanup = {"x-contract-cleanup": [{**CANCEL, "parameters": [in_path(7)]}]}

    ended = scenarios.run(an_arazzo(a_workflow(a_step(), a_look(1), id="buy", **cleanup)), "-o", "table")

    assert (ended.exit_code, ended.stderr) == (1, "")
    heading, *rows = (line.split() for line in ended.stdout.splitlines())
    assert heading == ["WORKFLOW", "STEP", "SERVICE", "OPERATION", "RESULT", "TIME"]
    assert [(row[:2], "failed" in row) for row in rows[1:]] == [
        (["buy", "place"], False),
        (["buy", "look"], True),
        (["buy", "cancel"], False),
    ]


def test_what_cannot_be_run_leaves_the_table_out(scenarios):
    ended = scenarios.run({**an_arazzo(), "workflows": []}, "-o", "table")

    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "/workflows" in ended.stderr


def test_a_body_that_is_nested_too_deep_is_shown_as_it_is(scenarios):
    deep = "[" * 100_000
    scenarios.orders.routes["POST /orders"] = lambda _: (201, deep, {"Content-Type": "application/json"})

    ended = scenarios.run(an_arazzo())

    assert ended.exit_code == 1
    assert "[[[[" in ended.stdout


def test_no_file_shows_how_to_call_it(scenarios):
    ended = scenarios.call("run")

    assert ended.exit_code == 2
    assert "FILES" in ended.stderr


def test_a_slow_service_does_not_hold_up_the_others(scenarios):
    scenarios.orders.routes["POST /orders"] = shop.slow(0.3, {"id": 1, "total": 1, "status": "open"})
    created = [{"condition": "$statusCode == 200"}]
    pay = a_step("pay", "takePayment", requestBody={"payload": {"order": 7, "amount": 5}})
    document = an_arazzo(
        a_workflow(
            a_step(operation="$sourceDescriptions.orders.placeOrder", successCriteria=created), id="slow"
        ),
        *(a_workflow(pay, id=f"quick{number}") for number in range(3)),
        sources=("orders", "payments"),
    )
    document["workflows"][0]["steps"][0]["requestBody"] = {"payload": {"total": 1}}

    ended = scenarios.run(document)

    order = [line.split(" (")[0][2:] for line in ended.stdout.splitlines() if line[:1] in {"✓", "✗"}]
    assert order[-1] == "slow"


@pytest.mark.parametrize("value", [10**30, "half \ud800 of a character", "\x00\x1b[31m", 1e-300, "é" * 5000])
def test_odd_values_of_answers_are_passed_on_and_shown(scenarios, tmp_path, value):
    order = {"id": 7, "total": 1, "status": "open", "odd": value, "token": value}
    scenarios.orders.routes["POST /orders"] = lambda _: (201, order)
    expand = {"name": "expand", "in": "query", "value": "$steps.place.outputs.odd"}
    place = a_step(outputs={"odd": "$response.body#/odd", "token": "$response.body#/token"})
    again = a_step(
        "again",
        requestBody={"payload": '{"total": 1, "odd": "{$steps.place.outputs.odd}"}'},
        successCriteria=[{"context": "$response.body", "type": "regex", "condition": "never"}],
    )
    document = an_arazzo(
        a_workflow(
            place,
            a_step(
                "look",
                "getOrder",
                parameters=[in_path(7), expand],
                successCriteria=[{"condition": "$statusCode == 404"}],
            ),
            again,
            outputs={"odd": "$steps.place.outputs.odd"},
        )
    )

    text = scenarios.run(document, "--json", tmp_path / "r.json", "--junit", tmp_path / "r.xml")
    machine = scenarios.run(document, "--output", "json")

    assert text.exit_code == machine.exit_code == 1, text.stdout + text.stderr
    assert "\x1b[31m" not in text.stdout
    assert machine.json["workflows"][0]["outcome"] == "failed"


def test_names_that_only_look_like_secrets_hide_nothing(scenarios):
    order = {
        "id": 7,
        "total": 1,
        "status": "open",
        "author": "Anna",
        "tokenType": "bearer",
        "country": {"code": "open"},
    }
    scenarios.orders.routes["POST /orders"] = lambda _: (201, order)

    report = scenarios.report(an_arazzo(a_workflow(a_step(), outputs={})))

    assert json.loads(report["workflows"][0]["steps"][0]["response"]["body"]) == order
