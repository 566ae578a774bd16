import pytest

PUBLISH = "/scenario-results"


def a_result(*participants, **changes):
    versions = participants or (("Orders", "1"), ("Payments", "7"))
    return {
        "title": "The shop",
        "success": False,
        "durationMs": 1200,
        "buildUrl": "https://ci.example.org/9",
        "participants": [
            {"pacticipantName": name, "pacticipantVersionNumber": number} for name, number in versions
        ],
        "testResults": {"workflows": [{"workflowId": "buy", "outcome": "failed"}]},
        **changes,
    }


@pytest.fixture
def services(broker):
    """A broker that knows two services."""
    for name in ("Orders", "Payments"):
        assert broker.post("/pacticipants", json={"name": name}).status_code == 201
    return broker


def test_a_result_is_found_again_and_leads_to_the_versions_that_took_part(services):
    published = services.post(PUBLISH, json=a_result())

    found = services.get(published.headers["Location"]).json
    assert published.status_code == 201
    assert {name: found[name] for name in ("title", "success", "durationMs", "buildUrl", "testResults")} == {
        name: value for name, value in a_result().items() if name != "participants"
    }
    versions = [services.get(link["href"]).json["number"] for link in found["_links"]["tally:participants"]]
    assert versions == ["1", "7"]


def test_a_version_lists_its_results_newest_first_and_without_details(services):
    for title, version in (("first", "1"), ("other", "2"), ("second", "1")):
        services.post(PUBLISH, json=a_result(("Orders", version), title=title))

    version = services.get("/pacticipants/Orders/versions/1").json
    listed = services.get(version["_links"]["tally:scenario-results"]["href"]).json

    assert [each["title"] for each in listed["_embedded"]["scenarioResults"]] == ["second", "first"]
    assert "testResults" not in listed["_embedded"]["scenarioResults"][0]
    assert listed["page"]["totalElements"] == 2


def test_a_service_that_is_not_there_is_refused_with_everything(services):
    refused = services.post(PUBLISH, json=a_result(("Orders", "1"), ("Paymnets", "1")))

    assert refused.status_code == 400
    assert refused.json["errors"] == {"participants": ["there is no pacticipant 'Paymnets'"]}
    assert services.get("/pacticipants/Orders/versions/1").status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": None}, "title"),
        ({"title": "x" * 1001}, "title"),
        ({"success": "yes"}, "success"),
        ({"durationMs": -1}, "durationMs"),
        ({"durationMs": 2**31}, "durationMs"),
        ({"buildUrl": "ci"}, "buildUrl"),
        ({"participants": []}, "participants"),
        ({"participants": [{"pacticipantName": "Orders"}]}, "participants"),
        (
            {"participants": [{"pacticipantName": "Orders", "pacticipantVersionNumber": "1"}] * 2},
            "participants",
        ),
        ({"testResults": "x" * 1_000_001}, "testResults"),
    ],
)
def test_what_is_wrong_is_named(services, change, field):
    refused = services.post(PUBLISH, json=a_result(**change))

    assert refused.status_code == 400
    assert any(name.startswith(field) for name in refused.json["errors"])


def test_a_result_that_is_not_there_is_not_found(services):
    assert services.get("/scenario-results/1").status_code == 404
    assert services.get("/scenario-results/x").status_code == 404
    assert services.get("/pacticipants/Orders/versions/9/scenario-results").status_code == 404
