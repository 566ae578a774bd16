"""Searching in a browser: what is stored is found soon, while somebody types, and by the keyboard alone."""

import pytest
import requests
from support.factories import a_pact, a_publication, an_interaction
from support.receivers import wait_until

PATHS = ("/carts/{id}", "/carts", "/orders/{id}")


@pytest.fixture
def published(live_broker):
    """A broker whose index has a pact."""
    interactions = [
        an_interaction(f"a request for {path}", request={"method": "GET", "path": path}) for path in PATHS
    ]
    body = a_publication(a_pact(*interactions))
    assert requests.post(f"{live_broker}/contracts/publish", json=body, timeout=10).status_code == 200
    url = f"{live_broker}/search?q=request&kind=interactions&format=json"
    wait_until(lambda: len(requests.get(url, timeout=10).json()["results"]) == len(PATHS))
    return live_broker


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_found_follows_what_is_typed(published, page):
    page.goto(published)
    page.keyboard.press("/")
    page.keyboard.type("orders")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=orders")

    page.keyboard.press("End")
    for _ in "orders":
        page.keyboard.press("Backspace")
    page.keyboard.type("/carts/{")

    page.wait_for_selector("#found a:has-text('GET /carts/{id}')")
    assert page.locator("#found a:has-text('/orders')").count() == 0
    assert page.evaluate("document.activeElement.name") == "q"
    assert page.url.endswith("/search?q=%2Fcarts%2F%7B")
    assert page.inner_text("#said") == "1 result"

    page.keyboard.press("Backspace")
    page.keyboard.type("zzz")
    page.wait_for_selector("#found .empty")

    page.go_back()
    page.wait_for_url(published + "/")
