"""Log in by an identity provider: who gets in, what groups give, and what an answer is good for once."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from support.clocks import Clock
from support.identity_providers import CLIENT, SECRET, github, providing
from support.log_ins import at, rows, session_of
from support.people import add_person, add_role, add_team
from support.reading_pages import A_BROWSER, Page

from broker.app import create_app
from broker.settings.from_environment import from_environment
from broker.storage.tables import account_roles, accounts, audit_entries, identities, sessions, team_members

pytestmark = pytest.mark.usefixtures("boss")


@pytest.fixture(scope="module")
def running():
    with providing() as provider:
        yield provider


@pytest.fixture
def fake(running):
    """The provider, as it is when it behaves."""
    before = dict(vars(running))
    copies = {name: dict(before[name]) for name in ("user_info", "answers", "codes", "configuration")}
    vars(running).update(copies, person={"sub": "1", "preferred_username": "anna", "groups": ["staff"]})
    yield running
    vars(running).update(before)


@pytest.fixture
def clock():
    return Clock(datetime.now(UTC))


@pytest.fixture
def boss(database):
    """Somebody else's account, so that there are accounts."""
    return add_person(database, "boss", roles=("administrator",))


@pytest.fixture
def app(database, clock, fake):
    """Make a broker whose people log in by this provider, with more variables."""

    def make(**variables):
        environment = {
            "TALLY_OIDC_PROVIDERS": "okta",
            "TALLY_OIDC_OKTA_ISSUER": fake.url,
            "TALLY_OIDC_OKTA_CLIENT_ID": CLIENT,
            "TALLY_OIDC_OKTA_CLIENT_SECRET": SECRET,
            "TALLY_OIDC_ALLOWED_GROUPS": "staff",
            **variables,
        }
        return create_app(from_environment(environment), database, clock=clock)

    return make


def leave(person, to="", name="okta"):
    """Return where the browser goes from the log-in page."""
    answer = person.client.get(f"/log-in/{name}{f'?to={to}' if to else ''}", headers=A_BROWSER)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def come_back(person, address):
    """Return the answer to what the provider has sent the browser back with."""
    parts = urlsplit(address)
    return person.client.get(f"{parts.path}?{parts.query}", headers=A_BROWSER)


def log_in(person, fake, to=""):
    return come_back(person, fake.log_in_there(leave(person, to)))


def roles_of(database, name):
    with database.reading() as storage:
        account = storage.connection.execute(accounts.select().where(accounts.c.name == name)).one()
        found = storage.connection.execute(
            account_roles.select().where(account_roles.c.account_id == account.id)
        )
        return {(row.role, row.team_id, row.from_group) for row in found}


def test_the_page_has_a_button_for_the_provider_and_it_leads_back(app, fake):
    person = at(app())
    person.client.get("/webhooks", headers=A_BROWSER)
    page = person.visit("/log-in?to=/webhooks")
    assert page.links["Log in with Okta"] == "/log-in/okta?to=/webhooks"

    answer = log_in(person, fake, "/webhooks")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/webhooks")
    assert session_of(answer)
    assert person.visit("/my/sessions").rows[1][2] == "okta"


def test_a_person_who_comes_for_the_first_time_gets_an_account(app, fake, database):
    fake.person |= {"name": "Anna Schmidt", "email": "anna@example.org"}

    log_in(at(app()), fake)

    account = rows(database, accounts)[-1]
    assert (account.name, account.display_name, account.email) == ("anna", "Anna Schmidt", "anna@example.org")
    assert (account.kind, account.password_hash) == ("person", None)
    assert [(row.issuer, row.subject) for row in rows(database, identities)] == [(fake.url, "1")]
    assert roles_of(database, "anna") == {("reader", None, "staff")}


def test_somebody_is_known_again_by_the_subject_whatever_else_has_changed(app, fake, database):
    made = app()
    log_in(at(made), fake)
    fake.person |= {"preferred_username": "schmidt", "email": "new@example.org", "name": "Anna S."}

    log_in(at(made), fake)

    account = rows(database, accounts)[-1]
    assert len(rows(database, accounts)) == 2
    assert (account.name, account.display_name, account.email) == ("anna", "Anna S.", "new@example.org")


def test_an_account_is_never_found_by_its_name_or_e_mail(app, fake, database):
    fake.person |= {"preferred_username": "BOSS", "email": "boss@example.org"}
    with database.transaction() as storage:
        storage.connection.execute(accounts.update().values(email="boss@example.org"))

    log_in(at(app()), fake)

    assert [row.name for row in rows(database, accounts)] == ["boss", "BOSS-2"]
    assert roles_of(database, "BOSS-2") == {("reader", None, "staff")}


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"preferred_username": "anna@example.org"}, "anna@example.org"),
        ({"preferred_username": None, "email": "a.b@example.org"}, "a.b"),
        ({"preferred_username": "", "name": "Änne <b>"}, "Änne-b"),
        ({"preferred_username": "a\u202eb\n/../c"}, "ab-..-c"),
        ({"preferred_username": "settings"}, "person"),
        ({"preferred_username": None}, "person"),
        ({"preferred_username": ["x"], "name": 7}, "person"),
    ],
)
def test_a_name_is_made_of_what_the_provider_says(app, fake, database, claims, name):
    fake.person |= claims

    log_in(at(app()), fake)

    assert rows(database, accounts)[-1].name == name


@pytest.mark.parametrize("groups", [[], ["others"], "others", None, ["Staff"]])
def test_who_is_in_no_group_that_may_log_in_does_not_get_in(app, fake, database, groups):
    fake.person["groups"] = groups

    answer = log_in(at(app()), fake)

    assert answer.status_code == 403
    assert "you are in no group that may log in here" in Page(answer).text
    assert len(rows(database, accounts)) == 1
    assert rows(database, sessions) == []
    entry = rows(database, audit_entries)[-1]
    assert (entry.action, entry.outcome, entry.actor_name) == ("log-in", "refused", "okta:1")


def test_groups_decide_teams_and_roles_anew_at_each_log_in(app, fake, database):
    pay, shop = add_team(database, "Payments"), add_team(database, "shop")
    made = app(
        TALLY_OIDC_GROUPS="p=payments:publisher s=shop:team-administrator d=deployer",
        TALLY_ADMIN_GROUP="boss",
    )
    fake.person["groups"] = ["staff", "p", "d"]
    log_in(at(made), fake)
    assert roles_of(database, "anna") == {
        ("reader", None, "staff"),
        ("publisher", pay, "p"),
        ("deployer", None, "d"),
    }
    assert [(row.team_id, row.from_group) for row in rows(database, team_members)] == [(pay, "p")]

    fake.person["groups"] = ["s", "boss"]
    log_in(at(made), fake)

    assert roles_of(database, "anna") == {("team-administrator", shop, "s"), ("administrator", None, "boss")}
    assert [(row.team_id, row.from_group) for row in rows(database, team_members)] == [(shop, "s")]


def test_what_somebody_has_given_by_hand_stays(app, fake, database):
    made = app()
    log_in(at(made), fake)
    with database.transaction() as storage:
        account = storage.connection.execute(accounts.select().where(accounts.c.name == "anna")).one()
        add_role(storage, account.id, "publisher")
    log_in(at(made), fake)

    assert roles_of(database, "anna") == {("reader", None, "staff"), ("publisher", None, None)}


def test_who_loses_all_groups_loses_what_they_gave_and_the_sessions(app, fake, database):
    made = app(TALLY_ADMIN_GROUP="boss")
    fake.person["groups"] = ["boss"]
    first, second = at(made), at(made)
    log_in(first, fake)
    assert first.visit("/my/sessions").status == 200

    fake.person["groups"] = []
    answer = log_in(second, fake)

    assert answer.status_code == 403
    assert roles_of(database, "anna") == set()
    assert first.client.get("/my/sessions", headers=A_BROWSER).status_code == 303


def test_a_role_in_a_team_that_does_not_exist_is_left_out_and_the_log_says_so(app, fake, database, caplog):
    fake.person["groups"] = ["staff", "p"]

    log_in(at(app(TALLY_OIDC_GROUPS="p=payments:publisher")), fake)

    assert roles_of(database, "anna") == {("reader", None, "staff")}
    assert "tally teams create payments" in caplog.text


def test_a_disabled_account_does_not_get_in(app, fake, database, clock):
    made = app()
    log_in(at(made), fake)
    with database.transaction() as storage:
        storage.connection.execute(accounts.update().values(disabled_at=clock()))

    answer = log_in(at(made), fake)

    assert answer.status_code == 403
    assert "Your account is disabled here" in Page(answer).text


def test_an_answer_is_used_once(app, fake, database):
    person = at(app())
    back = fake.log_in_there(leave(person))
    assert come_back(person, back).status_code == 303
    person.client.delete_cookie("tally")

    again = come_back(person, back)

    assert again.status_code == 403
    assert "lost the cookie" in Page(again).text
    assert len(rows(database, sessions)) == 1


def test_of_two_answers_with_one_code_one_wins(app, fake, database):
    one, other = at(app()), at(app())  # two processes
    address = leave(one)
    cookie = one.client.get_cookie("tally-log-in").value
    other.client.set_cookie("tally-log-in", cookie)
    back = fake.log_in_there(address)
    kept = dict(fake.codes)

    first = come_back(one, back)
    fake.codes.update(kept)  # a provider that lets a code be used twice
    second = come_back(other, back)

    assert (first.status_code, second.status_code) == (303, 403)
    assert "this answer was used before" in Page(second).text
    assert len(rows(database, sessions)) == 1


def test_an_answer_belongs_to_the_browser_that_asked(app, fake):
    made = app()
    mine, victim = at(made), at(made)
    back = fake.log_in_there(leave(mine))

    answer = come_back(victim, back)  # an attacker's link: the victim would work in the attacker's account
    assert answer.status_code == 403
    leave(victim)
    answer = come_back(victim, back)
    assert answer.status_code == 403
    assert "another log-in" in Page(answer).text


def test_an_answer_is_of_the_provider_that_was_asked(app, fake):
    made = app(
        TALLY_OIDC_PROVIDERS="okta entra",
        TALLY_OIDC_ALLOWED_GROUPS="",
        TALLY_OIDC_OKTA_ALLOWED_GROUPS="staff",
        TALLY_OIDC_ENTRA_ISSUER="https://entra.example.org",
        TALLY_OIDC_ENTRA_CLIENT_ID="x",
        TALLY_OIDC_ENTRA_ALLOWED_GROUPS="*",
    )
    person = at(made)
    back = fake.log_in_there(leave(person))

    answer = come_back(person, back.replace("/log-in/okta/", "/log-in/entra/"))

    assert answer.status_code == 403


def test_ten_minutes_are_the_time_to_log_in(app, fake, clock):
    person = at(app())
    back = fake.log_in_there(leave(person))
    clock.now += timedelta(minutes=10, seconds=1)

    answer = come_back(person, back)

    assert answer.status_code == 403
    assert "more than 10 minutes" in Page(answer).text


@pytest.mark.parametrize(
    "query",
    [
        "",
        "code=a&code=b&state=c",
        "state=a&state=b&code=c",
        f"code={'x' * 9000}&state=y",
        "code=%00&state=%F0",
        "error=access_denied&state=x",
    ],
)
def test_what_is_no_answer_is_refused(app, query):
    person = at(app())
    leave(person)

    answer = person.client.get(f"/log-in/okta/answer?{query}", headers=A_BROWSER)

    assert answer.status_code in {400, 403}
    assert "Set-Cookie: tally=" not in str(answer.headers)


@pytest.mark.parametrize("cookie", ["", "x", "e30=", "W10=", "bnVsbA==", "eyJhIjoxfQ==", "x" * 5000, "ä"])
def test_a_cookie_of_a_log_in_that_cannot_be_read_is_as_good_as_none(app, cookie):
    client = app().test_client(use_cookies=False)
    client.environ_base = {"REMOTE_ADDR": "127.0.0.1"}
    header = f"tally-log-in={cookie}".encode().decode("latin-1")

    answer = client.get("/log-in/okta/answer?code=a&state=b", headers={**A_BROWSER, "Cookie": header})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"begun_at": 10**400},
        {"begun_at": -(10**400)},
        {"state": "\ud800"},
        {"nonce": "\ud800"},
        {"verifier": "\ud800"},
    ],
    ids=["late", "early", "state", "nonce", "verifier"],
)
def test_a_cookie_of_a_log_in_that_was_changed_is_as_good_as_none(app, fake, change):
    person = at(app())
    address = fake.log_in_there(leave(person))
    kept = json.loads(urlsafe_b64decode(person.client.get_cookie("tally-log-in").value))
    changed = urlsafe_b64encode(json.dumps(kept | change).encode()).decode()
    person.client.set_cookie("tally-log-in", changed)

    assert come_back(person, address).status_code == 403


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x"])
def test_a_log_in_by_a_provider_leads_to_a_page_of_ours_alone(app, fake, to):
    answer = log_in(at(app()), fake, to)

    assert answer.headers["Location"] == "/"


def test_the_provider_is_told_where_to_come_back_to(app):
    made = app(TALLY_BASE_URL="http://127.0.0.1:9292/broker")

    address = leave(at(made))

    assert "redirect_uri=http%3A%2F%2F127.0.0.1%3A9292%2Fbroker%2Flog-in%2Fokta%2Fanswer" in address


def test_a_provider_that_is_away_is_said_to_be(app, fake):
    fake.is_away = True
    person = at(app())

    answer = person.client.get("/log-in/okta?to=/webhooks", headers=A_BROWSER)

    assert answer.status_code == 503
    assert "Okta gave an answer that cannot be used" in Page(answer).text


@pytest.mark.parametrize("claims", [{"aud": "another"}, {"nonce": "of another log-in"}, {"sub": ""}])
def test_an_id_token_that_is_not_of_this_log_in_is_forbidden_and_not_to_be_tried_again(
    app, fake, database, claims
):
    fake.change = lambda given: given | claims

    answer = log_in(at(app()), fake)

    assert answer.status_code == 403
    assert "What Okta says about you is not accepted" in Page(answer).text
    assert rows(database, sessions) == []


def test_a_provider_that_goes_away_meanwhile_logs_nobody_in(app, fake, database):
    person = at(app())
    back = fake.log_in_there(leave(person))
    fake.is_away = True

    assert come_back(person, back).status_code == 503
    assert rows(database, sessions) == []


def test_there_is_no_other_provider(app):
    answer = at(app()).client.get("/log-in/entra", headers=A_BROWSER)

    assert answer.status_code == 404


def test_no_secret_is_in_a_page_a_log_or_the_database(app, fake, database, caplog):
    person = at(app())
    address = leave(person)
    answer = come_back(person, fake.log_in_there(address))

    stored = repr([rows(database, table) for table in (accounts, sessions, audit_entries, identities)])
    for secret in (SECRET, "an-access-token", session_of(answer)):
        assert secret not in stored
        assert secret not in caplog.text
        assert secret not in address


def test_a_broker_with_a_provider_is_not_open_before_somebody_has_logged_in(database, fake, app):
    with database.transaction() as storage:
        storage.connection.execute(accounts.delete())
    person = at(app(TALLY_ADMIN_GROUP="boss"))
    fake.person["groups"] = ["boss"]

    assert person.client.post("/pacticipants", json={"name": "Shop"}).status_code == 401
    assert person.client.get("/", headers=A_BROWSER).headers["Location"] == "/log-in"
    assert "Log in with Okta" in person.visit("/log-in").links
    assert log_in(person, fake).status_code == 303
    assert roles_of(database, "anna") == {("administrator", None, "boss")}


def test_a_person_of_github_gets_in_by_an_organization(database, clock):
    with github() as provider:
        provider.organizations, provider.teams = ["Acme"], [("Acme", "platform")]
        environment = {
            "TALLY_OIDC_PROVIDERS": "github",
            "TALLY_OIDC_GITHUB_KIND": "github",
            "TALLY_OIDC_GITHUB_ISSUER": provider.url,
            "TALLY_OIDC_GITHUB_CLIENT_ID": CLIENT,
            "TALLY_OIDC_GITHUB_CLIENT_SECRET": SECRET,
            "TALLY_OIDC_ALLOWED_GROUPS": "acme",
            "TALLY_ADMIN_GROUP": "acme/platform",
        }
        person = at(create_app(from_environment(environment), database, clock=clock))

        answer = come_back(person, provider.log_in_there(leave(person, name="github")))

        assert answer.status_code == 303
    assert roles_of(database, "anna") == {
        ("reader", None, "acme"),
        ("administrator", None, "Acme/platform"),
    }
