"""Creating, changing and trying webhooks, and their secrets, from pages."""

import pytest
from support.factories import a_pact
from support.filling_forms import Person
from support.receivers import answering, receiving

from broker.app import create_app
from broker.settings.settings import Settings

KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
URL = "https://ci.example.org/hook"


@pytest.fixture
def person(database):
    """Return a person at a broker with a key for secrets, which may send webhooks to this machine."""
    settings = Settings(
        secrets_key=(KEY,),
        webhook_scheme_whitelist=("http", "https"),
        webhook_host_whitelist=("127.0.0.0/8", "ci.example.org", "other.example.org"),
    )
    return Person(create_app(settings, database).test_client())


@pytest.fixture
def receiver():
    with receiving(answering(401, b'{"message": "Bad credentials"}')) as found:
        yield found


def only_webhook(person):
    [link] = person.client.get("/webhooks").json["_links"]["pb:webhooks"]
    return person.client.get(link["href"]).json


def test_a_webhook_is_created_as_the_api_would(person):
    person.client.post("/pacticipants", json={"name": "Orders"})
    person.client.put("/secrets/ci", json={"value": "s3cret"})
    person.visit("/webhooks/new")

    page = person.send(
        description="Tell CI",
        provider__name="Orders",
        consumer__label="team:a",
        events=["contract_published", "provider_verification_failed"],
        request__url=URL,
        request__headers="X-Team: a\n\nauthorization: Bearer ${secret.ci}",
        request__body='{"pact": "${pactbroker.pactUrl}", "n": 1.50}',
        request__username="me",
        request__password="pa55",
        signingSecret="ci",
    )

    assert "The webhook Tell CI was created." in page.text
    created = only_webhook(person)
    assert created["request"] == {
        "method": "POST",
        "url": URL,
        "headers": {"x-team": "a", "authorization": "Bearer ${secret.ci}"},
        "body": {"pact": "${pactbroker.pactUrl}", "n": 1.5},
        "username": "me",
        "password": "**********",
    }
    assert (created["provider"], created["consumer"]) == ({"name": "Orders"}, {"label": "team:a"})
    assert [event["name"] for event in created["events"]] == [
        "contract_published",
        "provider_verification_failed",
    ]
    assert (created["signingSecret"], created["enabled"]) == ("ci", True)


def test_what_the_api_would_refuse_is_said_beside_its_field(person):
    person.visit("/webhooks/new")
    given = {
        "description": "x" * 1001,
        "consumer__name": "Nobody",
        "events": [],
        "request__url": "ftp://me@host",
        "request__headers": "no colon\nHost name: x",
        "request__body": "${pactbroker.pactUrll}",
    }

    page = person.send(**given)

    assert page.status == 400
    for said in (
        "cannot be longer than 1000 characters",
        "size cannot be less than 1",
        "is not a valid URL",
        "line 1 must be 'Name: value'",
        "'host name' is not the name of a header",
        "did you mean 'pactUrl'",
    ):
        assert said in page.text
    kept = person.forms()[0].fields
    assert kept["request.body"] == ["${pactbroker.pactUrll}"]
    assert kept["request.headers"] == ["no colon\nHost name: x"]
    assert (
        "does not match an existing pacticipant"
        in person.send(
            description="x",
            events=["contract_published"],
            request__url=URL,
            request__headers="",
            request__body="",
        ).text
    )
    assert person.client.get("/webhooks").json["_links"]["pb:webhooks"] == []


def test_a_webhook_is_changed_and_keeps_its_secrets(person):
    stored = {"url": f"{URL}?token=t-1&ref=main", "headers": {"X-Token": "t-2"}, "body": {"secret": "t-3"}}
    request = {**stored, "username": "me", "password": "t-4"}
    uuid = person.client.post("/webhooks", json={"request": request}).json["uuid"]
    page = person.visit(f"/webhooks/{uuid}/edit")

    assert not any(f"t-{number}" in person.answer.text for number in (1, 2, 3, 4))
    assert page.status == 200
    saved = person.send(description="Changed", enabled=None, request__url=f"{URL}/x?token=**********")

    assert "The webhook Changed was changed." in saved.text
    tried = person.client.post(f"/webhooks/{uuid}/execute?dryRun=true").json["request"]
    assert tried["url"] == "/hook/x?token=**********"
    person.visit(f"/webhooks/{uuid}/edit")
    moved = person.send(request__url="https://other.example.org/?token=**********")
    assert (
        "what was stored for the earlier one was dropped: query of the URL, password, header x-token, body"
        in moved.text
    )
    assert person.client.get(f"/webhooks/{uuid}").json["enabled"] is False


def test_a_webhook_that_was_deleted_meanwhile_is_not_created_again(person):
    uuid = person.client.post("/webhooks", json={"request": {"url": URL}}).json["uuid"]
    person.visit(f"/webhooks/{uuid}/edit")
    person.client.delete(f"/webhooks/{uuid}")

    assert person.send(description="Again").status == 404
    assert person.client.get("/webhooks").json["_links"]["pb:webhooks"] == []


def test_a_form_is_tried_before_it_is_stored(person, publish_to, receiver):
    publish_to(person, a_pact())
    person.visit("/webhooks/new")
    given = {"request__url": f"{receiver.url}/hook?token=t-1", "request__body": "${pactbroker.consumerName}"}

    preview = person.send(0, "Preview", **given)
    sent_before = list(receiver.received)
    sent = person.send(0, "Send a test", pair__consumer="Shop", pair__provider="Orders")
    wrong = person.send(0, "Preview", pair__consumer="Nobody")

    assert "/hook?token=**********" in preview.text
    assert "Shop" in preview.text
    assert sent_before == []
    assert [(item.path, item.body) for item in receiver.received] == [("/hook?token=t-1", b"Shop")]
    assert "The receiver answered 401, which counts as a failure." in sent.text
    assert "t-1" not in sent.text
    assert (wrong.status, "is not known here" in wrong.text) == (400, True)
    assert person.client.get("/webhooks").json["_links"]["pb:webhooks"] == []


def test_a_stored_webhook_is_tried_about_a_chosen_pair(person, publish_to, receiver):
    publish_to(person, a_pact())
    publish_to(person, a_pact(consumer="Other"))
    request = {"url": receiver.url, "headers": {"X-Token": "t-1"}, "body": "${pactbroker.consumerName}"}
    hook = {"provider": {"name": "Orders"}, "request": request}
    uuid = person.client.post("/webhooks", json=hook).json["uuid"]

    page = person.visit(f"/webhooks/{uuid}/test?consumer=Shop")
    sent = person.send()
    again = person.send()
    wrong = person.visit(f"/webhooks/{uuid}/test?provider=Shop")

    assert "x-token: ********** " in page.text
    assert [item.body for item in receiver.received] == [b"Shop", b"Shop"]
    assert receiver.received[0].headers["x-token"] == "t-1"
    assert "The receiver answered 401" in sent.text
    assert "Send it again" in again.text or again.status == 200
    assert "The provider Shop must be Orders: the webhook is for no other." in wrong.text


def test_secrets_are_stored_marked_and_deleted_and_never_shown(person):
    person.visit("/secrets/new")
    wrong = person.send(name="a b", value="s3cret")
    page = person.send(name="ci", value="s3cret", description="of CI")

    assert (wrong.status, "may have letters" in wrong.text, "s3cret" in person.answer.text) == (
        400,
        True,
        False,
    )
    assert "The secret ci was stored." in page.text
    assert page.rows[1][:2] == ("ci", "of CI")
    hook = {"request": {"url": URL, "headers": {"Authorization": "Bearer ${secret.ci}"}}}
    person.client.post("/webhooks", json=hook)
    person.client.post("/webhooks", json={**hook, "signingSecret": "ci", "request": {"url": URL}})
    person.client.post("/webhooks", json={"request": {"url": URL}})
    assert "From then on, 2 webhooks cannot be sent." in person.visit("/secrets/ci/delete").text
    assert "The secret ci was deleted." in person.send(name="ci").text


@pytest.fixture
def publish_to():
    """Publish a pact to the broker of a person."""

    def publish(person, pact):
        names = {role: pact[role]["name"] for role in ("provider", "consumer")}
        path = "/pacts/provider/{provider}/consumer/{consumer}/version/1".format(**names)
        assert person.client.put(path, json=pact).status_code == 201

    return publish
