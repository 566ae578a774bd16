from tally.comparison.comparing import compare
from tally.comparison.findings import InteractionVerdict, Policy, Verdict
from tally.pact import parse_pact
from tally.service_contract.parsing import parse_service_contract


def an_api(paths, **more):
    return {"openapi": "3.1.0", "info": {"title": "Orders", "version": "1"}, "paths": paths, **more}


def a_pact(*interactions, specification="2.0.0"):
    return {
        "consumer": {"name": "Shop"},
        "provider": {"name": "Orders"},
        "interactions": [{"description": f"interaction {n}", **each} for n, each in enumerate(interactions)],
        "metadata": {"pactSpecification": {"version": specification}},
    }


def compared(pact, document, policy=Policy.POSSIBLE):
    return compare(parse_pact(pact), parse_service_contract(document), policy)


def order(schema, **response):
    return an_api(
        {
            "/orders/{id}": {
                "get": {
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
                    ],
                    "responses": {
                        "200": {
                            "description": "An order",
                            "content": {"application/json": {"schema": schema}},
                            **response,
                        }
                    },
                }
            }
        }
    )


def answered(body, **request):
    return {
        "request": {"method": "GET", "path": "/orders/7", **request},
        "response": {"status": 200, "headers": {"Content-Type": "application/json"}, "body": body},
    }


ORDER = {
    "type": "object",
    "required": ["id", "state"],
    "properties": {"id": {"type": "integer"}, "state": {"enum": ["new", "paid"]}},
}


def test_a_response_that_the_provider_may_give_is_compatible():
    comparison = compared(a_pact(answered({"id": 7, "state": "new"})), order(ORDER))

    assert comparison.verdict is Verdict.COMPATIBLE
    assert comparison.interactions[0].verdict is InteractionVerdict.OK


def test_the_json_of_a_comparison_names_each_finding_with_both_places():
    comparison = compared(a_pact(answered({"id": "x", "state": "new", "note": 1})), order(ORDER))

    written = comparison.as_json()

    findings = [each for each in written["interactions"][0]["findings"] if each["question"] == "possible"]
    assert written["verdict"] == "incompatible"
    assert (written["interactions"][0]["index"], written["interactions"][0]["verdict"]) == (0, "error")
    assert [(each["code"], each["severity"], each["pact"], each["text"]) for each in findings] == [
        (
            "response.body.incompatible",
            "error",
            "/interactions/0/response/body/id",
            'In the body of the response: at $.id, "x" is not of type "integer".',
        ),
        (
            "response.body.incompatible",
            "error",
            "/interactions/0/response/body/note",
            "In the body of the response: the document does not declare $.note (1).",
        ),
    ]
