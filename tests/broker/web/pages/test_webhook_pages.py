"""What people see of webhooks: which there are, which fail, and how to send again what failed."""

import json

import pytest
from support.factories import NOON
from support.reading_pages import A_BROWSER, Page

from broker.domain.webhooks.delivery import Status
from broker.storage.webhooks.outbox import AttemptRecord

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
LATER = NOON.replace(year=2999)
REQUEST = {
    "url": "https://ci.example.org/hook",
    "headers": {"Authorization": "Bearer s3cret"},
    "body": {"number": 2**70, "<b>": "</code>"},
    "username": "me",
    "password": "pa55",
}


@pytest.fixture
def hook(broker):
    """Add a webhook, and return its uuid."""

    def add(**changes):
        document = {"events": [{"name": "contract_published"}], "request": REQUEST, **changes}
        answer = broker.post("/webhooks", data=json.dumps(document), content_type="application/json")
        assert answer.status_code == 201, answer.text
        return answer.json["uuid"]

    return add


@pytest.fixture
def come_of_it(database):
    """Let every delivery that is due end like this."""

    def record(status, *, most=20):
        with database.transaction() as storage:
            for claimed in storage.outbox.claim(60, most=100):
                storage.outbox.record(claimed, AttemptRecord(status, "log", None), NOON)
                if status is Status.FAILURE:
                    storage.triggers.failed(claimed.webhook_id, NOON, most=most)

    return record


def test_without_webhooks_the_page_says_how_to_add_one(visit):
    page = visit("/webhooks")

    assert "There are no webhooks yet" in page.text
    assert "http://localhost/webhooks" in page.text
    assert page.is_balanced


def test_webhooks_are_listed_those_first_that_fail(visit, broker, publish, hook, come_of_it):
    publish()
    broker.put("/pacticipants/Shop/labels/team-a", json={})
    hook(description="delivers", consumer={"label": "team-a"}, provider={"name": "Orders"})
    publish(version="2")
    come_of_it(Status.SUCCESS)
    hook(description="off", enabled=False)
    hook(description="fails", events=[{"name": "contract_published"}, {"name": "contract_content_changed"}])
    broker.delete("/pacticipants/Shop/labels/team-a")
    publish(version="3")
    come_of_it(Status.FAILURE)

    page = visit("/webhooks")

    every, shop = "any consumer with any provider", "any consumer labelled team-a with Orders"
    events = "contract content changed contract published"
    assert page.rows == [
        ("Webhook", "For", "Tells of", "State", "Last delivery"),
        ("fails", every, events, "failing 1 failure in a row", page.rows[1][4]),
        ("delivers", shop, "contract published", "on", page.rows[2][4]),
        ("off", every, "contract published", "switched off", "never triggered"),
    ]
    assert (page.rows[1][4][:6], page.rows[2][4][:9]) == ("failed", "delivered")
    assert page.is_balanced


def test_a_webhook_shows_what_it_sends_without_its_secrets(visit, hook):
    uuid = hook()

    page = visit(f"/webhooks/{uuid}")

    assert "POST https://ci.example.org/hook" in page.text
    assert f'"number": {2**70}, "<b>": "</code>"' in page.text
    assert "authorization: **********" in page.text
    assert "s3cret" not in page.text
    assert "pa55" not in page.text
    assert f"tally webhooks test {uuid}" in page.text
    assert "It has not been triggered yet." in page.text
    assert page.is_balanced


def test_a_webhook_that_was_given_up_says_so_and_how_to_send_again(visit, publish, hook, come_of_it):
    uuid = hook()
    publish()
    come_of_it(Status.FAILURE, most=1)

    page = visit(f"/webhooks/{uuid}")

    assert "given up 1 failure in a row" in page.text
    assert "Disabled on 2026-06-01 at 12:00 UTC" in page.text
    assert page.rows[1][:4] == ("contract published", "Shop", "Orders", "failed 1 attempt")
    assert f"tally webhooks redeliver --failed-of {uuid}" in page.text
    assert page.links["all attempts"].endswith("/logs")
    assert page.is_balanced


def test_a_webhook_that_does_not_exist_is_not_found(broker):
    page = Page(broker.get("/webhooks/none", headers=A_BROWSER))

    assert page.status == 404


def test_pages_lead_to_the_webhooks(visit):
    assert visit("/").links["Webhooks"] == "/webhooks"
