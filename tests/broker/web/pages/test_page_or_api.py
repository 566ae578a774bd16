"""One address, two faces: who gets a page, and who gets JSON (Pact Broker reference §1.10)."""

import pytest
from support.factories import a_pact
from support.reading_pages import A_BROWSER, Page

from broker.app import create_app
from broker.settings.settings import Settings

OLD_JAVA = {"Accept": "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"}


@pytest.mark.parametrize("accept", ["application/hal+json", "application/json, text/html", "*/*", ""])
def test_a_client_of_the_api_gets_json(broker, accept):
    assert broker.get("/", headers={"Accept": accept}).mimetype == "application/hal+json"


def test_a_browser_gets_json_where_there_is_no_page(broker):
    assert broker.get("/labels", headers=A_BROWSER).mimetype == "application/hal+json"


def test_writing_is_for_the_api_whatever_the_client_accepts(broker):
    answer = broker.put("/pacts/provider/Orders/consumer/Shop/version/1", json=a_pact(), headers=OLD_JAVA)

    assert (answer.status_code, answer.json["consumer"]["name"]) == (201, "Shop")


def test_a_refused_write_is_told_in_json(broker):
    answer = broker.post("/contracts/publish", json={}, headers=OLD_JAVA)

    assert (answer.status_code, answer.mimetype) == (400, "application/hal+json")


@pytest.mark.parametrize(("path", "status"), [("/nothing/here", 404), ("/a//b", 404), ("/a%0Ab", 422)])
def test_an_error_is_a_page_for_a_browser(broker, path, status):
    page = Page(broker.get(path, headers=A_BROWSER))

    assert page.status == status
    assert page.links["Go to the overview"] == "/"


def test_an_unexpected_error_is_a_page_for_a_browser(broker, database):
    with database.connection() as connection:
        connection.exec_driver_sql("DROP TABLE integrations")
        connection.commit()

    page = Page(broker.get("/", headers=A_BROWSER))

    assert page.status == 500
    assert "The broker's log has the details under the reference" in page.text
    assert "integrations" not in page.text


def test_links_begin_with_the_path_that_the_broker_is_mounted_at(database):
    mounted = create_app(Settings(base_url="https://contracts.example.org/broker/"), database).test_client()

    page = Page(mounted.get("/", headers=A_BROWSER))

    assert page.links["Environments"] == "/broker/environments"
    assert "--broker-base-url https://contracts.example.org/broker" in page.text


@pytest.mark.parametrize("accept", [None, "*/*", "text/html", "image/avif,image/webp,*/*;q=0.8"])
def test_the_icon_that_browsers_ask_for_is_served_and_linked(broker, accept):
    page = broker.get("/", headers=A_BROWSER).text

    with broker.get("/favicon.ico", headers={"Accept": accept} if accept else {}) as answer:
        assert (answer.status_code, answer.mimetype) == (200, "image/vnd.microsoft.icon")
        assert answer.data[:6] == b"\0\0\1\0\2\0"  # an icon in two sizes
    assert '<link rel="icon" href="/favicon.ico"' in page
