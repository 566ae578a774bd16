"""Names as long as they may be, without a space: no page is wider than a phone, in a real browser."""

from functools import partial

import pytest
import requests
from support.difficult_names import Names
from support.difficult_world import build

from broker.domain.limits import NAME, REFERENCE

NAMES = Names(
    consumer="W" * NAME,
    provider="M" * NAME,
    version="V" * REFERENCE,
    branch="B" * REFERENCE,
    tag="T" * REFERENCE,
    label="L" * NAME,
    shown="S" * NAME,
    instance="I" * NAME,
)
PACT = "/pacts/provider/{provider}/consumer/{consumer}"
PAGES = (
    "/",
    "/?search={shown}",
    "/pacticipants/{consumer}/delete",
    "/pacticipants/{consumer}/branches/{branch}",
    f"{PACT}/latest/{{tag}}",
    f"{PACT}/version/{{version}}/delete",
    "/matrix/provider/{provider}/consumer/{consumer}",
    "/environments",
    "/environments/{environment}/edit",
    "/webhooks/{webhook}/delete",
)


class Answer:
    """An answer, as a builder of worlds reads it."""

    def __init__(self, answer):
        self.status_code, self.text = answer.status_code, answer.text
        self.json = answer.json()


def ask(url, method, path, json):
    return Answer(requests.request(method, url + path, json=json, timeout=30))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_page_is_wider_than_a_phone(live_broker, page):
    world = build(partial(ask, live_broker), NAMES)
    page.set_viewport_size({"width": 320, "height": 800})
    wide = []

    for path in PAGES:
        ids = {"environment": world.environment, "webhook": world.webhook}
        page.goto(live_broker + path.format(**vars(NAMES) | ids))
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wide.append(path)

    assert wide == []
