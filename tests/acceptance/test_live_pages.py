"""Pages show new results without a reload, in a real browser."""

import pytest
import requests
from support.factories import a_pact, a_publication, a_verification_result, an_interaction


def verify(broker, version, *, success):
    pact = requests.get(f"{broker}/pacts/provider/Orders/consumer/Shop/latest", timeout=30).json()
    url = pact["_links"]["pb:publish-verification-results"]["href"]
    answer = requests.post(url, json=a_verification_result(version, success=success), timeout=30)
    assert answer.status_code == 201


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_result_shows_without_a_reload_and_the_focus_stays(live_broker, page):
    publication = a_publication(a_pact(an_interaction()))
    assert requests.post(f"{live_broker}/contracts/publish", json=publication, timeout=30).status_code == 200
    page.goto(live_broker)
    page.evaluate("window.isTheSamePage = true")
    link = page.get_by_role("rowheader").get_by_role("link", name="Shop")
    link.focus()
    with page.expect_response(lambda answer: answer.url == f"{live_broker}/", timeout=10_000):
        verify(live_broker, "7", success=False)

    page.get_by_text("1 of 1 integration fails on main").first.wait_for(timeout=5000)

    assert page.evaluate("window.isTheSamePage")
    assert page.evaluate("document.activeElement.textContent") == "Shop"
    assert "fails on main" in page.locator("#said").text_content()
    page.goto(f"{live_broker}/pacts/provider/Orders/consumer/Shop/version/1")
    page.wait_for_timeout(1500)
    verify(live_broker, "7", success=True)
    page.locator(".sentence .verified").wait_for(timeout=10_000)
