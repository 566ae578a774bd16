import pytest
from support.factories import a_pact, a_publication, a_verification_result

from tally.hashing import content_hash

SHA = content_hash(a_pact())
CONTENT = f"/pacts/provider/Orders/consumer/Shop/pact-version/{SHA}"
RESULTS = f"{CONTENT}/verification-results"
# What the Rust verifier sends (reference, appendix A.4).
FROM_RUST = {
    "success": False,
    "providerApplicationVersion": "9f8e7d",
    "buildUrl": "https://ci.example.org/2",
    "verifiedBy": {
        "implementation": "Pact-Rust",
        "version": "1.3.0",
        "clientLanguage": {"testFramework": "pytest", "name": "pact-python", "version": "3.0"},
    },
    "testResults": [{"interactionId": "7006", "success": False, "mismatches": [{"attribute": "status"}]}],
}


@pytest.fixture
def published(broker):
    """A broker with a pact of Shop 1."""
    assert broker.post("/contracts/publish", json=a_publication(version="1")).status_code == 200
    return broker


def test_a_result_can_be_read_where_its_location_says(published):
    answer = published.post(RESULTS, json=FROM_RUST)

    read = published.get(answer.headers["Location"])
    assert answer.status_code == 201
    assert answer.headers["Location"].startswith(f"http://localhost{RESULTS}/")
    assert read.json == answer.json


def test_a_result_tells_what_was_sent_in_the_names_of_the_api(published):
    result = published.post(RESULTS, json=FROM_RUST).json

    assert result["providerName"] == "Orders"
    assert result["providerApplicationVersion"] == "9f8e7d"
    assert result["success"] is False
    assert result["buildUrl"] == "https://ci.example.org/2"
    assert result["testResults"] == FROM_RUST["testResults"]
    assert result["verifiedBy"] == {
        "implementation": "Pact-Rust",
        "version": "1.3.0",
        "client_implementation": "pact-python",
        "client_test_framework": "pytest",
        "client_version": "3.0",
    }
    assert result["_links"]["pb:pact-version"]["name"] == "Pact between Shop (1) and Orders"


def test_the_link_to_the_pact_leads_to_the_pact(published):
    result = published.post(RESULTS, json=FROM_RUST).json

    pact = published.get(result["_links"]["pb:pact-version"]["href"])

    assert pact.status_code == 200
    assert pact.json["provider"]["name"] == "Orders"


def test_a_result_is_kept_for_content_whose_last_version_was_deleted_meanwhile(published):
    published.delete("/pacticipants/Shop/versions/1")

    answer = published.post(RESULTS, json=a_verification_result("42"))

    assert answer.status_code == 201
    assert "pb:pact-version" not in answer.json["_links"]
    published.post("/contracts/publish", json=a_publication(version="2"))
    read = published.get(answer.headers["Location"])
    assert published.get(read.json["_links"]["pb:pact-version"]["href"]).status_code == 200


def test_a_result_creates_the_provider_version(published):
    published.post(RESULTS, json=a_verification_result("42"))

    assert published.get("/pacticipants/Orders/versions/42").json["number"] == "42"


def test_the_latest_result_is_the_newest_of_any_version(published):
    published.post(RESULTS, json=a_verification_result("1", success=False))
    published.post(RESULTS, json=a_verification_result("2", success=True))

    latest = published.get(f"{RESULTS}/latest").json

    assert (latest["providerApplicationVersion"], latest["success"]) == ("2", True)


def test_a_consumer_version_sums_up_its_results(published):
    both = a_publication(a_pact(), a_pact(provider="Payments"), version="2")
    published.post("/contracts/publish", json=both)
    published.post(RESULTS, json=a_verification_result())
    url = "/verification-results/consumer/Shop/version/2/latest"

    half = published.get(url).json
    published.post(RESULTS.replace("Orders", "Payments"), json=a_verification_result(success=False))
    whole = published.get(url).json

    assert half["success"] is False
    assert half["providerSummary"] == {"successful": ["Orders"], "failed": [], "unknown": ["Payments"]}
    assert whole["providerSummary"] == {"successful": ["Orders"], "failed": ["Payments"], "unknown": []}
    assert len(whole["_embedded"]["verificationResults"]) == 2


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"success": ["is missing"], "providerApplicationVersion": ["is missing"]}),
        ({"success": "yes", "providerApplicationVersion": "1"}, {"success": ["must be boolean"]}),
        (
            {"success": True, "providerApplicationVersion": " "},
            {"providerApplicationVersion": ["cannot be blank"]},
        ),
        (
            {"success": True, "providerApplicationVersion": "1", "buildUrl": "ci"},
            {"buildUrl": ["is not a valid URL eg. http://example.org"]},
        ),
        (
            {"success": True, "providerApplicationVersion": "1", "buildUrl": "http://["},
            {"buildUrl": ["is not a valid URL eg. http://example.org"]},
        ),
    ],
)
def test_a_result_that_is_not_one_is_refused_by_field(published, body, errors):
    answer = published.post(RESULTS, json=body)

    assert answer.status_code == 400
    assert answer.json == {"errors": errors}


@pytest.mark.parametrize(
    ("body", "reason"), [(b"", "not JSON"), (b"{", "not JSON"), (b"3", "object or array")]
)
def test_a_body_that_is_no_json_object_is_refused(published, body, reason):
    answer = published.post(RESULTS, data=body, content_type="application/json")

    assert answer.status_code == 400
    assert reason in answer.json["error"]


def test_a_result_for_content_that_does_not_exist_is_not_stored(published):
    answer = published.post(RESULTS.replace(SHA, "0" * 40), json=a_verification_result("77"))

    assert answer.status_code == 404
    assert "0" * 40 in answer.json["error"]
    assert published.get("/pacticipants/Orders/versions/77").status_code == 404


@pytest.mark.parametrize(("name", "role"), [("Orders", "provider"), ("Shop", "consumer")])
def test_an_unknown_pacticipant_is_named(published, name, role):
    answer = published.post(RESULTS.replace(name, "Nobody"), json=a_verification_result())

    assert answer.status_code == 404
    assert answer.json == {"error": f"No {role} with name 'Nobody' found"}


@pytest.mark.parametrize("number", ["999999", "all", "x"])
def test_a_result_that_does_not_exist_is_not_found(published, number):
    assert published.get(f"{RESULTS}/{number}").status_code == 404


def test_another_content_type_is_not_accepted(published):
    answer = published.post(RESULTS, data=b"{}", content_type="text/plain")

    assert answer.status_code == 415
    assert answer.data == b""
