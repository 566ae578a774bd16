"""The pages as people use them, in a real browser."""

from pathlib import Path
from urllib.parse import quote

import pytest
import requests
from playwright.sync_api import expect
from support.contract_documents import an_openapi
from support.factories import a_message_pact, a_pact, a_publication, a_verification_result, an_interaction

# What the pages ask of a database is tested on both in tests/broker/web/pages.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
AXE = (Path(__file__).parents[1] / "data" / "axe" / "axe.min.js").read_text(encoding="utf-8")
HOSTILE = "<script>alert('1')</script>\"><img src=x onerror=alert(2)> {{ 7*7 }} %2F/ é"
PHONE, DESKTOP = {"width": 375, "height": 800}, {"width": 1280, "height": 900}
A_MISMATCH = {"attribute": "body", "identifier": "$.status", "description": "expected 'paid' but was 'open'"}


def publish(broker, pact, **publication):
    answer = requests.post(f"{broker}/contracts/publish", json=a_publication(pact, **publication), timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()


def fail(broker, provider, consumer, version, provider_version):
    """Publish a result in which the first interaction is broken."""
    pair = f"{broker}/pacts/provider/{quote(provider, safe='')}/consumer/{quote(consumer, safe='')}"
    pact = requests.get(f"{pair}/version/{quote(version, safe='')}", timeout=30).json()
    results = [{"interactionId": item["_id"], "success": True} for item in pact["interactions"]]
    results[0] |= {"success": False, "mismatches": [A_MISMATCH]}
    result = a_verification_result(provider_version, success=False, testResults=results)
    url = pact["_links"]["pb:publish-verification-results"]["href"]
    assert requests.post(url, json=result, timeout=30).status_code == 201


@pytest.fixture
def lived_in(live_broker):
    """A broker with a little of everything; the addresses of its pages."""
    interactions = [an_interaction(name) for name in ("reading", "writing", "listing", "deleting")]
    publish(
        live_broker,
        a_pact(*interactions),
        version="0" * 40,
        tags=["prod"],
        buildUrl="https://ci.example.org/1",
    )
    publish(live_broker, a_message_pact(consumer="Invoicing"), version="2026.7.1-rc.1+" + "build." * 10)
    publish(live_broker, a_pact(consumer="A name " * 12, provider="Without-any-space-" * 6))
    fail(live_broker, "Orders", "Shop", "0" * 40, "7")
    requests.put(f"{live_broker}/pacts/provider/Weather/consumer/Old/version/1", json={"a": 1}, timeout=30)
    contract = {"pacticipantName": "Orders", "pacticipantVersionNumber": "7", "content": an_openapi()}
    requests.post(f"{live_broker}/service-contracts/publish", json=contract, timeout=30).raise_for_status()
    hook = {
        "description": "Tell " * 30,
        "request": {"url": "https://ci.example.org/" + "x" * 200, "body": {"a": 1}},
    }
    webhook = requests.post(f"{live_broker}/webhooks", json=hook, timeout=30).json()["uuid"]
    publish(live_broker, a_pact(consumer="Told"), version="1")
    paths = (
        "/",
        "/?search=nothing",
        "/environments",
        "/pacticipants/Orders",
        "/pacticipants/Orders/versions/7",
        f"/pacticipants/Shop/versions/{'0' * 40}",
        "/pacts/provider/Orders/consumer/Shop/latest",
        "/pacts/provider/Orders/consumer/Invoicing/latest",
        "/pacts/provider/Weather/consumer/Old/latest",
        "/pacticipants/Nobody",
        "/api-docs",
        "/doc/publish-contracts",
        "/hal-browser/browser.html",
        "/webhooks",
        f"/webhooks/{webhook}",
    )
    return [live_broker + path for path in paths]


def test_the_way_from_the_index_to_what_is_broken(live_broker, page):
    publish(
        live_broker, a_pact(*map(an_interaction, ["reading", "writing", "listing", "deleting"])), version="1"
    )
    fail(live_broker, "Orders", "Shop", "1", "7")

    page.goto(live_broker)
    expect(page.get_by_role("heading", level=1)).to_have_text("Contracts")
    expect(page.get_by_role("row").nth(1)).to_contain_text("failed")
    page.get_by_role("link", name="1", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Shop")
    expect(page.get_by_text("expected 'paid' but was 'open'")).to_be_visible()
    other = page.locator("details", has_text="deleting")
    expect(other.get_by_text("GET /orders/1").last).not_to_be_visible()
    other.locator("summary").click()
    expect(other.get_by_text("status 200")).to_be_visible()

    page.get_by_role("row", name="failed").get_by_role("link", name="7").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Orders 7")
    page.get_by_role("row", name="Shop").get_by_role("link", name="Shop").click()
    expect(page.get_by_role("heading", level=2)).to_have_text(["What it needs", "Latest versions"])


def test_searching_and_turning_pages(live_broker, page):
    contracts = [a_publication(a_pact(provider=f"Service {n:02}"))["contracts"][0] for n in range(51)]
    publish(live_broker, a_pact(provider="Service 00"), contracts=contracts)
    rows = page.locator("tbody tr")

    page.goto(live_broker)
    expect(rows).to_have_count(50)
    page.get_by_role("link", name="Next").click()
    expect(rows).to_have_count(1)
    expect(page.get_by_text("Page 2 of 2")).to_be_visible()
    page.get_by_role("searchbox").fill("service 1")
    page.keyboard.press("Enter")

    expect(rows).to_have_count(10)
    expect(page.get_by_role("searchbox")).to_have_value("service 1")
    expect(page.get_by_role("navigation", name="Pages")).to_have_count(0)


def test_an_empty_broker_shows_how_to_begin(live_broker, page):
    page.goto(live_broker)

    expect(page.get_by_role("heading", name="No pacts yet")).to_be_visible()
    expect(page.get_by_text(f"--broker-base-url {live_broker}").first).to_be_visible()


def test_names_are_text_whatever_is_in_them(live_broker, page):
    interaction = an_interaction(HOSTILE, providerStates=[{"name": HOSTILE, "params": {HOSTILE: HOSTILE}}])
    pact = a_pact(interaction, consumer=HOSTILE, provider=f"{HOSTILE} service")
    publish(
        live_broker, pact, version=HOSTILE, branch=HOSTILE, tags=[HOSTILE], buildUrl="javascript:alert(3)"
    )
    fail(live_broker, f"{HOSTILE} service", HOSTILE, HOSTILE, HOSTILE)
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))

    page.goto(live_broker)
    page.get_by_role("row").nth(1).locator("a[title]").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(HOSTILE)
    expect(page.get_by_role("heading", level=3)).to_have_text(HOSTILE)
    page.locator("dl a.number").click()
    expect(page.locator("dl")).to_contain_text("javascript:alert(3)")
    assert page.locator("a[href^='javascript']").count() == 0
    page.get_by_role("row").nth(1).get_by_role("link", name="service").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{HOSTILE} service")
    page.goto(f"{live_broker}/?search={quote(HOSTILE)}")
    expect(page.get_by_role("searchbox")).to_have_value(HOSTILE)

    assert dialogs == []


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible(lived_in, page, scheme, viewport):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(viewport)
    violations = []

    for url in lived_in:
        page.goto(url)
        page.evaluate(AXE)
        found = page.evaluate("axe.run()")["violations"]
        violations += [(url, item["id"], item["nodes"][0]["target"]) for item in found]

    assert violations == []


def test_nothing_is_cut_off_on_a_phone(lived_in, page):
    page.set_viewport_size(PHONE)
    too_wide = []

    for url in lived_in:
        page.goto(url)
        if page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
            too_wide.append(url)

    assert too_wide == []


def test_pages_need_no_script(lived_in, chromium):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()

    page.goto(lived_in[6])
    page.locator("details", has_text="deleting").locator("summary").click()

    expect(page.locator("details", has_text="deleting").get_by_text("status 200")).to_be_visible()
    context.close()


def test_the_keyboard_reaches_the_content_at_once(live_broker, page):
    page.goto(live_broker)

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()
