"""What a page that says "not found" offers instead."""

import pytest
from support.factories import a_pact
from support.indexing import index_everything
from support.sql_statements import sql_statements

from broker.domain.search.near import Asked, Near
from broker.services.search.near import near_names

ON_BOTH_DATABASES = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def _shop(publish, database):
    publish(
        a_pact(consumer="Web Shop", provider="Checkout"),
        version="3f2a1b4c5d6e7f8a9b0c",
        branch="feat/baskets",
    )
    publish(a_pact(consumer="Checkout", provider="Orders/EU"), version="1.2.3")
    index_everything(database)


@ON_BOTH_DATABASES
@pytest.mark.usefixtures("_shop")
@pytest.mark.parametrize(
    ("path", "name", "href"),
    [
        ("/pacticipants/Chekout", "Checkout", "/pacticipants/Checkout"),
        ("/pacticipants/checkout", "Checkout", "/pacticipants/Checkout"),
        ("/pacticipants/Orders%2FE", "Orders/EU", "/pacticipants/Orders%2FEU"),
        ("/pacticipants/Webshop", "Web Shop", "/pacticipants/Web%20Shop"),
        ("/pacticipants/Checkout/versions/1.2.4", "1.2.3", "/pacticipants/Checkout/versions/1.2.3"),
        (
            "/pacticipants/Web%20Shop/versions/3f2a1b4",
            "3f2a1b4c5d6e7f8a9b0c",
            "/pacticipants/Web%20Shop/versions/3f2a1b4c5d6e7f8a9b0c",
        ),
        (
            "/pacts/provider/Chckout/consumer/Web%20Shop/latest",
            "Checkout",
            "/pacts/provider/Checkout/consumer/Web%20Shop/latest",
        ),
        (
            "/pacts/provider/Checkout/consumer/Web%20Shop/branch/feat%2Fbasket/latest",
            "feat/baskets",
            "/pacts/provider/Checkout/consumer/Web%20Shop/branch/feat%2Fbaskets/latest",
        ),
    ],
)
def test_the_name_that_was_meant_is_a_link_to_the_same_page(visit, path, name, href):
    page = visit(path)

    assert page.status == 404
    assert page.links[name] == href


@pytest.mark.usefixtures("_shop")
def test_what_is_like_nothing_can_be_searched_for(visit):
    page = visit("/pacticipants/Qxyz")

    assert "Did you mean" not in page.text
    assert "Looked for: /pacticipants/Qxyz" in page.text


@pytest.mark.usefixtures("_shop")
@pytest.mark.parametrize("path", ["/nothing/here", "/webhooks/x", f"/pacticipants/{'%22' * 200}"])
def test_an_address_without_names_is_refused_as_before(visit, path):
    assert visit(path).status in {400, 404}


def test_environments_are_near_as_well(database):
    with database.reading() as storage:
        found = near_names(storage, Asked(environment="prodcution"))

    assert (found.near, found.names) == (Near.ENVIRONMENT, ["production"])


@pytest.mark.usefixtures("_shop")
def test_near_names_cost_one_statement(database):
    asked = Asked(("Web Shop", "Chekout"), "1", "main", "test")
    with database.reading() as storage, sql_statements() as seen:
        assert near_names(storage, asked).names == ["Checkout"]

    assert len(seen) == 1


@ON_BOTH_DATABASES
@pytest.mark.usefixtures("_shop")
def test_a_branch_that_is_not_there_is_not_found_when_an_environment_is_named_as_well(visit):
    page = visit(
        "/pacticipants/Web%20Shop/branches/feat%2Fbasket/latest-version/can-i-deploy/to-environment/x"
    )

    assert page.status == 404
    assert page.links["feat/baskets"].startswith("/pacticipants/Web%20Shop/branches/feat%2Fbaskets/latest-v")
