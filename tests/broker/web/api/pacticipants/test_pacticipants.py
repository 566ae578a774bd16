"""Pacticipants: listing, adding, changing and removing them."""

import pytest
from support.factories import a_pact, a_publication, a_verification_result
from support.sql_statements import sql_statements

MERGE_PATCH = "application/merge-patch+json"
SHOP = {
    "name": "Shop",
    "displayName": "The shop",
    "repositoryUrl": "https://git.example.org/shop",
    "repositoryName": "shop",
    "repositoryNamespace": "retail",
    "mainBranch": "trunk",
}
DIFFICULT_NAMES = ["a/b", "a b", "100%", "%2F", "größe", "注文", "..a", "v1.2", "a+b", "a&b=c?d#e"]


def names(answer):
    return [item["name"] for item in answer.json["_embedded"]["pacticipants"]]


def test_a_pacticipant_that_was_added_is_read_through_its_location(broker):
    answer = broker.post("/pacticipants", json=SHOP)

    assert answer.status_code == 201
    assert answer.headers["Location"].endswith("/pacticipants/Shop")
    read = broker.get(answer.headers["Location"])
    assert {**read.json, **SHOP} == read.json


def test_adding_a_pacticipant_again_leaves_it_as_it_is(broker):
    broker.post("/pacticipants", json=SHOP)

    again = broker.post("/pacticipants", json={"name": "Shop", "displayName": "Another"})

    assert again.status_code == 201
    assert {**again.json, **SHOP} == again.json
    assert names(broker.get("/pacticipants")) == ["Shop"]


def test_a_display_name_is_made_from_the_name(broker):
    added = broker.post("/pacticipants", json={"name": "foo-barBaz"})

    assert added.json["displayName"] == "Foo Bar Baz"


@pytest.mark.parametrize("name", DIFFICULT_NAMES)
def test_any_name_can_be_added_and_followed(broker, name):
    added = broker.post("/pacticipants", json={"name": name})

    read = broker.get(added.headers["Location"])
    assert read.json["name"] == name
    assert read.json["_links"]["self"]["href"] == added.headers["Location"]
    assert broker.get(read.json["_links"]["pb:versions"]["href"]).json["_embedded"]["versions"] == []
    assert broker.delete(added.headers["Location"]).status_code == 204
    assert broker.get(added.headers["Location"]).status_code == 404


def test_replacing_forgets_what_is_left_out(broker):
    broker.post("/pacticipants", json=SHOP)

    replaced = broker.put("/pacticipants/Shop", json={"repositoryName": "store"})

    assert replaced.status_code == 200
    read = broker.get("/pacticipants/Shop").json
    assert (read["name"], read["displayName"], read["repositoryName"]) == ("Shop", "Shop", "store")
    assert not {"repositoryUrl", "repositoryNamespace", "mainBranch"} & read.keys()


def test_replacing_an_unknown_pacticipant_is_refused_by_its_name(broker):
    answer = broker.put("/pacticipants/Shop", json=SHOP)

    assert answer.status_code == 404
    assert answer.json == {"error": "No pacticipant with name 'Shop' found"}
    assert names(broker.get("/pacticipants")) == []


@pytest.mark.parametrize("content_type", ["application/json", MERGE_PATCH])
def test_patching_changes_only_what_is_named(broker, content_type):
    broker.post("/pacticipants", json=SHOP)

    patched = broker.patch(
        "/pacticipants/Shop", json={"mainBranch": "main"}, headers={"Content-Type": content_type}
    )

    assert patched.status_code == 200
    expected = {**SHOP, "mainBranch": "main"}
    assert {**patched.json, **expected} == patched.json


def test_patching_with_null_forgets(broker):
    broker.post("/pacticipants", json=SHOP)

    patched = broker.patch("/pacticipants/Shop", json={"mainBranch": None, "displayName": None})

    assert "mainBranch" not in patched.json
    assert patched.json["displayName"] == "Shop"
    assert patched.json["repositoryUrl"] == SHOP["repositoryUrl"]


def test_patching_an_unknown_pacticipant_adds_it(broker):
    answer = broker.patch("/pacticipants/Shop", json={"mainBranch": "main"})

    assert answer.status_code == 201
    assert broker.get(answer.headers["Location"]).json["mainBranch"] == "main"


def test_the_name_in_the_path_wins_over_the_one_in_the_body(broker):
    broker.post("/pacticipants", json={"name": "Shop"})

    assert broker.put("/pacticipants/Shop", json={"name": "Store"}).json["name"] == "Shop"
    assert names(broker.get("/pacticipants")) == ["Shop"]


@pytest.mark.parametrize("method", ["post", "put", "patch"])
@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", 1, "must be a string"),
        ("name", "a\nb", "cannot contain multiple lines"),
        ("displayName", " ", "cannot be blank"),
        ("displayName", "a\nb", "cannot contain multiple lines"),
        ("mainBranch", "a b", "cannot contain spaces"),
        ("mainBranch", "a\nb", "cannot contain multiple lines"),
        ("repositoryUrl", 1, "must be a string"),
        ("repositoryUrl", "a\nb", "cannot contain multiple lines"),
        ("repositoryName", "a\nb", "cannot contain multiple lines"),
        ("repositoryNamespace", [], "must be a string"),
    ],
)
def test_what_is_wrong_is_told_by_field(broker, method, field, value, message):
    broker.post("/pacticipants", json=SHOP)
    url = "/pacticipants" if method == "post" else "/pacticipants/Shop"

    answer = getattr(broker, method)(url, json={"name": "Shop", field: value})

    assert answer.status_code == 400
    assert answer.json == {"errors": {field: [message]}}
    assert {**broker.get("/pacticipants/Shop").json, **SHOP} == broker.get("/pacticipants/Shop").json


def test_a_new_pacticipant_needs_a_name(broker):
    assert broker.post("/pacticipants", json={}).json == {"errors": {"name": ["is missing"]}}
    assert broker.post("/pacticipants", json={"name": ""}).json == {"errors": {"name": ["must be filled"]}}
    assert broker.patch("/pacticipants/%20", json={}).json == {"errors": {"name": ["cannot be blank"]}}


def test_bodies_of_another_type_are_refused(broker):
    broker.post("/pacticipants", json=SHOP)

    for request in (
        broker.put("/pacticipants/Shop", json={}, headers={"Content-Type": MERGE_PATCH}),
        broker.post("/pacticipants", data="name=Shop"),
        broker.patch("/pacticipants/Shop", data="{}", headers={"Content-Type": "text/plain"}),
    ):
        assert (request.status_code, request.data) == (415, b"")


def test_the_list_is_sorted_by_name_regardless_of_case(broker):
    for name in ("beta", "Gamma", "alpha"):
        broker.post("/pacticipants", json={"name": name})

    listed = broker.get("/pacticipants")

    assert names(listed) == ["alpha", "beta", "Gamma"]
    links = listed.json["_links"]
    assert [(link["title"], link["name"]) for link in links["pb:pacticipants"]] == [
        ("Pacticipant", "alpha"),
        ("Pacticipant", "beta"),
        ("Pacticipant", "Gamma"),
    ]
    assert [link["title"] for link in links["pacticipants"]] == ["alpha", "beta", "Gamma"]
    assert [item["name"] for item in listed.json["pacticipants"]] == ["alpha", "beta", "Gamma"]


@pytest.mark.parametrize(
    ("text", "found"), [("SHO", ["Shop"]), ("%", ["100%"]), ("_", ["a_b"]), ("\\", ["a\\b"]), ("x", [])]
)
def test_a_search_finds_text_in_names_and_nothing_else(broker, text, found):
    for name in ("Shop", "100%", "a_b", "a\\b"):
        broker.post("/pacticipants", json={"name": name})

    assert names(broker.get("/pacticipants", query_string={"q": text})) == found


def test_a_list_can_be_read_by_the_page(broker):
    for name in ("a1", "a2", "a3", "b1"):
        broker.post("/pacticipants", json={"name": name})

    second = broker.get("/pacticipants?q=a&page=2&size=1")

    assert names(second) == ["a2"]
    assert second.json["page"] == {"number": 2, "size": 1, "totalElements": 3, "totalPages": 3}
    assert names(broker.get(second.json["_links"]["next"]["href"])) == ["a3"]
    first = broker.get(second.json["_links"]["previous"]["href"])
    assert names(first) == ["a1"]
    assert "previous" not in first.json["_links"]


@pytest.mark.parametrize("query", ["page=0", "size=x", "pageNumber=-1", "page=1&size=²", "page=1.5"])
def test_pages_that_cannot_be_are_refused(broker, query):
    answer = broker.get(f"/pacticipants?{query}")

    assert answer.status_code == 400
    (messages,) = answer.json["errors"].values()
    assert messages == ["must be an integer greater than or equal to 1"]


def test_a_pacticipant_tells_its_latest_version_and_where_it_is_deployed(broker):
    for number in ("2", "1"):
        broker.put(f"/pacticipants/Shop/versions/{number}/tags/production", json={})

    shown = broker.get("/pacticipants/Shop").json

    assert broker.post("/pacticipants", json={"name": "Shop"}).json == shown
    assert shown["_embedded"]["latestVersion"]["number"] == "1"
    assert shown["_embedded"]["latest-version"]["number"] == "1"
    (deployed,) = shown["_links"]["pb:deployed-environments"]
    assert (deployed["name"], deployed["currently_deployed"]) == ("Production", True)
    assert broker.get(deployed["href"]).json["_embedded"]["version"]["number"] == "1"


def test_the_templates_of_a_pacticipant_lead_to_its_parts(broker):
    broker.put("/pacticipants/Shop/versions/1", json={})
    broker.put("/pacticipants/Shop/versions/1/tags/t", json={})
    broker.put("/pacticipants/Shop/branches/b/versions/1", json={})

    links = broker.get("/pacticipants/Shop").json["_links"]

    for relation in ("pb:version", "pb:version-tag", "pb:branch-version"):
        assert links[relation]["templated"] is True
        href = links[relation]["href"].format(version="1", tag="t", branch="b")
        assert broker.get(href).status_code == 200
    assert broker.get(links["pb:branches"]["href"]).status_code == 200


def test_a_pacticipant_goes_with_everything_that_belongs_to_it(broker):
    pact = a_pact(consumer="Shop", provider="Orders")
    broker.post("/contracts/publish", json=a_publication(pact, version="1", tags=["production"]))
    latest = broker.get("/pacts/provider/Orders/consumer/Shop/latest").json
    result = broker.post(
        latest["_links"]["pb:publish-verification-results"]["href"], json=a_verification_result()
    )
    assert result.status_code == 201

    assert broker.delete("/pacticipants/Shop").status_code == 204

    for url in (
        "/pacticipants/Shop",
        "/pacticipants/Shop/versions/1",
        "/pacts/provider/Orders/consumer/Shop/latest",
        result.headers["Location"],
    ):
        assert broker.get(url).status_code == 404, url
    assert names(broker.get("/pacticipants")) == ["Orders"]
    assert broker.delete("/pacticipants/Shop").status_code == 404


def test_a_list_costs_the_same_for_one_as_for_fifty(broker):
    counts = []
    for name in ("App 1", *(f"App {number}" for number in range(2, 51))):
        broker.put(f"/pacticipants/{name}/versions/1/tags/prod", json={})
        with sql_statements() as seen:
            listed = broker.get("/pacticipants")
        counts.append(len(seen))

    assert len(names(listed)) == 50
    assert set(counts) == {counts[0]}
    assert counts[0] <= 6
