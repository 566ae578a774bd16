import pytest
import requests
from playwright.sync_api import expect
from support.path_proxy import behind_a_path

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
A_BROWSER_THAT_WANTS_JSON = {"Accept": "text/html, application/json"}


@pytest.fixture
def proxied(live_broker):
    """The address of a proxy that has the broker at /contracts."""
    with behind_a_path(live_broker) as url:
        yield url


def test_clients_reach_all_that_they_are_linked_to(proxied):
    links = requests.get(f"{proxied}/", timeout=10).json()["_links"]
    fixed = [link["href"] for rel, link in links.items() if rel != "curies" and not link.get("templated")]

    statuses = {requests.get(href, timeout=10).status_code for href in fixed}

    assert all(href.startswith(proxied) for href in fixed)
    assert statuses <= {200, 400, 405}  # some need a query, or are to be posted to
    assert requests.get(f"{proxied}/openapi.json", timeout=10).json()["servers"] == [{"url": proxied}]


def test_a_browser_is_led_to_the_explorer_behind_the_same_path(proxied):
    answer = requests.get(
        f"{proxied}/pacticipants", headers=A_BROWSER_THAT_WANTS_JSON, allow_redirects=False, timeout=10
    )

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/contracts/hal-browser/browser.html#/pacticipants"


def test_pages_load_what_they_need_and_lead_on(proxied, page):
    page.goto(f"{proxied}/")
    page.get_by_role("link", name="Environments").click()

    expect(page).to_have_url(f"{proxied}/environments")
    expect(page.get_by_role("heading", level=1)).to_have_text("Environments")


def test_the_explorer_finds_the_api_behind_the_same_path(proxied, page):
    page.goto(f"{proxied}/hal-browser/browser.html")
    page.get_by_role("link", name="/environments", exact=True).click()

    expect(page.locator("#explorer")).to_contain_text('"name": "production"')


def test_a_page_that_comes_in_pieces_is_painted_when_it_is_whole(live_broker, page):
    """Half a table would be painted in columns that move when the rest is there."""
    with behind_a_path(live_broker, pause=0.5) as address:
        page.goto(f"{address}/")
        page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")

    painted, arrived = page.evaluate(
        "[performance.getEntriesByName('first-contentful-paint')[0].startTime,"
        " performance.getEntriesByType('navigation')[0].responseEnd]"
    )
    assert painted >= arrived > 500
