"""Released versions: several at once, and the end of their support."""

from datetime import timedelta

import pytest
from support.factories import NOON

from broker.app import create_app
from broker.settings.settings import Settings

MERGE_PATCH = "application/merge-patch+json"


@pytest.fixture
def broker(database):
    moments = (NOON + timedelta(minutes=minutes) for minutes in range(1000))
    clock = lambda: next(moments)  # noqa: E731 - a minute passes with each look at it
    with database.transaction() as storage:
        app = storage.pacticipants.find_or_create(["App"], clock())["App"]
        for number in ("1", "2"):
            storage.versions.find_or_create(app, number, clock())
    return create_app(Settings(), database, clock=clock).test_client()


@pytest.fixture
def production(broker):
    return broker.get("/environments?name=production").json["_embedded"]["environments"][0]


def release(broker, environment, version):
    url = f"/pacticipants/App/versions/{version}/released-versions/environment/{environment['uuid']}"
    return broker.post(url, json={})


def supported(broker, environment, query=""):
    url = environment["_links"]["pb:currently-supported-released-versions"]["href"]
    listed = broker.get(url + query).json["_embedded"]["releasedVersions"]
    return {item["_embedded"]["version"]["number"] for item in listed}


def end_support(broker, url):
    return broker.patch(url, json={"currentlySupported": False}, content_type=MERGE_PATCH)


def test_a_release_says_what_is_released_and_where(broker, production):
    answer = release(broker, production, "1")

    assert answer.status_code == 201
    released = broker.get(answer.headers["Location"]).json
    assert released == answer.json
    assert released["currentlySupported"] is True
    assert released["_embedded"]["pacticipant"]["name"] == "App"
    assert released["_embedded"]["version"]["number"] == "1"
    assert released["_embedded"]["environment"]["name"] == "production"


def test_a_release_needs_no_body(broker, production):
    url = f"/pacticipants/App/versions/1/released-versions/environment/{production['uuid']}"

    assert broker.post(url).status_code == 201


def test_several_versions_are_supported_at_the_same_time(broker, production):
    release(broker, production, "1")
    release(broker, production, "2")

    assert supported(broker, production) == {"1", "2"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?version=2", {"2"}),
        ("?pacticipant=App", {"1", "2"}),
        ("?pacticipant=App&version=1", {"1"}),
        ("?pacticipant=Shop", set()),
    ],
)
def test_what_is_supported_is_filtered(broker, production, query, expected):
    release(broker, production, "1")
    release(broker, production, "2")

    assert supported(broker, production, query) == expected


def test_a_release_is_recorded_once(broker, production):
    first = release(broker, production, "1")

    second = release(broker, production, "1")

    assert second.status_code == 200
    assert second.headers["Location"] == first.headers["Location"]
    assert second.json["uuid"] == first.json["uuid"]


def test_support_ends(broker, production):
    url = release(broker, production, "1").headers["Location"]

    ended = end_support(broker, url)

    assert ended.status_code == 200
    assert ended.json["currentlySupported"] is False
    assert ended.json["supportEndedAt"] > ended.json["createdAt"]
    assert supported(broker, production) == set()


def test_recording_a_release_again_resumes_its_support(broker, production):
    url = release(broker, production, "1").headers["Location"]
    end_support(broker, url)

    resumed = release(broker, production, "1")

    assert resumed.status_code == 200
    assert resumed.json["currentlySupported"] is True
    assert "supportEndedAt" not in resumed.json
    assert resumed.json["updatedAt"] > resumed.json["createdAt"]


def test_support_resumes_only_by_recording_the_release(broker, production):
    url = release(broker, production, "1").headers["Location"]

    refused = broker.patch(url, json={"currentlySupported": True}, content_type=MERGE_PATCH)

    assert refused.status_code == 422
    assert list(refused.json["errors"]) == ["currentlySupported"]


def test_a_patch_that_says_nothing_changes_nothing(broker, production):
    released = release(broker, production, "1")

    patched = broker.patch(released.headers["Location"], json={}, content_type=MERGE_PATCH)

    assert (patched.status_code, patched.json) == (200, released.json)


def test_the_release_of_a_version_is_listed(broker, production):
    release(broker, production, "1")

    url = f"/pacticipants/App/versions/{{}}/released-versions/environment/{production['uuid']}"
    released, not_released = broker.get(url.format(1)).json, broker.get(url.format(2)).json

    assert len(released["_embedded"]["releasedVersions"]) == 1
    assert not_released["_embedded"]["releasedVersions"] == []


def test_what_is_unknown_is_not_found(broker, production):
    assert release(broker, production, "3").status_code == 404
    assert release(broker, {"uuid": "nowhere"}, "1").status_code == 404
    assert broker.get("/environments/nowhere/released-versions/currently-supported").status_code == 404
    assert broker.get("/released-versions/unknown").status_code == 404
    assert end_support(broker, "/released-versions/unknown").status_code == 404
