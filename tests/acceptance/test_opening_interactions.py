"""Interactions of a long pact in a browser: what they say comes when they are opened."""

import requests
from playwright.sync_api import expect
from support.factories import a_pact, a_publication, an_interaction

PACT = "/pacts/provider/Orders/consumer/Shop/latest"


def test_opening_an_interaction_brings_what_it_says(live_broker, page):
    pact = a_pact(*(an_interaction(f"number {number:02}") for number in range(20)))
    assert requests.post(f"{live_broker}/contracts/publish", json=a_publication(pact), timeout=10).ok

    page.goto(live_broker + PACT)
    card = page.locator("details.card", has_text="number 07")
    expect(card.get_by_text("status 200")).to_have_count(0)
    card.locator("summary").first.click()

    expect(card.get_by_text("status 200")).to_be_visible()
    expect(card.get_by_role("link", name="History")).to_be_visible()
    page.goto(f"{live_broker}{PACT}?open={card.get_attribute('id').removeprefix('i-')}")
    expect(page.locator("details.card[open]")).to_have_count(1)
