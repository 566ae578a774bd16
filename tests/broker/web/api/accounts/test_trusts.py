"""Trusts: who may change them, what is refused, and what a test of an id token says."""

import time

import pytest
from support.accounts import accounts
from support.issuers import AUDIENCE, issuing, rsa_key
from support.trusting import IDS, trusting

from broker.app import create_app
from broker.settings.settings import Settings


@pytest.fixture
def broker(module_broker):
    yield module_broker
    module_broker.forget_trusts()


def a_trust(broker, **changes):
    document = {"account": "payments-ci", "kind": "github", "claims": IDS, "workflow": "ci.yml"}
    document |= {"issuer": broker.issuer.url} | changes
    return {name: value for name, value in document.items() if value is not None}


def test_a_trust_is_added_shown_listed_and_removed(either):
    added = either.ask("POST", "/trusts", json=a_trust(either, refs=["refs/heads/main"], scopes=["verify"]))

    assert added.status_code == 201
    trust = added.json
    assert (
        added.headers["Location"] == trust["_links"]["self"]["href"] == f"{AUDIENCE}/trusts/{trust['uuid']}"
    )
    assert {key: value for key, value in trust.items() if key not in {"uuid", "createdAt", "_links"}} == {
        "account": "payments-ci",
        "team": "payments",
        "kind": "github",
        "issuer": either.issuer.url,
        "claims": IDS,
        "workflow": ".github/workflows/ci.yml",
        "refs": ["refs/heads/main"],
        "scopes": ["read", "verify"],
        "minutes": 15,
    }
    assert either.ask("GET", f"/trusts/{trust['uuid']}").json == trust
    assert either.ask("GET", "/trusts").json["_embedded"]["trusts"] == [trust]
    assert either.ask("GET", "/trusts?team=orders").json["_embedded"]["trusts"] == []
    assert either.ask("GET", "/trusts?team=payments").json["_embedded"]["trusts"] == [trust]

    assert either.ask("DELETE", f"/trusts/{trust['uuid']}").status_code == 204
    assert either.ask("GET", f"/trusts/{trust['uuid']}").status_code == 404
    assert either.ask("DELETE", f"/trusts/{trust['uuid']}").status_code == 404
    actions = [
        (entry["action"], entry["subject"]["name"], entry["team"])
        for entry in either.ask("GET", "/audit?sort=-timestamp").json["_embedded"]["entries"]
    ]
    assert actions == [
        ("trusts.delete", trust["uuid"], "payments"),
        ("trusts.create", trust["uuid"], "payments"),
    ]


def test_what_was_read_can_be_sent_again(broker):
    trust = broker.trust()

    again = broker.ask("POST", "/trusts", json=trust)

    assert again.status_code == 201
    assert again.json["uuid"] != trust["uuid"]


@pytest.mark.parametrize(
    ("kind", "issuer", "workflow"),
    [
        ("github", "https://token.actions.githubusercontent.com", ".github/workflows/ci.yml"),
        ("gitlab", "https://gitlab.com", ".gitlab-ci.yml"),
    ],
)
def test_issuer_and_file_need_not_be_said_for_the_public_providers(database, kind, issuer, workflow):
    with trusting(database, issuer_host_whitelist=()) as broker:
        document = a_trust(broker, kind=kind, issuer=None, workflow="ci.yml" if kind == "github" else None)
        document["claims"] = IDS if kind == "github" else {"project_id": "20"}

        added = broker.ask("POST", "/trusts", json=document).json

        assert (added["issuer"], added["workflow"]) == (issuer, workflow)


@pytest.mark.parametrize(
    ("issuer", "kind"),
    [("https://token.actions.githubusercontent.com", "github"), ("https://gitlab.com", "gitlab")],
)
def test_claims_alone_are_not_enough_for_a_provider_whose_checks_are_known(broker, issuer, kind):
    document = {"account": "payments-ci", "kind": "other", "issuer": issuer, "claims": {"sub": "octo"}}

    answer = broker.ask("POST", "/trusts", json=document)

    assert answer.status_code == 400
    assert answer.json["errors"] == {"kind": [f"must be {kind} for {issuer}"]}


def test_the_administrator_of_a_team_changes_the_trusts_of_its_accounts_alone(broker):
    ours, theirs = broker.trust(), broker.trust(account="orders-ci")
    tom = broker.team_administrator

    assert [trust["uuid"] for trust in broker.ask("GET", "/trusts", tom).json["_embedded"]["trusts"]] == [
        ours["uuid"]
    ]
    assert broker.ask("GET", f"/trusts/{theirs['uuid']}", tom).status_code == 404
    assert broker.ask("DELETE", f"/trusts/{theirs['uuid']}", tom).status_code == 404
    refused = broker.ask("POST", "/trusts", tom, json=a_trust(broker, account="orders-ci"))
    assert refused.status_code == 403
    assert "manage-team" in refused.json["error"]
    assert broker.ask("POST", "/trusts", tom, json=a_trust(broker, account="nobody")).status_code == 403
    assert broker.ask("POST", "/trusts", tom, json=a_trust(broker)).status_code == 201
    assert broker.ask("DELETE", f"/trusts/{ours['uuid']}", tom).status_code == 204
    tested = broker.ask("POST", "/trusts/test", tom, json={"token": broker.id_token()}).json
    assert {each["account"] for each in tested["_embedded"]["trusts"]} == {"payments-ci"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/trusts"),
        ("POST", "/trusts"),
        ("GET", "/trusts/x"),
        ("DELETE", "/trusts/x"),
        ("POST", "/trusts/test"),
    ],
)
def test_others_see_and_change_no_trusts(broker, method, path):
    broker.trust()
    token = broker.exchange(broker.id_token()).json["token"]

    for credentials, status in ((broker.reader, 403), (token, 403), ("wrong", 401)):
        body = {} if method == "GET" else {"json": {"token": "a"}}
        assert broker.ask(method, path, credentials, **body).status_code == status
    assert broker.client.open(path, method=method).status_code == 401


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"account": None}, "account", "is missing"),
        ({"account": "nobody"}, "account", "not the name of an account"),
        ({"account": "ada"}, "account", "is a person"),
        ({"account": 1}, "account", "must be a string"),
        ({"kind": None}, "kind", "is missing"),
        ({"kind": "jenkins"}, "kind", "must be one of"),
        ({"kind": "other", "issuer": None}, "issuer", "is missing"),
        ({"issuer": "http://token.actions.githubusercontent.com"}, "issuer", "must begin with https"),
        ({"issuer": "https://gitlab.example.org"}, "issuer", "TALLY_ISSUER_HOST_WHITELIST"),
        ({"issuer": "https://127.0.0.1/?a"}, "issuer", "without user, query"),
        ({"issuer": "https://127.0.0.1/" + "x" * 500}, "issuer", "at most 500"),
        ({"issuer": ["https://127.0.0.1"]}, "issuer", "must be a string"),
        ({"claims": None}, "claims.repository_id", "is missing"),
        ({"claims": []}, "claims", "must be a hash"),
        ({"claims": {**IDS, "x": None}}, "claims.x", "must be a text"),
        ({"claims": {**IDS, "x": 1.5}}, "claims.x", "must be a text"),
        ({"claims": {**IDS, "x": ["a"]}}, "claims.x", "must be a text"),
        ({"claims": {**IDS, "x": "a" * 256}}, "claims.x", "more than 255"),
        ({"claims": {**IDS, "x": 2**53}}, "claims.x", "too large"),
        ({"claims": {f"c{number}": "x" for number in range(10_000)}}, "claims", "at most 20"),
        ({"claims": {**IDS, "jti": "a"}}, "claims.jti", "is checked always"),
        ({"workflow": None}, "workflow", "must be the file"),
        ({"workflow": "../ci.yml"}, "workflow", "must be the file"),
        ({"refs": "refs/heads/main"}, "refs", "must be an array"),
        ({"refs": ["main"]}, "refs", "refs/heads/"),
        ({"refs": ["refs/heads/x"] * 21}, "refs", "20"),
        ({"scopes": ["everything"]}, "scopes", "must be of: "),
        ({"scopes": ["deploy"] * 10_000}, "scopes", "cannot have more than"),
        ({"scopes": ["deploy"]}, "scopes", "environment"),
        ({"scopes": ["own-account"]}, "scopes", "must be of: "),
        ({"minutes": 0}, "minutes", "greater than or equal to 1"),
        ({"minutes": 16}, "minutes", "less than or equal to 15"),
        ({"minutes": "15"}, "minutes", "must be an integer"),
        ({"clams": IDS}, "clams", "is no field"),
    ],
)
def test_a_trust_that_is_wrong_is_refused_with_the_name_of_the_field(broker, changes, field, message):
    answer = broker.ask("POST", "/trusts", json=a_trust(broker, **changes))

    assert answer.status_code == 400
    assert any(message in text for text in answer.json["errors"][field]), answer.json
    assert broker.ask("GET", "/trusts").json["_embedded"]["trusts"] == []


def test_numbers_that_programs_read_differently_are_refused(broker):
    for number in ("9" * 400, "1e3", "-1" + "0" * 16, "1.0"):
        body = f'{{"account": "payments-ci", "kind": "other", "issuer": "{broker.issuer.url}", '
        body += f'"claims": {{"x": {number}}}}}'

        refused = broker.ask("POST", "/trusts", data=body, content_type="application/json")

        assert refused.status_code == 400, number
        assert "claims.x" in refused.json["errors"]


def test_a_trust_needs_an_audience_where_the_broker_does_not_know_its_address(database):
    with trusting(database, base_url="") as broker:
        refused = broker.ask("POST", "/trusts", json=a_trust(broker))
        added = broker.ask("POST", "/trusts", json=a_trust(broker, audience="urn:tally"))

    assert refused.json["errors"]["audience"] == [
        "is missing: give one, or set TALLY_BASE_URL to the address of this broker"
    ]
    assert added.status_code == 201


def failures(answer):
    return {
        each["uuid"]: [(failure["check"], failure["found"]) for failure in each["failures"]]
        for each in answer["_embedded"]["trusts"]
    }


def test_a_test_says_which_check_of_each_trust_fails_and_uses_nothing(broker):
    fitting, near, far = (
        broker.trust(),
        broker.trust(claims={**IDS, "environment": "production"}),
        broker.trust(claims={**IDS, "repository_id": "7"}, refs=["refs/tags/v*"], audience="urn:x"),
    )
    text = broker.id_token()

    for _ in range(2):
        answer = broker.ask("POST", "/trusts/test", json={"token": text}).json

        assert answer["accepted"] is True
        assert answer["failed"] is None
        assert failures(answer) == {
            fitting["uuid"]: [],
            near["uuid"]: [("environment", "nothing")],
            far["uuid"]: [("aud", AUDIENCE), ("repository_id", "1296269"), ("ref", "refs/heads/main")],
        }
    assert broker.exchange(text).status_code == 200
    used = broker.ask("POST", "/trusts/test", json={"token": text}).json
    assert (used["accepted"], used["failed"]["check"]) == (False, "jti")


@pytest.mark.parametrize(
    ("make", "check"),
    [
        (lambda _broker: "a.b", "form"),
        (lambda broker: broker.id_token(exp=int(time.time()) - 600, iat=int(time.time()) - 900), "exp"),
        (lambda broker: broker.issuer.token(jti=None), "jti"),
        (lambda broker: broker.issuer.token(key=rsa_key("attacker"), header={"kid": "first"}), "signature"),
        (lambda broker: broker.issuer.token(header={"kid": None}), "kid"),
        (lambda broker: broker.issuer.token(iss="https://other.example.org"), "iss"),
    ],
    ids=["form", "expired", "no jti", "forged", "no kid", "another issuer"],
)
def test_a_test_says_what_is_wrong_with_the_id_token_itself(broker, make, check):
    broker.trust()

    answer = broker.ask("POST", "/trusts/test", json={"token": make(broker)}).json

    assert answer["accepted"] is False
    assert answer["failed"]["check"] == check
    assert answer["failed"]["message"]


def test_a_test_says_why_the_keys_of_an_issuer_cannot_be_fetched(database):
    with trusting(database) as broker, issuing() as other:
        other.is_away = True
        broker.trust(kind="other", issuer=other.url, claims={"sub": "a"}, workflow=None)

        answer = broker.ask("POST", "/trusts/test", json={"token": other.token(sub="a")})

    assert answer.status_code == 200
    assert answer.json["failed"]["check"] == "kid"
    assert "answered 503" in answer.json["failed"]["message"]


def test_without_accounts_there_are_no_trusts(database):
    client = create_app(Settings(), database).test_client()

    assert client.get("/trusts").status_code == 403
    assert client.post("/trusts", json={}).status_code == 403


@pytest.fixture
def limited(module_broker):
    """A function that returns a token of ada, who administers the broker, with limits."""
    world = accounts(module_broker.database)
    return lambda **limits: world.token_of("ada", **limits)


def test_nobody_trusts_a_pipeline_to_do_more_than_they_may_do_themselves(broker):
    roles = [{"role": "publisher", "team": "payments"}]
    path = "/accounts/payments-ci/roles"
    was = broker.ask("GET", "/accounts/payments-ci").json["roles"]
    assert broker.ask("PUT", path, json={"roles": [{"role": "administrator"}, *roles]}).status_code == 200

    refused = broker.ask("POST", "/trusts", broker.team_administrator, json=a_trust(broker))

    assert refused.status_code == 403
    assert refused.json["error"].startswith("tom may not let pipelines be payments-ci, which may do more.")
    assert broker.ask("GET", "/trusts").json["_embedded"]["trusts"] == []
    assert broker.ask("PUT", path, json={"roles": was}).status_code == 200
    assert broker.ask("POST", "/trusts", broker.team_administrator, json=a_trust(broker)).status_code == 201


@pytest.mark.parametrize("scope", ["accounts", "administer", "override"])
def test_an_account_of_a_team_gets_no_scope_that_no_role_in_a_team_allows(broker, scope):
    wanted = a_trust(broker, claims=IDS | {"environment": "production"}, scopes=["publish", scope])

    refused = broker.ask("POST", "/trusts", json=wanted)

    assert refused.status_code == 400
    reason = f"cannot have '{scope}': no role in a team allows it, and payments-ci is of one"
    assert refused.json["errors"] == {"scopes": [reason]}
    assert broker.ask("GET", "/trusts").json["_embedded"]["trusts"] == []


@pytest.mark.parametrize(
    "limits", [{"pacticipants": ["Bank"]}, {"environments": ["test"]}, {"scopes": ["read", "manage-team"]}]
)
def test_a_token_with_limits_trusts_no_pipeline_without_them(broker, limited, limits):
    refused = broker.ask("POST", "/trusts", limited(**limits), json=a_trust(broker))

    assert refused.status_code == 403
    assert broker.ask("GET", "/trusts").json["_embedded"]["trusts"] == []


def test_a_trust_has_no_scope_that_the_token_of_its_author_lacks(broker, limited):
    token = limited(scopes=["read", "publish", "verify", "deploy", "manage-team"])
    wanted = a_trust(broker, claims=IDS | {"environment": "production"}, scopes=["deploy", "delete"])

    refused = broker.ask("POST", "/trusts", token, json=wanted)

    assert refused.status_code == 400
    assert refused.json["errors"] == {"scopes": ["cannot have 'delete': your own token does not"]}
    assert broker.ask("POST", "/trusts", token, json=wanted | {"scopes": ["deploy"]}).status_code == 201
