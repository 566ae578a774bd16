"""What the broker refuses of a publication, and how it names it."""

import base64
import json

import pytest
from support.factories import a_publication


def with_contract(**changes):
    publication = a_publication()
    publication["contracts"][0].update(changes)
    return publication


def encoded(text):
    return base64.b64encode(text).decode()


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"pacticipantName": None}, {"pacticipantName": ["must be filled"]}),
        ({"pacticipantName": 1}, {"pacticipantName": ["must be a string"]}),
        ({"pacticipantVersionNumber": " "}, {"pacticipantVersionNumber": ["cannot be blank"]}),
        (
            {"pacticipantVersionNumber": "1\n2"},
            {"pacticipantVersionNumber": ["cannot contain multiple lines"]},
        ),
        ({"branch": ""}, {"branch": ["cannot be blank"]}),
        ({"branch": 1}, {"branch": ["must be a string"]}),
        ({"branch": "a\nb"}, {"branch": ["cannot contain multiple lines"]}),
        ({"tags": "dev"}, {"tags": ["must be an array"]}),
        (
            {"tags": ["dev", " ", 3]},
            {"tags": ["cannot be blank (at index 1)", "must be a string (at index 2)"]},
        ),
        ({"buildUrl": "a\nb"}, {"buildUrl": ["cannot contain multiple lines"]}),
        ({"contracts": None}, {"contracts": ["must be filled"]}),
        ({"contracts": {}}, {"contracts": ["must be an array"]}),
        ({"contracts": ["pact"]}, {"contracts": ["must be a hash (at index 0)"]}),
    ],
)
def test_what_is_wrong_with_a_publication_is_named_by_field(broker, changes, errors):
    answer = broker.post("/contracts/publish", json={**a_publication(), **changes})

    assert answer.status_code == 400
    found = answer.json["errors"]
    assert {name: found[name] for name in errors} == errors


def test_an_empty_object_lacks_every_required_field(broker):
    answer = broker.post("/contracts/publish", json={})

    assert answer.status_code == 400
    required = ("pacticipantName", "pacticipantVersionNumber", "contracts")
    assert answer.json == {"errors": {name: ["is missing"] for name in required}}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"consumerName": None}, "consumerName must be filled"),
        ({"consumerName": "Other"}, "consumerName must equal pacticipantName ('Shop')"),
        ({"providerName": " "}, "providerName cannot be blank"),
        ({"providerName": "Other"}, "providerName 'Other' must equal the provider name inside the pact"),
        ({"specification": "openapi"}, "specification must be one of: pact"),
        ({"specification": None}, "specification must be filled"),
        ({"contentType": "text/plain"}, "contentType must be one of: application/json"),
        ({"onConflict": "ignore"}, "onConflict must be one of: overwrite, merge"),
        ({"onConflict": ["merge"]}, "onConflict must be one of: overwrite, merge"),
        ({"content": None}, "content must be filled"),
        ({"content": "{}"}, "content is not valid Base64"),
        ({"content": "e30=\n"}, "content is not valid Base64"),
        ({"content": encoded(b"")}, "content must be filled"),
        ({"content": encoded(b"{")}, "content is not JSON"),
        ({"content": encoded(b'{"a": "\xff"}')}, "content is not UTF-8"),
        ({"content": encoded(b"[]")}, "content must be a JSON object"),
        ({"content": encoded(b"[" * 60 + b"]" * 60)}, "nested deeper than 50 levels"),
        (
            {"content": encoded(b'{"consumer": {"name": 5}}')},
            "consumerName 'Shop' must equal the consumer name",
        ),
    ],
)
def test_what_is_wrong_with_a_contract_is_named_with_its_index(broker, changes, message):
    answer = broker.post("/contracts/publish", json=with_contract(**changes))

    assert answer.status_code == 400
    found = answer.json["errors"]["contracts"]
    assert message in found[0]
    assert all(text.endswith("(at index 0)") for text in found)
    assert broker.get("/pacticipants/Shop").status_code == 404


def test_problem_json_points_to_the_field(broker):
    answer = broker.post(
        "/contracts/publish",
        json={**a_publication(), "branch": ""},
        headers={"Accept": "application/problem+json"},
    )

    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert [(error["pointer"], error["detail"]) for error in answer.json["errors"]] == [
        ("/branch", "cannot be blank")
    ]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b'{"a": NaN}', b'"\xff"'])
def test_a_body_that_is_no_json_object_is_refused(broker, body):
    answer = broker.post("/contracts/publish", data=body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json["error"]


def test_another_content_type_is_refused(broker):
    answer = broker.post("/contracts/publish", data=json.dumps(a_publication()), content_type="text/plain")

    assert answer.status_code == 415
