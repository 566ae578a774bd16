"""What people see of webhooks: which there are, which fail, and how to send again what failed."""

import json
import re

import pytest
from support.factories import NOON
from support.filling_forms import Person
from support.reading_pages import A_BROWSER, Page
from support.sql_statements import sql_statements

from broker.domain.webhooks.delivery import Status
from broker.storage.webhooks.outbox import AttemptRecord

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
LATER = NOON.replace(year=2999)
LOG = """[2026-06-01T12:00:00Z] INFO: HTTP/1.1 request POST https://ci.example.org/hook
[2026-06-01T12:00:00Z] INFO: host: ci.example.org
[2026-06-01T12:00:00Z] INFO: HTTP/1.1 response 401
[2026-06-01T12:00:00Z] INFO: content-type: application/json
[2026-06-01T12:00:00Z] INFO: {"message": "Bad credentials"}
[2026-06-01T12:00:00Z] ERROR: The delivery failed after 1 attempts
"""
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
                answer = "200" if status is Status.SUCCESS else "401"
                storage.outbox.record(claimed, AttemptRecord(status, LOG, None, answer), NOON)
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

    every, shop = "any consumer → any provider", "any consumer labelled team-a → Orders"
    events = "contract content changed contract published"
    assert page.rows[0] == ("Webhook", "For", "Tells of", "State", "Last delivery", "Age")
    assert [row[:5] for row in page.rows[1:]] == [
        ("fails", every, events, "failing", "failed"),
        ("delivers", shop, "contract published", "on", "delivered"),
        ("off", every, "contract published", "switched off", "never triggered"),
    ]
    assert "1 of 3 webhooks fails." in page.text
    assert "401 Bad credentials since 2026-06-01" in page.text
    assert "Give it a new token or password." in page.text
    assert page.is_balanced


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("state=on", ["delivers"]),
        ("state=failing", ["fails"]),
        ("state=off", ["off"]),
        ("event=contract_content_changed", ["fails"]),
        ("application=Orders", ["delivers"]),
        ("application=Nobody", []),
        ("sort=created", ["delivers", "off", "fails"]),
        ("sort=-created", ["fails", "off", "delivers"]),
        ("sort=name", ["delivers", "fails", "off"]),
    ],
)
def test_a_list_is_what_its_filters_say(visit, broker, publish, hook, come_of_it, query, shown):
    publish()
    hook(
        description="delivers", provider={"name": "Orders"}, events=[{"name": "provider_verification_failed"}]
    )
    hook(description="off", enabled=False)
    hook(description="fails", events=[{"name": "contract_published"}, {"name": "contract_content_changed"}])
    publish(version="2")
    come_of_it(Status.FAILURE)

    page = visit(f"/webhooks?{query}")
    document = broker.get(f"/webhooks?{query}&format=json").json["webhooks"]

    assert [row[0] for row in page.rows[1:]] == shown
    assert [row["webhook"] for row in document] == shown
    assert all(row["lastAnswer"] == "401 Bad credentials" for row in document if row["webhook"] == "fails")


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("state=failin", 404, "did you mean 'failing'"),
        ("event=x", 404, "there are contract_published"),
        ("sort=x", 400, "must be one of"),
        ("application=" + "x" * 256, 400, "cannot be longer"),
    ],
)
def test_a_filter_that_is_misspelt_is_refused(broker, query, status, said):
    page = Page(broker.get(f"/webhooks?{query}", headers=A_BROWSER))

    assert (page.status, said.lower() in page.text.lower()) == (status, True), page.text


def test_a_list_takes_six_statements_at_most_whatever_it_has(visit, publish, hook, come_of_it):
    publish()
    for number in range(60):
        hook(description=f"hook {number}")
    publish(version="2")
    come_of_it(Status.FAILURE)

    with sql_statements() as statements:
        page = visit("/webhooks?page=2")

    assert len(page.rows) == 11
    assert len(statements) <= 6


def test_a_webhook_shows_what_it_sends_without_its_secrets(visit, hook):
    uuid = hook()

    page = visit(f"/webhooks/{uuid}")

    assert "POST https://ci.example.org/hook" in page.text
    assert f'"number": {2**70}, "<b>": "</code>"' in page.text
    assert "authorization: **********" in page.text
    assert "s3cret" not in page.text
    assert "pa55" not in page.text
    assert page.links["Test"] == f"/webhooks/{uuid}/test"
    assert "It has not been triggered yet." in page.text
    assert page.is_balanced


def test_a_webhook_that_was_given_up_says_so_and_how_to_send_again(visit, publish, hook, come_of_it):
    uuid = hook()
    publish()
    come_of_it(Status.FAILURE, most=1)

    page = visit(f"/webhooks/{uuid}")

    assert "The broker gave it up" in page.text
    assert page.links["switch it on again"] == f"/webhooks/{uuid}/edit"
    assert page.rows[1][:2] == ("contract published", "Shop → Orders")
    assert f"tally webhooks redeliver --failed-of {uuid}" in page.text
    assert page.links["log and send again of delivery 1"].endswith("/logs")
    assert page.is_balanced


def test_deliveries_are_together_that_followed_each_other_and_ended_alike(
    visit, broker, publish, hook, come_of_it
):
    uuid = hook()
    for version, status in (
        ("1", Status.SUCCESS),
        ("2", Status.FAILURE),
        ("3", Status.FAILURE),
        ("4", Status.RETRYING),
    ):
        publish(version=version)
        come_of_it(status)

    with sql_statements() as statements:
        page = visit(f"/webhooks/{uuid}")

    found = re.findall(r"(is tried again|failed|delivered) (\d+) \S", page.text)
    assert found == [("is tried again", "1"), ("failed", "2"), ("delivered", "1")]
    assert "Log of the newest" in page.text
    assert len(statements) <= 6
    rows = broker.get(f"/webhooks/{uuid}?format=json").json["deliveries"]
    assert [(row["status"], row["answer"]) for row in rows] == [
        ("retrying", "401"),
        ("failure", "401"),
        ("failure", "401"),
        ("success", "200"),
    ]


def test_the_log_of_a_delivery_can_be_read_and_sent_again(broker, publish, hook, come_of_it):
    uuid = hook()
    publish()
    come_of_it(Status.FAILURE)
    [delivery] = broker.get(f"/webhooks/{uuid}/triggered-webhooks").json["_embedded"]["triggeredWebhooks"]
    at = f"/triggered-webhooks/{delivery['uuid']}"
    person = Person(broker)

    page = person.visit(f"{at}/logs")
    again = person.send()
    once_more = person.post(f"{at}/redeliver", {"form-token": _token(person)})

    assert "Contract published: Shop → Orders" in page.text
    assert "401 Bad credentials" in page.text
    assert "It will be sent again in a moment." in again.text
    assert (once_more.status, "is not_run: it will be sent anyway" in once_more.text) == (422, True)
    assert broker.get(f"{at}/logs").mimetype == "text/plain"


def test_a_webhook_that_does_not_exist_is_not_found(broker):
    page = Page(broker.get("/webhooks/none", headers=A_BROWSER))

    assert page.status == 404


def test_pages_lead_to_the_webhooks(visit):
    assert visit("/").links["Webhooks"] == "/webhooks"


def _token(person):
    person.visit("/webhooks/new")
    return person.forms()[0].fields["form-token"][0]
