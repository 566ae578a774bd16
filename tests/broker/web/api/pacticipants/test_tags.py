"""Tags: adding, reading and removing them, and what they imply."""

from datetime import timedelta

import pytest
from support.factories import NOON, a_publication

from broker.app import create_app
from broker.settings.settings import Settings

SHOP = "/pacticipants/Shop"


@pytest.fixture
def moments():
    """The times of the broker; the last one is now."""
    return [NOON]


@pytest.fixture
def broker_with(database, moments):
    """Make a broker with settings."""
    return lambda **settings: create_app(
        Settings(**settings), database, clock=lambda: moments[-1]
    ).test_client()


@pytest.fixture
def broker(broker_with):
    return broker_with()


def tag(broker, name, version="1", **options):
    options = options or {"json": {}}
    return broker.put(f"{SHOP}/versions/{version}/tags/{name}", **options)


def branches(broker, version="1"):
    return [
        branch["name"] for branch in broker.get(f"{SHOP}/versions/{version}").json["_embedded"]["branches"]
    ]


def deployed(broker, environment="production"):
    (found,) = broker.get(f"/environments?name={environment}").json["_embedded"]["environments"]
    listed = broker.get(found["_links"]["pb:currently-deployed-deployed-versions"]["href"]).json
    return [item["_embedded"]["version"]["number"] for item in listed["_embedded"]["deployedVersions"]]


def test_a_tag_is_created_once(broker, moments):
    first = tag(broker, "dev")
    moments.append(NOON + timedelta(minutes=1))
    second = tag(broker, "dev")

    assert (first.status_code, second.status_code) == (201, 200)
    assert "Location" not in second.headers
    read = broker.get(first.headers["Location"]).json
    assert read == first.json == second.json
    assert (read["name"], read["createdAt"]) == ("dev", "2026-06-01T12:00:00+00:00")
    links = read["_links"]
    assert {relation: (link["title"], link["name"]) for relation, link in links.items()} == {
        "self": ("Tag", "dev"),
        "version": ("Version", "1"),
        "pacticipant": ("Pacticipant", "Shop"),
    }
    assert broker.get(links["version"]["href"]).json["number"] == "1"
    assert broker.get(links["pacticipant"]["href"]).json["name"] == "Shop"


@pytest.mark.parametrize("body", [b"", b"{}", b"not JSON"])
def test_the_body_does_not_matter(broker, body):
    assert tag(broker, "dev", data=body, content_type="application/json").status_code == 201


def test_a_body_of_another_type_is_refused(broker):
    answer = tag(broker, "dev", data="x", content_type="text/plain")

    assert (answer.status_code, answer.data) == (415, b"")
    assert broker.get(SHOP).status_code == 404


@pytest.mark.parametrize(
    ("url", "field"),
    [
        ("/pacticipants/%20/versions/1/tags/dev", "pacticipantName"),
        (f"{SHOP}/versions/%20/tags/dev", "pacticipantVersionNumber"),
        (f"{SHOP}/versions/1/tags/%20", "tagName"),
    ],
)
def test_a_blank_name_is_refused_by_field(broker, url, field):
    answer = broker.put(url, json={})

    assert answer.status_code == 400
    assert answer.json == {"errors": {field: ["cannot be blank"]}}


def test_a_tag_can_be_taken_off(broker):
    location = tag(broker, "dev").headers["Location"]
    tag(broker, "prod")

    assert broker.delete(location).status_code == 204

    assert broker.get(location).status_code == 404
    assert broker.delete(location).status_code == 404
    left = broker.get(f"{SHOP}/versions/1").json["_embedded"]["tags"]
    assert [item["name"] for item in left] == ["prod"]


def test_what_is_missing_is_named(broker):
    assert "Shop" in broker.get(f"{SHOP}/versions/1/tags/dev").json["error"]
    tag(broker, "dev")

    assert broker.get(f"{SHOP}/versions/2/tags/dev").json["error"].startswith("No version 2")
    assert "no tag prod" in broker.get(f"{SHOP}/versions/1/tags/prod").json["error"]


def test_the_first_tag_of_a_new_version_is_its_branch(broker):
    tag(broker, "feature")
    tag(broker, "prod")

    assert branches(broker) == ["feature"]
    assert broker.get(f"{SHOP}/branches/feature/latest-version").json["number"] == "1"


def test_the_first_tag_is_no_branch_when_the_version_has_one(broker):
    broker.put(f"{SHOP}/branches/main/versions/1", json={})

    tag(broker, "prod")

    assert branches(broker) == ["main"]


@pytest.mark.parametrize(("seconds", "expected"), [(10, ["dev"]), (11, [])])
def test_the_first_tag_is_a_branch_for_ten_seconds(broker, moments, seconds, expected):
    broker.put(f"{SHOP}/versions/1", json={})
    moments.append(NOON + timedelta(seconds=seconds))

    tag(broker, "dev")

    assert branches(broker) == expected


def test_the_time_limit_is_a_setting(broker_with, moments):
    broker = broker_with(use_first_tag_as_branch_time_limit=60)
    broker.put(f"{SHOP}/versions/1", json={})
    moments.append(NOON + timedelta(seconds=60))

    tag(broker, "dev")

    assert branches(broker) == ["dev"]


def test_tags_are_no_branches_when_the_setting_is_off(broker_with):
    broker = broker_with(use_first_tag_as_branch=False)

    tag(broker, "dev")

    assert branches(broker) == []


def test_tags_of_a_described_version_imply_nothing(broker):
    broker.put(f"{SHOP}/versions/1", json={"tags": [{"name": "main"}, {"name": "production"}]})

    assert branches(broker) == []
    assert "mainBranch" not in broker.get(SHOP).json
    assert deployed(broker) == []


def test_a_tag_that_stays_on_a_described_version_keeps_its_date_and_its_place(broker):
    tag(broker, "main")
    before = broker.get(f"{SHOP}/versions/1/tags/main").json

    version = broker.put(f"{SHOP}/versions/1", json={"tags": [{"name": "beta"}, {"name": "main"}]}).json

    assert [item["name"] for item in version["_embedded"]["tags"]] == ["main", "beta"]
    assert broker.get(f"{SHOP}/versions/1/tags/main").json == before


def test_tags_are_shown_in_the_order_in_which_they_were_given(broker):
    body = a_publication(version="2", tags=["prod", "dev", "test"])
    broker.post("/contracts/publish", json=body)

    version = broker.get(f"{SHOP}/versions/2").json
    row = broker.get("/matrix?q[][pacticipant]=Shop&q[][version]=2").json["matrix"][0]
    (item,) = broker.get("/dashboard").json["items"]

    assert [tag["name"] for tag in version["_embedded"]["tags"]] == ["prod", "dev", "test"]
    assert [tag["name"] for tag in row["consumer"]["version"]["tags"]] == ["prod", "dev", "test"]
    assert [tag["name"] for tag in item["pactTags"]] == ["prod", "dev", "test"]


@pytest.mark.parametrize("detects", [True, False])
def test_a_tag_may_name_the_main_branch(broker_with, detects):
    broker = broker_with(auto_detect_main_branch=detects, use_first_tag_as_branch=False)

    tag(broker, "main")

    assert broker.get(SHOP).json.get("mainBranch") == ("main" if detects else None)


def test_a_tag_named_as_an_environment_records_a_deployment(broker):
    tag(broker, "production", "1")
    tag(broker, "production", "2")

    assert deployed(broker) == ["2"]
    assert deployed(broker, "test") == []


def test_tagging_again_deploys_again(broker):
    for version in ("1", "2", "1"):
        tag(broker, "production", version)

    assert deployed(broker) == ["1"]


def test_tags_deploy_nothing_when_the_setting_is_off(broker_with):
    broker = broker_with(create_deployed_versions_for_tags=False)

    assert tag(broker, "production").status_code == 201

    assert deployed(broker) == []
