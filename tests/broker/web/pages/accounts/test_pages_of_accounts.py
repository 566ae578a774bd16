"""Tokens, teams, accounts and trusts on pages: what they show, and what their forms change."""

import json
import re

import pytest
from support.account_world import add_accounts
from support.filling_forms import Person
from support.log_ins import rows
from support.reading_pages import A_BROWSER
from support.trusting import trusting

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.tables import audit_entries, idempotency_keys

TOKEN = re.compile(r"tally[ps]_[A-Za-z0-9]{49}")
HOSTILE = ["<b>bold<b>", "🦊 fox & co", "שלום", "قسم المبيعات", "x" * 64, "'\"&lt;"]
LONG_TEXTS = ["<script>alert(1)</script>", "🦊" * 255, "é" * 255, "شركة الدفع السريع", "'\"><img src=x>"]


@pytest.fixture
def world(database):
    return add_accounts(database, "Cart", "Checkout")


@pytest.fixture
def app(database, world):
    assert world
    return create_app(Settings(base_url="https://localhost"), database)


@pytest.fixture
def as_(app, world):
    """Return somebody with a browser, whose credentials it keeps."""
    return lambda name: Person(app.test_client(), ("anything", world.tokens[name]))


@pytest.fixture
def ada(as_):
    return as_("ada")


def ask(app, token, path="/me"):
    return app.test_client().get(path, headers={"Authorization": f"Bearer {token}"})


def test_a_token_is_shown_once_and_works_until_it_is_revoked(app, as_):
    rea = as_("rea")
    rea.visit("/my/tokens/new")

    page = rea.send(name="laptop", expiresInDays="30", scopes=["read"])

    assert page.status == 200
    assert "no-store" in rea.answer.headers["Cache-Control"]
    (token,) = TOKEN.findall(rea.answer.text)
    assert ask(app, token).json["scopes"] == ["read"]
    shown = rea.visit("/my/tokens")
    row = next(row for row in shown.rows if row[0] == "laptop")
    assert row[1] == f"{token[:15]}…"
    assert row[2:5] == ("read", "in 30 days", "never")
    assert token not in rea.answer.text
    listed = rea.client.get("/my/tokens?format=json", auth=rea.auth).json["tokens"]
    rea.visit(next(f"/tokens/{each['uuid']}/revoke" for each in listed if each["name"] == "laptop"))
    done = rea.send()
    assert "The token laptop was revoked." in done.text
    assert "laptop" not in [row[0] for row in done.rows]
    assert ask(app, token).status_code == 401


def test_a_form_that_made_a_token_shows_nothing_when_it_is_sent_again(as_, database):
    rea = as_("rea")
    rea.visit("/my/tokens/new")
    form = rea.forms()[0]
    fields = {**form.fields, "name": "laptop"}
    rea.post(form.action, fields)
    assert TOKEN.search(rea.answer.text)

    again = rea.post(form.action, fields)

    assert again.status == 409
    assert "it cannot be shown again" in again.text
    assert not TOKEN.findall(rea.answer.text)
    assert len([row for row in rea.visit("/my/tokens").rows if row[0] == "laptop"]) == 1
    assert [row.body for row in rows(database, idempotency_keys)] == [None]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "Nothing was changed: 1 field is wrong"),
        ({"name": "x", "expiresInDays": "0"}, "greater than or equal to 1"),
        ({"name": "x", "expiresInDays": "366"}, "less than or equal to 365"),
        ({"name": "x", "expiresInDays": "many"}, "must be an integer"),
        ({"name": "x", "scopes": ["fly"]}, "must be one of"),
        ({"name": "x", "scopes": ["publish"]}, "rea may not do that"),
        ({"name": "x", "environments": "moon"}, "is no environment"),
        ({"name": "x" * 256}, "255"),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_token_is_said_and_nothing_is_made(as_, fields, said):
    rea = as_("rea")
    rea.visit("/my/tokens/new")

    page = rea.send(**fields)

    assert page.status in {400, 422}
    assert said in page.text
    assert not TOKEN.findall(rea.answer.text)


def test_lists_are_files_too(ada):
    found = {
        path: ada.client.get(path, headers=A_BROWSER, auth=ada.auth)
        for path in (
            "/my/tokens?format=json",
            "/teams?format=json",
            "/accounts?format=json",
            "/teams/selling?format=json",
            "/teams/selling?format=json&table=pacticipants",
            "/teams/selling?format=csv&table=serviceAccounts",
        )
    }

    assert {answer.status_code for answer in found.values()} == {200}
    tokens, teams, accounts, members, owned, services = found.values()
    assert {"uuid", "name", "prefix", "scopes", "expiresAt", "lastUsedOn"} <= tokens.json["tokens"][0].keys()
    assert [team["name"] for team in teams.json["teams"]][-1] == "selling"
    assert {each["name"] for each in accounts.json["accounts"]} >= {"ada", "tom", "selling-ci"}
    assert [each["name"] for each in members.json["members"]] == ["pat", "tom"]
    assert owned.json["pacticipants"] == [{"name": "Cart"}, {"name": "Checkout"}]
    assert services.text.splitlines()[1].startswith("selling-ci,")


def test_a_team_is_made_gets_an_application_and_somebody_and_is_deleted(ada):
    ada.visit("/teams/new")
    made = ada.send(name="payments", description="Money")
    assert "The team payments was created." in made.text
    ada.visit("/teams/payments/pacticipants/new")
    ada.send(pacticipant="Wallet")
    ada.visit("/teams/payments/members/new")
    ada.send(account="rea", roles=["deployer", "publisher"])

    page = ada.visit("/teams/payments")

    assert page.links["Wallet"] == "/pacticipants/Wallet"
    assert page.rows[1][:2] == ("rea Rea", "deployer publisher")
    ada.visit("/teams/payments/members/rea/edit")
    ada.send(roles=[])
    ada.visit("/teams/payments/pacticipants/Wallet/disown")
    ada.send()
    page = ada.visit("/teams/payments")
    assert "Nobody is in it yet." in page.text
    assert "Wallet" not in page.links
    ada.visit("/teams/payments/delete")
    assert "is not the name of this team" in ada.send(name="selling").text
    assert "The team payments was deleted." in ada.send(name="payments").text


def test_a_team_that_still_has_something_is_not_deleted(ada):
    asked = ada.visit("/teams/selling/delete")

    assert "It cannot be deleted yet: 'selling' still has the service accounts selling-ci" in asked.text
    assert "type selling" not in asked.text
    assert ada.forms() == []
    ada.visit("/teams/new")
    token = ada.forms()[0].fields["form-token"]
    page = ada.post("/teams/selling/delete", {"form-token": token, "name": "selling"})
    assert page.status == 422
    assert "the service accounts selling-ci" in page.text


def test_a_service_account_gets_a_token_and_publishes_with_it(app, as_):
    tom = as_("tom")
    tom.visit("/teams/selling/accounts/new")
    tom.send(name="promo-ci", displayName="", roles=["publisher"])
    tom.visit("/accounts/promo-ci/tokens/new")

    page = tom.send(name="Jenkins")

    assert "no-store" in tom.answer.headers["Cache-Control"]
    (token,) = TOKEN.findall(tom.answer.text)
    answer = app.test_client().put(
        "/pacticipants/Cart/versions/1", json={}, headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 201
    page = tom.visit("/teams/selling")
    assert token not in tom.answer.text
    assert "promo-ci" in page.links
    other = as_("pat").visit("/teams/selling")
    assert "1 token." in other.text
    assert "Revoke" not in other.links


def test_the_token_of_a_pipeline_has_minutes_and_no_warning(database):
    with trusting(database) as broker:
        broker.trust()
        assert broker.exchange(broker.id_token()).status_code == 200
        ada = Person(broker.client, ("anything", broker.administrator))

        page = ada.visit("/teams/payments")

    (row,) = [row for row in page.rows if row[1].startswith("tallyc_")]
    assert row[3] == "in 15 minutes"
    assert row[0].count("octo/shop") == 1


def test_a_pipeline_is_trusted_and_is_not_any_more(as_):
    tom = as_("tom")
    tom.visit("/accounts/selling-ci/trusts/new?kind=gitlab")
    wrong = tom.send(claims__project_id="x", refs="main")
    assert wrong.status == 400
    assert "must be a text of digits" in wrong.text
    assert "must begin with refs/heads/" in wrong.text

    tom.send(claims__project_id="7", refs="refs/heads/main", workflow="", protected="on", scopes=["deploy"])

    page = tom.visit("/accounts/selling-ci")
    assert "GitLab https://gitlab.com" in page.text
    assert "project_id is 7" in page.text
    assert "ref_protected is true" in page.text
    removals = [href for text, href in page.links.items() if text == "Remove"]
    tom.visit(removals[-1])
    done = tom.send()
    assert "The pipeline is trusted no more" in done.text
    assert "ref_protected" not in done.text


def test_claims_of_another_issuer_are_lines(as_):
    tom = as_("tom")
    path = "/accounts/selling-ci/trusts/new?kind=other"
    tom.visit(path)
    wrong = tom.send(issuer="https://ci.example.org", claims="sub\nsub = a\nsub = b")
    assert "has 'sub', which is not a new name, = and its value" in wrong.text

    tom.visit(path)
    tom.send(issuer="https://ci.example.org", claims='sub = repo:a\nrun = "12"\nshared = false')

    page = tom.visit("/accounts/selling-ci")
    assert "sub is repo:a" in page.text
    assert "shared is false" in page.text


def test_a_new_person_gets_a_link_that_is_shown_once(ada):
    ada.visit("/accounts/new")

    page = ada.send(name="eve", displayName="Eve", email="eve@example.org")

    assert "The account eve was created." in page.text
    assert "no-store" in ada.answer.headers["Cache-Control"]
    (code,) = re.findall(r"/log-in/link\?code=([\w-]{43})", ada.answer.text)
    page = ada.visit("/accounts/eve")
    assert code not in ada.answer.text
    assert "everywhere reader" in page.text
    ada.visit("/accounts/eve/log-in-link/new")
    ada.send()
    (second,) = re.findall(r"/log-in/link\?code=([\w-]{43})", ada.answer.text)
    assert second != code


def test_roles_are_changed_and_the_last_administrator_stays(ada):
    ada.visit("/accounts/rea/edit")
    ada.send(
        displayName="Rea",
        everywhere=["publisher"],
        **{"role-team": ["selling", ""], "role-role": ["deployer", ""]},
    )
    page = ada.visit("/accounts/rea")
    assert "everywhere publisher" in page.text
    assert "selling deployer" in page.text
    ada.visit("/accounts/ada/edit")

    page = ada.send(everywhere=["reader"])

    assert page.status == 422
    assert "is the last administrator" in page.text


def test_the_audit_log_has_the_roles_of_an_account_that_a_form_made(ada, database):
    ada.visit("/accounts/new")
    ada.send(name="eve", everywhere=["administrator"])

    entry = rows(database, audit_entries)[-1]
    assert (entry.subject_kind, entry.subject_name) == ("account", "eve")
    assert json.loads(entry.after)["roles"] == [{"role": "administrator", "team": None}]


def test_the_audit_log_has_all_that_a_form_changed_of_an_account(ada, database):
    ada.visit("/accounts/rea/edit")
    ada.send(displayName="Rea R.", everywhere=["publisher"])

    entry = rows(database, audit_entries)[-1]
    before, after = json.loads(entry.before), json.loads(entry.after)
    assert [each["roles"][0]["role"] for each in (before, after)] == ["reader", "publisher"]
    assert before["displayName"] != after["displayName"] == "Rea R."


def test_a_disabled_account_is_refused_and_may_be_enabled(app, ada, world):
    ada.visit("/accounts/tom/disable")
    done = ada.send()
    assert "The account tom was disabled." in done.text
    assert "disabled" in ada.visit("/accounts/tom").text
    assert ask(app, world.tokens["tom"]).status_code == 401

    ada.visit("/accounts/tom/enable")
    ada.send()

    assert ask(app, world.tokens["tom"]).status_code == 200


def test_accounts_are_searched_and_filtered(ada):
    assert [row[0] for row in ada.visit("/accounts?search=AD").rows[1:]] == ["ada Ada"]
    assert [row[0] for row in ada.visit("/accounts?state=disabled").rows[1:]] == ["gone Gone"]
    assert [row[0] for row in ada.visit("/accounts?kind=service").rows[1:]] == ["selling-ci"]
    assert "No account is like that" in ada.visit("/accounts?search=nobody").text
    assert ada.visit("/accounts?kind=robot").status == 400
    assert "There is no page 7" in ada.visit("/accounts?page=7").text


def test_others_see_an_account_without_its_tokens_and_address(ada, as_):
    ada.visit("/accounts/tom/edit")
    ada.send(email="tom@example.org")

    page = as_("pat").visit("/accounts/tom")

    assert page.status == 200
    assert "tom@example.org" not in page.text
    assert "of a test" not in page.text
    assert {"Edit", "Disable", "One-time link", "Revoke"}.isdisjoint(page.links)
    assert "tom@example.org" in as_("tom").visit("/accounts/tom").text


@pytest.mark.parametrize("name", HOSTILE)
def test_a_team_with_a_difficult_name_is_shown_as_it_is(ada, name):
    ada.visit("/teams/new")
    ada.send(name=name, description=name)
    address = ada.address

    assert name in [row[0] for row in ada.visit("/teams").rows]
    for path in ("", "/edit", "/delete", "/members/new", "/pacticipants/new", "/accounts/new"):
        page = ada.visit(f"{address}{path}")
        assert page.status == 200
        assert page.is_balanced
        assert name in page.text
        assert "<b>" not in ada.answer.text


@pytest.mark.parametrize("name", ["a/b", "", "new", "a\u202eb", "SELLING", "x" * 65, "a:b"])
def test_a_name_that_a_team_cannot_have_is_said_beside_the_field(ada, name):
    ada.visit("/teams/new")

    page = ada.send(name=name)

    assert page.status in {400, 422}
    assert "Nothing was changed: 1 field is wrong" in page.text
    assert ada.forms()[0].fields["name"] == [name]


@pytest.mark.parametrize("text", LONG_TEXTS)
def test_difficult_texts_of_tokens_and_teams_are_shown_as_they_are(ada, text):
    ada.visit("/my/tokens/new")
    assert ada.send(name=text).status == 200
    assert any(row[0] == text for row in ada.visit("/my/tokens").rows)
    assert "<script>alert" not in ada.answer.text
    ada.visit("/teams/selling/edit")

    page = ada.send(description=text)

    assert page.status == 200
    assert text in page.text
    assert "<script>alert" not in ada.answer.text
    assert page.is_balanced


def test_names_of_what_is_not_there_lead_to_what_is(ada):
    page = ada.visit("/teams/seling")
    assert page.status == 404
    assert "selling" in page.text
    assert ada.visit("/accounts/tomm").status == 404
    assert ada.visit("/tokens/7/revoke").status == 404
    assert ada.visit("/trusts/7/remove").status == 404
