"""Log in by a password: who gets in, and where it leads."""

import re
from datetime import timedelta

import pytest
from support.factories import NOON
from support.log_ins import at, cookie_of, log_in, rows, session_of
from support.people import PASSWORD, add_person
from support.reading_pages import A_BROWSER, Page

from broker.services.accounts import passwords
from broker.storage.tables import accounts, audit_entries, sessions

SECURE = {"X-Forwarded-Proto": "https"}


def test_a_browser_without_a_session_is_led_to_the_log_in_and_back(person):
    answer = person.client.get("/pacticipants?label=a%20b", headers=A_BROWSER)

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/log-in?to=%2Fpacticipants%3Flabel%3Da%2520b"
    person.visit(answer.headers["Location"])
    fields = {**person.forms()[0].fields, "name": "ANNA", "password": PASSWORD}
    person.post("/log-in/password", fields, follow=False)
    answer = person.answer
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/pacticipants?label=a%20b"
    assert person.visit(answer.headers["Location"]).status == 200


def test_a_client_of_the_api_is_asked_for_credentials_as_ever(person):
    answer = person.client.get("/pacticipants", headers={"Accept": "application/hal+json"})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_the_log_in_loads_its_style_and_a_script_without_a_session_opens_no_window(person):
    style = re.search(r"/static/[\w.-]+\.css", person.visit("/log-in") and person.answer.text)[0]

    assert person.client.get(style, headers={"Accept": "text/css,*/*;q=0.1"}).status_code == 200
    of_script = {"Accept": "*/*", "Sec-Fetch-Mode": "cors"}
    answer = person.client.get("/live", headers=of_script)
    assert answer.status_code == 401
    assert "WWW-Authenticate" not in answer.headers


def test_without_accounts_a_style_needs_credentials_as_ever(empty):
    client = empty(basic_auth_username="ci", basic_auth_password="secret-1").test_client()

    assert client.get("/static/tally.css").status_code == 401


def test_before_there_are_accounts_the_log_in_asks_for_credentials_of_the_settings(empty):
    person = at(empty(basic_auth_username="ci", basic_auth_password="secret-1"))

    assert person.client.get("/log-in", headers=A_BROWSER).status_code == 401
    answer = person.client.get("/log-in?to=/webhooks", headers=A_BROWSER, auth=("ci", "secret-1"))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/webhooks")
    assert person.client.get("/webhooks", headers=A_BROWSER).status_code == 401


def test_users_of_the_settings_can_log_in_beside_accounts(app):
    person = at(app(basic_auth_username="ci", basic_auth_password="secret-1"))

    assert "/log-in?settings" in person.visit("/log-in").links["Log in as such"]
    assert person.client.get("/log-in?settings", headers=A_BROWSER).status_code == 401
    answer = person.client.get("/log-in?settings&to=/webhooks", headers=A_BROWSER, auth=("ci", "secret-1"))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/webhooks")


def test_the_cookie_can_be_read_by_no_script_and_goes_with_no_form_of_another_site(person):
    cookie = cookie_of(log_in(person))

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "Secure" not in cookie  # on this machine, by http


def test_by_tls_the_cookie_is_of_this_host_alone(app):
    person = at(app(), **SECURE, Host="tally.example.org")

    cookie = cookie_of(log_in(person), "__Host-tally")

    assert "Secure" in cookie
    assert person.visit("/my/sessions").status == 200


@pytest.mark.parametrize(
    ("host", "address"),
    [("tally.example.org", "10.0.0.7"), ("tally.example.org", "127.0.0.1"), ("127.0.0.1:9292", "10.0.0.7")],
)
def test_by_plain_http_from_elsewhere_nobody_logs_in(app, database, host, address):
    person = at(app(), Host=host)
    person.client.environ_base["REMOTE_ADDR"] = address

    page = person.visit("/log-in")
    assert "Nobody can log in by plain http" in page.text
    assert "TALLY_BASE_URL=https" in page.text
    assert person.forms() == []
    assert "plain http" in person.visit("/log-in/link?code=x").text
    assert person.forms() == []
    answer = person.client.post(
        "/log-in/password", data={"name": "anna", "password": PASSWORD}, headers=person.headers
    )
    assert answer.status_code == 403
    assert rows(database, sessions) == []


def test_what_is_stored_is_neither_the_id_nor_the_password(person, database):
    session = session_of(log_in(person))

    stored = repr([*rows(database, sessions), *rows(database, accounts)])
    assert session not in stored
    assert PASSWORD not in stored


@pytest.mark.parametrize(
    ("name", "password"), [("anna", "wrong horse battery"), ("nobody", PASSWORD), ("", ""), ("anna", "")]
)
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(person, name, password):
    answer = log_in(person, name, password)

    assert answer.status_code == 403
    assert "The name or the password is wrong." in Page(answer).text
    assert "Set-Cookie: tally=" not in str(answer.headers)
    assert person.forms()[0].fields["name"] == [name]
    assert password not in answer.text or not password
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "columns",
    [{"disabled_at": NOON}, {"password_hash": None}, {"kind": "service"}],
)
def test_who_is_disabled_or_has_no_password_does_not_get_in(empty, database, columns):
    add_person(database, "anna", **columns)
    person = at(empty())

    assert log_in(person).status_code == 403


def test_after_wrong_passwords_a_name_waits_at_that_address_and_nobody_else_does(app, database, clock):
    add_person(database, "bert")
    person, other_process = (at(app(failed_logins_per_minute=2)) for _ in range(2))
    for _ in range(2):
        assert log_in(person, password="wrong horse battery").status_code == 403

    answer = log_in(other_process)

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "60"
    assert log_in(other_process, "bert").status_code == 303
    person.client.environ_base["REMOTE_ADDR"] = "127.0.0.2"
    assert log_in(person).status_code == 303
    clock.now += timedelta(seconds=60)
    other_process.client.delete_cookie("tally")
    assert log_in(other_process).status_code == 303


def test_nobody_sets_the_clock_by_which_passwords_are_counted(app):
    broker = app(failed_logins_per_minute=2)
    statuses = [
        log_in(
            at(broker, **{"Tally-Import-Date": f"2020-01-01T00:{minute:02}:00Z"}), password="wrong"
        ).status_code
        for minute in range(4)
    ]

    assert statuses == [403, 403, 429, 429]


def test_a_right_password_forgets_wrong_ones(app):
    person = at(app(failed_logins_per_minute=2))
    for password in ("wrong horse battery", PASSWORD, "wrong horse battery", PASSWORD):
        person.client.delete_cookie("tally")
        answer = log_in(person, password=password)

    assert answer.status_code == 303


def test_who_comes_while_others_log_in_is_asked_to_try_again(person, monkeypatch):
    monkeypatch.setattr(passwords, "_TURNS", passwords.Turns(waiting=0, seconds=0))
    with passwords._TURNS:  # noqa: SLF001 - somebody else's hash
        answer = log_in(person)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert "Try again in a moment" in Page(answer).text


def test_a_hash_of_cheaper_times_is_replaced_at_the_log_in(person, database, monkeypatch):
    before = rows(database, accounts)[0].password_hash
    monkeypatch.setattr(passwords, "_PARAMETERS", "$argon2id$v=19$m=20000,t=3,p=1$")

    assert log_in(person).status_code == 303

    after = rows(database, accounts)[0].password_hash
    assert after != before
    assert passwords.is_right(PASSWORD, after)


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/\t/evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "%2F%2Fevil.example",
        "/ /evil",
        "/x%0d%0aSet-Cookie:a=b",
        "evil",
        "/" + "x" * 3000,
    ],
)
def test_a_log_in_leads_to_a_page_of_ours_alone(person, to):
    person.visit("/log-in")
    fields = {**person.forms()[0].fields, "name": "anna", "password": PASSWORD, "to": to}

    person.post("/log-in/password", fields, follow=False)

    location = person.answer.headers["Location"]
    assert location == "/" or location.startswith("/x%0d%0a")
    assert "\n" not in location
    again = person.client.get("/log-in", query_string={"to": to}, headers=A_BROWSER)
    assert (again.status_code, again.headers["Location"]) == (303, location)


def test_below_a_path_of_a_proxy_pages_are_found_again(app):
    person = at(app(base_url="http://127.0.0.1:9292/broker"))

    answer = person.client.get("/webhooks", headers=A_BROWSER)
    assert answer.headers["Location"] == "/broker/log-in?to=%2Fwebhooks"
    answer = (
        log_in(person, to="/webhooks")
        if False
        else person.client.get("/log-in?to=/webhooks", headers=A_BROWSER)
    )
    assert Page(answer).status == 200


def test_the_form_is_bound_to_the_browser_that_it_was_shown_to(person, app):
    person.visit("/log-in")
    fields = {**person.forms()[0].fields, "name": "anna", "password": PASSWORD}
    other = at(app())

    answer = other.post("/log-in/password", fields, follow=False)

    assert other.answer.status_code == 403
    assert "another browser" in answer.text
    assert "Set-Cookie: tally=" not in str(other.answer.headers)


def test_a_page_of_another_site_logs_nobody_in(person):
    person.visit("/log-in")
    fields = {**person.forms()[0].fields, "name": "anna", "password": PASSWORD}

    person.post(
        "/log-in/password", fields, follow=False, Origin="https://evil.example", Sec_Fetch_Site="cross-site"
    )

    assert person.answer.status_code == 403


def test_the_audit_log_tells_who_logged_in_and_who_could_not(person, database):
    log_in(person, password="wrong horse battery")
    log_in(person)

    with database.reading() as storage:
        entries = (
            storage.connection.execute(audit_entries.select().order_by(audit_entries.c.id)).mappings().all()
        )
    told = [(entry["action"], entry["outcome"], entry["actor_name"]) for entry in entries]
    assert told == [("log-in", "failed", "anna"), ("log-in", "done", "Anna")]
    assert "horse" not in repr(entries)
