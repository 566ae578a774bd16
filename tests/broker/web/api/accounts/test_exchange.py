"""A pipeline exchanges the id token of its provider for a token of a service account."""

import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from support.databases import NEW_DATABASE
from support.issuers import AUDIENCE, ec_key, issuing, rsa_key
from support.odd_id_tokens import odd_tokens
from support.pipelines import gitlab_claims
from support.trusting import IDS, LISTED, trusting

from broker.app import create_app
from broker.domain.accounts.tokens import TokenKind, token_kind
from broker.services.accounts.exchange import forget_old
from broker.settings.settings import Settings
from broker.storage.database import Database

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"


@pytest.fixture
def broker(module_broker):
    """The broker of this module, with one trust for the pipeline of github_claims."""
    module_broker.trust()
    wait_for_next_second()
    yield module_broker
    module_broker.forget_trusts()


def wait_for_next_second():
    """Wait while the exchanges of this second are as many as a repository may make."""
    time.sleep(1 - time.time() % 1)


def in_time(broker, text):
    """Exchange an id token, once more if too many were exchanged in this second."""
    answer = broker.exchange(text)
    if answer.status_code != 429:
        return answer
    wait_for_next_second()
    return broker.exchange(text)


def form(text, **changes):
    fields = {"grant_type": GRANT, "subject_token": text, "subject_token_type": ID_TOKEN} | changes
    return urlencode([(name, value) for name, value in fields.items() if value is not None])


def post_form(broker, body):
    return broker.client.post("/tokens/exchange", data=body, content_type="application/x-www-form-urlencoded")


def test_a_pipeline_gets_a_token_that_publishes_for_its_team_for_15_minutes(broker):
    answer = broker.exchange(broker.id_token())

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json.keys() == {"token", "expiresAt", "scopes"}
    assert answer.json["scopes"] == ["publish", "read", "verify"]
    token = answer.json["token"]
    assert token_kind(token) is TokenKind.CI
    left = datetime.fromisoformat(answer.json["expiresAt"]) - datetime.now(UTC)
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)
    assert broker.ask("GET", "/pacticipants", token).status_code == 200
    created = broker.ask("PUT", "/pacticipants/Basket/versions/1", token, json={})
    assert created.status_code == 201
    assert broker.ask("DELETE", "/pacticipants/Basket", token).status_code == 403
    assert broker.ask("GET", "/trusts", token).status_code == 403


def test_the_token_is_refused_when_its_time_is_over(broker):
    later = [timedelta()]
    app = create_app(
        Settings(base_url=AUDIENCE, issuer_host_whitelist=LISTED),
        broker.database,
        clock=lambda: datetime.now(UTC) + later[0],
    )
    token = broker.exchange(broker.id_token()).json["token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert app.test_client().get("/pacticipants", headers=headers).status_code == 200

    later[0] = timedelta(minutes=15, seconds=1)

    assert app.test_client().get("/pacticipants", headers=headers).status_code == 401


def test_an_id_token_is_used_once(broker):
    text = broker.id_token()
    assert broker.exchange(text).status_code == 200

    again = broker.exchange(text)

    assert again.status_code == 401
    assert again.json == {
        "errors": {"token": ["jti: the id token was used already: ask for a new one for each exchange"]}
    }
    assert again.headers["WWW-Authenticate"] == "Bearer error=invalid_token"


def test_of_several_exchanges_of_one_id_token_at_once_one_wins(either):
    either.trust()
    either.exchange(either.id_token())  # the keys are known
    texts = [either.id_token() for _ in range(3)]
    wait_for_next_second()

    for text in texts:
        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(either.exchange, [text] * 4))
        assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
        wait_for_next_second()


def test_an_id_token_that_no_trust_fits_is_not_used_by_that(broker):
    text = broker.id_token(repository_id="7")

    refused = broker.exchange(text)
    assert refused.status_code == 403
    assert "no trust fits it. It says: repository_id 7" in refused.json["error"]
    broker.trust(claims={**IDS, "repository_id": "7"})

    assert broker.exchange(text).status_code == 200


def test_an_answer_says_nothing_of_what_a_trust_asks_for(broker):
    broker.trust(claims={**IDS, "environment": "secret-environment"}, refs=["refs/heads/secret-branch"])

    refused = broker.exchange(broker.id_token(workflow_ref="octo/shop/.github/workflows/x.yml@refs/heads/a"))

    assert refused.status_code == 403
    assert "secret" not in refused.text
    assert "ci.yml" not in refused.text.replace("octo/shop/.github/workflows/x.yml", "")


def test_each_odd_or_forged_token_is_refused(broker):
    odd = odd_tokens(broker.issuer)

    answers = {name: in_time(broker, text) for name, (text, _) in odd.items()}

    statuses = {name: answer.status_code for name, answer in answers.items()}
    # Nothing at all is no token, and what is larger than any may be is not read.
    expected = dict.fromkeys(odd, 401) | {"empty": 400, "a megabyte": 413}
    assert statuses == expected
    for name, (text, check) in odd.items():
        if statuses[name] == 401:
            (message,) = answers[name].json["errors"]["token"]
            assert message.startswith(f"{check}: "), name
            assert len(text) < 20 or text[-20:] not in message, name


@pytest.mark.parametrize(
    "changes",
    [
        {"event_name": "pull_request_target"},
        {"repository_owner_id": "1"},
        {"workflow_ref": "octo/shop/.github/workflows/evil.yml@refs/heads/main"},
        {"repository_id": 1296269},
    ],
)
def test_a_pipeline_that_is_not_the_one_that_is_trusted_is_refused(broker, changes):
    assert broker.exchange(broker.id_token(**changes)).status_code == 403


def test_the_keys_of_an_issuer_that_nobody_trusts_are_not_fetched(broker):
    with issuing() as other:
        refused = broker.exchange(other.token())

        assert refused.status_code == 401
        assert refused.json == {"errors": {"token": [f"iss: no trust names {other.url}"]}}
        assert other.receiver.received == []


def test_a_key_is_changed_while_the_issuer_is_away():
    with NEW_DATABASE["sqlite"]() as url:
        database = Database(url, synchronous="normal")
        with trusting(database) as broker:
            broker.trust()
            now = [1000.0]
            settings = Settings(base_url=AUDIENCE, issuer_host_whitelist=LISTED)
            broker.app = create_app(settings, database, timer=lambda: now[0])
            assert broker.exchange(broker.id_token()).status_code == 200
            broker.issuer.is_away = True
            broker.issuer.keys = [rsa_key("second").as_dict(private=False)]
            now[0] += 3600

            assert broker.exchange(broker.id_token()).status_code == 200, "the old key was not kept"
            new = broker.issuer.token(key=rsa_key("second"))
            away = broker.exchange(new)
            assert away.status_code == 503
            assert 1 <= int(away.headers["Retry-After"]) <= 60
            assert "cannot be fetched at the moment" in away.json["error"]
            assert "answered 503" not in away.text, "the reason is for administrators"

            broker.issuer.is_away = False
            now[0] += 60
            assert broker.exchange(new).status_code == 403, "the new key is not known"
            assert broker.exchange(broker.id_token()).status_code == 401, "the old key is still known"
        database.close()


def test_gitlab_s_id_tokens_are_exchanged(broker):
    host = broker.issuer.url.removeprefix("http://")
    broker.trust(
        kind="gitlab",
        claims={"project_id": "20", "ref_protected": "true"},
        workflow=None,
        refs=["refs/heads/main"],
        scopes=["publish", "deploy"],
        account="orders-ci",
    )

    answer = broker.exchange(broker.issuer.token(key=ec_key("curve"), **gitlab_claims(host)))
    other = broker.exchange(broker.issuer.token(**gitlab_claims(host, ref="x", ref_protected="false")))

    assert answer.json["scopes"] == ["deploy", "publish", "read"]
    assert other.status_code == 403


def test_an_id_token_of_another_issuer_is_compared_by_its_claims(broker):
    broker.trust(kind="other", claims={"build": 7, "is_main": True}, workflow=None, audience="urn:tally")
    claims = {"build": 7, "is_main": True, "aud": "urn:tally"}

    assert broker.exchange(broker.issuer.token(**claims)).status_code == 200
    assert broker.exchange(broker.issuer.token(**{**claims, "build": "7"})).status_code == 403
    assert broker.exchange(broker.issuer.token(**{**claims, "aud": AUDIENCE})).status_code == 401
    assert broker.exchange(broker.issuer.token(**{**claims, "aud": "urn:other"})).status_code == 401


def test_tokens_of_a_removed_trust_and_of_a_disabled_account_are_refused_at_once(broker):
    token = broker.exchange(broker.id_token()).json["token"]
    assert broker.ask("GET", "/pacticipants", token).status_code == 200

    broker.forget_trusts()

    assert broker.ask("GET", "/pacticipants", token).status_code == 401
    assert broker.exchange(broker.id_token()).status_code == 401


def test_a_disabled_account_gets_no_tokens(either):
    from sqlalchemy import update  # noqa: PLC0415 - what no command does yet

    from broker.storage.tables import accounts  # noqa: PLC0415 - ditto

    either.trust()
    with either.database.transaction() as storage:
        disabled = update(accounts).where(accounts.c.name == "payments-ci")
        storage.connection.execute(disabled.values(disabled_at=datetime.now(UTC)))

    text = either.id_token()
    assert either.exchange(text).status_code == 403
    (tested,) = either.ask("POST", "/trusts/test", json={"token": text}).json["_embedded"]["trusts"]
    assert [failure["check"] for failure in tested["failures"]] == ["account"]


def test_a_repository_exchanges_five_tokens_in_a_second_in_all_processes(either):
    either.trust()
    second = create_app(Settings(base_url=AUDIENCE, issuer_host_whitelist=LISTED), either.database)
    first, either_app = either.app, [either.app, second]
    for either.app in either_app:
        either.exchange(either.id_token())
    texts = [either.id_token() for _ in range(7)]
    wait_for_next_second()

    answers = []
    for number, text in enumerate(texts):
        either.app = either_app[number % 2]
        answers.append(either.exchange(text))
    either.app = first
    others = either.exchange(either.id_token(repository_id="8"))

    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert answers[-1].headers["Retry-After"] == "1"
    assert others.status_code == 403, "another repository has to wait as well"
    wait_for_next_second()
    assert either.exchange(texts[-1]).status_code == 200, "a token was used by an exchange that was refused"


def test_the_form_of_rfc_8693_is_understood(broker):
    answer = post_form(broker, form(broker.id_token(), requested_token_type=ACCESS_TOKEN))

    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json.pop("access_token").startswith("tallyc_")
    left = answer.json.pop("expires_in")
    assert 890 <= left <= 900
    assert answer.json == {
        "access_token": answer.json["access_token"],
        "expires_in": left,
        "issued_token_type": ACCESS_TOKEN,
        "token_type": "Bearer",
        "scope": "publish read verify",
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"grant_type": None}, "grant_type"),
        ({"grant_type": "client_credentials"}, "grant_type"),
        ({"subject_token": None}, "subject_token"),
        ({"subject_token": ""}, "subject_token"),
        ({"subject_token_type": None}, "subject_token_type"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"}, "subject_token_type"),
        ({"requested_token_type": ID_TOKEN}, "requested_token_type"),
        ({"scope": "deploy"}, "scope"),
        ({"audience": "x"}, "audience"),
        ({"actor_token": "x"}, "actor_token"),
        ({"subject_token": "forged"}, "form"),
    ],
)
def test_a_form_that_is_wrong_is_refused_as_rfc_8693_says(broker, changes, field):
    answer = post_form(broker, form(broker.id_token(), **changes))

    assert answer.status_code == 400
    assert answer.json.keys() == {"error", "error_description"}
    assert answer.json["error"] == "invalid_request"
    assert field in answer.json["error_description"]


@pytest.mark.parametrize("body", [b"", b"&", b"\xff=\xff", b"a=1&" * 30, b"subject_token"])
def test_a_form_that_cannot_be_read_is_refused(broker, body):
    assert post_form(broker, body).status_code == 400


def test_a_parameter_twice_is_refused(broker):
    answer = post_form(broker, form(broker.id_token()) + "&grant_type=" + GRANT)

    assert answer.json["error_description"] == "grant_type is given more than once"


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({}, 400, "the id token"),
        ({"token": None}, 400, "the id token"),
        ({"token": 1}, 400, "the id token"),
        ({"token": ["a"]}, 400, "the id token"),
        ({"token": ""}, 400, "the id token"),
        ({"tokne": "a"}, 400, "tokne"),
        ({"token": "a", "scopes": ["deploy"]}, 400, "scopes"),
        ({"token": "a", "scopes": ["deploy"] * 10_000}, 400, "scopes"),
        ([], 400, "object"),
    ],
)
def test_a_body_that_is_something_else_is_refused(broker, body, status, text):
    answer = broker.client.post("/tokens/exchange", json=body)

    assert answer.status_code == status
    assert text in answer.text


def test_a_body_of_a_megabyte_is_refused(broker):
    body = json.dumps({"token": "x" * 1_000_000})

    assert (
        broker.client.post("/tokens/exchange", data=body, content_type="application/json").status_code == 413
    )
    assert post_form(broker, form("x" * 1_000_000)).status_code == 413
    judged = broker.client.post(
        "/tokens/exchange",
        data=b"",
        content_type="application/json",
        headers={"Content-Length": "1000000"},
        environ_overrides={"tally.judge": True, "CONTENT_LENGTH": "1000000"},
    )
    assert judged.status_code == 413, "the body is read before it is judged"


def test_other_types_and_methods_are_refused(broker):
    assert broker.client.post("/tokens/exchange", data="x", content_type="text/plain").status_code == 415
    assert broker.client.get("/tokens/exchange").status_code in {401, 404, 405}
    assert broker.client.put("/tokens/exchange", json={}).status_code in {401, 405}


def test_an_id_token_in_the_address_is_refused(broker):
    answer = broker.client.post(f"/tokens/exchange?token={broker.id_token()}", json={"token": "a"})

    assert answer.status_code == 400
    assert answer.json["errors"]["token"] == ["must be in the body: addresses are written to logs"]


def test_an_answer_with_a_token_is_not_kept_for_requests_that_are_repeated(broker):
    answer = broker.client.post(
        "/tokens/exchange", json={"token": broker.id_token()}, headers={"Idempotency-Key": "abc"}
    )

    assert answer.status_code == 400
    assert "cannot be used here" in answer.json["errors"]["Idempotency-Key"][0]


def test_wrong_credentials_beside_the_id_token_change_nothing(broker):
    headers = {"Authorization": "Bearer wrong"}

    answer = broker.client.post("/tokens/exchange", json={"token": broker.id_token()}, headers=headers)

    assert answer.status_code == 200


def test_a_broker_without_its_own_address_trusts_no_address_that_a_client_says():
    with NEW_DATABASE["sqlite"]() as url:
        database = Database(url, synchronous="normal")
        with trusting(database) as broker:
            broker.trust()
            broker.app = create_app(Settings(issuer_host_whitelist=LISTED), database)
            host = {"Host": "tally.example.org", "X-Forwarded-Proto": "https"}

            answer = broker.client.post("/tokens/exchange", json={"token": broker.id_token()}, headers=host)

            assert answer.status_code == 401
            assert "set TALLY_BASE_URL" in answer.json["errors"]["token"][0]
        database.close()


def test_a_broker_without_accounts_exchanges_nothing(database):
    app = create_app(Settings(base_url=AUDIENCE), database)

    answer = app.test_client().post("/tokens/exchange", json={"token": "a.b.c"})

    assert answer.status_code == 401


def test_each_exchange_is_in_the_audit_log_and_a_failed_one_once_a_minute(either):
    either.trust()
    given = either.exchange(either.id_token()).json["token"]
    for _ in range(3):
        assert either.exchange("forged").status_code == 401

    entries = either.ask("GET", "/audit?action=exchange&sort=-timestamp").json["_embedded"]["entries"]

    assert [(entry["outcome"], entry["actor"]["name"]) for entry in entries] == [
        ("failed", "nobody"),
        ("done", "payments-ci"),
    ]
    assert entries[1]["subject"] == {"kind": "token", "name": given[:15]}
    assert entries[1]["team"] == "payments"
    assert "run_id 30433642" in entries[1]["after"]["origin"]


def test_no_token_is_in_the_log_nor_in_the_audit_log(either, caplog):
    caplog.set_level(logging.DEBUG)
    either.trust()
    good, forged = either.id_token(), either.issuer.token(key=rsa_key("attacker"), header={"kid": "first"})

    given = either.exchange(good).json["token"]
    either.exchange(good)
    either.exchange(forged)
    either.ask("POST", "/trusts/test", json={"token": forged})
    either.ask("GET", "/pacticipants", given)

    told = caplog.text + either.ask("GET", "/audit?sort=-timestamp").text
    told += either.ask("GET", "/metrics").text + either.ask("GET", "/trusts").text
    for secret in (good, forged, given):
        assert secret not in told
        assert secret.rpartition(".")[2][-20:] not in told


def test_what_expired_is_removed(either):
    either.trust()
    text = either.id_token()
    either.exchange(text)
    now = datetime.now(UTC)

    with either.database.transaction() as storage:
        removed = [
            forget_old(storage, now + later)
            for later in (
                timedelta(0),
                timedelta(minutes=6),
                timedelta(minutes=66),
                timedelta(days=7),
                timedelta(days=8),
            )
        ]

    assert removed == [0, 0, 1, 0, 1], (
        "an hour after its end the id of the id token, and a week after its end the token"
    )


def test_nobody_sets_the_clock_by_which_an_id_token_expires(broker):
    hour_ago = time.time() - 3600
    text = broker.id_token(iat=int(hour_ago), nbf=int(hour_ago), exp=int(hour_ago) + 300)
    past = {"Tally-Import-Date": datetime.fromtimestamp(hour_ago + 60, UTC).isoformat()}

    answer = broker.client.post("/tokens/exchange", json={"token": text}, headers=past)

    assert answer.status_code == 401
    assert answer.json["errors"]["token"][0].startswith("exp: ")
