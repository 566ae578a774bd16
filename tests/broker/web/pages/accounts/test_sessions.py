"""Sessions: what they are good for, and when they end."""

import re
from datetime import timedelta
from threading import Thread

import pytest
from support.factories import NOON
from support.log_ins import at, log_in, rows, session_of
from support.people import PASSWORD, add_person, add_role
from support.reading_pages import A_BROWSER, Page

from broker.storage.tables import accounts, sessions


def visited(person, path):
    person.visit(path)
    return person.answer


def test_an_id_that_somebody_has_planted_is_not_the_one_of_the_session(person, app):
    planted = "x" * 43
    person.client.set_cookie("tally", planted)

    session = session_of(log_in(person))

    assert session != planted
    thief = at(app())
    thief.client.set_cookie("tally", planted)
    assert thief.client.get("/my/sessions", headers=A_BROWSER).status_code == 303


def test_each_log_in_has_an_id_of_its_own_and_ends_the_one_before(person, database):
    first = session_of(log_in(person))
    person.client.delete_cookie("tally")
    person.visit("/log-in")
    form = person.forms()[0]
    person.client.set_cookie("tally", first)
    page = person.post(form.action, form.fields, follow=False)
    assert "opened before you logged in" in page.text
    fields = {**person.forms()[0].fields, "name": "anna", "password": PASSWORD}
    person.post(form.action, fields, follow=False)

    assert session_of(person.answer) != first
    assert len(rows(database, sessions)) == 1


def test_a_session_ends_after_two_hours_without_a_request(person, clock):
    log_in(person)
    clock.now += timedelta(hours=1, minutes=59)
    assert person.visit("/my/sessions").status == 200
    clock.now += timedelta(hours=1, minutes=59)
    assert person.visit("/my/sessions").status == 200
    clock.now += timedelta(hours=2)

    assert person.client.get("/my/sessions", headers=A_BROWSER).status_code == 303


def test_a_session_ends_after_twelve_hours_whatever_is_asked_for(person, clock):
    log_in(person)
    for _ in range(11):
        clock.now += timedelta(hours=1)
        assert person.visit("/my/sessions").status == 200
    clock.now += timedelta(hours=1)

    assert person.client.get("/my/sessions", headers=A_BROWSER).status_code == 303


def test_that_somebody_is_there_is_stored_every_five_minutes(person, database, clock):
    log_in(person)
    first = rows(database, sessions)[0].idle_until
    clock.now += timedelta(minutes=4)
    person.visit("/my/sessions")
    assert rows(database, sessions)[0].idle_until == first
    clock.now += timedelta(minutes=1)
    person.visit("/my/sessions")
    assert rows(database, sessions)[0].idle_until == first + timedelta(minutes=5)


def test_a_log_out_ends_the_session_also_for_whoever_has_copied_it(person, database):
    copied = session_of(log_in(person))
    person.visit("/log-out")

    page = person.send(0)

    assert person.address == "/log-in"
    assert "You are logged out." in page.text
    assert rows(database, sessions) == []
    thief = at(person.client.application)
    thief.client.set_cookie("tally", copied)
    assert thief.client.get("/", headers=A_BROWSER).status_code == 303


def test_a_log_out_everywhere_ends_all_sessions_of_the_account_and_no_others(app, database):
    add_person(database, "bert")
    made = app()
    here, there, bert = at(made), at(made), at(made)
    log_in(here)
    log_in(there)
    log_in(bert, "bert")
    here.visit("/log-out")

    here.send(1)

    assert there.client.get("/my/sessions", headers=A_BROWSER).status_code == 303
    assert bert.visit("/my/sessions").status == 200


def test_sessions_are_listed_and_ended_one_by_one(app):
    made = app()
    here, there = at(made, **{"User-Agent": "Firefox <1>"}), at(made, **{"User-Agent": "Chrome"})
    log_in(here)
    log_in(there)
    page = here.visit("/my/sessions")
    assert [row[0] for row in page.rows[1:]] == ["Chrome", "Firefox <1> (this one)"]

    page = here.send(0)

    assert "That session was ended." in page.text
    assert len(page.rows) == 2
    assert there.client.get("/my/sessions", headers=A_BROWSER).status_code == 303


def test_a_session_that_ends_itself_is_over_also_when_that_is_to_be_noted(person, database, clock):
    log_in(person)
    person.visit("/my/sessions")
    fields = {**person.forms()[0].fields, "session": rows(database, sessions)[0].digest.hex()[:16]}
    clock.now += timedelta(minutes=10)

    person.post("/my/sessions", fields, follow=False)

    assert rows(database, sessions) == []
    assert visited(person, "/my/sessions").status_code == 303


def test_a_session_that_ends_during_a_request_is_over(app, database, clock):
    application = app()
    person, other = at(application), at(application)
    log_in(person)
    log_in(other)
    show = application.view_functions["forms.my-sessions"]

    def log_out_everywhere():
        other.visit("/log-out")
        fields = {**other.forms()[0].fields, "where": "everywhere"}
        other.post("/log-out", fields, follow=False)

    def show_slowly(**names):
        application.view_functions["forms.my-sessions"] = show
        thread = Thread(target=log_out_everywhere)
        thread.start()
        thread.join()
        return show(**names)

    clock.now += timedelta(minutes=10)
    application.view_functions["forms.my-sessions"] = show_slowly
    person.visit("/my/sessions")

    assert rows(database, sessions) == []
    assert visited(person, "/my/sessions").status_code == 303


def test_all_other_sessions_are_ended_at_once(app):
    made = app()
    here, there = at(made), at(made)
    log_in(here)
    log_in(there)
    here.visit("/my/sessions")

    page = here.send(2)

    assert "1 other sessions were ended." in page.text
    assert here.visit("/my/sessions").status == 200
    assert there.client.get("/my/sessions", headers=A_BROWSER).status_code == 303


def test_the_session_of_somebody_else_cannot_be_ended(app, database):
    add_person(database, "bert")
    made = app()
    here, bert = at(made), at(made)
    log_in(bert, "bert")
    log_in(here)
    here.visit("/my/sessions")
    key = rows(database, sessions)[0].digest.hex()[:16]

    here.send(0, session=key)

    assert here.answer.status_code == 404
    assert bert.visit("/my/sessions").status == 200


def test_of_many_sessions_of_one_account_the_oldest_end(app, database, clock):
    made = app()
    for _ in range(22):
        clock.now += timedelta(minutes=1)
        log_in(at(made))

    assert len(rows(database, sessions)) == 20


@pytest.mark.parametrize("path", ["/", "/accounts", "/pacticipants"])
def test_no_cache_for_several_people_keeps_what_a_session_was_answered(person, path):
    log_in(person)

    for headers in (A_BROWSER, {"Accept": "application/hal+json"}):
        given = person.client.get(path, headers=headers).headers["Cache-Control"]
        assert {each.strip() for each in given.split(",")} == {"no-cache", "private"}


def test_the_style_of_the_pages_may_be_kept_by_all(person):
    log_in(person)
    style = re.search(r"/static/[\w.-]+\.css", person.visit("/my/sessions") and person.answer.text)[0]

    assert "public" in person.client.get(style, headers=A_BROWSER).headers["Cache-Control"]


def test_the_api_reads_with_a_session_and_writes_nothing(person):
    log_in(person)

    read = person.client.get("/pacticipants", headers={"Accept": "application/hal+json"})
    written = person.client.post("/pacticipants", json={"name": "Shop"})
    deleted = person.client.delete("/integrations", headers={"Accept": "application/hal+json"})

    assert read.status_code == 200
    assert (written.status_code, deleted.status_code) == (401, 401)


def test_a_form_of_a_page_needs_the_token_of_the_session(person):
    log_in(person)
    person.visit("/environments/new")
    form = person.forms()[0]
    fields = {**form.fields, "name": "staging"}
    token = fields["form-token"][0]

    without = person.post(form.action, {**fields, "form-token": ""}, follow=False)
    assert without.status == 403
    altered = person.post(form.action, {**fields, "form-token": token[:-1] + "x"}, follow=False)
    assert altered.status == 403
    person.post(form.action, fields, follow=False)
    assert person.answer.status_code == 303


def test_the_token_of_one_session_is_none_of_another(app):
    made = app()
    one, other = at(made), at(made)
    log_in(one)
    log_in(other)
    one.visit("/environments/new")
    form = one.forms()[0]

    page = other.post(form.action, {**form.fields, "name": "staging"}, follow=False)

    assert page.status == 403


def test_a_cookie_that_comes_twice_is_refused(person):
    session = session_of(log_in(person))

    client = person.client.application.test_client(use_cookies=False)
    client.environ_base = person.client.environ_base
    one = {**A_BROWSER, "Cookie": f"tally={session}"}
    assert client.get("/my/sessions", headers=one).status_code == 200

    answer = client.get("/my/sessions", headers={**one, "Cookie": f"{one['Cookie']}; tally={'x' * 43}"})

    assert answer.status_code == 400
    assert "came twice" in Page(answer).text


@pytest.mark.parametrize("value", ["", "x", "x" * 42, "x" * 44, "ä" * 43, '"' + "x" * 41 + '"', "x" * 10_000])
def test_a_cookie_that_is_no_session_is_as_good_as_none(person, value):
    answer = person.client.get(
        "/my/sessions", headers={**A_BROWSER, "Cookie": f"tally={value}".encode().decode("latin-1")}
    )

    assert answer.status_code == 303


def test_a_change_of_rights_gives_the_session_a_new_id(person, app, anna, database):
    former = session_of(log_in(person))
    with database.transaction() as storage:
        add_role(storage, anna, "publisher")
        storage.asking.access_changed_at = NOON
    made = app()  # what another process has not cached
    other = at(made)
    other.client.set_cookie("tally", former)

    renewed = session_of(visited(other, "/my/sessions"))

    assert renewed != former
    thief = at(made)
    thief.client.set_cookie("tally", former)
    assert thief.client.get("/my/sessions", headers=A_BROWSER).status_code == 303
    assert other.visit("/my/sessions").status == 200
    assert "Set-Cookie: tally=" not in str(other.answer.headers)


def test_who_is_disabled_is_logged_out(person, database):
    log_in(person)
    with database.transaction() as storage:
        storage.connection.execute(accounts.update().values(disabled_at=NOON))
        storage.asking.access_changed_at = NOON
    person.client.application.extensions["tallystick"].known_accounts.look()

    assert person.client.get("/my/sessions", headers=A_BROWSER).status_code == 303


def test_a_session_that_another_process_has_ended_is_over_with_the_next_look(app):
    one, other = app(), app()
    here, there = at(one), at(other)
    session = session_of(log_in(here))
    there.client.set_cookie("tally", session)
    assert there.visit("/my/sessions").status == 200
    here.visit("/log-out")
    here.send(0)

    other.extensions["tallystick"].known_accounts.look()

    assert there.client.get("/my/sessions", headers=A_BROWSER).status_code == 303


def test_pages_say_who_is_logged_in_and_lead_to_the_log_in(app):
    person = at(app(allow_public_read=True))
    assert person.visit("/webhooks").links["Log in"] == "/log-in?to=/webhooks"
    log_in(person)

    page = person.visit("/webhooks")

    assert "Anna" in page.text
    assert page.links["My sessions"] == "/my/sessions"
    assert 'action="/log-out"' in person.answer.text
    assert "Log in" not in page.links
