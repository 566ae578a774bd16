"""Several documents of one version: an HTTP interface, and another one beside it."""

import base64
import json

import pytest
import yaml
from support.contract_documents import a_native, a_native_operation, an_openapi
from support.rows import Rows

PUBLISH = "/service-contracts/publish"
VERSION = "/pacticipants/Orders/versions/1"
EVENTS = a_native(a_native_operation(id="getEvents", path="/events/{id}"))


def a_publication(*documents, **changes):
    return {
        "pacticipantName": "Orders",
        "pacticipantVersionNumber": "1",
        "documents": [{"content": document} for document in documents],
        **changes,
    }


def publish(broker, *documents, **changes):
    return broker.post(PUBLISH, json=a_publication(*documents, **changes))


def as_text(document):
    return base64.b64encode(document.encode()).decode()


def test_all_documents_of_a_version_are_published_in_one_request(broker):
    documents = [{"content": an_openapi()}, {"content": EVENTS, "name": "events"}]

    answer = publish(broker, documents=documents, branch="main", tags=["a"], buildUrl="https://ci/1")

    assert answer.status_code == 200
    assert [(item["name"], item["new"]) for item in answer.json["documents"]] == [
        ("openapi", True),
        ("events", True),
    ]
    texts = [notice["text"] for notice in answer.json["notices"] if notice["type"] == "success"]
    assert texts == [
        "Published the document 'openapi' of the service contract of Orders version 1 (1 operation).",
        "Published the document 'events' of the service contract of Orders version 1 (1 operation).",
    ]
    version = broker.get(VERSION).json
    assert version["buildUrl"] == "https://ci/1"
    assert [branch["name"] for branch in version["_embedded"]["branchVersions"]] == ["main"]


def test_the_address_of_the_contract_is_a_list_of_several_documents_each_with_its_own(broker):
    publish(broker, an_openapi(), EVENTS)

    listed = broker.get(f"{VERSION}/service-contract").json
    documents = [broker.get(item["_links"]["self"]["href"]).json for item in listed["_embedded"]["documents"]]

    assert [item["name"] for item in listed["_embedded"]["documents"]] == ["openapi", "service-contract"]
    assert [document["content"] for document in documents] == [an_openapi(), EVENTS]
    assert [document["pacticipantVersionNumber"] for document in documents] == ["1", "1"]


def test_the_only_document_is_in_the_list_as_well(broker):
    publish(broker, an_openapi())

    (listed,) = broker.get(f"{VERSION}/service-contracts").json["_embedded"]["documents"]

    by_name = broker.get(listed["_links"]["self"]["href"]).json
    assert by_name["content"] == broker.get(f"{VERSION}/service-contract").json["content"]


def test_the_same_documents_again_change_nothing(broker, database):
    first = publish(broker, an_openapi(), EVENTS)
    before = Rows(database)

    again = publish(broker, EVENTS, an_openapi())

    assert before.compared_with(Rows(database)).new == frozenset()
    assert again.status_code == first.status_code
    assert [item["new"] for item in again.json["documents"]] == [False, False]
    assert all("unchanged" in notice["text"] for notice in again.json["notices"][::2])


def test_a_document_with_a_new_name_is_added(broker):
    publish(broker, an_openapi())

    answer = publish(broker, EVENTS)

    assert answer.status_code == 200
    names = [
        item["name"] for item in broker.get(f"{VERSION}/service-contracts").json["_embedded"]["documents"]
    ]
    assert names == ["openapi", "service-contract"]


def test_two_documents_in_the_same_language_need_names(broker):
    answer = publish(broker, an_openapi(), an_openapi({}))

    assert answer.status_code == 400
    assert answer.json["errors"] == {"documents": ["'openapi' is the name of two: give each one of its own"]}


def test_another_content_under_one_name_leaves_everything_as_it_was(broker):
    publish(broker, an_openapi())
    changed = an_openapi({"/orders": {"get": {"responses": {"200": {"description": ""}}}}})

    answer = publish(broker, changed, EVENTS, branch="other")

    assert answer.status_code == 409
    assert "It is the document 'openapi'" in answer.json["notices"][0]["text"]
    assert "GET /orders is new" in answer.json["notices"][1]["text"]
    assert broker.get(f"{VERSION}/service-contract").json["content"] == an_openapi()
    assert broker.get("/pacticipants/Orders/branches/other").status_code == 404


def test_an_operation_that_two_documents_have_is_refused(broker):
    answer = publish(broker, an_openapi(), a_native(a_native_operation()))

    assert answer.status_code == 400
    assert answer.json["errors"] == {
        "documents": ["the operation 'getOrder' is in the documents 'openapi' and 'service-contract'"]
    }


def test_an_operation_of_a_document_that_is_there_is_refused_too(broker):
    publish(broker, an_openapi())

    answer = publish(broker, a_native(a_native_operation()))

    assert answer.status_code == 409
    assert "the operation 'getOrder' is in the documents" in answer.json["notices"][0]["text"]
    assert broker.get(f"{VERSION}/service-contract").json["specification"] == "openapi"


A_NUMBER = {"name": "number", "in": "path", "schema": {"type": "integer"}}
SAME_ROUTE = a_native(
    a_native_operation(id="other", path="/orders/{number}", parameters=[A_NUMBER], examples=[])
)


def test_a_method_and_path_that_two_documents_have_are_refused(broker):
    """Whatever their parameters are called: what cannot be joined could not be compared with any pact."""
    together = publish(broker, an_openapi(), SAME_ROUTE)
    publish(broker, an_openapi())
    added = publish(broker, SAME_ROUTE)

    assert (together.status_code, added.status_code) == (400, 409)
    assert together.json["errors"]["documents"] == [
        "the operation GET /orders/{number} is in the documents 'openapi' and 'service-contract'"
    ]
    assert "the operation GET /orders/{number} is in the documents" in added.json["notices"][0]["text"]


def test_a_document_may_come_as_text(broker):
    content = as_text(yaml.safe_dump(an_openapi()))
    document = {"content": content, "contentType": "application/yaml", "specification": "oas"}

    answer = publish(broker, documents=[document])

    assert answer.status_code == 200
    assert broker.get(f"{VERSION}/service-contract").json["content"] == an_openapi()


def test_json_that_comes_as_text_is_the_same_document(broker):
    publish(broker, an_openapi())

    answer = publish(broker, as_text(json.dumps(an_openapi())))

    assert answer.json["documents"][0]["new"] is False


BOMB = "a: &a [x]\n" + "\n".join(
    f"{name}: &{name} [{', '.join([f'*{chr(ord(name) - 1)}'] * 9)}]" for name in "bcdefghij"
)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"content": "not base64"}, "content must be a JSON object, or the Base64 of a document in JSON or"),
        ({"content": as_text("{")}, "content is not JSON: "),
        ({"content": as_text("a: [")}, "content is not YAML"),
        ({"content": as_text("- a")}, "content /: a service contract is a JSON object"),
        ({"content": as_text(BOMB)}, "content /: more than 2,000,000 values"),
        ({"content": as_text("a: &a [*a]")}, "content /: nested deeper than"),
        ({"content": an_openapi(), "contentType": "text/plain"}, "contentType must be that of JSON or YAML"),
        ({"content": an_openapi(), "specification": "asyncapi"}, "specification must be openapi"),
        ({"content": an_openapi(), "name": "a\nb"}, "name cannot contain multiple lines"),
        ({}, "content is missing"),
    ],
)
def test_a_wrong_document_is_refused_by_its_place_and_nothing_is_stored(broker, document, message):
    answer = publish(broker, documents=[{"content": EVENTS}, document])

    assert answer.status_code == 400
    (found,) = answer.json["errors"]["documents"]
    assert message in found
    assert found.endswith("(at index 1)")
    assert broker.get("/pacticipants/Orders").status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"documents": []}, "documents"),
        ({"documents": [{}] * 21}, "documents"),
        ({"documents": "x"}, "documents"),
        ({"content": {"openapi": "3.1.0"}}, "content"),
    ],
)
def test_a_wrong_list_is_refused_by_the_field(broker, changes, field):
    answer = publish(broker, an_openapi(), **changes)

    assert answer.status_code == 400
    assert len(answer.json["errors"][field]) == 1


def test_a_version_has_a_bounded_number_of_documents(broker):
    for number in range(20):
        document = a_native(a_native_operation(id=f"read{number}", path=f"/{number}/{{id}}"))
        publish(broker, documents=[{"content": document, "name": f"d{number}"}])

    answer = publish(broker, an_openapi())

    assert answer.status_code == 409
    assert "cannot have more than 20 items" in answer.json["notices"][0]["text"]


def test_a_document_that_is_not_there_is_named_with_those_that_are(broker):
    publish(broker, an_openapi(), EVENTS)

    answer = broker.get(f"{VERSION}/service-contracts/asyncapi")

    assert answer.status_code == 404
    assert answer.json["error"] == (
        "Version 1 of Orders has no document 'asyncapi': it has openapi, service-contract"
    )
