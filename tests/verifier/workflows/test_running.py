from support.arazzo import a_step, a_workflow, an_arazzo, in_path

from verifier.workflows.results import Outcome, StepFailure


def test_values_are_passed_on_from_step_to_step_and_service_to_service(services):
    document = an_arazzo(
        a_workflow(
            a_step(
                outputs={"number": "$response.body#/id", "place": "$response.header.Location"},
                requestBody={"payload": {"total": "$inputs.total"}},
            ),
            a_step(
                "pay",
                "takePayment",
                requestBody={"payload": {"order": "$steps.place.outputs.number", "amount": 5}},
                outputs={"payment": "$response.body#/id"},
            ),
            a_step("confirm", "confirmPayment", parameters=[in_path("$steps.place.outputs.number")]),
            a_step(
                "look",
                "getOrder",
                parameters=[in_path("$steps.place.outputs.number")],
                successCriteria=[{"condition": "$statusCode == 200 && $response.body#/status == 'PAID'"}],
            ),
            inputs={"type": "object", "properties": {"total": {"type": "integer"}}},
            outputs={"payment": "$steps.pay.outputs.payment", "place": "$steps.place.outputs.place"},
        ),
        sources=("orders", "payments"),
    )

    result, _ = services.execute(document, {"total": 12})

    assert result.outcome is Outcome.PASSED, result.reason
    assert result.outputs == {"payment": "p1", "place": "/orders/7"}
    assert services.payments.asked[0].json == {"order": 7, "amount": 5}
    assert [step.id for step in result.steps] == ["place", "pay", "confirm", "look"]


def test_a_step_without_criteria_asks_for_a_documented_success(services):
    document = an_arazzo(a_workflow(a_step("look", "getOrder", parameters=[in_path(1)])))

    result, _ = services.execute(document)

    assert result.outcome is Outcome.FAILED
    assert result.steps[0].failure is StepFailure.CHECK
    assert "documented success" in result.reason
    assert "404" in result.reason


def test_an_answer_that_breaks_the_contract_fails_a_step_whose_criteria_hold(services):
    services.orders.routes[r"GET /orders/(\d+)(?:\?.*)?"] = lambda _: (200, {"id": "seven", "total": 1})
    criteria = [{"condition": "$statusCode == 200"}]
    document = an_arazzo(
        a_workflow(a_step("look", "getOrder", parameters=[in_path(1)], successCriteria=criteria))
    )

    result, _ = services.execute(document)

    assert result.outcome is Outcome.FAILED
    failed = [check for check in result.steps[0].checks if not check.passed]
    assert {check.text for check in failed} == {"the answer is as the contract of orders says"}
    assert "'status' is a required property" in " ".join(check.got for check in failed)


def test_the_clean_up_runs_after_a_failure_and_leaves_out_what_was_not_made(services):
    kept = {
        "x-contract-cleanup": [
            a_step("cancel", "cancelOrder", parameters=[in_path("$steps.place.outputs.number")]),
            a_step("cancelSecond", "cancelOrder", parameters=[in_path("$steps.again.outputs.number")]),
        ]
    }
    number = {"number": "$response.body#/id"}
    document = an_arazzo(
        a_workflow(
            a_step(outputs=number),
            a_step("look", "getOrder", parameters=[in_path(1)]),
            a_step("again", outputs=number),
            **kept,
        )
    )

    result, cleaned = services.execute(document)

    assert result.outcome is Outcome.FAILED
    assert services.orders.asked_for("DELETE /orders/7")
    assert [(step.id, step.outcome) for step in cleaned] == [
        ("cancel", Outcome.PASSED),
        ("cancelSecond", Outcome.NOT_RUN),
    ]
    assert "$steps.again.outputs.number" in cleaned[1].skipped
