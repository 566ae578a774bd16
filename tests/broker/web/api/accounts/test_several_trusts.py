"""Several trusts fit an id token: those of one account are added up, of several the pipeline names one."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from support.trusting import IDS, trusting

PRODUCTION = {**IDS, "environment": "production"}
FORM = {
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
}


@pytest.fixture
def broker(database):
    with trusting(database) as trusting_broker:
        trusting_broker.trust()
        yield trusting_broker


def exchange(broker, account=None, **claims):
    body = {"token": broker.id_token(**claims)} | ({"account": account} if account else {})
    return broker.client.post("/tokens/exchange", json=body)


def exchange_form(broker, **more):
    return broker.client.post(
        "/tokens/exchange",
        data=urlencode({**FORM, "subject_token": broker.id_token(), **more}),
        content_type="application/x-www-form-urlencoded",
    )


def name_of(broker, answer):
    assert answer.status_code == 200, answer.text
    return broker.ask("GET", "/me", answer.json.get("token") or answer.json["access_token"]).json["name"]


def tried(broker, account=None):
    body = {"token": broker.id_token()} | ({"account": account} if account else {})
    return broker.ask("POST", "/trusts/test", broker.team_administrator, json=body).json


def test_trusts_of_one_account_are_added_up(broker):
    broker.trust(claims=PRODUCTION, scopes=["deploy"], minutes=5)

    usual = exchange(broker).json
    deploying = exchange(broker, environment="production").json

    assert usual["scopes"] == ["publish", "read", "verify"]
    assert deploying["scopes"] == ["deploy", "publish", "read", "verify"]
    left = datetime.fromisoformat(deploying["expiresAt"]) - datetime.now(UTC)
    assert left <= timedelta(minutes=5)
    (entry, *_) = broker.ask("GET", "/audit?action=exchange&sort=-timestamp").json["_embedded"]["entries"]
    assert len(entry["after"]["trusts"]) == 2


def test_a_trust_of_another_team_with_one_more_claim_takes_no_pipeline_over(broker):
    broker.trust(account="orders-ci", claims={**IDS, "event_name": "push"}, refs=["refs/heads/main"])

    refused = exchange(broker)

    assert refused.status_code == 403
    assert refused.json["error"] == (
        "Trusts of several accounts fit this id token: orders-ci, payments-ci. Say which one the pipeline "
        "uses: with the variable TALLY_ACCOUNT, --account of tally tokens exchange, or the field account"
    )
    assert name_of(broker, exchange(broker, "payments-ci")) == "payments-ci"
    assert name_of(broker, exchange(broker, "Orders-CI")) == "orders-ci"


def test_the_form_of_rfc_8693_names_the_account_as_well(broker):
    broker.trust(account="orders-ci")

    refused = exchange_form(broker)

    assert (refused.status_code, refused.json["error"]) == (400, "invalid_request")
    assert "Trusts of several accounts fit" in refused.json["error_description"]
    assert name_of(broker, exchange_form(broker, account="payments-ci")) == "payments-ci"
    assert exchange_form(broker, account="x" * 1025).status_code == 400


@pytest.mark.parametrize("account", ["orders-ci", "nobody", "ada"])
def test_an_account_that_no_fitting_trust_is_of_gets_no_token(broker, account):
    broker.trust(account="orders-ci", claims=PRODUCTION)

    refused = exchange(broker, account)

    assert refused.status_code == 403
    assert refused.json["error"].startswith(f"No trust of the account {account} fits this id token.")


@pytest.mark.parametrize("account", [1, ["payments-ci"], "x" * 1025, "a\nb"])
def test_an_account_that_is_no_name_is_refused(broker, account):
    answer = broker.client.post("/tokens/exchange", json={"token": broker.id_token(), "account": account})

    assert answer.status_code == 400
    assert "account" in answer.json["errors"]


def test_an_id_token_is_not_used_by_an_exchange_that_names_no_account(broker):
    broker.trust(account="orders-ci")
    text = broker.id_token()

    assert broker.exchange(text).status_code == 403
    again = broker.client.post("/tokens/exchange", json={"token": text, "account": "payments-ci"})

    assert again.status_code == 200


def test_a_test_says_that_an_account_must_be_named_also_for_a_trust_that_is_not_seen(broker):
    alone = tried(broker)
    broker.trust(account="orders-ci")

    unnamed, named, wrong = tried(broker), tried(broker, "payments-ci"), tried(broker, "nobody")

    assert (alone["accepted"], alone["accounts"]) == (True, ["payments-ci"])
    assert (unnamed["accepted"], unnamed["accounts"]) == (False, ["orders-ci", "payments-ci"])
    assert [trust["account"] for trust in unnamed["_embedded"]["trusts"]] == ["payments-ci"]
    assert named["accepted"] is True
    assert wrong["accepted"] is False


def test_a_test_of_a_forged_id_token_tells_no_account(broker):
    broker.trust(account="orders-ci")
    text = broker.id_token()
    forged = text[:-4] + ("AAAA" if not text.endswith("AAAA") else "BBBB")

    answer = broker.ask("POST", "/trusts/test", broker.team_administrator, json={"token": forged}).json

    assert answer["failed"] is not None
    assert answer["accounts"] == []


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_removing_one_of_the_trusts_ends_a_token_that_they_gave_together(broker):
    second = broker.trust(claims=PRODUCTION, scopes=["deploy"])
    broker.trust(account="orders-ci", claims=PRODUCTION)
    token = exchange(broker, "payments-ci", environment="production").json["token"]
    other = exchange(broker, "orders-ci", environment="production").json["token"]

    assert broker.ask("DELETE", f"/trusts/{second['uuid']}").status_code == 204

    assert broker.ask("GET", "/pacticipants", token).status_code == 401
    assert broker.ask("GET", "/pacticipants", other).status_code == 200
