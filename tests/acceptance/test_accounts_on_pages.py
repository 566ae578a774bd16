"""From a log-in to a pipeline that publishes, on pages alone, without any script of ours being needed."""

import re

import pytest
import requests
from playwright.sync_api import expect
from support.factories import a_pact, a_publication
from support.people import PASSWORD, add_person

pytestmark = pytest.mark.slow


@pytest.fixture
def base(database, request):
    """The base URL of a broker that begins with an administrator."""
    add_person(database, "anna", roles=("administrator",))
    return request.getfixturevalue("live_broker")


def publish(base, token):
    body = a_publication(a_pact(consumer="Shop", provider="Cart"), version="1", branch="main")
    headers = {"Authorization": f"Bearer {token}"}
    return requests.post(f"{base}/contracts/publish", json=body, headers=headers, timeout=10).status_code


def fill(page, label, text):
    page.get_by_label(label, exact=True).fill(text)


def press(page, name):
    page.get_by_role("main").get_by_role("button", name=name).click()


def test_somebody_makes_a_team_and_a_token_that_publishes_and_revokes_it(base, page):
    page.goto(f"{base}/teams")
    fill(page, "Name", "anna")
    fill(page, "Password", PASSWORD)
    press(page, "Log in")
    expect(page.get_by_role("heading", level=1)).to_have_text("Teams")

    page.get_by_role("link", name="New team").first.click()
    fill(page, "Name", "selling")
    press(page, "Create")
    expect(page.get_by_role("status").first).to_have_text("The team selling was created.")
    page.get_by_role("link", name="Add an application").click()
    fill(page, "Application", "Shop")
    press(page, "Add")
    expect(page.get_by_role("main").get_by_role("link", name="Shop", exact=True)).to_be_visible()

    page.get_by_role("link", name="New service account").click()
    fill(page, "Name", "shop-ci")
    press(page, "Create")
    page.get_by_role("link", name="New token").click()
    fill(page, "Name", "Jenkins")
    press(page, "Make the token")
    token = page.locator(".once code").inner_text()
    assert re.fullmatch(r"tallys_[A-Za-z0-9]{49}", token)
    assert publish(base, token) == 200

    page.goto(f"{base}/teams/selling")
    assert token not in page.content()
    page.get_by_role("link", name="Revoke Jenkins").click()
    press(page, "Revoke the token")
    expect(page.get_by_role("status").first).to_have_text("The token Jenkins was revoked.")
    assert publish(base, token) == 401

    page.goto(f"{base}/pacticipants/Shop")
    expect(page.get_by_role("main").get_by_role("link", name="selling")).to_be_visible()
    page.locator(".menu summary").click()
    page.get_by_role("button", name="Log out").click()
    page.goto(f"{base}/teams")
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
