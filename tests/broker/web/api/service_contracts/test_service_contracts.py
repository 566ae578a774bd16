import orjson
import pytest
from support.contract_documents import a_native, an_openapi

from tally.json_schema.validation import Validator

PUBLISH = "/service-contracts/publish"


def a_publication(document=None, **changes):
    return {
        "pacticipantName": "Orders",
        "pacticipantVersionNumber": "1",
        "specification": "openapi",
        "content": document or an_openapi(),
        **changes,
    }


@pytest.fixture
def published(broker):
    """The links of a service contract, as publishing answered them."""
    return broker.post(PUBLISH, json=a_publication(branch="main")).json["_links"]


@pytest.fixture
def results_url(published):
    return published["tally:publish-verification-results"]["href"]


def test_the_index_says_where_service_contracts_are(broker):
    found = broker.get("/").json["_links"]

    assert found["tally:publish-service-contract"]["href"].endswith(PUBLISH)
    assert found["tally:service-contract"]["href"].endswith(
        "/pacticipants/{pacticipant}/versions/{version}/service-contract"
    )
    assert found["tally:service-contract"]["templated"] is True


def test_the_schema_of_native_documents_is_where_the_index_says(broker):
    link = broker.get("/").json["_links"]["tally:service-contract-schema"]

    answer = broker.get(link["href"])

    assert answer.content_type == "application/schema+json"
    schema = orjson.loads(answer.data)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert Validator(schema).accepts(a_native())
    assert not Validator(schema).accepts(an_openapi())


def test_publishing_says_what_was_done(broker):
    answer = broker.post(PUBLISH, json=a_publication())

    assert answer.status_code == 200
    success, where = answer.json["notices"]
    assert success == {
        "type": "success",
        "text": "Published the service contract of Orders version 1 (1 operation).",
    }
    assert where["text"].endswith("/pacticipants/Orders/versions/1/service-contract")
    assert answer.json["_embedded"]["version"]["number"] == "1"


def test_a_published_contract_can_be_read_through_its_link(broker, published):
    answer = broker.get(published["tally:service-contract"]["href"])

    assert answer.status_code == 200
    assert answer.json["content"] == an_openapi()
    assert answer.json["specification"] == "openapi"
    assert answer.json["operations"] == [
        {"id": "getOrder", "kind": "http", "method": "GET", "path": "/orders/{id}", "examples": 1}
    ]
    assert answer.json["pacticipantVersionNumber"] == "1"
    assert answer.json["_links"]["self"]["href"] == published["tally:service-contract"]["href"]


def test_a_contract_can_be_read_by_its_content(broker, published):
    answer = broker.get(published["tally:service-contract-content"]["href"])

    assert answer.status_code == 200
    assert answer.json["content"] == an_openapi()
    assert published["tally:service-contract-content"]["href"].endswith(answer.json["sha"])


def test_names_with_slashes_and_spaces_have_working_links(broker):
    publication = a_publication(pacticipantName="shop/orders service", pacticipantVersionNumber="feat/1 a")

    links = broker.post(PUBLISH, json=publication).json["_links"]

    url = links["tally:service-contract"]["href"]
    answer = broker.get(url, environ_overrides={"REQUEST_URI": url.removeprefix("http://localhost")})
    assert answer.json["pacticipantVersionNumber"] == "feat/1 a"


@pytest.mark.usefixtures("published")
def test_the_same_content_again_is_no_change(broker):
    answer = broker.post(PUBLISH, json=a_publication())

    assert answer.status_code == 200
    assert answer.json["notices"][0]["text"].startswith("Already published, and unchanged:")


@pytest.mark.usefixtures("published")
def test_another_content_for_the_same_version_is_a_conflict_that_says_what_would_change(broker):
    answer = broker.post(
        PUBLISH, json=a_publication(an_openapi({"/orders": {"get": {"responses": {"200": {}}}}}))
    )

    assert answer.status_code == 409
    error, info = answer.json["notices"]
    assert error["text"].startswith("Version 1 of Orders already has another service contract.")
    assert "GET /orders/{id} is gone" in info["text"]
    assert "GET /orders is new" in info["text"]


@pytest.mark.usefixtures("published")
def test_a_service_whose_name_resembles_another_is_a_conflict(broker):
    answer = broker.post(PUBLISH, json=a_publication(pacticipantName="order-service"))

    assert answer.status_code == 409
    assert "much like that of 'Orders'" in answer.json["notices"][0]["text"]
    assert broker.get("/pacticipants/order-service").status_code == 404


def test_doubtful_examples_are_warnings(broker):
    document = an_openapi()
    document["paths"]["/orders/{id}"]["get"]["parameters"][0]["examples"]["open"]["value"] = "x"

    notices = broker.post(PUBLISH, json=a_publication(document)).json["notices"]

    assert [notice["type"] for notice in notices] == ["success", "warning", "debug"]
    assert "example 'open'" in notices[1]["text"]


def test_a_native_contract_is_taken_too_and_may_leave_its_name_out(broker):
    publication = a_publication(a_native())
    del publication["specification"]

    links = broker.post(PUBLISH, json=publication).json["_links"]

    assert broker.get(links["tally:service-contract"]["href"]).json["specification"] == "service-contract"


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"pacticipantName": None}, {"pacticipantName": ["must be filled"]}),
        ({"pacticipantVersionNumber": " "}, {"pacticipantVersionNumber": ["cannot be blank"]}),
        ({"branch": 1}, {"branch": ["must be a string"]}),
        ({"tags": [""]}, {"tags": ["cannot be blank (at index 0)"]}),
        ({"content": {"openapi": "3.1.0"}}, {"content": ["/: 'paths' is a required property"]}),
        (
            {"content": "openapi: 3.1.0"},
            {"content": ["must be a JSON object, or the Base64 of a document in JSON or YAML"]},
        ),
        (
            {"content": {"swagger": "1.2"}},
            {"content": ["/swagger: version '1.2' is not supported; 2.0 is"]},
        ),
        ({"specification": "asyncapi"}, {"specification": ["must be openapi: that is what the content is"]}),
    ],
)
def test_a_wrong_publication_is_refused_by_the_field(broker, changes, errors):
    answer = broker.post(PUBLISH, json=a_publication() | changes)

    assert answer.status_code == 400
    assert answer.json == {"errors": errors}
    assert broker.get("/pacticipants/Orders").status_code == 404


def test_a_publication_without_content_is_refused(broker):
    publication = a_publication()
    del publication["content"]

    assert broker.post(PUBLISH, json=publication).json == {"errors": {"content": ["is missing"]}}


@pytest.mark.parametrize(
    ("text", "content_type", "status"),
    [("{", "application/json", 400), ("[]", "application/json", 400), ("{}", "text/plain", 415)],
)
def test_what_is_no_json_object_is_refused(broker, text, content_type, status):
    assert broker.post(PUBLISH, data=text, content_type=content_type).status_code == status


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/pacticipants/None/versions/1/service-contract", "No pacticipant with name 'None' found"),
        ("/pacticipants/Orders/versions/2/service-contract", "No version 2 of pacticipant Orders found"),
        ("/pacticipants/None/service-contracts/abc", "No pacticipant with name 'None' found"),
        ("/pacticipants/Orders/service-contracts/abc", "No service contract of Orders has the content abc"),
    ],
)
@pytest.mark.usefixtures("published")
def test_what_is_not_there_is_named(broker, path, message):
    answer = broker.get(path)

    assert answer.status_code == 404
    assert answer.json == {"error": message}


def test_a_version_without_a_contract_is_said_to_have_none(broker, results_url):
    broker.post(results_url, json={"success": True, "providerApplicationVersion": "2"})

    answer = broker.get("/pacticipants/Orders/versions/2/service-contract")

    assert answer.status_code == 404
    assert answer.json == {"error": "Version 2 of Orders has no service contract"}


def test_a_result_can_be_read_where_it_was_put(broker, results_url):
    result = {
        "success": False,
        "providerApplicationVersion": "1",
        "buildUrl": "https://ci.example.org/1",
        "testResults": [{"interactionId": "getOrder/open", "success": False}],
        "verifiedBy": {"implementation": "Tallystick"},
    }

    answer = broker.post(results_url, json=result)

    assert answer.status_code == 201
    read = broker.get(answer.headers["Location"]).json
    assert read == answer.json
    assert {key: read[key] for key in result} == result
    assert read["providerName"] == "Orders"


def test_the_latest_result_is_the_newest(broker, published, results_url):
    for success in (False, True):
        broker.post(results_url, json={"success": success, "providerApplicationVersion": "1"})

    assert broker.get(published["tally:latest-verification-results"]["href"]).json["success"] is True


def test_a_contract_that_was_never_verified_has_no_latest_result(broker, published):
    answer = broker.get(published["tally:latest-verification-results"]["href"])

    assert answer.status_code == 404
    assert answer.json == {"error": "This service contract has not been verified yet"}


@pytest.mark.parametrize("number", ["999", "x"])
def test_a_result_that_is_not_there_is_not_found(broker, results_url, number):
    assert broker.get(f"{results_url}/{number}").status_code == 404


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"success": None}, {"success": ["must be filled"]}),
        ({"success": "yes"}, {"success": ["must be boolean"]}),
        ({"providerApplicationVersion": ""}, {"providerApplicationVersion": ["must be filled"]}),
        ({"buildUrl": "ci"}, {"buildUrl": ["is not a valid URL eg. http://example.org"]}),
        ({"buildUrl": "http://["}, {"buildUrl": ["is not a valid URL eg. http://example.org"]}),
    ],
)
def test_a_wrong_result_is_refused_by_the_field(broker, results_url, changes, errors):
    answer = broker.post(results_url, json={"success": True, "providerApplicationVersion": "2", **changes})

    assert answer.status_code == 400
    assert answer.json == {"errors": errors}
    assert broker.get("/pacticipants/Orders/versions/2/service-contract").json == {
        "error": "No version 2 of pacticipant Orders found"
    }


def test_a_result_for_content_that_does_not_exist_is_refused_and_creates_nothing(broker, results_url):
    url = results_url.rsplit("/", 2)[0] + "/abc/verification-results"

    answer = broker.post(url, json={"success": True, "providerApplicationVersion": "2"})

    assert answer.status_code == 404
    assert answer.json == {"error": "No service contract of Orders has the content abc"}
