"""One's own password: who sets it, what it needs, and what ends with it."""

import pytest
from support.factories import NOON
from support.filling_forms import Person
from support.log_ins import at, log_in, rows, session_of
from support.people import PASSWORD, add_person
from support.reading_pages import A_BROWSER
from support.teams_and_tokens import TeamsAndTokens

from broker.services.accounts import log_in as logging_in
from broker.services.accounts import passwords
from broker.storage.tables import (
    accounts,
    audit_entries,
    idempotency_keys,
    identities,
    log_in_links,
    sessions,
    tries,
)

NEW = "another battery staple"
GOOD = {"current": PASSWORD, "password": NEW, "again": NEW}
PATH = "/my/password"


def change(person, **fields):
    """Send the form of the page, and return the answer."""
    person.visit(PATH)
    form = person.forms()[0]
    person.post(form.action, {**form.fields, **fields}, follow=False)
    return person.answer


def can_log_in(person, password):
    return log_in(at(person.client.application), password=password).status_code == 303


@pytest.fixture
def anna_here(person):
    log_in(person)
    return person


def test_the_sessions_lead_to_the_page(anna_here):
    assert anna_here.visit("/my/sessions").links["My password"] == PATH


def test_a_password_is_changed_and_said_to_be(anna_here):
    changed = change(anna_here, **GOOD)

    assert (changed.status_code, changed.headers["Location"]) == (303, "/my/sessions")
    assert "Your password was set" in anna_here.visit("/my/sessions").text
    assert can_log_in(anna_here, NEW)
    assert not can_log_in(anna_here, PASSWORD)


def test_other_sessions_and_links_end_and_this_one_gets_a_new_id(anna_here, database, link):
    add_person(database, "bert")
    there, bert = at(anna_here.client.application), at(anna_here.client.application)
    log_in(there)
    log_in(bert, "bert")
    before = anna_here.client.get_cookie("tally").value

    after = session_of(change(anna_here, **GOOD))

    assert link
    assert after != before
    assert anna_here.visit("/my/sessions").status == 200
    thief = at(anna_here.client.application)
    thief.client.set_cookie("tally", before)
    assert thief.client.get(PATH, headers=A_BROWSER).status_code == 303
    assert there.client.get(PATH, headers=A_BROWSER).status_code == 303
    assert bert.visit(PATH).status == 200
    assert len(rows(database, sessions)) == 2
    assert rows(database, log_in_links) == []


def test_the_audit_log_says_so_and_nothing_stored_has_the_password(anna_here, database):
    change(anna_here, **{**GOOD, "current": "wrong horse battery"})
    change(anna_here, **GOOD)

    failed, done = rows(database, audit_entries)[-2:]
    assert (failed.action, failed.outcome, failed.subject_name) == ("log-in", "failed", "Anna")
    assert (done.action, done.outcome, done.subject_kind) == ("my-password", "done", "account")
    assert (done.actor_name, done.after) == ("Anna", b'{"passwordChanged":true}')
    kept = str(rows(database, audit_entries)) + str(rows(database, accounts)) + str(rows(database, tries))
    assert PASSWORD not in kept
    assert NEW not in kept
    assert rows(database, idempotency_keys) == []  # the digest of a form would be one of the password


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"password": "short", "again": "short"}, "must have 12 characters at least"),
        ({"password": "password1234", "again": "password1234"}, "guess"),
        ({"password": "x" * 257, "again": "x" * 257}, "cannot be longer than 256"),
        ({"password": "a\0battery staple", "again": "a\0battery staple"}, "control character"),
        ({"again": "another battery stable"}, "is not the same"),
        ({"again": ""}, "is not the same"),
        ({"password": "", "again": ""}, "must have 12 characters at least"),
        ({"password": PASSWORD, "again": PASSWORD}, "is the one that you have"),
    ],
)
def test_what_is_no_password_is_refused_and_not_shown_again(anna_here, fields, says):
    answer = change(anna_here, **{**GOOD, **fields})

    assert answer.status_code == 400
    assert says in answer.text
    assert 'type="password" value=""' in answer.text
    assert PASSWORD not in answer.text
    assert can_log_in(anna_here, PASSWORD)


def hash_of_anna(database):
    return next(row.password_hash for row in rows(database, accounts) if row.name == "Anna")


def test_wrong_ones_count_as_failed_log_ins(app, anna):
    assert anna
    person = at(app(failed_logins_per_minute=3))
    log_in(person)

    statuses = [change(person, **{**GOOD, "current": "wrong horse battery"}).status_code for _ in range(3)]
    waiting = change(person, **GOOD)

    assert statuses == [403, 403, 403]
    assert waiting.status_code == 429
    assert int(waiting.headers["Retry-After"]) > 0
    assert log_in(at(person.client.application)).status_code == 429


def test_who_has_none_needs_none(app, database, anna):
    assert anna
    carla = add_person(database, "carla", password=None)
    with database.transaction() as storage:
        code = logging_in.new_link(storage, carla, NOON)
    person = at(app())
    person.visit(f"/log-in/link?code={code}")
    person.send()

    page = person.visit(PATH)
    assert "Password so far" not in page.text
    assert change(person, password=NEW, again=NEW).status_code == 303
    assert log_in(at(person.client.application), "carla", NEW).status_code == 303


def test_who_logs_in_by_a_provider_alone_sets_none(anna_here, database, anna):
    with database.transaction() as storage:
        row = {"account_id": anna, "issuer": "https://okta.example", "subject": "1", "created_at": NOON}
        storage.connection.execute(identities.insert().values(row))
        storage.connection.execute(accounts.update().values(password_hash=None))

    page = anna_here.visit(PATH)

    assert "You log in by an identity provider" in page.text
    assert "New password" not in page.text
    anna_here.visit("/my/sessions")
    token = anna_here.forms()[0].fields["form-token"]
    anna_here.post(PATH, {"form-token": token, "password": NEW, "again": NEW}, follow=False)
    assert anna_here.answer.status_code == 422
    assert hash_of_anna(database) is None


def test_a_token_sets_no_password(database):
    world = TeamsAndTokens(database, roles={"ann": [("administrator", None)]}, owned={})
    ann = Person(world.asking_as("ann"))

    page = ann.visit(PATH)

    assert "a token" in page.text
    assert "New password" not in page.text
    ann.visit("/my/tokens/new")
    token = ann.forms()[0].fields["form-token"]
    ann.post(PATH, {"form-token": token, "password": NEW, "again": NEW}, follow=False)
    assert ann.answer.status_code == 422
    assert [row.password_hash for row in rows(database, accounts)] == [None]


def test_a_form_without_its_token_changes_nothing(anna_here):
    assert change(anna_here, **{**GOOD, "form-token": "forged"}).status_code == 403
    assert can_log_in(anna_here, PASSWORD)


def test_who_comes_while_others_are_checked_is_asked_to_try_again(anna_here, monkeypatch):
    monkeypatch.setattr(passwords, "_TURNS", passwords.Turns(waiting=0, seconds=0))
    with passwords._TURNS:  # noqa: SLF001 - somebody else's hash
        answer = change(anna_here, **GOOD)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


def test_a_password_that_was_changed_meanwhile_stays(anna_here, database, monkeypatch):
    make, other = passwords.hash_of, "a third battery staple"

    def changed_by_somebody_else(password):
        hashed = make(password)
        with database.transaction() as storage:
            storage.connection.execute(accounts.update().values(password_hash=make(other)))
        return hashed

    monkeypatch.setattr(passwords, "hash_of", changed_by_somebody_else)
    answer = change(anna_here, **GOOD)
    monkeypatch.undo()

    assert answer.status_code == 422
    assert "changed meanwhile" in answer.text
    assert can_log_in(anna_here, other)
