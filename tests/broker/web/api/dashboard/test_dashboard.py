"""The dashboard: which pacts it shows, and what it says of each."""

import pytest
from support.factories import a_pact, a_publication, a_verification_result, an_interaction
from support.sql_statements import sql_statements

PAIR = "/dashboard/provider/Orders/consumer/Shop"


def publish(broker, version, *, consumer="Shop", provider="Orders", **changes):
    pact = a_pact(an_interaction(f"of {version}"), consumer=consumer, provider=provider)
    answer = broker.post("/contracts/publish", json=a_publication(pact, version=version, **changes))
    assert answer.status_code == 200, answer.json


def verify(broker, consumer_version, version, *, success=True):
    pact = broker.get(f"/pacts/provider/Orders/consumer/Shop/version/{consumer_version}").json
    url = pact["_links"]["pb:publish-verification-results"]["href"]
    assert broker.post(url, json=a_verification_result(version, success=success)).status_code == 201


def deploy(broker, version, *, to="production"):
    (environment,) = broker.get(f"/environments?name={to}").json["_embedded"]["environments"]
    of_version = f"/pacticipants/Shop/versions/{version}"
    answer = broker.post(f"{of_version}/deployed-versions/environment/{environment['uuid']}", json={})
    assert answer.status_code == 201


def items(answer):
    assert answer.status_code == 200, answer.json
    return {
        f"{item['consumer']['name']} {item['consumer']['version']['number']}": item
        for item in answer.json["items"]
    }


def pairs(answer):
    return [
        f"{item['consumer']['name']} {item['consumer']['version']['number']} {item['provider']['name']}"
        for item in answer.json["items"]
    ]


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("path", [PAIR, "/dashboard"])
def test_it_shows_the_latest_pact_the_latest_with_each_tag_and_those_in_environments(broker, path):
    for version, tags in (("1", ["prod"]), ("2", []), ("3", ["prod", "dev"]), ("4", ["dev"]), ("5", [])):
        publish(broker, version, tags=tags)
    deploy(broker, "2")

    shown = items(broker.get(path))

    assert shown.keys() == {"Shop 5", "Shop 4", "Shop 3", "Shop 2"}
    assert {name: [tag["name"] for tag in item["pactTags"]] for name, item in shown.items()} == {
        "Shop 5": [],
        "Shop 4": ["dev"],
        "Shop 3": ["prod"],
        "Shop 2": [],
    }


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_each_pact_has_its_newest_result(broker):
    publish(broker, "1", branch="main", tags=["prod"])
    verify(broker, "1", "7", success=False)
    verify(broker, "1", "8")
    broker.put("/pacticipants/Orders/branches/trunk/versions/8", json={})
    for version in ("8", "9"):
        broker.put(f"/pacticipants/Orders/versions/{version}/tags/live", json={})
    broker.put("/pacticipants/Orders/versions/8/tags/stable", json={})

    (item,) = items(broker.get(PAIR)).values()

    assert item["consumer"]["version"]["branch"] == "main"
    assert item["consumer"]["version"]["headBranchNames"] == ["main"]
    provider = item["provider"]["version"]
    assert (provider["number"], provider["branch"]) == ("8", "trunk")
    assert item["latestVerificationResult"]["success"] is True
    assert item["verificationStatus"] == "success"
    (tag,) = item["latestVerificationResultTags"]  # live is a tag of it, but no longer its latest version's
    assert (tag["name"], tag["latest"]) == ("stable", True)
    assert (item["webhookStatus"], item["latestWebhookExecution"]) == ("none", None)


def test_links_lead_to_what_they_name(broker):
    publish(broker, "1", tags=["prod"])
    verify(broker, "1", "7")

    (item,) = items(broker.get(PAIR)).values()

    for part in (
        item["consumer"],
        item["consumer"]["version"],
        item["provider"],
        item["provider"]["version"],
        item["pact"],
        item["pactTags"][0],
        item["latestVerificationResult"],
    ):
        assert broker.get(part["_links"]["self"]["href"]).status_code == 200, part


def test_the_status_says_how_the_provider_stands(broker):
    publish(broker, "1", tags=["prod"])
    seen = [item["verificationStatus"] for item in items(broker.get(PAIR)).values()]
    verify(broker, "1", "7", success=False)
    seen += [item["verificationStatus"] for item in items(broker.get(PAIR)).values()]
    publish(broker, "2")
    latest = items(broker.get(PAIR))["Shop 2"]

    assert seen == ["never", "failed"]
    assert latest["verificationStatus"] == "never"  # of this pact; the badge tells of the integration
    assert latest["latestVerificationResult"] is None
    assert latest["provider"]["version"] is None
    assert latest["latestVerificationResultTags"] == []


def test_what_happened_last_comes_first(broker):
    publish(broker, "1", consumer="Shop")
    publish(broker, "1", consumer="App")
    before = list(items(broker.get("/dashboard")))

    assert before[0] == "App 1" or set(before) == {"App 1", "Shop 1"}
    assert [item["consumer"]["name"] for item in broker.get("/dashboard?size=1").json["items"]] == ["App"]


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_pages_are_of_pacts_by_consumer_newest_version_and_provider(broker):
    publish(broker, "1", consumer="b", tags=["prod"])
    publish(broker, "2", consumer="b")
    publish(broker, "2", consumer="b", provider="App")
    publish(broker, "7", consumer="C")
    publish(broker, "3", consumer="A")
    gone = "/pacts/provider/Orders/consumer/Gone/version/1"
    publish(broker, "1", consumer="Gone")
    broker.delete(gone)

    rows = {number: pairs(broker.get(f"/dashboard?page={number}&size=1")) for number in range(1, 7)}

    order = ["A 3 Orders", "b 2 App", "b 2 Orders", "b 1 Orders", "C 7 Orders"]
    assert rows == {number: [row] for number, row in enumerate(order, 1)} | {6: []}
    for size in (2, 3, 4):
        pages = [pairs(broker.get(f"/dashboard?page={page}&size={size}")) for page in (1, 2, 3)]
        assert [set(found) for found in pages] == [
            set(order[start : start + size]) for start in (0, size, 2 * size)
        ]


@pytest.mark.parametrize("page", ["pageSize=1", "size=1", "page=1&size=1", "pageNumber=1&pageSize=1"])
@pytest.mark.parametrize("path", [PAIR, "/dashboard"])
def test_a_page_of_one_has_one_pact_of_an_integration(broker, path, page):
    for version, tags in (("1", ["prod"]), ("2", ["dev"]), ("3", [])):
        publish(broker, version, tags=tags)

    assert items(broker.get(f"{path}?{page}")).keys() == {"Shop 3"}
    assert items(broker.get(f"{path}?page=3&size=1")).keys() == {"Shop 1"}
    assert items(broker.get(path)).keys() == {"Shop 1", "Shop 2", "Shop 3"}
    assert broker.get(f"{path}?pageSize=0").status_code == 400


def test_a_page_has_thirty_pacts_unless_told(broker):
    for number in range(31):
        publish(broker, "1", consumer=f"App {number}")

    sizes = [
        len(broker.get(f"/dashboard{query}").json["items"])
        for query in ("", "?page=2", "?size=100", "?page=2&size=30")
    ]

    assert sizes == [30, 0, 31, 1]
    assert broker.get("/dashboard?page=0").status_code == 400


def test_text_is_a_table(broker):
    publish(broker, "1", tags=["dev", "prod"])
    verify(broker, "1", "7")

    answer = broker.get("/dashboard", headers={"Accept": "text/plain"})

    assert answer.content_type == "text/plain;charset=utf-8"
    heading, row = answer.text.splitlines()
    assert heading.split() == ["CONSUMER", "C_VERSION", "C_TAGS", "PROVIDER", "P_VERSION", "P_TAGS", "STATUS"]
    assert row.split() == ["Shop", "1", "dev,", "prod", "Orders", "7", "success"]
    assert row.index("Orders") == heading.index("PROVIDER")


def test_an_unknown_name_is_not_found(broker):
    publish(broker, "1")

    answer = broker.get("/dashboard/provider/Orders/consumer/Nobody")

    assert (answer.status_code, answer.json) == (404, {"error": "No consumer with name 'Nobody' found"})
    assert broker.get("/dashboard/provider/Shop/consumer/Orders").json == {"items": []}


def test_it_costs_the_same_whatever_there_is(broker):
    counts = set()
    for number in range(8):
        publish(broker, str(number), consumer=f"App {number}", tags=[f"tag {number}", "prod"])
        publish(broker, str(number), tags=["prod"])
        verify(broker, str(number), str(number))
        with sql_statements() as seen:
            broker.get("/dashboard")
        counts.add(len(seen))

    assert counts == {5}
