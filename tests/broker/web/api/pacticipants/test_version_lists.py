"""Lists of versions, and which version is the latest."""

import pytest
from support.factories import a_pact, a_publication
from support.sql_statements import sql_statements

SHOP = "/pacticipants/Shop"


def numbers(answer):
    assert answer.status_code == 200, answer.json
    return [version["number"] for version in answer.json["_embedded"]["versions"]]


def environment(broker, name):
    return broker.get(f"/environments?name={name}").json["_embedded"]["environments"][0]


def test_latest_is_what_was_created_last_and_not_what_was_changed_last(broker):
    for number in ("2.0.0", "1.0.0"):
        broker.put(f"{SHOP}/versions/{number}/tags/prod", json={})
        broker.put(f"{SHOP}/branches/main/versions/{number}", json={})
    broker.put(f"{SHOP}/versions/2.0.0", json={"buildUrl": "https://ci/2"})
    broker.put(f"{SHOP}/versions/2.0.0/tags/other", json={})

    for form in ("latest-version", "latest-version/prod", "branches/main/latest-version"):
        latest = broker.get(f"{SHOP}/{form}")
        assert latest.json["number"] == "1.0.0"
        assert latest.json["_links"]["self"]["href"].endswith(f"{SHOP}/{form}")
        assert latest.json["_links"]["pb:record-deployment"]
    assert broker.get(f"{SHOP}/latest-version/other").json["number"] == "2.0.0"


def test_the_lists_of_versions_are_newest_first(broker):
    for number in ("1", "2", "3"):
        broker.put(f"{SHOP}/versions/{number}", json={})
    for number in ("3", "1"):
        broker.put(f"{SHOP}/branches/main/versions/{number}", json={})
        broker.put(f"{SHOP}/versions/{number}/tags/good", json={})

    listed = broker.get(f"{SHOP}/versions")

    assert numbers(listed) == ["3", "2", "1"]
    assert numbers(broker.get(f"{SHOP}/branches/main/versions")) == ["3", "1"]
    assert numbers(broker.get(f"{SHOP}/tags/good/versions")) == ["3", "1"]
    links = listed.json["_links"]
    assert links["pb:versions"] == links["versions"]
    assert [link["title"].partition(" - ")[0] for link in links["pb:versions"]] == [
        "Version 3",
        "Version 2",
        "Version 1",
    ]
    assert broker.get(links["pb:versions"][1]["href"]).json["number"] == "2"
    assert links["pb:pacticipant"]["name"] == "Shop"
    assert "pb:record-deployment" not in listed.json["_embedded"]["versions"][0]["_links"]


def test_an_environment_lists_the_versions_that_are_or_were_there(broker):
    uuid = environment(broker, "production")["uuid"]
    for number in ("1", "2", "3", "4"):
        broker.put(f"{SHOP}/versions/{number}", json={})
    for number in ("1", "2", "1"):
        broker.post(f"{SHOP}/versions/{number}/deployed-versions/environment/{uuid}", json={})
    broker.post(f"{SHOP}/versions/4/released-versions/environment/{uuid}", json={})

    listed = broker.get(f"{SHOP}/environments/{uuid}/versions")

    assert numbers(listed) == ["4", "2", "1"]
    assert "Production" in listed.json["_links"]["self"]["title"]
    test = environment(broker, "test")["uuid"]
    assert numbers(broker.get(f"{SHOP}/environments/{test}/versions")) == []


@pytest.mark.parametrize("url", ["versions", "branches/main/versions", "tags/main/versions"])
def test_a_list_is_read_by_the_page_and_says_which(broker, url):
    for number in ("1", "2", "3"):
        broker.put(f"{SHOP}/versions/{number}/tags/main", json={})

    second = broker.get(f"{SHOP}/{url}?page=2&size=1")

    assert numbers(second) == ["2"]
    assert second.json["page"] == {"number": 2, "size": 1, "totalElements": 3, "totalPages": 3}
    links = second.json["_links"]
    assert links["self"]["href"].endswith(f"{SHOP}/{url}?page=2&size=1")
    assert numbers(broker.get(links["next"]["href"])) == ["1"]
    assert numbers(broker.get(links["previous"]["href"])) == ["3"]


def test_a_list_costs_the_same_for_one_as_for_fifty(broker):
    counts = []
    for number in range(50):
        broker.put(f"{SHOP}/versions/{number}/tags/main", json={})
        with sql_statements() as seen:
            listed = broker.get(f"{SHOP}/versions")
        counts.append(len(seen))

    assert len(numbers(listed)) == 50
    assert set(counts) == {counts[0]}
    assert counts[0] <= 7


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_a_version_in_a_list_says_all_but_where_it_may_go(broker):
    uuid = environment(broker, "production")["uuid"]
    pacts = [a_pact(provider=provider) for provider in ("Stock", "Orders")]
    for number in ("1", "2"):
        broker.post("/contracts/publish", json=a_publication(*pacts, version=number))
        broker.post(f"{SHOP}/versions/{number}/deployed-versions/environment/{uuid}", json={})
    broker.post(f"{SHOP}/versions/1/released-versions/environment/{uuid}", json={})

    listed = broker.get(f"{SHOP}/branches/main/versions").json["_embedded"]["versions"]

    single = [broker.get(f"{SHOP}/versions/{number}").json for number in ("2", "1")]
    for version in single:
        for relation in ("pb:record-deployment", "pb:record-release"):
            assert len(version["_links"].pop(relation)) == 2
    assert listed == single
    assert [link["name"] for link in listed[1]["_links"]["pb:pact-versions"]] == [
        "Pact between Shop (1) and Orders",
        "Pact between Shop (1) and Stock",
    ]
    assert [link["currently_deployed"] for link in listed[1]["_links"]["pb:deployed-environments"]] == [False]
    assert [link["name"] for link in listed[1]["_links"]["pb:released-environments"]] == ["Production"]
