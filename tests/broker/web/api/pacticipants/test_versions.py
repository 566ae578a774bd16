"""Versions: describing, listing, finding the latest, and removing them."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from support.contract_documents import an_openapi
from support.factories import NOON, a_pact, a_publication, a_verification_result

from broker.app import create_app
from broker.settings.settings import Settings

MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}
DIFFICULT_NAMES = ["feat/x", "a b", "100%", "%2F", "größe", "注文", "1.0.0-rc.1", "..1", "a+b", "a&b=c?d#e"]
RELATIONS = (
    "pb:pacticipant-branch",
    "pb:pacticipant-branch-version",
    "pb:pacticipant-version",
    "pb:pacticipant-version-tag",
    "pb:latest-version",
    "pb:latest-tagged-version",
)
SHOP = "/pacticipants/Shop"


def numbers(answer):
    assert answer.status_code == 200, answer.json
    return [version["number"] for version in answer.json["_embedded"]["versions"]]


def tags(version):
    return sorted(tag["name"] for tag in version["_embedded"]["tags"])


def environment(broker, name):
    return broker.get(f"/environments?name={name}").json["_embedded"]["environments"][0]


def test_a_version_is_created_and_then_changed(broker):
    created = broker.put(f"{SHOP}/versions/1", json={"buildUrl": "https://ci/1", "tags": [{"name": "dev"}]})
    changed = broker.put(f"{SHOP}/versions/1", json={"buildUrl": "https://ci/2", "tags": [{"name": "prod"}]})

    assert created.status_code == 201
    assert "Location" not in created.headers
    assert (created.json["buildUrl"], tags(created.json)) == ("https://ci/1", ["dev"])
    assert changed.status_code == 200
    assert (changed.json["buildUrl"], tags(changed.json)) == ("https://ci/2", ["prod"])
    assert broker.get(f"{SHOP}/versions/1").json == changed.json


def test_replacing_forgets_the_build_but_keeps_tags_that_are_not_named(broker):
    broker.put(f"{SHOP}/versions/1", json={"buildUrl": "https://ci/1", "tags": [{"name": "dev"}]})

    replaced = broker.put(f"{SHOP}/versions/1", json={})

    assert "buildUrl" not in replaced.json
    assert tags(replaced.json) == ["dev"]
    assert tags(broker.put(f"{SHOP}/versions/1", json={"tags": []}).json) == []


def test_the_branch_in_a_body_is_ignored(broker):
    created = broker.put(f"{SHOP}/versions/1", json={"branch": "main"})

    assert created.json["_embedded"]["branches"] == []


def test_patching_changes_only_what_is_named(broker):
    broker.put(f"{SHOP}/versions/1", json={"buildUrl": "https://ci/1", "tags": [{"name": "dev"}]})

    patched = broker.patch(f"{SHOP}/versions/1", json={"tags": [{"name": "a"}]}, headers=MERGE_PATCH)
    assert (patched.json["buildUrl"], tags(patched.json)) == ("https://ci/1", ["a"])

    patched = broker.patch(f"{SHOP}/versions/1", json={"buildUrl": None}, headers=MERGE_PATCH)
    assert "buildUrl" not in patched.json
    assert tags(patched.json) == ["a"]


def test_patching_an_unknown_version_creates_it(broker):
    created = broker.patch(f"{SHOP}/versions/1", json={"buildUrl": "https://ci/1"}, headers=MERGE_PATCH)

    assert created.status_code == 201
    assert broker.get(f"{SHOP}/versions/1").json["buildUrl"] == "https://ci/1"


def test_bodies_of_another_type_are_refused(broker):
    for answer in (
        broker.patch(f"{SHOP}/versions/1", json={}),
        broker.put(f"{SHOP}/versions/1", json={}, headers=MERGE_PATCH),
        broker.put(f"{SHOP}/versions/1", data="buildUrl=x"),
    ):
        assert (answer.status_code, answer.data) == (415, b"")
    assert broker.get(f"{SHOP}/versions/1").status_code == 404


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"buildUrl": 1}, {"buildUrl": ["must be a string"]}),
        ({"buildUrl": "a\nb"}, {"buildUrl": ["cannot contain multiple lines"]}),
        ({"tags": "dev"}, {"tags": ["must be an array"]}),
        ({"tags": ["dev"]}, {"tags": ["must be a hash (at index 0)"]}),
        ({"tags": [{"name": "a"}, {}]}, {"tags": ["name is missing (at index 1)"]}),
        ({"tags": [{"name": " "}]}, {"tags": ["name cannot be blank (at index 0)"]}),
    ],
)
def test_what_is_wrong_is_told_by_field(broker, body, errors):
    answer = broker.put(f"{SHOP}/versions/1", json=body)

    assert answer.status_code == 400
    assert answer.json == {"errors": errors}
    assert broker.get(SHOP).status_code == 404


def test_a_blank_name_is_refused(broker):
    answer = broker.put("/pacticipants/Shop/versions/%20", json={})

    assert answer.json == {"errors": {"pacticipantVersionNumber": ["cannot be blank"]}}
    assert broker.get(SHOP).status_code == 404


def test_what_is_missing_is_named(broker):
    assert broker.get(f"{SHOP}/versions/1").json == {"error": "No pacticipant with name 'Shop' found"}
    broker.put(f"{SHOP}/versions/1", json={})

    for missing in (
        f"{SHOP}/versions/2",
        f"{SHOP}/latest-version/prod",
        f"{SHOP}/tags/prod/versions",
        f"{SHOP}/branches/main/latest-version",
        f"{SHOP}/branches/main/versions",
        f"{SHOP}/environments/none/versions",
        "/pacticipants/Other/versions",
        "/pacticipants/Other/latest-version",
    ):
        answer = broker.get(missing)
        assert answer.status_code == 404, missing
        assert len(answer.json["error"]) > 10
    assert broker.delete(f"{SHOP}/versions/2").status_code == 404


@pytest.mark.parametrize("name", DIFFICULT_NAMES)
def test_any_name_works_in_every_position(broker, name):
    index = broker.get("/").json["_links"]
    values = dict.fromkeys(("pacticipant", "version", "branch", "tag"), quote(name, safe=""))
    expand = {relation: index[relation]["href"].format(**values) for relation in RELATIONS}

    put = broker.put(expand["pb:pacticipant-branch-version"], json={})
    tagged = broker.put(expand["pb:pacticipant-version-tag"], json={})

    assert (put.status_code, tagged.status_code) == (201, 201)
    assert broker.get(put.headers["Location"]).status_code == 200
    assert broker.get(tagged.headers["Location"]).json["name"] == name
    version = broker.get(expand["pb:pacticipant-version"]).json
    assert version["number"] == name
    assert [branch["name"] for branch in version["_embedded"]["branches"]] == [name]
    assert tags(version) == [name]
    for link in (
        version["_links"]["self"],
        version["_links"]["pb:pacticipant"],
        version["_embedded"]["tags"][0]["_links"]["self"],
        version["_embedded"]["branchVersions"][0]["_links"]["self"],
    ):
        assert link["name"] == name
        assert broker.get(link["href"]).status_code == 200
    for relation in ("pb:latest-version", "pb:latest-tagged-version"):
        assert broker.get(expand[relation]).json["number"] == name
    assert broker.get(expand["pb:pacticipant-branch"]).json["name"] == name
    assert numbers(broker.get(expand["pb:pacticipant-branch"] + "/versions")) == [name]


def test_a_version_says_what_the_reference_shows(database):
    broker = create_app(Settings(base_url="http://b"), database, clock=lambda: NOON).test_client()
    production = environment(broker, "production")["uuid"]
    broker.post(
        "/contracts/publish", json=a_publication(a_pact(consumer="Foo", provider="Bar"), version="7b")
    )
    broker.put("/pacticipants/Foo/versions/7b", json={"buildUrl": "https://ci/1", "tags": [{"name": "prod"}]})
    deployed = broker.post(
        f"/pacticipants/Foo/versions/7b/deployed-versions/environment/{production}", json={}
    ).json["uuid"]

    shown = broker.get("/pacticipants/Foo/versions/7b").json

    of_version = "http://b/pacticipants/Foo/versions/7b"
    branches = [
        {
            "name": "main",
            "latest": True,
            "_links": {
                "self": {
                    "title": "Branch version",
                    "name": "main",
                    "href": "http://b/pacticipants/Foo/branches/main/versions/7b",
                }
            },
        }
    ]
    tag = {"title": "Tag", "name": "prod", "href": f"{of_version}/tags/prod"}
    assert {key: value for key, value in shown.items() if key != "_links"} == {
        "number": "7b",
        "buildUrl": "https://ci/1",
        "createdAt": "2026-06-01T12:00:00+00:00",
        "_embedded": {
            "branches": branches,
            "branchVersions": branches,
            "tags": [{"name": "prod", "_links": {"self": tag}}],
        },
    }
    links = shown["_links"]
    assert links["self"] == {"title": "Version", "name": "7b", "href": of_version}
    assert links["pb:pacticipant"] == {
        "title": "Pacticipant",
        "name": "Foo",
        "href": "http://b/pacticipants/Foo",
    }
    assert links["pb:tag"]["href"] == f"{of_version}/tags/{{tag}}"
    assert links["pb:latest-verification-results-where-pacticipant-is-consumer"]["href"] == (
        "http://b/verification-results/consumer/Foo/version/7b/latest"
    )
    assert links["pb:pact-versions"] == [
        {
            "title": "Pact",
            "name": "Pact between Foo (7b) and Bar",
            "href": "http://b/pacts/provider/Bar/consumer/Foo/version/7b",
        }
    ]
    assert links["pb:deployed-environments"] == [
        {
            "title": "Version deployed to Production",
            "name": "Production",
            "href": f"http://b/deployed-versions/{deployed}",
            "currently_deployed": True,
        }
    ]
    assert links["pb:released-environments"] == []
    assert links["pb:record-deployment"][0] == {
        "title": "Record deployment to Production",
        "name": "production",
        "href": f"{of_version}/deployed-versions/environment/{production}",
    }
    assert links["pb:record-release"][0]["href"] == f"{of_version}/released-versions/environment/{production}"
    assert links["curies"][0] == {
        "name": "pb",
        "href": "http://b/doc/{rel}?context=version",
        "templated": True,
    }
    assert "tally:service-contract" not in links


def test_a_version_tells_every_place_where_it_was(broker):
    for number in ("1", "2"):
        version = broker.put(f"{SHOP}/versions/{number}", json={}).json
        deploy, release = (
            {link["name"]: link["href"] for link in version["_links"][relation]}
            for relation in ("pb:record-deployment", "pb:record-release")
        )
        assert deploy.keys() == release.keys() == {"production", "test"}
        broker.post(deploy["production"], json={"applicationInstance": "blue"})
        released = broker.post(release["test"], json={}).headers["Location"]
    broker.patch(released, json={"currentlySupported": False}, headers=MERGE_PATCH)

    links = [broker.get(f"{SHOP}/versions/{number}").json["_links"] for number in ("1", "2")]

    deployed = [link for shown in links for link in shown["pb:deployed-environments"]]
    assert [(link["name"], link["currently_deployed"]) for link in deployed] == [
        ("Production", False),
        ("Production", True),
    ]
    assert {link["application_instance"] for link in deployed} == {"blue"}
    supported = [link for shown in links for link in shown["pb:released-environments"]]
    assert [(link["name"], link["currently_supported"]) for link in supported] == [
        ("Test", True),
        ("Test", False),
    ]


def test_a_version_links_to_its_service_contract(broker):
    body = {"pacticipantName": "Shop", "pacticipantVersionNumber": "1", "content": an_openapi()}
    assert broker.post("/service-contracts/publish", json=body).status_code == 200

    links = broker.get(f"{SHOP}/versions/1").json["_links"]

    assert broker.get(links["tally:service-contract"]["href"]).json["pacticipantVersionNumber"] == "1"


def test_publishing_a_service_contract_says_as_much_of_a_version_as_publishing_a_pact(broker):
    body = {"pacticipantName": "Shop", "pacticipantVersionNumber": "1", "content": an_openapi()}
    broker.post("/service-contracts/publish", json={**body, "branch": "main", "tags": ["a"]})

    assert broker.get(SHOP).json["mainBranch"] == "main"
    version = broker.get(f"{SHOP}/versions/1").json
    assert ([branch["name"] for branch in version["_embedded"]["branches"]], tags(version)) == (
        ["main"],
        ["a"],
    )


def test_a_version_goes_with_its_pacts_its_results_and_where_it_was(broker):
    pact = a_pact(consumer="Shop", provider="Orders")
    broker.post("/contracts/publish", json=a_publication(pact, version="1", tags=["a"]))
    results = broker.get("/pacts/provider/Orders/consumer/Shop/latest").json["_links"][
        "pb:publish-verification-results"
    ]["href"]
    result = broker.post(results, json=a_verification_result("9")).headers["Location"]
    deployed = broker.put("/pacticipants/Orders/versions/9/tags/production", json={})
    assert deployed.status_code == 201

    assert broker.delete("/pacticipants/Orders/versions/9").status_code == 204
    assert broker.get("/pacticipants/Orders/versions/9").status_code == 404
    assert broker.get(result).status_code == 404
    assert broker.get("/pacticipants/Orders").json["_links"]["pb:deployed-environments"] == []

    assert broker.delete(f"{SHOP}/versions/1").status_code == 204
    assert broker.get("/pacts/provider/Orders/consumer/Shop/version/1").status_code == 404
    assert broker.get(SHOP).status_code == 200


def test_a_version_that_goes_makes_the_latest_that_remains_head_of_its_branches(broker):
    for number in ("1", "2", "3"):
        broker.put(f"{SHOP}/versions/{number}", json={})
    for branch, members in (("main", ["3", "1", "2"]), ("other", ["1", "3"]), ("alone", ["2"])):
        for number in members:
            broker.put(f"{SHOP}/branches/{branch}/versions/{number}", json={})

    broker.delete(f"{SHOP}/versions/2")

    assert broker.get(f"{SHOP}/branches/main/latest-version").json["number"] == "3"
    assert broker.get(f"{SHOP}/branches/other/latest-version").json["number"] == "3"
    assert broker.get(f"{SHOP}/branches/alone/latest-version").status_code == 404
    assert numbers(broker.get(f"{SHOP}/branches/alone/versions")) == []


def test_a_version_is_updated_when_it_is_changed_and_not_before(database):
    moments = [NOON]
    broker = create_app(Settings(), database, clock=lambda: moments[-1]).test_client()
    created = broker.put(f"{SHOP}/versions/1", json={"buildUrl": "https://ci/1"}).json
    moments.append(NOON + timedelta(minutes=1))

    same = broker.put(f"{SHOP}/versions/1", json={"buildUrl": "https://ci/1"}).json
    changed = broker.put(f"{SHOP}/versions/1", json={"buildUrl": "https://ci/2"}).json

    assert same == created
    assert "updatedAt" not in same
    assert changed["updatedAt"] == "2026-06-01T12:01:00+00:00"
