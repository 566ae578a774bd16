"""Deployed versions: slots, instances, and undeploying."""

from datetime import timedelta

import pytest
from support.factories import NOON

from broker.app import create_app
from broker.settings.settings import Settings

MERGE_PATCH = "application/merge-patch+json"


@pytest.fixture
def clock():
    """The time of the broker: a minute passes with each look at it."""
    moments = (NOON + timedelta(minutes=minutes) for minutes in range(1000))
    return lambda: next(moments)


@pytest.fixture
def broker(database, clock):
    with database.transaction() as storage:
        shop = storage.pacticipants.find_or_create(["Shop", "Orders"], clock())["Shop"]
        for number in ("1", "2"):
            storage.versions.find_or_create(shop, number, clock())
    return create_app(Settings(), database, clock=clock).test_client()


@pytest.fixture
def production(broker):
    return broker.get("/environments?name=production").json["_embedded"]["environments"][0]


def deploy(broker, environment, version, body=None):
    url = f"/pacticipants/Shop/versions/{version}/deployed-versions/environment/{environment['uuid']}"
    return broker.post(url, json=body or {})


def current(broker, environment, query=""):
    url = environment["_links"]["pb:currently-deployed-deployed-versions"]["href"]
    return broker.get(url + query).json["_embedded"]["deployedVersions"]


def where(deployed):
    return [(item["_embedded"]["version"]["number"], item.get("applicationInstance")) for item in deployed]


def test_a_deployment_says_what_is_deployed_and_where(broker, production):
    answer = deploy(broker, production, "1", {"applicationInstance": "blue"})

    assert answer.status_code == 201
    deployed = broker.get(answer.headers["Location"]).json
    assert deployed == answer.json
    assert deployed["currentlyDeployed"] is True
    assert (deployed["applicationInstance"], deployed["target"]) == ("blue", "blue")
    assert deployed["_embedded"]["pacticipant"]["name"] == "Shop"
    assert deployed["_embedded"]["version"]["number"] == "1"
    assert deployed["_embedded"]["environment"]["name"] == "production"
    assert "undeployedAt" not in deployed


def test_a_deployment_needs_no_body(broker, production):
    url = f"/pacticipants/Shop/versions/1/deployed-versions/environment/{production['uuid']}"

    deployed = broker.post(url)

    assert deployed.status_code == 201
    assert not {"applicationInstance", "target"} & set(deployed.json)


def test_the_next_deployment_takes_the_place_of_the_one_before(broker, production):
    first = deploy(broker, production, "1").json

    deploy(broker, production, "2")

    assert where(current(broker, production)) == [("2", None)]
    replaced = broker.get(first["_links"]["self"]["href"]).json
    assert replaced["currentlyDeployed"] is False
    assert replaced["undeployedAt"] > replaced["createdAt"]


def test_recording_the_same_deployment_again_changes_nothing(broker, production):
    first = deploy(broker, production, "1")

    second = deploy(broker, production, "1")

    assert second.status_code == 201
    assert second.json == first.json


def test_an_older_version_that_comes_back_is_a_new_deployment(broker, production):
    first = deploy(broker, production, "1").json
    deploy(broker, production, "2")

    again = deploy(broker, production, "1").json

    assert again["uuid"] != first["uuid"]
    assert where(current(broker, production)) == [("1", None)]


def test_instances_are_slots_of_their_own(broker, production):
    deploy(broker, production, "1", {"applicationInstance": "blue"})
    deploy(broker, production, "2", {"target": "green"})
    deploy(broker, production, "2")

    assert set(where(current(broker, production))) == {("1", "blue"), ("2", "green"), ("2", None)}


def test_an_empty_instance_is_no_instance(broker, production):
    deploy(broker, production, "1", {"applicationInstance": ""})
    deploy(broker, production, "2")

    assert where(current(broker, production)) == [("2", None)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?pacticipant=Shop", {("1", "blue"), ("2", None)}),
        ("?pacticipant=Orders", set()),
        ("?applicationInstance=blue", {("1", "blue")}),
        ("?target=blue&pacticipant=Shop", {("1", "blue")}),
        ("?applicationInstance=", {("2", None)}),
        ("?applicationInstance=red", set()),
    ],
)
def test_what_is_deployed_is_filtered(broker, production, query, expected):
    deploy(broker, production, "1", {"applicationInstance": "blue"})
    deploy(broker, production, "2")

    assert set(where(current(broker, production, query))) == expected


def test_what_is_deployed_embeds_the_application_and_the_version(broker, production):
    deploy(broker, production, "1")

    (deployed,) = current(broker, production)

    assert set(deployed["_embedded"]) == {"pacticipant", "version"}


def test_the_deployments_of_a_version_are_listed_newest_first(broker, production):
    first = deploy(broker, production, "1").json
    deploy(broker, production, "2")
    last = deploy(broker, production, "1").json

    url = f"/pacticipants/Shop/versions/1/deployed-versions/environment/{production['uuid']}"
    listed = broker.get(url).json

    assert [item["uuid"] for item in listed["_embedded"]["deployedVersions"]] == [last["uuid"], first["uuid"]]
    assert all("_embedded" not in item for item in listed["_embedded"]["deployedVersions"])
    assert "Shop 1" in listed["_links"]["self"]["title"]


def test_undeploying_empties_the_slot(broker, production):
    url = deploy(broker, production, "1").headers["Location"]

    undeployed = broker.patch(url, json={"currentlyDeployed": False}, content_type=MERGE_PATCH)

    assert undeployed.status_code == 200
    assert undeployed.json["currentlyDeployed"] is False
    assert undeployed.json["_embedded"]["version"]["number"] == "1"
    assert current(broker, production) == []


def test_undeploying_twice_keeps_the_first_moment(broker, production):
    url = deploy(broker, production, "1").headers["Location"]
    first = broker.patch(url, json={"currentlyDeployed": False}, content_type=MERGE_PATCH).json

    second = broker.patch(url, json={"currentlyDeployed": False}, content_type=MERGE_PATCH).json

    assert second == first


def test_a_patch_that_says_nothing_changes_nothing(broker, production):
    deployed = deploy(broker, production, "1")

    patched = broker.patch(deployed.headers["Location"], json={}, content_type=MERGE_PATCH)

    assert (patched.status_code, patched.json) == (200, deployed.json)


def test_a_record_cannot_be_made_current_again(broker, production):
    url = deploy(broker, production, "1").headers["Location"]

    refused = broker.patch(url, json={"currentlyDeployed": True}, content_type=MERGE_PATCH)

    assert refused.status_code == 422
    assert list(refused.json["errors"]) == ["currentlyDeployed"]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"currentlyDeployed": "no"}, {"currentlyDeployed": ["must be boolean"]}),
        ({"currentlyDeployed": 0}, {"currentlyDeployed": ["must be boolean"]}),
    ],
)
def test_a_patch_with_another_type_is_refused(broker, production, body, errors):
    url = deploy(broker, production, "1").headers["Location"]

    refused = broker.patch(url, json=body, content_type=MERGE_PATCH)

    assert (refused.status_code, refused.json) == (400, {"errors": errors})


def test_an_instance_must_be_a_string(broker, production):
    refused = deploy(broker, production, "1", {"applicationInstance": 1})

    assert (refused.status_code, refused.json) == (
        400,
        {"errors": {"applicationInstance": ["must be a string"]}},
    )


def test_an_unknown_version_is_not_created_by_its_deployment(broker, production):
    refused = deploy(broker, production, "3")

    assert refused.status_code == 404
    assert refused.json == {"error": "No version 3 of pacticipant Shop found"}
    with_version = f"/pacticipants/Shop/versions/3/deployed-versions/environment/{production['uuid']}"
    assert broker.get(with_version).status_code == 404


def test_an_unknown_environment_is_not_found(broker):
    assert deploy(broker, {"uuid": "nowhere"}, "1").status_code == 404
    assert broker.get("/environments/nowhere/deployed-versions/currently-deployed").status_code == 404


@pytest.mark.parametrize("method", ["get", "patch"])
def test_an_unknown_record_is_not_found(broker, method):
    options = {} if method == "get" else {"json": {}, "content_type": MERGE_PATCH}

    assert getattr(broker, method)("/deployed-versions/unknown", **options).status_code == 404


def test_the_deployments_go_with_their_environment(broker, production):
    deployed = deploy(broker, production, "1").headers["Location"]

    broker.delete(production["_links"]["self"]["href"])

    assert broker.get(deployed).status_code == 404
