"""The pages as people use them, in a real browser: an empty broker, and names that nobody would choose."""

from pprint import pformat
from urllib.parse import quote, urlencode

import pytest
import requests
from playwright.sync_api import expect
from support.factories import a_pact, a_publication, a_verification_result, an_interaction
from support.visiting import faults

# What the pages ask of a database is tested on both in tests/broker/web/pages.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HOSTILE = "<script>alert('1')</script>\"><img src=x onerror=alert(2)> {{ 7*7 }} %2F/ é"
RIGHT_TO_LEFT = "\u0645\u062a\u062c\u0631\u202eevil"
LONG = "A-name-without-any-space-" * 4
PROVIDER = f"={HOSTILE} service"
A_MISMATCH = {"attribute": "body", "identifier": HOSTILE, "description": HOSTILE, "expected": HOSTILE}


def ask(method, url, json):
    answer = requests.request(method, url, json=json, timeout=30)
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else {}


def quoted(*names):
    return "/".join(quote(name, safe="") for name in names)


@pytest.fixture
def hostile(live_broker):
    """A broker with such names in every field that a client can set; the addresses of its pages."""
    state = {"name": HOSTILE, "params": {HOSTILE: HOSTILE}}
    interaction = an_interaction(HOSTILE, providerStates=[state])
    interaction["request"] |= {"query": {HOSTILE: [HOSTILE]}, "headers": {"X-A": HOSTILE}, "body": HOSTILE}
    interaction["response"]["body"] = {HOSTILE: [HOSTILE]}
    for consumer in (HOSTILE, RIGHT_TO_LEFT, LONG):
        pact = a_pact(interaction, consumer=consumer, provider=PROVIDER)
        more = {"version": HOSTILE, "branch": HOSTILE, "tags": [HOSTILE], "buildUrl": "javascript:alert(3)"}
        ask("POST", f"{live_broker}/contracts/publish", a_publication(pact, **more))
    pair = f"pacts/provider/{quoted(PROVIDER)}/consumer/{quoted(HOSTILE)}"
    published = ask("GET", f"{live_broker}/{pair}/version/{quoted(HOSTILE)}", None)
    failed = {"interactionId": published["interactions"][0]["_id"], "success": False}
    failed |= {"mismatches": [A_MISMATCH]}
    result = a_verification_result(HOSTILE, success=False, testResults=[failed])
    ask("POST", published["_links"]["pb:publish-verification-results"]["href"], result)
    ask("PUT", f"{live_broker}/pacticipants/{quoted(HOSTILE)}/labels/{quoted('team:' + HOSTILE)}", {})
    place = {"name": "e" * 60, "displayName": HOSTILE, "production": True}
    environment = ask("POST", f"{live_broker}/environments", place)["uuid"]
    version = f"pacticipants/{quoted(HOSTILE)}/versions/{quoted(HOSTILE)}"
    deployed = f"{live_broker}/{version}/deployed-versions/environment/{environment}"
    ask("POST", deployed, {"applicationInstance": HOSTILE})
    request = {"method": "POST", "url": "https://ci.example.org/" + "x" * 200, "body": {"a": HOSTILE}}
    hook = ask("POST", f"{live_broker}/webhooks", {"description": HOSTILE, "request": request})["uuid"]
    question = urlencode({"pacticipant": HOSTILE, "version": HOSTILE, "environment": "e" * 60})
    paths = (
        *("", f"?{urlencode({'search': HOSTILE})}", f"search?{urlencode({'q': HOSTILE[:90]})}"),
        *(f"pacticipants/{quoted(HOSTILE)}", version, f"pacticipants/{quoted(PROVIDER)}/results"),
        *(f"{pair}/latest", f"matrix/provider/{quoted(PROVIDER)}/consumer/{quoted(HOSTILE)}"),
        *("network", f"network?{urlencode({'around': HOSTILE})}", "environments", f"can-i-deploy?{question}"),
        *("insights", f"badges?{urlencode({'consumer': HOSTILE, 'provider': PROVIDER})}"),
        *("webhooks", f"webhooks/{hook}", f"pacticipants/{quoted(HOSTILE)}/delete"),
    )
    return [f"{live_broker}/{path}" for path in paths]


def test_names_are_text_whatever_is_in_them(hostile, page):
    dialogs, found = [], {}
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))

    for url in hostile:
        if wrong := faults(page, url):
            found[url] = wrong
        assert page.locator("a[href^='javascript']").count() == 0

    assert dialogs == []
    assert found == {}, pformat(found, width=180)


def test_an_empty_broker_shows_the_commands_that_fill_it(live_broker, page):
    page.goto(live_broker)

    commands = page.locator(".command code")
    expect(commands).to_have_count(3)
    expect(commands.first).to_contain_text("tally publish pacts --consumer-app-version 1 --branch main")
    expect(commands.first).to_contain_text(f"--broker-base-url {live_broker}")


def test_a_command_is_copied(live_broker, page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(live_broker)

    page.get_by_role("button", name="Copy").first.click()

    expect(page.get_by_role("status")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator(".command code").first.text_content()


def test_the_keyboard_reaches_the_content_at_once(live_broker, page):
    page.goto(live_broker)

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()
