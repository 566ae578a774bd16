"""Forms in a real browser: what a person does with one, and what a page of another site cannot do."""

from http.server import BaseHTTPRequestHandler

import pytest
import requests
from playwright.sync_api import expect
from support.receivers import answer, answering, receiving
from support.serving import serving

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SETTINGS = {"TALLY_WEBHOOK_SCHEME_WHITELIST": "http", "TALLY_WEBHOOK_HOST_WHITELIST": "127.0.0.0/8"}


@pytest.fixture
def broker(database_url, tmp_path):
    """The address of a broker that may send webhooks to this machine."""
    with serving(database_url, tmp_path / "tally-serve.log", environment=SETTINGS, is_forked=True) as url:
        yield url


def test_a_webhook_is_created_corrected_tried_and_deleted(broker, page):
    with receiving(answering(202)) as receiver:
        page.goto(f"{broker}/webhooks")
        page.get_by_role("link", name="New webhook").first.click()
        page.get_by_label("Name", exact=True).fill("Tell CI")
        page.get_by_label("URL").fill("https://elsewhere.example.org/")
        page.get_by_role("button", name="Create").click()

        expect(page.get_by_role("alert")).to_contain_text("Nothing was changed: 1 field is wrong.")
        expect(page.get_by_label("URL")).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_label("Name", exact=True)).to_have_value("Tell CI")
        page.get_by_label("URL").fill(receiver.url)
        page.get_by_role("button", name="Send a test").click()
        expect(page.get_by_role("status").first).to_contain_text("The receiver answered 202")
        page.get_by_role("button", name="Create").dblclick()

        expect(page.get_by_role("status").first).to_have_text("The webhook Tell CI was created.")
        assert len(receiver.received) == 1
        assert len(requests.get(f"{broker}/webhooks", timeout=30).json()["_links"]["pb:webhooks"]) == 1
    page.get_by_role("link", name="Delete").click()
    page.get_by_label("To be sure").fill("Tell CI")
    page.get_by_role("button", name="Delete the webhook").click()
    expect(page.get_by_role("status").first).to_have_text("The webhook Tell CI was deleted.")
    expect(page.get_by_text("There are no webhooks yet")).to_be_visible()


def test_a_page_of_another_site_changes_nothing(broker, page):
    requests.post(f"{broker}/pacticipants", json={"name": "Shop"}, timeout=30).raise_for_status()
    target = f"{broker}/pacticipants/Shop/delete"
    page.goto(target)
    token = page.locator("[name=form-token]").first.input_value()

    def evil(handler: BaseHTTPRequestHandler) -> None:
        fields = f"<input name=name value=Shop><input name=form-token value='{token}'>"
        form = f"<form method=post action='{target}'>{fields}<button>Win</button></form>"
        answer(handler, body=f"<title>evil</title>{form}".encode(), Content_Type="text/html")

    with receiving(evil) as site:
        # By its name it is another site; it has even learnt the token.
        page.goto(site.url.replace("127.0.0.1", "localhost"))
        with page.expect_navigation() as navigation:
            page.get_by_role("button", name="Win").click()

    assert navigation.value.status == 403
    expect(page.get_by_text("The page of another site may not change anything here")).to_be_visible()
    assert requests.get(f"{broker}/pacticipants/Shop", timeout=30).status_code == 200


def test_nothing_moves_while_the_explorer_loads(broker, page):
    page.add_init_script(
        "window.moved = 0; new PerformanceObserver(list => list.getEntries().forEach("
        "entry => { if (!entry.hadRecentInput) window.moved += entry.value; }))"
        ".observe({ type: 'layout-shift', buffered: true });"
    )

    page.goto(f"{broker}/hal-browser/browser.html")
    expect(page.locator("#explorer h2")).to_be_visible()
    page.wait_for_timeout(300)

    assert page.evaluate("window.moved") == 0
