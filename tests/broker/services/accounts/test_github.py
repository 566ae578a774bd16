"""Log-in by GitHub: whom its API names, and of which organizations and teams they are."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from support.identity_providers import CLIENT, SECRET, github

from broker.services.accounts.log_in import LogInRefusedError
from broker.services.accounts.log_in_flow import code_of, new_flow
from broker.services.accounts.log_in_providers import LogInProviders
from broker.services.accounts.provider_requests import ProviderError
from broker.settings.from_environment import from_environment

BACK = "https://tally.example.org/log-in/github/answer"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def running():
    with github() as provider:
        yield provider


@pytest.fixture
def fake(running):
    """GitHub, as it is when it behaves."""
    before = dict(vars(running))
    vars(running).update(user=dict(running.user), answers={}, codes={}, organizations=["Acme"], teams=[])
    yield running
    vars(running).update(before)


def a_provider(issuer, secret=SECRET, kind="github"):
    environment = {
        "TALLY_OIDC_PROVIDERS": "github",
        "TALLY_OIDC_GITHUB_KIND": kind,
        "TALLY_OIDC_GITHUB_ISSUER": issuer,
        "TALLY_OIDC_GITHUB_CLIENT_ID": CLIENT,
        "TALLY_OIDC_GITHUB_CLIENT_SECRET": secret,
        "TALLY_OIDC_GITHUB_ALLOWED_GROUPS": "acme",
    }
    return LogInProviders(from_environment(environment)).find("github")[1]


def log_in(fake, provider=None, **changes):
    provider = provider or a_provider(fake.url)
    flow = new_flow("github", "/", NOW)
    answer = dict(parse_qsl(urlsplit(fake.log_in_there(provider.address(flow, BACK))).query)) | changes
    provider.check_answer(answer)
    return provider.person(code_of(answer, flow, "github", NOW), flow, BACK, NOW)


def test_somebody_is_known_by_the_number_that_never_changes(fake):
    fake.teams = [("Acme", "payments"), ("Other", "payments")]

    person = log_in(fake)

    assert (person.subject, person.names, person.display_name) == ("7", ("anna",), "Anna")
    assert person.groups == {"Acme", "Acme/payments", "Other/payments"}


def test_lists_of_several_pages_are_read_to_the_end(fake):
    fake.organizations = [f"o{number}" for number in range(250)]
    fake.teams = [("Acme", f"t{number}") for number in range(100)]

    assert len(log_in(fake).groups) == 350


def test_lists_without_end_are_not(fake, caplog):
    fake.answers["/api/v3/user/orgs"] = 200, [{"login": "Acme"}] * 100

    assert log_in(fake).groups == {"Acme"}
    assert "more than 1000" in caplog.text


def test_the_addresses_of_github_itself_are_where_its_documentation_says():
    provider = a_provider("https://github.com", kind="")
    address = urlsplit(provider.address(new_flow("github", "/", NOW), BACK))

    assert f"{address.netloc}{address.path}" == "github.com/login/oauth/authorize"
    assert provider._api == "https://api.github.com"  # noqa: SLF001 - no test asks GitHub


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"code": "guessed"}, "used before"),
        ({"state": "another"}, "another log-in"),
        ({"iss": "https://evil.example"}, "another provider"),
    ],
)
def test_an_answer_that_does_not_belong_to_this_log_in_is_refused(fake, changes, says):
    with pytest.raises(LogInRefusedError, match=says):
        log_in(fake, **changes)


def test_a_wrong_secret_is_a_matter_of_the_settings(fake, caplog):
    with pytest.raises(ProviderError):
        log_in(fake, a_provider(fake.url, "wrong"))

    assert "incorrect_client_credentials" in caplog.text
    assert "wrong" not in caplog.text.replace("incorrect", "")


@pytest.mark.parametrize(
    ("path", "status", "document"),
    [
        ("/login/oauth/access_token", 200, {"access_token": "a\nb"}),
        ("/login/oauth/access_token", 200, {"access_token": 7}),
        ("/login/oauth/access_token", 200, b"access_token=gho_x"),
        ("/api/v3/user", 200, {}),
        ("/api/v3/user", 200, []),
        ("/api/v3/user", 200, {"id": "7"}),
        ("/api/v3/user", 200, {"id": True}),
        ("/api/v3/user", 200, {"id": 0}),
        ("/api/v3/user", 403, {}),
        ("/api/v3/user/orgs", 403, {}),
        ("/api/v3/user/orgs", 200, {}),
        ("/api/v3/user/teams", 200, [7]),
        ("/api/v3/user/teams", 502, []),
    ],
)
def test_an_answer_of_no_use_is_refused(fake, caplog, path, status, document):
    fake.answers[path] = status, document

    with pytest.raises(ProviderError):
        log_in(fake)

    assert "Nobody can log in by github" in caplog.text
    assert "gho_x" not in caplog.text
