"""Every field has one length, the same on every database; the broker says which, and how long it was."""

import json

import pytest
from support.factories import a_pact, a_verification_result
from support.field_cases import IN_BODIES, IN_PATHS, filled

from broker.domain.limits import NAME, REFERENCE

CHARACTERS = "".join(chr(0x20000 + 37 * place % 40000) for place in range(REFERENCE + 1))
"""Four bytes each, in an order that cannot be compressed: PostgreSQL's indexes have no longer names."""
PROBLEM = {"Accept": "application/problem+json"}


def name_of(length, document=None):
    """Return a name that makes the value of a field that long: an address begins in the same way."""
    prefix = len("https://ci.example.org/") if "https://ci.example.org/" in json.dumps(document) else 0
    return (CHARACTERS * (length // len(CHARACTERS) + 1))[: length - prefix]


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize(("method", "path", "body", "field", "limit"), IN_PATHS)
def test_a_name_in_a_path_has_one_length_on_every_database(broker, method, path, body, field, limit):
    longest = broker.open(path.format(name_of(limit)), method=method, json=body)
    longer = broker.open(path.format(name_of(limit + 1)), method=method, json=body)

    assert longest.status_code == 201
    assert longer.status_code == 400
    assert longer.json == {
        "errors": {field: [f"cannot be longer than {limit} characters (it has {limit + 1})"]}
    }


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize(("method", "path", "body", "field", "limit"), IN_BODIES)
def test_a_field_of_a_body_has_one_length_on_every_database(broker, method, path, body, field, limit):
    longest = broker.open(path, method=method, json=filled(body, name_of(limit, body)))
    longer = broker.open(path, method=method, json=filled(body, name_of(limit + 1, body)))

    assert longest.status_code in {200, 201}
    assert longer.status_code == 400
    assert field in longer.json["errors"]
    assert f"cannot be longer than {limit} characters (it has {limit + 1})" in str(
        longer.json["errors"][field]
    )


def test_what_hangs_on_something_else_has_its_length_too(broker):
    pact = broker.put("/pacts/provider/Orders/consumer/Shop/version/1", json=a_pact()).json
    results = pact["_links"]["pb:publish-verification-results"]["href"]
    environment = broker.post("/environments", json={"name": "lab", "production": False}).json["uuid"]
    deployments = f"/pacticipants/Shop/versions/1/deployed-versions/environment/{environment}"
    too_long = {
        "providerApplicationVersion": (results, a_verification_result("1" * (REFERENCE + 1))),
        "applicationInstance": (deployments, {"applicationInstance": "i" * (NAME + 1)}),
        "target": (deployments, {"target": "i" * (NAME + 1)}),
    }

    answers = {field: broker.post(path, json=body) for field, (path, body) in too_long.items()}

    assert {answer.status_code for answer in answers.values()} == {400}
    assert [list(answer.json["errors"]) for answer in answers.values()] == [[field] for field in answers]


def test_a_webhook_may_have_no_identifier_that_is_too_long(broker):
    webhook = {"request": {"url": "https://ci.example.org"}}

    assert broker.put(f"/webhooks/{'u' * NAME}", json=webhook).status_code == 201
    assert list(broker.put(f"/webhooks/{'u' * (NAME + 1)}", json=webhook).json["errors"]) == ["uuid"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_name_that_is_only_looked_up_may_be_of_any_length(broker, method):
    answer = broker.open(f"/pacticipants/{'n' * 5000}", method=method)

    assert answer.status_code == 404


def test_a_problem_says_whether_the_path_or_the_body_is_wrong(broker):
    name = "n" * (NAME + 1)

    path = broker.put(f"/pacticipants/{name}/versions/1", json={}, headers=PROBLEM).json["errors"]
    body = broker.post("/pacticipants", json={"name": name}, headers=PROBLEM).json["errors"]

    said = f"cannot be longer than {NAME} characters (it has {NAME + 1})"
    assert path == [
        {
            "type": "http://localhost/problems/invalid-request-parameter-value",
            "title": "Invalid path parameter",
            "detail": said,
            "parameter": "pacticipant",
        }
    ]
    assert [(item["pointer"], item["detail"]) for item in body] == [("/name", said)]
