"""Environments: reading, adding, replacing and deleting them."""

import pytest

UAT = {"name": "uat", "displayName": "User acceptance", "production": False}


def test_test_and_production_are_there_from_the_start(broker):
    listed = broker.get("/environments").json

    assert [item["name"] for item in listed["_embedded"]["environments"]] == ["production", "test"]
    assert [link["name"] for link in listed["_links"]["pb:environments"]] == ["production", "test"]
    assert listed["_links"]["self"]["title"] == "Environments"


def test_an_environment_that_was_added_is_read_through_its_location(broker):
    answer = broker.post("/environments", json=UAT)

    assert answer.status_code == 201
    read = broker.get(answer.headers["Location"])
    assert read.json == answer.json
    assert {**read.json, **UAT} == read.json


def test_an_environment_links_to_what_is_there(broker):
    created = broker.post("/environments", json=UAT).json

    links = created["_links"]
    assert links["self"]["name"] == "uat"
    assert links["self"]["title"] == "Environment"
    for relation in ("pb:currently-deployed-deployed-versions", "pb:currently-supported-released-versions"):
        assert "User acceptance" in links[relation]["title"]
        assert broker.get(links[relation]["href"]).status_code == 200


def test_a_display_name_is_made_from_the_name(broker):
    created = broker.post("/environments", json={"name": "user-acceptance", "production": False})

    assert created.json["displayName"] == "User Acceptance"


def test_contacts_are_kept_as_they_are(broker):
    contacts = [{"name": "Team A", "details": {"email": "a@example.org", "phones": [1, 2]}}, {"name": "Bob"}]

    created = broker.post("/environments", json={**UAT, "contacts": contacts})

    assert broker.get(created.headers["Location"]).json["contacts"] == contacts


def test_one_environment_is_found_by_its_name(broker):
    found = broker.get("/environments?name=test").json

    assert [item["name"] for item in found["_embedded"]["environments"]] == ["test"]


def test_environments_are_sorted_by_display_name_regardless_of_case(broker):
    broker.post("/environments", json={"name": "a", "displayName": "sandbox", "production": False})

    listed = broker.get("/environments").json["_embedded"]["environments"]

    assert [item["displayName"] for item in listed] == ["Production", "sandbox", "Test"]


def test_replacing_forgets_what_is_left_out(broker):
    created = broker.post("/environments", json={**UAT, "contacts": [{"name": "Team A"}]}).json

    url = created["_links"]["self"]["href"]
    replaced = broker.put(url, json={"name": "acceptance", "production": True})

    assert replaced.status_code == 200
    assert replaced.json["uuid"] == created["uuid"]
    assert replaced.json["displayName"] == "Acceptance"
    assert replaced.json["production"] is True
    assert "contacts" not in broker.get(url).json


def test_replacing_may_keep_the_name(broker):
    url = broker.post("/environments", json=UAT).headers["Location"]

    assert broker.put(url, json={**UAT, "production": True}).status_code == 200


def test_a_deleted_environment_is_gone(broker):
    url = broker.post("/environments", json=UAT).headers["Location"]

    assert broker.delete(url).status_code == 204

    assert broker.get(url).status_code == 404


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"production": True}, {"name": ["is missing"]}),
        ({"name": "uat"}, {"production": ["is missing"]}),
        ({**UAT, "name": ""}, {"name": ["must be filled"]}),
        ({**UAT, "name": " "}, {"name": ["cannot be blank"]}),
        ({**UAT, "name": 1}, {"name": ["must be a string"]}),
        ({**UAT, "name": "my uat"}, {"name": ["cannot contain spaces"]}),
        ({**UAT, "name": "u\nat"}, {"name": ["cannot contain multiple lines"]}),
        ({**UAT, "name": "u\0at"}, {"name": ["cannot contain the character U+0000"]}),
        ({**UAT, "displayName": "U\nat"}, {"displayName": ["cannot contain multiple lines"]}),
        ({**UAT, "production": "yes"}, {"production": ["must be boolean"]}),
        ({**UAT, "contacts": {}}, {"contacts": ["must be an array"]}),
        ({**UAT, "contacts": ["Bob"]}, {"contacts": ["must be a hash (at index 0)"]}),
        ({**UAT, "contacts": [{}]}, {"contacts": ["name is missing (at index 0)"]}),
        (
            {**UAT, "contacts": [{"name": "A"}, {"name": "B\nC"}]},
            {"contacts": ["name cannot contain multiple lines (at index 1)"]},
        ),
        (
            {**UAT, "contacts": [{"name": "A", "details": "a@example.org"}]},
            {"contacts": ["details must be a hash (at index 0)"]},
        ),
        ({**UAT, "name": "test"}, {"name": ["'test' is already used by another environment"]}),
    ],
)
@pytest.mark.parametrize("method", ["post", "put"])
def test_what_is_wrong_with_an_environment_is_said_by_field(broker, method, body, errors):
    url = "/environments" if method == "post" else production(broker)

    refused = getattr(broker, method)(url, json=body)

    assert (refused.status_code, refused.json) == (400, {"errors": errors})
    assert len(broker.get("/environments").json["_embedded"]["environments"]) == 2


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_an_unknown_environment_is_not_found(broker, method):
    options = {"json": UAT} if method == "put" else {}

    missing = getattr(broker, method)("/environments/no-such-uuid", **options)

    assert (missing.status_code, missing.json) == (
        404,
        {"error": "No environment with uuid 'no-such-uuid' found"},
    )


def production(broker):
    listed = broker.get("/environments?name=production").json
    return listed["_links"]["pb:environments"][0]["href"]
