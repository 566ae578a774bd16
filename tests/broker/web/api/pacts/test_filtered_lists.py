"""Lists of pacts by tag and branch, and deleting what such a list has."""

import pytest
from support.factories import a_pact, a_publication, an_interaction
from support.sql_statements import sql_statements

PAIR = "/pacts/provider/Orders/consumer/Shop"


def publish(broker, version, *, consumer="Shop", provider="Orders", **changes):
    pact = a_pact(an_interaction(f"{consumer} {version}"), consumer=consumer, provider=provider)
    answer = broker.post("/contracts/publish", json=a_publication(pact, version=version, **changes))
    assert answer.status_code == 200, answer.json


def versions(answer):
    assert answer.status_code == 200, answer.json
    return [pact["_embedded"]["consumerVersion"]["number"] for pact in answer.json["_embedded"]["pacts"]]


def names(answer):
    assert answer.status_code == 200, answer.json
    return [link["title"] for link in answer.json["_links"]["pb:pacts"]]


@pytest.fixture
def history(broker):
    """Four versions on two branches, of which the first two are tagged, and one that publishes elsewhere."""
    publish(broker, "1", branch="main", tags=["prod"])
    publish(broker, "2", branch="feat/x", tags=["prod", "dev"])
    publish(broker, "3", branch="main")
    publish(broker, "4", branch="feat/x")
    publish(broker, "5", branch="feat/x", provider="Stock")
    return broker


LISTS = {
    "versions": ["4", "3", "2", "1"],
    "tag/prod": ["2", "1"],
    "tag/none": [],
    "branch/feat%2Fx": ["4", "2"],
    "branch/versions": ["3", "1"],
    "branch/latest/versions": ["3"],
    "branch/feat%2Fx/latest/versions": ["4"],
    "branch/none/latest/versions": [],
}


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_each_list_has_what_its_name_says_newest_first(history):
    for path, expected in LISTS.items():
        assert versions(history.get(f"{PAIR}/{path}")) == expected, path


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("path", LISTS)
def test_deleting_a_list_removes_exactly_what_it_has(history, path):
    assert history.delete(f"{PAIR}/{path}").status_code == (204 if path == "versions" else 200)

    remaining = [number for number in LISTS["versions"] if number not in LISTS[path]]
    assert versions(history.get(f"{PAIR}/versions")) == remaining
    assert history.get("/pacts/provider/Stock/consumer/Shop/latest").status_code == 200
    assert history.get("/pacticipants/Shop/versions/1").status_code == 200


def test_after_deleting_a_list_the_latest_pact_that_remains_is_told(history):
    of_tag = history.delete(f"{PAIR}/tag/prod").json
    of_branch = history.delete(f"{PAIR}/branch/main").json
    of_the_last = history.delete(f"{PAIR}/branch/feat%2Fx").json

    latest = {"href": f"http://localhost{PAIR}/latest", "title": "Latest pact"}
    assert of_tag == of_branch
    assert of_branch == {"_links": {"index": {"href": "http://localhost"}, "pb:latest-pact-version": latest}}
    assert of_the_last == {"_links": {"index": {"href": "http://localhost"}}}


def test_a_tag_of_the_name_of_the_main_branch_is_not_the_main_branch(broker):
    publish(broker, "1", branch="dev", tags=["trunk"])
    broker.patch("/pacticipants/Shop", json={"mainBranch": "trunk"})

    for path in ("branch/versions", "branch/latest/versions"):
        assert versions(broker.get(f"{PAIR}/{path}")) == []
    for path in ("branch", "branch/latest"):
        assert names(broker.get(f"/pacts/provider/Orders/{path}")) == []
    assert broker.delete(f"{PAIR}/branch/versions").status_code == 200
    assert versions(broker.get(f"{PAIR}/versions")) == ["1"]


def test_without_a_main_branch_nothing_is_on_it_and_nothing_is_deleted(broker):
    publish(broker, "1", branch="feat/x")

    assert versions(broker.get(f"{PAIR}/branch/versions")) == []
    assert broker.delete(f"{PAIR}/branch/versions").status_code == 200
    assert versions(broker.get(f"{PAIR}/versions")) == ["1"]


def test_a_list_links_to_itself_and_to_what_is_in_it(history):
    branch = history.get(f"{PAIR}/branch/feat%2Fx").json["_links"]
    tag = history.get(f"{PAIR}/tag/prod").json["_links"]

    assert versions(history.get(branch["self"]["href"])) == ["4", "2"]
    assert branch["consumer"]["name"] == "Shop"
    assert branch["pact-versions"][0]["name"].startswith("Version 4 - ")
    assert history.get(branch["pact-versions"][0]["href"]).status_code == 200
    assert {"pb:consumer", "pb:provider", "pb:pact-versions"} <= tag.keys()


@pytest.mark.parametrize("method", ["get", "delete"])
def test_an_unknown_consumer_or_provider_is_named(history, method):
    consumer = getattr(history, method)("/pacts/provider/Orders/consumer/Nobody/branch/main")
    provider = getattr(history, method)("/pacts/provider/Nobody/consumer/Shop/tag/prod")

    assert (consumer.status_code, consumer.json) == (404, {"error": "No consumer with name 'Nobody' found"})
    assert (provider.status_code, provider.json) == (404, {"error": "No provider with name 'Nobody' found"})


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_the_lists_of_a_provider_have_every_consumer_and_its_pacts_oldest_first(history):
    publish(history, "1", consumer="App", branch="main", tags=["prod"])
    publish(history, "2", consumer="App", branch="feat/x")

    pacts = {
        path: names(history.get(f"/pacts/provider/Orders/{path}"))
        for path in ("tag/prod", "branch", "branch/latest", "branch/feat%2Fx", "branch/feat%2Fx/latest")
    }

    app, shop = "Pact between App ({}) and Orders", "Pact between Shop ({}) and Orders"
    assert pacts == {
        "tag/prod": [app.format(1), shop.format(1), shop.format(2)],
        "branch": [app.format(1), shop.format(1), shop.format(3)],
        "branch/latest": [app.format(1), shop.format(3)],
        "branch/feat%2Fx": [app.format(2), shop.format(2), shop.format(4)],
        # The head of Shop's feat/x is version 5, which has no pact with Orders.
        "branch/feat%2Fx/latest": [app.format(2)],
    }


def test_the_lists_of_an_unknown_provider_are_not_found(history):
    for path in ("tag/prod", "branch", "branch/latest", "branch/main", "branch/main/latest"):
        assert history.get(f"/pacts/provider/Nobody/{path}").status_code == 404


def test_every_list_is_found_from_the_index(history):
    index = history.get("/").json["_links"]
    values = {"provider": "Orders", "consumer": "Shop", "tag": "prod", "branch": "main"}

    for relation in (
        "pb:tagged-pact-versions",
        "pb:branch-pact-versions",
        "pb:latest-branch-pact-versions",
        "pb:main-branch-pact-versions",
        "pb:latest-main-branch-pact-versions",
        "pb:provider-pacts-with-tag",
        "pb:provider-pacts-with-branch",
        "pb:latest-provider-pacts-with-branch",
        "pb:provider-pacts-with-main-branch",
        "pb:latest-provider-pacts-with-main-branch",
    ):
        assert history.get(index[relation]["href"].format(**values)).status_code == 200, relation


def test_lists_cost_the_same_whatever_they_have(broker):
    counts = {}
    for number in range(12):
        publish(broker, str(number), tags=["prod"])
        for path in (f"{PAIR}/branch/main", f"{PAIR}/tag/prod", "/pacts/provider/Orders/branch/latest"):
            with sql_statements() as seen:
                broker.get(path)
            counts.setdefault(path, set()).add(len(seen))

    assert list(counts.values()) == [{3}, {3}, {2}]
