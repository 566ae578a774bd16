"""The unmodified `pact broker` command line: environments, deployments and can-i-deploy."""

import json

import pytest
import requests
from support.contracts_in_storage import Document, StoredContracts
from support.factories import NOON, a_pact

# What the broker asks of a database is tested on both elsewhere; clients see the same answers.
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def shop(live_broker, tmp_path, pact):
    """Shop 1, published with a pact with Orders; a function publishes the results of Orders."""
    file = tmp_path / "shop-orders.json"
    file.write_text(json.dumps(a_pact(consumer="Shop", provider="Orders")))
    pact("publish", str(file), "--consumer-app-version", "1", "--branch", "main")

    def verify(version, *, success):
        published = requests.get(f"{live_broker}/pacts/provider/Orders/consumer/Shop/version/1", timeout=10)
        url = published.json()["_links"]["pb:publish-verification-results"]["href"]
        result = {"success": success, "providerApplicationVersion": version}
        requests.post(url, json=result, timeout=10).raise_for_status()

    return verify


SHOP_INTO_PRODUCTION = (
    "can-i-deploy",
    "--pacticipant",
    "Shop",
    "--version",
    "1",
    "--to-environment",
    "production",
)


YES = "All required verification results are published and successful"
NO = "Computer says no"


def deployment(name, version, *more):
    return ("--pacticipant", name, "--version", version, "--environment", "production", *more)


def test_an_environment_is_created_and_listed(pact):
    pact("create-environment", "--name", "uat", "--display-name", "User acceptance")

    listed = pact("list-environments")

    assert all(name in listed for name in ("uat", "User acceptance", "production", "test"))


def test_an_environment_is_described_changed_and_deleted(pact, live_broker):
    pact("create-environment", "--name", "uat", "--contact-name", "Team A")
    found = requests.get(f"{live_broker}/environments?name=uat", timeout=10).json()
    (environment,) = found["_embedded"]["environments"]
    uuid = ("--uuid", environment["uuid"])

    assert "uat" in pact("describe-environment", *uuid)
    pact("update-environment", *uuid, "--name", "acceptance", "--production")
    assert "acceptance" in pact("list-environments")
    pact("delete-environment", *uuid)
    assert "acceptance" not in pact("list-environments")


def test_a_version_whose_provider_is_not_there_cannot_be_deployed(pact, shop):
    shop("2", success=True)

    printed = pact(*SHOP_INTO_PRODUCTION, code=1)

    assert "There is no verified pact between version 1 of Shop and a version of Orders" in printed


def test_a_version_can_be_deployed_when_its_provider_is_there(pact, shop):
    shop("2", success=True)
    pact("record-deployment", *deployment("Orders", "2"))

    printed = pact(*SHOP_INTO_PRODUCTION)

    assert YES in printed


def test_a_version_that_failed_cannot_be_deployed(pact, shop):
    shop("2", success=False)
    pact("record-deployment", *deployment("Orders", "2"))

    printed = pact(*SHOP_INTO_PRODUCTION, code=1)

    assert "failed" in printed


def test_a_failed_instance_beside_a_newer_one_is_noticed(pact, shop):
    shop("2", success=False)
    shop("3", success=True)
    pact("record-deployment", *deployment("Orders", "2", "--application-instance", "blue"))
    pact("record-deployment", *deployment("Orders", "3", "--application-instance", "green"))

    assert NO in pact(*SHOP_INTO_PRODUCTION, code=1)

    there = ("--pacticipant", "Orders", "--environment", "production")
    pact("record-undeployment", *there, "--application-instance", "blue")
    assert YES in pact(*SHOP_INTO_PRODUCTION)


def test_a_release_counts_until_its_support_ends(pact, shop):
    shop("2", success=False)
    shop("3", success=True)
    pact("record-release", *deployment("Orders", "2"))
    pact("record-deployment", *deployment("Orders", "3"))

    assert NO in pact(*SHOP_INTO_PRODUCTION, code=1)

    pact("record-support-ended", *deployment("Orders", "2"))
    assert YES in pact(*SHOP_INTO_PRODUCTION)


def test_an_ignored_provider_does_not_count(pact, shop):
    shop("2", success=False)
    pact("record-deployment", *deployment("Orders", "2"))

    assert NO in pact(*SHOP_INTO_PRODUCTION, code=1)
    assert "There are no missing dependencies" in pact(*SHOP_INTO_PRODUCTION, "--ignore", "Orders")


def test_versions_are_compared_without_an_environment(pact, shop):
    shop("2", success=True)

    shop_1 = ("--pacticipant", "Shop", "--version", "1")
    assert YES in pact("can-i-deploy", *shop_1, "--pacticipant", "Orders", "--version", "2")
    assert YES in pact(
        "can-i-deploy", "--pacticipant", "Shop", "--latest", "--pacticipant", "Orders", "--latest"
    )
    assert YES in pact("can-i-deploy", *shop_1)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("--pacticipant", "Shp", "--version", "1"), "did you mean 'Shop'"),
        (
            ("--pacticipant", "Shop", "--version", "1", "--to-environment", "prod"),
            "did you mean 'production'",
        ),
        (("--pacticipant", "Shop", "--version", "9"), "version 9 of Shop"),
    ],
)
@pytest.mark.usefixtures("shop")
def test_the_client_tells_what_is_wrong(pact, command, said):
    assert said in pact("can-i-deploy", *command, code=1)


def test_what_service_contracts_decide_is_printed_as_rows_that_the_client_knows(pact, shop, database):
    document = Document(("read",), {"Stock": (("read",), True)})
    stored = StoredContracts(database, lambda: NOON)
    assert shop
    stored.documents("Orders", "2", {"openapi": document})
    stored.documents("Stock", "1", {"openapi": Document(("read",))})
    stored.compared(("Shop", "Orders"), "2", "compatible")
    for name, version in (("Orders", "2"), ("Stock", "1")):
        pact("record-deployment", *deployment(name, version))

    promised = pact(*SHOP_INTO_PRODUCTION, code=1)
    stored.checked("Orders", "2", document, success=True)
    verified = pact(*SHOP_INTO_PRODUCTION)
    of_orders = pact("can-i-deploy", "-a", "Orders", "-e", "2", "--to-environment", "production")
    stored.checked("Orders", "2", document, success=False)
    broken = pact("can-i-deploy", "-a", "Orders", "-e", "2", "--to-environment", "production", code=1)

    assert "it is only promised, as no run has verified the document openapi of Orders 2" in promised
    assert rows(verified) == [["Shop", "1", "Orders", "2", "true", "1"]]
    # Itself by its own document, and what it needs of Stock.
    assert [row[:5] for row in rows(of_orders)] == [
        ["Orders", "2", "Orders", "2", "true"],
        ["Orders", "2", "Stock", "1", "true"],
    ]
    assert "The verification of the service contract of version 2 of Orders (openapi) failed" in broken


def rows(printed):
    """Return the rows of the table that the client prints."""
    cells = [line.replace("│", "|").replace("┆", "|").split("|") for line in printed.splitlines()]
    found = [[cell.strip() for cell in line if cell.strip()] for line in cells]
    return [line for line in found if line and line[0] in {"Shop", "Orders"}]
