"""Links by which somebody logs in once."""

from datetime import timedelta

import pytest
from support.factories import NOON
from support.log_ins import at, rows
from support.reading_pages import Page

from broker.storage.tables import accounts, sessions


def use(person, code):
    person.visit(f"/log-in/link?code={code}")
    form = person.forms()[0]
    person.post(form.action, form.fields, follow=False)
    return person.answer


def test_a_link_logs_in_once(person, link, app, database):
    assert person.visit(f"/log-in/link?code={link}").status == 200
    assert person.visit(f"/log-in/link?code={link}").status == 200  # to look at it uses nothing up
    answer = use(person, link)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert person.visit("/my/sessions").rows[1][2] == "link"

    again = use(at(app()), link)

    assert again.status_code == 403
    assert "does not work" in Page(again).text
    assert link not in repr(rows(database, sessions))


def test_a_link_works_for_fifteen_minutes(person, link, clock):
    clock.now += timedelta(minutes=15)

    assert use(person, link).status_code == 403


def test_nobody_sets_the_clock_by_which_a_link_expires(app, link, clock):
    clock.now += timedelta(minutes=20)
    person = at(app(), **{"Tally-Import-Date": NOON.isoformat()})

    assert use(person, link).status_code == 403


@pytest.mark.parametrize("code", ["", "guessed", "x" * 5000, "ä"])
def test_a_guessed_link_is_none(person, code):
    assert use(person, code).status_code == 403


def test_a_link_of_somebody_who_is_disabled_does_not_work(person, link, database):
    with database.transaction() as storage:
        storage.connection.execute(accounts.update().values(disabled_at=NOON))

    assert use(person, link).status_code == 403


def test_no_cache_and_no_other_site_learns_the_code(person, link):
    person.visit(f"/log-in/link?code={link}")

    assert person.answer.headers["Cache-Control"] == "no-store"
    assert person.answer.headers["Referrer-Policy"] == "same-origin"
