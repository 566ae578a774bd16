"""Log-in by OpenID Connect: whom a code stands for, and which answers are refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from support.clocks import Clock
from support.identity_providers import CLIENT, SECRET, providing
from support.issuers import rsa_key
from support.receivers import hanging

from broker.services.accounts.log_in import LogInRefusedError
from broker.services.accounts.log_in_flow import code_of, new_flow
from broker.services.accounts.log_in_providers import LogInProviders
from broker.services.accounts.provider_requests import ProviderError
from broker.services.outgoing import rules
from broker.settings.from_environment import from_environment

BACK = "https://tally.example.org/log-in/okta/answer"


@pytest.fixture(scope="module")
def running():
    with providing() as provider:
        yield provider


@pytest.fixture
def fake(running):
    """The provider, as it is when it behaves."""
    before = dict(vars(running))
    copies = {
        name: dict(before[name]) for name in ("person", "user_info", "answers", "codes", "configuration")
    }
    vars(running).update(copies)
    yield running
    vars(running).update(before)


@pytest.fixture
def clock():
    return Clock(datetime.now(UTC))


def a_provider(fake, **variables):
    environment = {
        "TALLY_OIDC_PROVIDERS": "okta",
        "TALLY_OIDC_OKTA_ISSUER": fake.url,
        "TALLY_OIDC_OKTA_CLIENT_ID": CLIENT,
        "TALLY_OIDC_OKTA_CLIENT_SECRET": SECRET,
        "TALLY_OIDC_OKTA_ALLOWED_GROUPS": "*",
        **{f"TALLY_OIDC_OKTA_{name}": value for name, value in variables.items()},
    }
    return LogInProviders(from_environment(environment)).find("okta")[1]


def log_in(fake, clock, provider=None, **changes):
    """Return whom the provider says somebody is; *changes* are of the answer that the browser brings."""
    provider = provider or a_provider(fake)
    flow = new_flow("okta", "/", clock())
    answer = dict(parse_qsl(urlsplit(fake.log_in_there(provider.address(flow, BACK))).query)) | changes
    answer = {name: value for name, value in answer.items() if value is not None}
    provider.check_answer(answer)
    return provider.person(code_of(answer, flow, "okta", clock()), flow, BACK, clock())


def test_a_person_is_who_the_id_token_says(fake, clock):
    fake.person |= {"name": "Anna S.", "email": "anna@example.org", "groups": ["staff", "pay"]}

    person = log_in(fake, clock)

    assert (person.subject, person.names[0]) == ("1", "anna")
    assert (person.display_name, person.email) == ("Anna S.", "anna@example.org")
    assert person.groups == {"staff", "pay"}


@pytest.mark.parametrize("ways", [["client_secret_post"], ["client_secret_basic", "private_key_jwt"], None])
def test_the_broker_shows_who_it_is_as_the_provider_wants_it(fake, clock, ways):
    if ways is not None:
        fake.configuration["token_endpoint_auth_methods_supported"] = ways

    assert log_in(fake, clock).subject == "1"


def test_groups_may_be_where_the_provider_says_more_of_somebody(fake, clock):
    fake.user_info = {"groups": "staff", "name": "Anna"}

    person = log_in(fake, clock)

    assert (person.groups, person.display_name) == ({"staff"}, "Anna")


@pytest.mark.parametrize(
    ("claim", "claims"),
    [
        ("roles", {"roles": ["a"]}),
        ("realm_access.roles", {"realm_access": {"roles": ["a"]}}),
        ("https://x.example/groups", {"https://x.example/groups": ["a", 7, None, "", "b\n", "x" * 300]}),
    ],
)
def test_groups_are_in_the_claim_that_the_settings_name(fake, clock, claim, claims):
    fake.person |= claims

    assert log_in(fake, clock, a_provider(fake, GROUPS_CLAIM=claim)).groups == {"a"}


@pytest.mark.parametrize("groups", [None, {}, 7, [{"name": "a"}], []])
def test_what_are_no_groups_gives_none(fake, clock, groups):
    fake.person["groups"] = groups

    assert log_in(fake, clock).groups == frozenset()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"state": "another"}, "another log-in"),
        ({"state": None}, "another log-in"),
        ({"code": None}, "no code"),
        ({"code": ""}, "no code"),
        ({"code": "guessed"}, "used before, or is too old"),
        ({"iss": "https://evil.example"}, "another provider"),
        ({"iss": None}, "another provider"),
        ({"error": "access_denied"}, "refused it (access_denied)"),
        ({"error": "<script>alert(1)</script>"}, "cannot be shown"),
    ],
)
def test_an_answer_that_does_not_belong_to_this_log_in_is_refused(fake, clock, changes, says):
    with pytest.raises(LogInRefusedError) as refused:
        log_in(fake, clock, **changes)

    assert says in str(refused.value)
    assert "script" not in str(refused.value)


def test_a_provider_that_does_not_say_its_name_need_not(fake, clock):
    fake.configuration.pop("authorization_response_iss_parameter_supported")
    fake.says_issuer = False

    assert log_in(fake, clock).subject == "1"


def test_a_code_is_of_use_to_whoever_has_the_verifier(fake, clock):
    provider = a_provider(fake)
    flow, other = new_flow("okta", "/", clock()), new_flow("okta", "/", clock())
    fake.log_in_there(provider.address(flow, BACK))
    [code] = fake.codes

    with pytest.raises(LogInRefusedError):
        provider.person(code, replace(flow, verifier=other.verifier), BACK, clock())


@pytest.mark.parametrize(("flow_of", "wait"), [("github", 0), (None, 0), ("okta", 601)])
def test_another_flow_or_an_old_one_is_refused(clock, flow_of, wait):
    flow = None if flow_of is None else new_flow(flow_of, "/", clock())
    answer = {"state": "" if flow is None else flow.state, "code": "x"}

    with pytest.raises(LogInRefusedError):
        code_of(answer, flow, "okta", clock() + timedelta(seconds=wait))


def without(name):
    return lambda claims: {key: value for key, value in claims.items() if key != name}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda claims: claims | {"iss": "https://evil.example"}, "another issuer"),
        (lambda claims: claims | {"aud": "another"}, "another client"),
        (lambda claims: claims | {"aud": ["another"]}, "another client"),
        (lambda claims: claims | {"aud": [CLIENT, "another"]}, "another client"),
        (lambda claims: claims | {"azp": "another"}, "another client"),
        (without("aud"), "another client"),
        (lambda claims: claims | {"nonce": "another"}, "nonce"),
        (lambda claims: claims | {"nonce": None}, "nonce"),
        (without("nonce"), "nonce"),
        (lambda claims: claims | {"exp": claims["iat"] - 60}, "exp"),
        (lambda claims: claims | {"exp": str(claims["exp"])}, "exp"),
        (lambda claims: claims | {"iat": claims["iat"] + 600, "exp": claims["exp"] + 600}, "iat"),
        (without("exp"), "exp"),
        (without("sub"), "sub"),
        (lambda claims: claims | {"sub": ""}, "sub"),
        (lambda claims: claims | {"sub": 7}, "sub"),
        (lambda claims: claims | {"sub": "x" * 256}, "sub"),
        (lambda claims: claims | {"sub": "a\0b"}, "sub"),
    ],
)
def test_an_id_token_that_is_not_right_is_refused_and_the_log_says_why(fake, clock, caplog, change, reason):
    fake.change = change

    with pytest.raises(LogInRefusedError, match="is not accepted") as refused:
        log_in(fake, clock)

    assert not isinstance(refused.value, ProviderError)
    assert reason in caplog.text


def test_several_audiences_are_right_when_the_token_was_made_for_us(fake, clock):
    fake.change = lambda claims: claims | {"aud": [CLIENT, "account"], "azp": CLIENT}

    assert log_in(fake, clock).subject == "1"


def test_a_token_with_the_key_of_somebody_else_is_refused(fake, clock, caplog):
    fake.key = rsa_key("evil")
    fake.key = type(fake.key).import_key(rsa_key("evil").as_dict(private=True) | {"kid": "first"})

    with pytest.raises(LogInRefusedError):
        log_in(fake, clock)

    assert "signature" in caplog.text


@pytest.mark.parametrize(
    ("path", "status", "document"),
    [
        ("/token", 200, []),
        ("/token", 200, {}),
        ("/token", 200, {"id_token": 7}),
        ("/token", 200, b"<html>"),
        ("/token", 200, b"\xff"),
        ("/token", 200, b"[" * 100_000),
        ("/token", 200, b" " * 300_000),
        ("/token", 302, {}),
        ("/token", 401, {"error": "invalid_client"}),
        ("/token", 500, {}),
        ("/userinfo", 401, {}),
        ("/keys", 503, {}),
        ("/.well-known/openid-configuration", 404, {}),
        ("/.well-known/openid-configuration", 200, {"issuer": "https://evil.example"}),
    ],
)
def test_an_answer_of_no_use_is_refused(fake, clock, caplog, path, status, document):
    fake.answers[path] = status, document

    with pytest.raises(ProviderError):
        log_in(fake, clock)

    assert "Nobody can log in by okta" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("/token", {"id_token": "a.b"}),
        ("/userinfo", {"sub": "2"}),
        ("/keys", {"keys": []}),
    ],
)
def test_what_a_provider_says_of_somebody_else_or_has_not_signed_is_refused(
    fake, clock, caplog, path, document
):
    fake.answers[path] = 200, document

    with pytest.raises(LogInRefusedError, match="is not accepted"):
        log_in(fake, clock)

    assert "Somebody cannot log in by okta" in caplog.text


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("token_endpoint", "http://example.org/token"),
        ("token_endpoint", "file:///etc/passwd"),
        ("token_endpoint", 7),
        ("token_endpoint", None),
        ("authorization_endpoint", "javascript:alert(1)"),
        ("authorization_endpoint", "https://example.org/#x"),
        ("userinfo_endpoint", "https://169.254.169.254/latest"),
    ],
)
def test_an_address_that_nobody_may_be_sent_to_is_refused(fake, clock, name, address):
    fake.configuration[name] = address

    with pytest.raises(ProviderError):
        log_in(fake, clock)


def test_a_provider_that_is_away_is_said_to_be(fake, clock):
    fake.is_away = True

    with pytest.raises(ProviderError, match="Okta gave an answer that cannot be used"):
        log_in(fake, clock)


def test_a_provider_that_says_nothing_holds_nobody_up_for_long(fake, clock, monkeypatch):
    monkeypatch.setattr(rules, "_ISSUER_SECONDS", 1)
    provider = a_provider(fake)
    provider.address(new_flow("okta", "/", clock()), BACK)
    before = fake.receiver.behaviour
    fake.receiver.behaviour = hanging(2)
    try:
        with pytest.raises(ProviderError):
            provider.person("code", new_flow("okta", "/", clock()), BACK, clock())
    finally:
        fake.receiver.behaviour = before


def test_what_a_provider_says_of_itself_is_kept_for_an_hour(fake, clock):
    provider = a_provider(fake)
    log_in(fake, clock, provider)
    before = len(fake.receiver.received)

    log_in(fake, clock, provider)

    asked = [request.path for request in fake.receiver.received[before:]]
    assert asked == ["/token", "/userinfo"]
