"""What all forms have in common: who may send them, from where, how often, and what is said then."""

import re

import pytest
from support.filling_forms import Person
from support.reading_pages import A_BROWSER, Page

from broker.app import create_app
from broker.settings.settings import Settings

WRITER, READER = ("ci", "write-secret"), ("people", "read-secret")
CREDENTIALS = {
    "basic_auth_username": WRITER[0],
    "basic_auth_password": WRITER[1],
    "basic_auth_read_only_username": READER[0],
    "basic_auth_read_only_password": READER[1],
}
HOOK = {"description": "Tell CI", "request": {"url": "https://ci.example.org/"}}


@pytest.fixture
def app(database):
    """Make a broker with these settings."""
    return lambda **settings: create_app(Settings(**settings), database)


@pytest.fixture
def asked(broker):
    """Return a person who looks at the question whether a webhook is to be deleted."""

    def ask(client=broker, auth=None, **headers):
        uuid = client.post("/webhooks", json=HOOK, auth=auth).json["uuid"]
        person = Person(client, auth, **headers)
        person.visit(f"/webhooks/{uuid}/delete")
        return person

    return ask


def exists(person):
    return bool(person.client.get("/webhooks", auth=person.auth).json["_links"]["pb:webhooks"])


def test_a_form_changes_something_and_the_next_page_says_what(asked):
    person = asked()

    done = person.send(name=" Tell  CI ")

    assert person.address == "/webhooks"
    assert "The webhook Tell CI was deleted." in done.text
    assert 'role="status"' in person.answer.text
    assert not exists(person)
    assert "was deleted" not in person.visit("/webhooks").text


def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_is_kept(asked):
    person = asked()

    page = person.send(name="Tell <CI>")

    assert page.status == 400
    assert "Nothing was changed: 1 field is wrong." in page.text
    assert "is not the name of this webhook: Tell CI" in page.text
    assert person.forms()[0].fields["name"] == ["Tell <CI>"]
    assert re.search(
        r'<input id="field-name"[^>]*aria-describedby="error-name" aria-invalid="true"', person.answer.text
    )
    assert exists(person)
    assert person.send(name="Tell CI").status == 200
    assert not exists(person)


@pytest.mark.parametrize("token", [None, "", "x", "é.ü", "a" * 22 + "." + "b" * 43])
def test_a_form_without_its_token_is_shown_again(asked, token):
    person = asked()

    page = person.send(**{"form-token": token, "name": "Tell CI"})

    assert page.status == 403
    assert "Nothing was changed yet" in page.text
    assert exists(person)
    assert "was deleted" in person.send().text


def test_a_token_is_of_no_use_in_another_browser(asked, app):
    person = asked()
    form = person.forms()[0]
    other = Person(app().test_client())
    other.visit(person.address)

    page = other.post(person.address, {**form.fields, "name": "Tell CI"})

    assert page.status == 403
    assert exists(person)


def test_a_browser_that_keeps_no_cookies_is_told_so(asked, app):
    person = asked(app().test_client(use_cookies=False))

    page = person.send(name="Tell CI")

    assert page.status == 403
    assert "let the browser keep the cookies of this site" in page.text


def test_each_page_has_another_token(asked):
    person = asked()
    first = person.forms()[0].fields["form-token"]

    person.visit(person.address)

    assert person.forms()[0].fields["form-token"] != first


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example.org"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}],
    ids=str,
)
def test_a_form_of_another_site_is_refused_even_with_a_token(asked, headers):
    person = asked()
    form = person.forms()[0]

    page = person.post(person.address, {**form.fields, "name": "Tell CI"}, **headers)

    assert page.status == 403
    assert "The page of another site may not change anything here" in page.text
    assert exists(person)


def test_a_form_that_is_sent_twice_acts_once(asked, broker):
    person = asked()
    form = person.forms()[0]
    fields = {**form.fields, "name": "Tell CI"}
    first = broker.post(person.address, data=fields, headers=A_BROWSER)
    broker.get(first.headers["Location"], headers=A_BROWSER)

    again = broker.post(person.address, data=fields, headers=A_BROWSER)

    assert (again.status_code, again.headers["Location"]) == (303, first.headers["Location"])
    assert "The webhook Tell CI was deleted." in Page(broker.get("/webhooks", headers=A_BROWSER)).text


def test_looking_changes_nothing(asked, broker):
    person = asked()

    broker.get(
        f"{person.address}?name=Tell+CI&form-token={person.forms()[0].fields['form-token'][0]}",
        headers=A_BROWSER,
    )

    assert exists(person)


def test_what_is_no_form_of_a_browser_reaches_no_page(asked, broker):
    person = asked()
    fields = {**person.forms()[0].fields, "name": "Tell CI"}

    for headers in ({}, {"Accept": "application/hal+json"}, {"Accept": "*/*"}):
        assert broker.post(person.address, data=fields, headers=headers).status_code in {404, 405}
    assert broker.post(person.address, json=fields, headers=A_BROWSER).status_code in {404, 405}
    assert exists(person)


@pytest.mark.parametrize("size", [3, 1024 * 1024 + 1])
def test_a_form_that_is_too_large_or_cannot_be_read_is_refused(asked, broker, size):
    person = asked()
    headers = {**A_BROWSER, "Content-Type": "application/x-www-form-urlencoded"}

    answer = broker.post(person.address, data="a=%FF" if size == 3 else "a" * size, headers=headers)

    assert answer.status_code == (400 if size == 3 else 413)
    assert answer.mimetype == "text/html"


@pytest.mark.parametrize("public", [False, True])
def test_who_is_not_logged_in_is_asked_to(app, asked, public):
    client = app(**CREDENTIALS, allow_public_read=public).test_client()
    person = asked(client, WRITER)
    form = person.forms()[0]
    person.auth = None

    for answer in (
        client.get(person.address, headers=A_BROWSER),
        client.post(person.address, data=form.fields, headers=A_BROWSER),
    ):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
        assert answer.mimetype == "text/html"


def test_who_may_only_read_is_told_what_is_lacking_and_sees_no_form(app, asked):
    client = app(**CREDENTIALS).test_client()
    person = asked(client, WRITER)
    form = person.forms()[0]
    reader = Person(client, READER)

    page = reader.visit(person.address)

    assert page.status == 403
    assert "You may only read" in page.text
    assert reader.forms() == []
    assert page.links["Log in as somebody who may write"] == f"/log-in?to={person.address}"
    assert client.post(person.address, data=form.fields, headers=A_BROWSER, auth=READER).status_code == 401


def test_a_form_that_was_opened_by_somebody_else_is_shown_again(app, asked):
    person = asked(app(**CREDENTIALS, api_tokens=("x:write:" + "t" * 16,)).test_client(), WRITER)
    person.auth, person.headers = None, {**A_BROWSER, "Authorization": "Bearer " + "t" * 16}

    page = person.send(name="Tell CI")

    assert page.status == 403
    assert "before you logged in" in page.text
    assert "was deleted" in person.send().text


@pytest.mark.parametrize(
    ("to", "location"),
    [
        ("/webhooks/a%2Fb?x=1", "/webhooks/a%2Fb?x=1"),
        ("", "/"),
        ("//evil.example.org", "/"),
        ("/\\evil.example.org", "/"),
        ("https://evil.example.org", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
    ],
)
def test_logging_in_leads_back_to_the_page_and_nowhere_else(app, to, location):
    client = app(**CREDENTIALS, allow_public_read=True).test_client()
    query = {"to": to}

    assert client.get("/log-in", query_string=query, headers=A_BROWSER).status_code == 401
    assert client.get("/log-in", query_string=query, headers=A_BROWSER, auth=READER).status_code == 401
    answer = client.get("/log-in", query_string=query, headers=A_BROWSER, auth=WRITER)

    assert (answer.status_code, answer.headers["Location"]) == (303, location)


@pytest.mark.parametrize(
    ("headers", "settings", "is_secure"),
    [
        ({}, {}, False),
        ({"X-Forwarded-Proto": "https"}, {}, True),
        ({}, {"base_url": "https://localhost/broker"}, True),
        ({}, {"base_url": "https://broker.example.org"}, False),
        ({"X-Forwarded-Proto": "http"}, {"base_url": "https://localhost"}, False),
    ],
)
def test_the_cookie_is_for_this_site_alone(app, asked, headers, settings, is_secure):
    person = asked(app(**settings).test_client(), **headers)

    (cookie,) = person.answer.headers.getlist("Set-Cookie")

    assert cookie.startswith("__Host-tally-form=" if is_secure else "tally-form=")
    assert {"HttpOnly", "Path=/", "SameSite=Strict", *(["Secure"] if is_secure else [])} == set(
        cookie.split("; ")[1:]
    )


def test_behind_a_proxy_that_adds_a_prefix_forms_lead_back_there(app, asked):
    person = asked(app().test_client(), **{"X-Forwarded-Prefix": "/broker", "X-Forwarded-Proto": "https"})
    form = person.forms()[0]
    headers = {"X-Forwarded-Prefix": "/broker", "Origin": "https://localhost"}

    # The proxy takes the prefix away.
    person.post(
        form.action.removeprefix("/broker"), {**form.fields, "name": "Tell CI"}, follow=False, **headers
    )

    assert form.action == f"/broker{person.address}"
    assert person.answer.headers["Location"] == "/broker/webhooks"


def test_a_message_that_was_not_said_by_this_broker_is_not_shown(broker):
    broker.get("/webhooks", headers=A_BROWSER)
    broker.set_cookie("tally-done", "RXZpbA.RXZpbA")

    assert "Evil" not in broker.get("/webhooks", headers=A_BROWSER).text


@pytest.mark.parametrize("path", ["/webhooks", "/webhooks/new", "/settings", "/nothing"])
def test_a_wrong_password_counts_once_also_where_a_page_tells_of_it(app, path):
    client = app(**CREDENTIALS, failed_logins_per_minute=3).test_client()

    statuses = [client.get(path, headers=A_BROWSER, auth=("ci", "wrong")).status_code for _ in range(3)]

    assert statuses == [401, 401, 429]


def test_a_reader_sees_no_button_that_would_be_refused(app, asked):
    client = app(**CREDENTIALS, allow_public_read=True).test_client()
    uuid = asked(client, WRITER).address.split("/")[2]

    for auth in (None, READER):
        for path in ("/webhooks", f"/webhooks/{uuid}", "/secrets", "/environments"):
            page = Person(client, auth).visit(path)
            assert not {"New webhook", "Edit", "Delete", "New secret", "New environment"} & page.links.keys()
            assert "Settings" not in page.links
    assert Person(client).visit("/webhooks").links["Log in to change something"] == "/log-in?to=/webhooks"
    assert {"Edit", "Delete", "Test", "Settings"} <= Person(client, WRITER).visit(
        f"/webhooks/{uuid}"
    ).links.keys()
