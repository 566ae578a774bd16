"""The explorer of the API and the pages around it, in a real browser."""

import json

import pytest
import requests
from playwright.sync_api import expect
from support.factories import a_publication

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def explorer(live_broker, page):
    """Open the explorer at a path."""
    requests.post(
        f"{live_broker}/contracts/publish", json=a_publication(branch="feat/x"), timeout=30
    ).raise_for_status()
    requests.post(f"{live_broker}/pacticipants", json={"name": HOSTILE}, timeout=30).raise_for_status()

    def explore(path="/"):
        page.goto(f"{live_broker}/hal-browser/browser.html#{path}")
        expect(page.locator("#explorer h2")).to_be_visible()
        return page

    return explore


def test_links_are_followed(explorer):
    page = explorer()

    page.get_by_role("link", name="/pacticipants", exact=True).click()
    page.get_by_role("link", name="/pacticipants/Shop", exact=True).first.click()

    expect(page.locator("#explorer")).to_contain_text('"displayName": "Shop"')
    expect(page.locator("#explorer")).to_contain_text("200")
    assert page.url.endswith("#/pacticipants/Shop")


def test_a_template_asks_for_its_values(explorer):
    page = explorer()
    form = page.locator("tr", has_text="pb:pacticipant-branch-version").locator("form")

    for name, value in (("pacticipant", "Shop"), ("branch", "feat/x"), ("version", "1")):
        form.get_by_label(name, exact=True).fill(value)
    form.get_by_role("button").click()

    expect(page.get_by_label("Path")).to_have_value("/pacticipants/Shop/branches/feat%2Fx/versions/1")
    expect(page.locator("#explorer")).to_contain_text("200")


def test_other_methods_take_a_body_and_headers(explorer, live_broker):
    page = explorer()

    page.get_by_label("Method", exact=True).select_option("PATCH")
    page.get_by_label("Path").fill("/pacticipants/Shop")
    page.get_by_text("Headers and body").click()
    page.get_by_label("Headers, one on a line").fill("Content-Type: application/merge-patch+json")
    page.get_by_label("Body, sent").fill(json.dumps({"displayName": "The shop"}))
    page.get_by_role("button", name="Send").click()

    expect(page.locator("#explorer")).to_contain_text('"displayName": "The shop"')
    shop = requests.get(f"{live_broker}/pacticipants/Shop", timeout=30).json()
    assert shop["displayName"] == "The shop"


def test_what_is_embedded_is_opened_and_the_headers_are_shown(explorer):
    page = explorer("/pacticipants")

    page.locator("summary", has_text=HOSTILE).click()
    page.get_by_text("Headers", exact=True).click()

    expect(page.locator("details[open]").first).to_contain_text(f'"name": "{HOSTILE}"')
    expect(page.locator("#explorer")).to_contain_text("content-type: application/hal+json;charset=utf-8")
    assert page.locator("#explorer img").count() == 0


def test_a_relation_leads_to_its_help(explorer):
    page = explorer()

    page.get_by_role("link", name="pb:publish-contracts", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("publish-contracts")
    expect(page.locator("pre")).to_contain_text("curl -X POST")


def test_a_header_that_is_none_is_told(explorer):
    page = explorer()

    page.get_by_text("Headers and body").click()
    page.get_by_label("Headers, one on a line").fill("nonsense")
    page.get_by_role("button", name="Send").click()

    expect(page.get_by_role("alert")).to_contain_text('A header is "Name: value"')


@pytest.mark.parametrize("width", [375, 1280])
def test_no_page_is_wider_than_the_screen(explorer, live_broker, width):
    page = explorer()
    page.set_viewport_size({"width": width, "height": 800})

    for path in ("/hal-browser/browser.html#/", "/api-docs", "/doc/publish-contracts"):
        page.goto(live_broker + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
