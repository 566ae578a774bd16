"""Lists of pacts: between two, of a provider, of everyone."""

import pytest
from support.factories import a_pact, a_publication, an_interaction

BETWEEN = "/pacts/provider/Orders/consumer/Shop"


@pytest.fixture
def filled(broker):
    """Shop 1 (tagged) and 2 with Orders and Stock, App 5 (tagged) with Orders."""
    for consumer, number, providers, tags in (
        ("Shop", "1", ("Orders", "Stock"), ["dev"]),
        ("Shop", "2", ("Orders", "Stock"), []),
        ("App", "5", ("Orders",), ["dev", "test"]),
    ):
        pacts = [a_pact(an_interaction(number), consumer=consumer, provider=name) for name in providers]
        body = a_publication(*pacts, version=number, tags=tags)
        assert broker.post("/contracts/publish", json=body).status_code == 200
    return broker


def numbers(links):
    return [link["href"].rpartition("/")[2] for link in links]


def test_the_pacts_between_two_are_listed_newest_first(filled):
    listed = filled.get(f"{BETWEEN}/versions").json

    pacts = listed["_embedded"]["pacts"]
    assert [pact["_embedded"]["consumerVersion"]["number"] for pact in pacts] == ["2", "1"]
    assert [filled.get(pact["_links"]["self"]["href"]).status_code for pact in pacts] == [200, 200]
    assert listed["_links"]["consumer"]["name"] == "Shop"
    assert listed["_links"]["provider"]["name"] == "Orders"
    names = [link["name"] for link in listed["_links"]["pact-versions"]]
    assert [name.split(" - ")[0] for name in names] == ["Version 2", "Version 1"]


def test_the_latest_pacts_are_one_for_each_integration(filled):
    listed = filled.get("/pacts/latest").json

    pairs = [
        (pact["_embedded"]["consumer"]["name"], pact["_embedded"]["provider"]["name"])
        for pact in listed["pacts"]
    ]
    assert pairs == [("App", "Orders"), ("Shop", "Orders"), ("Shop", "Stock")]
    versions = [pact["_embedded"]["consumer"]["_embedded"]["version"]["number"] for pact in listed["pacts"]]
    assert versions == ["5", "2", "2"]
    assert listed["_links"]["pacts"] == listed["_links"]["pb:pacts"]
    for pact in listed["pacts"]:
        latest, exact = (filled.get(link["href"]) for link in pact["_links"]["self"])
        assert (
            latest.headers["X-Pact-Consumer-Version"] == exact.json["_links"]["pb:consumer-version"]["name"]
        )


@pytest.mark.parametrize(
    ("path", "versions"),
    [
        ("/pacts/provider/Orders", ["5", "1", "2"]),
        ("/pacts/provider/Orders/latest", ["5", "2"]),
        ("/pacts/provider/Orders/latest/dev", ["5", "1"]),
        ("/pacts/provider/Orders/latest/test", ["5"]),
        ("/pacts/provider/Orders/latest/prod", []),
        ("/pacts/provider/Stock/latest", ["2"]),
        ("/pacts/provider/Shop/latest", []),
    ],
)
def test_the_pacts_of_a_provider_are_links_to_follow(filled, path, versions):
    links = filled.get(path).json["_links"]

    assert numbers(links["pb:pacts"]) == versions
    assert links["pacts"] == links["pb:pacts"]
    assert links["provider"] == links["pb:provider"]
    assert links["self"]["href"] == f"http://localhost{path}"
    assert [filled.get(link["href"]).status_code for link in links["pb:pacts"]] == [200] * len(versions)


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_lists_go_by_names_whatever_their_case(broker):
    for consumer in ("app", "Zoo", "Bar"):
        broker.post("/contracts/publish", json=a_publication(a_pact(consumer=consumer)))

    lists = [
        broker.get(path).json["_links"]["pb:pacts"]
        for path in ("/pacts/provider/Orders", "/pacts/provider/Orders/latest")
    ]

    assert [[link["name"] for link in found] for found in lists] == [["app", "Bar", "Zoo"]] * 2


def test_a_pact_in_a_list_of_a_provider_is_named_by_its_consumer(filled):
    (app, shop) = filled.get("/pacts/provider/Orders/latest").json["_links"]["pb:pacts"]

    assert (app["name"], app["title"]) == ("App", "Pact between App (5) and Orders")
    assert (shop["name"], shop["title"]) == ("Shop", "Pact between Shop (2) and Orders")


@pytest.mark.parametrize(
    "path", ["/pacts/provider/Nobody", "/pacts/provider/Nobody/latest", "/pacts/provider/Nobody/latest/dev"]
)
def test_an_unknown_provider_is_not_found(filled, path):
    answer = filled.get(path)

    assert answer.status_code == 404
    assert answer.json == {"error": "No provider with name 'Nobody' found"}


def test_an_empty_broker_has_empty_lists(broker):
    assert broker.get("/pacts/latest").json["pacts"] == []
    assert broker.get(f"{BETWEEN}/versions").status_code == 404


def test_the_index_leads_to_every_list(filled):
    links = filled.get("/").json["_links"]
    expand = {"{provider}": "Orders", "{tag}": "dev"}
    for relation in (
        "pb:latest-pact-versions",
        "pb:latest-provider-pacts",
        "pb:latest-provider-pacts-with-tag",
        "pb:provider-pacts",
    ):
        href = links[relation]["href"]
        for variable, value in expand.items():
            href = href.replace(variable, value)

        assert filled.get(href).status_code == 200
