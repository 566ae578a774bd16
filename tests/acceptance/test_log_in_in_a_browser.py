"""The log-in in a real browser: without scripts, and with a page of another site that wants to use it."""

from http.server import BaseHTTPRequestHandler

import pytest
import requests
from playwright.sync_api import expect
from support.people import PASSWORD, add_person
from support.receivers import answer, receiving
from support.serving import serving
from support.visiting import faults

from broker.storage.database import Database

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def broker(database_url, tmp_path):
    """The address of a broker with Anna's account."""
    database = Database(database_url, synchronous="normal")
    add_person(database, "anna", roles=("administrator",))
    database.close()
    with serving(database_url, tmp_path / "log", is_forked=True) as url:
        yield url


def log_in(page, broker, to="/"):
    page.goto(f"{broker}{to}")
    page.get_by_label("Name", exact=True).fill("anna")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def test_somebody_logs_in_works_and_logs_out_without_scripts(broker, chromium):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    log_in(page, broker, "/environments/new")

    expect(page).to_have_url(f"{broker}/environments/new")
    page.get_by_label("Name", exact=True).fill("staging")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("status").first).to_contain_text("staging")
    page.goto(f"{broker}/my/sessions")
    expect(page.get_by_text("(this one)")).to_be_visible()
    page.get_by_role("link", name="Log out").first.click()
    page.get_by_role("button", name="Log out here").click()
    expect(page.get_by_text("You are logged out.")).to_be_visible()
    page.goto(f"{broker}/environments")
    expect(page).to_have_url(f"{broker}/log-in?to=%2Fenvironments")
    context.close()


def test_a_page_of_another_site_changes_nothing_with_the_session(broker, chromium):
    context = chromium.new_context()
    page = context.new_page()
    log_in(page, broker, "/environments/new")
    expect(page).to_have_url(f"{broker}/environments/new")
    token = page.locator("[name=form-token]").first.input_value()

    def evil(handler: BaseHTTPRequestHandler) -> None:
        fields = f"<input name=name value=evil><input name=form-token value='{token}'>"
        form = f"<form method=post action='{broker}/environments/new'>{fields}<button>Win</button></form>"
        field = f"<input name=form-token value='{token}'>"
        out = f"<form method=post action='{broker}/log-out'>{field}<button>Out</button></form>"
        answer(handler, body=f"<title>evil</title>{form}{out}".encode(), Content_Type="text/html")

    with receiving(evil) as site:
        # By its name it is another site; it has even learnt the token.
        for button in ("Win", "Out"):
            page.goto(site.url.replace("127.0.0.1", "localhost"))
            with page.expect_navigation():
                page.get_by_role("button", name=button).click()
            expect(page.get_by_text("evil")).to_have_count(0)
        page.goto(site.url.replace("127.0.0.1", "localhost"))
        fetched = page.evaluate(
            """async url => {
                const answer = await fetch(url, {method: 'POST', mode: 'no-cors', credentials: 'include',
                    headers: {'Content-Type': 'text/plain'}, body: '{"name": "evil"}'})
                return answer.type
            }""",
            f"{broker}/environments",
        )
    assert fetched == "opaque"
    page.goto(f"{broker}/environments")
    expect(page).to_have_url(f"{broker}/environments")  # still logged in
    expect(page.get_by_text("evil")).to_have_count(0)
    context.close()


def test_a_page_of_the_broker_cannot_make_the_api_write_with_the_session_alone(broker, chromium):
    context = chromium.new_context()
    page = context.new_page()
    log_in(page, broker)
    expect(page).to_have_url(f"{broker}/")
    page.goto(f"{broker}/webhooks")

    status = page.evaluate(
        """async () => (await fetch('/pacticipants', {method: 'POST',
            headers: {'Content-Type': 'application/json'}, body: '{"name": "Shop"}'})).status"""
    )

    assert status == 401
    assert "tally" not in page.evaluate("document.cookie")
    context.close()


def test_the_pages_of_the_log_in_are_without_fault(broker, chromium):
    context = chromium.new_context()
    page = context.new_page()
    assert faults(page, f"{broker}/log-in?to=/webhooks") == []
    assert faults(page, f"{broker}/log-in/link?code=x") == []

    log_in(page, broker)

    expect(page).to_have_url(f"{broker}/")
    assert faults(page, f"{broker}/my/sessions") == []
    assert faults(page, f"{broker}/my/password") == []
    assert faults(page, f"{broker}/log-out") == []
    context.close()


def test_the_cookie_of_the_session_is_none_of_a_script_and_is_not_stored(broker, chromium):
    context = chromium.new_context()
    page = context.new_page()
    log_in(page, broker)
    expect(page).to_have_url(f"{broker}/")

    [cookie] = [found for found in context.cookies() if found["name"] == "tally"]

    assert (cookie["httpOnly"], cookie["sameSite"], cookie["expires"]) == (True, "Lax", -1)
    held = {"Cookie": f"tally={cookie['value']}"}
    assert (
        requests.post(f"{broker}/pacticipants", json={"name": "x"}, headers=held, timeout=30).status_code
        == 401
    )
    context.close()
