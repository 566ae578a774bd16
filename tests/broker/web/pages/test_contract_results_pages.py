"""Pages of comparisons with service contracts, of compatibility, and of scenarios."""

import pytest
from support.contract_documents import a_response, an_openapi, an_operation
from support.factories import a_pact, an_interaction
from support.reading_pages import A_BROWSER
from support.sql_statements import sql_statements


def document(**properties):
    schema = {
        "type": "object",
        "required": sorted(properties),
        "properties": {name: {"type": kind} for name, kind in properties.items()},
    }
    return an_openapi({"/orders/{id}": {"get": an_operation(responses={"200": a_response(schema)})}})


@pytest.fixture
def publish_contract(broker):
    def publish_contract(content, version="1"):
        body = {
            "pacticipantName": "Orders",
            "pacticipantVersionNumber": version,
            "content": content,
            "branch": "main",
        }
        answer = broker.post("/service-contracts/publish", json=body)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json

    return publish_contract


def comparison(broker):
    (item, *_) = broker.get("/pacticipants/Orders/versions/1/service-contract/comparisons").json["_embedded"][
        "comparisons"
    ]
    return item["_links"]["self"]["href"].removeprefix("http://localhost")


def test_a_comparison_says_what_does_not_fit_first(broker, visit, publish, publish_contract):
    publish_contract(document(id="integer"))
    fits = an_interaction("a fit", response={"status": 200})
    publish(a_pact(fits, an_interaction("no <b> fit", response={"status": 418})))

    page = visit(comparison(broker))

    assert (
        "Shop compared with the service contract of Orders incompatible 1 of 2 interactions does not fit."
        in (page.text)
    )
    (opened,) = page.open_cards
    assert opened.startswith("does not fit no <b> fit 1 finding error")
    assert "response.status.unknown" in opened
    assert "fits a fit" in page.text
    assert page.is_balanced
    rows = broker.get(f"{comparison(broker)}?format=json").json["findings"]
    assert rows[0]["code"] == "response.status.unknown"


def test_a_comparison_in_which_all_fits_says_so(broker, visit, publish, publish_contract):
    publish_contract(document(id="integer"))
    publish(a_pact(an_interaction("a fit", response={"status": 200})))

    path = comparison(broker)
    with sql_statements() as seen:
        broker.get(path, headers=A_BROWSER)

    assert len(seen) <= 6
    assert "compatible The pact fits." in visit(path).text


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (document(id="integer"), "breaking 1 change of 1 breaks somebody."),
        (document(id="integer", status="string", total="integer"), "none of which breaks anybody."),
    ],
)
def test_a_compatibility_says_what_breaks_somebody(broker, visit, publish_contract, later, said):
    publish_contract(document(id="integer", status="string"))
    answer = publish_contract(later, "2")
    path = answer["compatibility"][0]["_links"]["self"]["href"].removeprefix("http://localhost")

    page = visit(path)

    assert said in page.text
    assert page.rows[0] == ("Rule", "What changed", "Where")
    assert page.is_balanced
    assert broker.get(f"{path}?format=csv").text.startswith("compatible,rule,text,old,new")


STEPS = [
    {
        "stepId": "order",
        "service": "Orders",
        "operation": "POST /orders",
        "outcome": "passed",
        "durationMs": 12,
    },
    {"stepId": "pay", "outcome": "failed", "problem": "<b> 500", "durationMs": True},
    {"stepId": "ship", "outcome": "not-run", "durationMs": 1e300},
]
WORKFLOW = {"workflowId": "buy", "summary": "A customer buys", "outcome": "failed", "reason": "pay failed"}


@pytest.fixture
def scenario(broker, publish):
    publish()

    def scenario(test_results):
        body = {
            "title": "Buying <b>",
            "success": False,
            "durationMs": 1834,
            "participants": [{"pacticipantName": "Shop", "pacticipantVersionNumber": "1"}],
            "testResults": test_results,
        }
        answer = broker.post("/scenario-results", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json["_links"]["self"]["href"].removeprefix("http://localhost")

    return scenario


def test_a_scenario_shows_its_workflows_and_steps(broker, visit, scenario):
    path = scenario({"workflows": [{**WORKFLOW, "steps": STEPS}]})

    page = visit(path)

    assert "Buying <b> failed 0 of 1 workflow passed. just now · took 1,834 ms · with Shop 1" in page.text
    assert "A customer buys buy failed pay failed" in page.text
    assert page.rows[1:] == [
        ("order", "Orders", "POST /orders", "passed", "", "12 ms"),
        ("pay", "", "", "failed", "<b> 500", ""),
        ("ship", "", "", "not run", "", ""),
    ]
    assert [row["step"] for row in broker.get(f"{path}?format=json").json["steps"]] == [
        "order",
        "pay",
        "ship",
    ]


@pytest.mark.parametrize("said", [None, 1, [], {"workflows": 1}, {"workflows": [1, {}, {"steps": {"a": 1}}]}])
def test_whatever_a_client_says_of_a_scenario_is_shown_or_left_out(visit, scenario, said):
    page = visit(scenario(said))

    assert (page.status, page.is_balanced) == (200, True)
