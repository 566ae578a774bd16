"""What all forms of accounts have in common: who sees them, and who may send them."""

import re
from urllib.parse import quote

import pytest
from support import databases
from support.account_world import LONG_TEAM, add_accounts
from support.filling_forms import Person
from support.reading_pages import A_BROWSER, Page

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database

OTHERS = ("rea", "pat", "oda")
FORMS = {
    # path: the permission, who may send it, and who may not
    "/my/tokens/new": ("", "rea", ()),
    "/teams/new": ("accounts", "ada", ("tom", *OTHERS)),
    "/teams/selling/edit": ("manage-team", "tom", OTHERS),
    f"/teams/{quote(LONG_TEAM)}/delete": ("accounts", "ada", ("tom", *OTHERS)),
    "/teams/selling/members/new": ("manage-team", "tom", OTHERS),
    "/teams/selling/members/pat/edit": ("manage-team", "tom", OTHERS),
    "/teams/selling/pacticipants/new": ("publish", "pat", ("rea", "oda")),
    "/teams/selling/pacticipants/Cart/disown": ("manage-team", "tom", OTHERS),
    "/teams/selling/accounts/new": ("manage-team", "tom", OTHERS),
    "/accounts/new": ("accounts", "ada", ("tom", *OTHERS)),
    "/accounts/pat/edit": ("accounts", "ada", ("tom", *OTHERS)),
    "/accounts/pat/disable": ("accounts", "ada", ("tom", *OTHERS)),
    "/accounts/gone/enable": ("accounts", "ada", ("tom", *OTHERS)),
    "/accounts/pat/log-in-link/new": ("accounts", "ada", ("tom", *OTHERS)),
    "/accounts/selling-ci/disable": ("accounts", "ada", ("tom", *OTHERS)),
    "/accounts/selling-ci/tokens/new": ("manage-team", "tom", OTHERS),
    "/accounts/selling-ci/trusts/new": ("manage-team", "tom", OTHERS),
    "/trusts/{trust}/remove": ("manage-team", "tom", ("rea", "pat")),
}
REFUSED = [(path, name) for path, (_, _, names) in FORMS.items() for name in names]


@pytest.fixture(scope="module")
def world():
    """A broker with accounts, and their tokens; no test here changes anything."""
    with databases.new_sqlite() as url:
        database = Database(url, synchronous="off")
        added = add_accounts(database, "Cart")
        yield create_app(Settings(base_url="https://localhost"), database), added
        database.close()


@pytest.fixture
def browser(world):
    app, added = world

    def begin(name, **settings):
        return Person(app.test_client(**settings), ("anything", added.tokens[name]))

    return begin


@pytest.fixture
def path_of(world):
    return lambda path: path.format(**world[1].ids)


def entries(app):
    """How many changes were stored."""
    database = app.extensions["tallystick"].database
    with database.reading() as storage:
        return storage.connection.exec_driver_sql("SELECT count(*) FROM audit_entries").scalar()


@pytest.mark.parametrize("path", FORMS)
def test_a_form_is_shown_to_who_may_send_it(browser, path_of, path):
    person = browser(FORMS[path][1])

    page = person.visit(path_of(path))

    assert page.status == 200
    assert page.is_balanced
    (form,) = person.forms()
    assert form.fields["form-token"][0]
    assert "no-store" not in person.answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", FORMS)
def test_a_form_without_its_token_changes_nothing(world, browser, path_of, path):
    person = browser(FORMS[path][1])
    person.visit(path_of(path))
    before = entries(world[0])

    page = person.send(**{"form-token": "forged"})

    assert page.status == 403
    assert "Nothing was changed yet" in page.text
    assert entries(world[0]) == before


@pytest.mark.parametrize(("path", "name"), REFUSED)
def test_who_may_not_is_told_what_is_lacking_and_who_grants_it(browser, path_of, path, name):
    person = browser(name)

    page = person.visit(path_of(path))

    assert person.forms() == []
    if path.startswith("/trusts/") and name not in {"rea", "pat"}:
        assert page.status == 404
        return
    assert page.status == 403
    assert "You may not do this" in page.text
    assert FORMS[path][0] in page.text
    assert re.search(r"[Aa]n administrator of [\w ]+ can grant it", page.text, re.IGNORECASE)


@pytest.mark.parametrize(("path", "name"), REFUSED)
def test_who_may_not_cannot_send_it_either(world, browser, path_of, path, name):
    allowed = browser(FORMS[path][1])
    allowed.visit(path_of(path))
    fields = {**allowed.forms()[0].fields, "name": "Evil", "roles": ["publisher"], "account": "rea"}
    person = browser(name)
    person.visit("/webhooks/new")  # with a key of forms in the cookies, if anything gives one
    before = entries(world[0])

    answer = person.post(path_of(path), fields, follow=False)

    assert person.answer.status_code == 403
    assert "Evil" not in person.visit("/teams").text
    assert answer.status == 403
    assert outcomes_since(world[0], before) == ["refused"]


def outcomes_since(app, before):
    """Return what came of what was asked since there were so many entries."""
    database = app.extensions["tallystick"].database
    with database.reading() as storage:
        rows = storage.connection.exec_driver_sql("SELECT outcome FROM audit_entries ORDER BY id").all()
    return [row[0] for row in rows[before:]]


@pytest.mark.parametrize("path", FORMS)
def test_a_form_of_another_site_is_refused(browser, path_of, path):
    person = browser(FORMS[path][1])
    person.visit(path_of(path))
    form = person.forms()[0]

    page = person.post(form.action, form.fields, Origin="https://evil.example.org")

    assert page.status == 403
    assert "The page of another site" in page.text


@pytest.mark.parametrize(
    "path", ["/teams", "/teams/selling", "/accounts", "/accounts/pat", "/my/tokens", *FORMS]
)
def test_whom_nobody_knows_is_led_to_the_log_in(world, path_of, path):
    answer = world[0].test_client().get(path_of(path), headers=A_BROWSER)

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/log-in?to=")


def test_a_broker_without_accounts_says_how_to_make_the_first(broker):
    for path in ("/teams", "/accounts", "/my/tokens", "/teams/new"):
        page = Page(broker.get(path, headers=A_BROWSER))

        assert page.status == 403
        assert "tally users create --admin NAME" in page.text
