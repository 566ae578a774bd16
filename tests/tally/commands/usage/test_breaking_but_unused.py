"""`tally check-compatibility --service`: what nobody uses breaks nobody, and a broker proves it."""

import json
from copy import deepcopy

import pytest
import requests
from support.factories import a_pact, a_publication, an_interaction

OLD = {
    "openapi": "3.1.0",
    "info": {"title": "Orders", "version": "1"},
    "paths": {
        "/orders/{id}": {
            "get": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "responses": {
                    "200": {
                        "description": "",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["id", "status"],
                                    "properties": {"id": {"type": "integer"}, "status": {"type": "string"}},
                                }
                            }
                        },
                    }
                },
            }
        }
    },
}


def without(name):
    document = deepcopy(OLD)
    content = document["paths"]["/orders/{id}"]["get"]["responses"]["200"]["content"]
    schema = content["application/json"]["schema"]
    schema["required"].remove(name)
    del schema["properties"][name]
    return document


@pytest.fixture
def check(on_broker, broker_url, tmp_path):
    """Compare with a document; the broker knows the old one, and a consumer that uses the id alone."""
    exchange = an_interaction(
        request={"method": "GET", "path": "/orders/7"}, response={"status": 200, "body": {"id": 7}}
    )
    for path, body in (
        (
            "/service-contracts/publish",
            {"pacticipantName": "Orders", "pacticipantVersionNumber": "1", "content": OLD},
        ),
        ("/contracts/publish", a_publication(a_pact(exchange))),
    ):
        assert requests.post(broker_url + path, json=body, timeout=10).ok

    def compare(new, *arguments):
        for name, document in (("old", OLD), ("new", new)):
            (tmp_path / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
        files = (str(tmp_path / "old.json"), str(tmp_path / "new.json"))
        return on_broker("check-compatibility", *files, *arguments, "--output", "json")

    return compare


def test_a_change_that_nobody_uses_breaks_nobody(check):
    run = check(without("status"), "--service", "Orders")

    assert (run.code, run.err) == (0, "")
    assert json.loads(run.out)["verdict"] == "breaking-but-unused"
    assert check(without("status"), "--service", "Orders", "--strict").code == 1
    assert check(without("status")).code == 1


def test_a_change_that_somebody_uses_breaks(check):
    run = check(without("id"), "--service", "Orders")

    assert (run.code, json.loads(run.out)["verdict"]) == (1, "breaking")


def test_only_what_is_in_the_environment_counts(check):
    run = check(without("id"), "--service", "Orders", "--environment", "production")

    assert (run.code, json.loads(run.out)["verdict"]) == (0, "breaking-but-unused")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--service", "Nobody"), "Nobody"),
        (("--environment", "production"), "--environment is for --service"),
        (("--service", "Orders", "--environment", "moon"), "moon"),
    ],
)
def test_a_question_that_no_broker_answers_is_refused(check, arguments, complaint):
    run = check(without("id"), *arguments)

    assert (run.code, run.out) == (2, "")
    assert complaint in run.err


def test_a_service_needs_a_broker(tally, tmp_path):
    (tmp_path / "old.json").write_text(json.dumps(OLD), encoding="utf-8")

    run = tally("check-compatibility", *[str(tmp_path / "old.json")] * 2, "--service", "Orders")

    assert run.code == 2
    assert "name it with --broker-base-url" in run.err
