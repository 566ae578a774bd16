"""GET /deploy-plan: the order in which several versions can go to an environment."""

import pytest
from support.decisions_over_http import Api

BOTH = "q[][pacticipant]=Shop&q[][version]=2&q[][pacticipant]=Orders&q[][version]=2&environment=production"


@pytest.fixture
def api(broker):
    """Shop 1 and Orders 1 are in production, and fit; Shop 2 expects more than Orders 1 has."""
    api = Api(broker)
    api.pact("Shop", "1", "with", "Orders")
    api.verified("Orders", "1", "Shop", "1")
    api.pact("Shop", "2", "with", "Orders")
    api.failed("Orders", "1", "Shop", "2")
    api.verified("Orders", "2", "Shop", "2")
    api.deployed("Shop", "1", "production")
    api.deployed("Orders", "1", "production")
    return api


def test_the_order_in_which_nothing_breaks(broker, api):
    api.verified("Orders", "2", "Shop", "1")

    plan = broker.get(f"/deploy-plan?{BOTH}").json

    assert plan == {
        "summary": {"possible": True},
        "steps": [{"pacticipant": "Orders", "version": "2"}, {"pacticipant": "Shop", "version": "2"}],
        "blocked": [],
    }


def test_a_plan_can_be_followed_step_by_step(broker, api):
    api.verified("Orders", "2", "Shop", "1")

    for step in broker.get(f"/deploy-plan?{BOTH}").json["steps"]:
        answer = broker.get("/can-i-deploy", query_string={**step, "environment": "production"})
        assert answer.json["summary"]["deployable"] is True
        api.deployed(step["pacticipant"], step["version"], "production")


def test_what_forbids_every_order(broker, api):
    api.failed("Orders", "2", "Shop", "1")

    plan = broker.get(f"/deploy-plan?{BOTH}").json

    assert plan["summary"] == {"possible": False}
    assert plan["steps"] == []
    pairs = [
        (clash["consumer"]["version"], clash["provider"]["version"], clash["result"])
        for blocked in plan["blocked"]
        for clash in blocked["because"]
    ]
    assert pairs == [("2", "1", "failed"), ("1", "2", "failed")]


@pytest.mark.usefixtures("api")
def test_a_result_that_is_missing_forbids_it_as_well(broker):
    plan = broker.get(f"/deploy-plan?{BOTH}").json

    assert [clash["result"] for blocked in plan["blocked"] for clash in blocked["because"]] == [
        "failed",
        "missing",
    ]


@pytest.mark.usefixtures("api")
def test_one_step_agrees_with_can_i_deploy(broker):
    for version, deployable in (("1", True), ("2", False)):
        question = f"pacticipant=Shop&version={version}&environment=production"
        assert broker.get(f"/can-i-deploy?{question}").json["summary"]["deployable"] is deployable
        move = f"q[][pacticipant]=Shop&q[][version]={version}&environment=production"
        assert broker.get(f"/deploy-plan?{move}").json["summary"] == {"possible": deployable}


def test_the_index_leads_to_it(broker):
    links = broker.get("/").json["_links"]

    assert links["tally:deploy-plan"]["href"] == "http://localhost/deploy-plan"


@pytest.mark.usefixtures("api")
@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("environment=production", "q", "name 1 to 10 versions"),
        (
            "q[][pacticipant]=Shop&environment=production",
            "q",
            "each selector needs a pacticipant and a version",
        ),
        (BOTH + "&q[][pacticipant]=&q[][version]=", "q", "each selector needs a pacticipant and a version"),
        (BOTH.replace("Orders", "Shop"), "q", "name each application once"),
        (BOTH.replace("production", "prodution"), "environment", "did you mean 'production'"),
        (BOTH.replace("&environment=production", ""), "environment", "is missing"),
        (BOTH.replace("Orders", "Ordres"), "pacticipant", "did you mean 'Orders'"),
        (BOTH.replace("version]=2&q", "version]=9&q"), "", "Shop has no version 9"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(broker, query, field, message):
    answer = broker.get(f"/deploy-plan?{query}")

    assert answer.status_code == 400
    messages = [text for name, texts in answer.json["errors"].items() if field in name for text in texts]
    assert message.lower() in " ".join(messages).lower()
