"""Workflows of other Arazzo documents, and what documents and services have to do with each other."""

import json

import pytest
from support import shop
from support.arazzo import a_step, a_workflow, an_arazzo, in_path


def with_source(document, name="base", url="base.arazzo.json"):
    document["sourceDescriptions"].append({"name": name, "url": url, "type": "arazzo"})
    return document


BASE = an_arazzo(
    a_workflow(
        a_step(outputs={"number": "$response.body#/id"}),
        id="place",
        outputs={"number": "$steps.place.outputs.number"},
        **{
            "x-contract-cleanup": [
                a_step("cancel", "cancelOrder", parameters=[in_path("$steps.place.outputs.number")])
            ]
        },
    )
)


def lines(scenarios):
    return [f"{asked.method} {asked.path}" for asked in scenarios.orders.asked]


def test_a_workflow_of_another_document_is_called_and_cleaned_up(scenarios):
    scenarios.file(BASE, "base.arazzo.json")
    call = {"stepId": "make", "workflowId": "$sourceDescriptions.base.place"}
    look = a_step(
        "look", "$sourceDescriptions.orders.getOrder", parameters=[in_path("$steps.make.outputs.number")]
    )
    path = scenarios.file(with_source(an_arazzo(a_workflow(call, look))))

    ended = scenarios.call(path, f"--source=orders={scenarios.orders.url}")

    assert ended.exit_code == 0, ended.stdout
    assert lines(scenarios) == ["POST /orders", "GET /orders/7", "DELETE /orders/7"]


def test_a_workflow_depends_on_one_of_another_document(scenarios):
    scenarios.file(BASE, "base.arazzo.json")
    look = a_step("look", "getOrder", parameters=[in_path("$workflows.base.place.outputs.number")])
    workflow = a_workflow(look, dependsOn=["$sourceDescriptions.base.place"])
    path = scenarios.file(with_source(an_arazzo(workflow)))

    ended = scenarios.call(path, f"--source=orders={scenarios.orders.url}", "-o", "json")

    assert ended.exit_code == 0, ended.stdout
    assert ended.json["warnings"] == ["place is executed too, because others depend on it."]
    assert lines(scenarios) == ["POST /orders", "GET /orders/7", "DELETE /orders/7"]


def test_several_files_are_executed_in_one_run(scenarios):
    first = scenarios.file(BASE, "one.arazzo.json")
    second = scenarios.file(an_arazzo(a_workflow(a_step("other"))), "two.arazzo.json")

    ended = scenarios.call(first, second, f"--source=orders={scenarios.orders.url}", "-o", "json")

    assert ended.json["summary"]["passed"] == 2
    assert len(scenarios.orders.asked_for("POST /orders")) == 2


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (
            an_arazzo(a_workflow(a_step(operation="placeOrdr"))),
            "/steps/0/operationId: orders has no operation 'placeOrdr': did you mean placeOrder?",
        ),
        (
            an_arazzo(a_workflow(a_step(operation="orders.placeOrder"))),
            "'orders.placeOrder' is no operation: write $sourceDescriptions.orders.placeOrder",
        ),
        (
            an_arazzo(a_workflow(a_step("look", "getOrder"))),
            "/workflows/0/steps/0: GET /orders/{id} needs a value for id: add a parameter with in: path",
        ),
        (
            an_arazzo(a_workflow(a_step("look", "getOrder", parameters=[in_path(1), in_path(1, "idd")]))),
            "/workflows/0/steps/0/parameters/1/name: GET /orders/{id} has no 'idd': did you mean id?",
        ),
        (
            an_arazzo(
                a_workflow(
                    a_step(
                        "look",
                        "getOrder",
                        parameters=[in_path(1), {"name": "expnd", "in": "query", "value": "x"}],
                    )
                )
            ),
            "declares no query parameter 'expnd': did you mean expand?",
        ),
        (
            an_arazzo(
                a_workflow(a_step(operationPath="{$sourceDescriptions.orders.url}#/paths/~1order/post"))
            ),
            "/workflows/0/steps/0/operationPath: orders has no operation '/paths/~1order/post'",
        ),
        (
            an_arazzo(a_workflow(a_step()), sources=("orders", "missing")),
            "/sourceDescriptions/1/url: ",
        ),
        (
            with_source(an_arazzo(a_workflow(dependsOn=["$sourceDescriptions.base.plaec"]))),
            "/workflows/0/dependsOn/0: base has no workflow 'plaec': did you mean place?",
        ),
        (
            with_source(an_arazzo(), url="shop.arazzo.json"),
            "Arazzo documents refer to each other in a circle",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused_before_anything_is_sent(scenarios, document, said):
    scenarios.file(BASE, "base.arazzo.json")

    ended = scenarios.call(scenarios.file(document), f"--source=orders={scenarios.orders.url}")

    assert ended.exit_code == 2
    assert said in ended.stderr, ended.stderr
    assert not scenarios.orders.asked


def test_an_operation_that_two_sources_have_is_asked_for_by_its_source(scenarios, tmp_path):
    (tmp_path / "payments.openapi.json").write_text(json.dumps(shop.ORDERS))
    document = an_arazzo(sources=("orders", "payments"))

    ended = scenarios.run(document)

    assert ended.exit_code == 2
    assert "is an operation of orders and payments: write $sourceDescriptions.orders" in ended.stderr


def test_an_operation_is_found_by_its_path(scenarios):
    step = a_step(
        operationPath="{$sourceDescriptions.orders.url}#/paths/~1orders~1{id}/get",
        parameters=[in_path(1)],
        successCriteria=[{"condition": "$statusCode == 404"}],
    )

    assert scenarios.run(an_arazzo(a_workflow(step))).exit_code == 0


def test_a_report_that_cannot_be_written_is_said_before_anything_is_sent(scenarios, tmp_path):
    ended = scenarios.run(an_arazzo(), "--json", tmp_path / "shop.arazzo.json" / "x.json")

    assert ended.exit_code == 2
    assert "--json" in ended.stderr
    assert not scenarios.orders.asked


def test_a_run_that_cannot_begin_is_in_the_reports_too(scenarios, tmp_path):
    ended = scenarios.call(
        scenarios.file({"arazzo": "1.0.1"}),
        "--json",
        tmp_path / "r.json",
        "--junit",
        tmp_path / "r.xml",
        "-o",
        "json",
    )

    assert ended.exit_code == 2
    assert json.loads((tmp_path / "r.json").read_text())["error"] == ended.json["error"]
    assert 'errors="1"' in (tmp_path / "r.xml").read_text()
