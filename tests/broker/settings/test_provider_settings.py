"""Identity providers in the settings: each has variables of its own."""

from dataclasses import replace

import pytest

from broker.domain.accounts.permissions import Role
from broker.domain.accounts.providers import GroupRule, ProviderKind
from broker.settings.from_environment import from_environment, to_environment
from broker.settings.names import check_names
from broker.settings.settings import InvalidSettingError, Settings

OKTA = {
    "TALLY_OIDC_PROVIDERS": "okta",
    "TALLY_OIDC_OKTA_ISSUER": "https://login.example.org",
    "TALLY_OIDC_OKTA_CLIENT_ID": "tally",
    "TALLY_OIDC_OKTA_CLIENT_SECRET": "s3cret",
    "TALLY_OIDC_OKTA_ALLOWED_GROUPS": "staff",
}
BOTH = {
    **OKTA,
    "TALLY_OIDC_PROVIDERS": "okta github",
    "TALLY_OIDC_GITHUB_ISSUER": "https://github.com",
    "TALLY_OIDC_GITHUB_CLIENT_ID": "x",
    "TALLY_OIDC_GITHUB_CLIENT_SECRET": "y",
    "TALLY_OIDC_GITHUB_GROUPS": "acme/payments=payments:publisher acme=reader",
    "TALLY_OIDC_GITHUB_ADMIN_GROUP": "acme/platform",
}


def test_a_provider_is_read_with_what_its_groups_give():
    environment = {
        **OKTA,
        "TALLY_OIDC_OKTA_GROUPS": "Domain%20Admins=administrator a=b=pay%20ments:team-administrator",
        "TALLY_OIDC_OKTA_TITLE": "Log in with Okta",
    }

    [provider] = from_environment(environment).oidc_providers

    assert provider.kind is ProviderKind.OPENID
    assert (provider.title, provider.issuer) == ("Log in with Okta", "https://login.example.org")
    assert provider.rules == (
        GroupRule("Domain Admins", Role.ADMINISTRATOR),
        GroupRule("a=b", Role.TEAM_ADMINISTRATOR, "pay ments"),
    )
    assert provider.allowed_groups == {"staff"}
    assert check_names(environment) == []


def test_github_is_known_by_its_address():
    _, github = from_environment(BOTH).oidc_providers

    assert (github.kind, github.title) == (ProviderKind.GITHUB, "GitHub")
    assert github.rules[-1] == GroupRule("acme/platform", Role.ADMINISTRATOR)


def test_with_one_provider_the_groups_need_not_have_its_name():
    common = {
        "TALLY_ADMIN_GROUP": "boss",
        "TALLY_OIDC_GROUPS": "a=reader",
        "TALLY_OIDC_GROUPS_CLAIM": "roles",
    }

    [provider] = from_environment({**OKTA, **common}).oidc_providers

    assert [rule.group for rule in provider.rules] == ["a", "boss"]
    assert provider.groups_claim == "roles"


@pytest.mark.parametrize("name", ["TALLY_ADMIN_GROUP", "TALLY_OIDC_ALLOWED_GROUPS", "TALLY_OIDC_GROUPS"])
def test_with_two_providers_a_group_is_of_one_of_them(name):
    with pytest.raises(InvalidSettingError, match=f"{name} would be for all of 2 providers"):
        from_environment({**BOTH, name: "boss"})


def test_the_client_secret_is_not_in_what_is_printed():
    settings = from_environment(OKTA)

    assert "s3cret" not in repr(settings)
    assert "s3cret" not in str(settings.oidc_providers)


@pytest.mark.parametrize("environment", [OKTA, BOTH, {**OKTA, "TALLY_ADMIN_GROUP": "a b*=c"}])
def test_worker_processes_get_the_providers_of_the_first_process(environment):
    settings = from_environment(environment)

    assert from_environment(to_environment(settings)) == settings
    assert to_environment(replace(settings, oidc_providers=()))["TALLY_OIDC_PROVIDERS"] == ""


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"TALLY_OIDC_OKTA_ISSUER": ""}, "TALLY_OIDC_OKTA_ISSUER must be the issuer's address"),
        ({"TALLY_OIDC_OKTA_ISSUER": "http://login.example.org"}, "TALLY_OIDC_OKTA_ISSUER must be"),
        ({"TALLY_OIDC_OKTA_ISSUER": "https://login.example.org:x"}, "TALLY_OIDC_OKTA_ISSUER must be"),
        ({"TALLY_OIDC_OKTA_ISSUER": "https://a:b@login.example.org"}, "must have no user"),
        ({"TALLY_OIDC_OKTA_ISSUER": "https://login.example.org?a=b"}, "no query"),
        ({"TALLY_OIDC_OKTA_CLIENT_ID": ""}, "TALLY_OIDC_OKTA_CLIENT_ID is missing"),
        ({"TALLY_OIDC_OKTA_KIND": "saml"}, "TALLY_OIDC_OKTA_KIND must be one of openid, github"),
        ({"TALLY_OIDC_OKTA_ALLOWED_GROUPS": ""}, "nobody could log in"),
        ({"TALLY_OIDC_OKTA_GROUPS": "staff"}, "must be GROUP=ROLE"),
        ({"TALLY_OIDC_OKTA_GROUPS": "=reader"}, "must be GROUP=ROLE"),
        ({"TALLY_OIDC_OKTA_GROUPS": "staff=boss"}, "gives the role 'boss'; for all teams it must be one of"),
        ({"TALLY_OIDC_OKTA_GROUPS": "staff=team-administrator"}, "for all teams it must be one of"),
        ({"TALLY_OIDC_OKTA_GROUPS": "staff=pay:administrator"}, "for the team pay it must be one of"),
        ({"TALLY_OIDC_PROVIDERS": "Okta"}, "cannot be the name of a provider"),
        ({"TALLY_OIDC_PROVIDERS": "password"}, "cannot be the name of a provider"),
        ({"TALLY_OIDC_PROVIDERS": "okta okta"}, "names a provider twice"),
        (
            {"TALLY_OIDC_OKTA_ISSUER": "https://github.com", "TALLY_OIDC_OKTA_ALLOWED_GROUPS": "*"},
            "everybody can have",
        ),
        (
            {"TALLY_OIDC_OKTA_ISSUER": "https://github.com", "TALLY_OIDC_OKTA_CLIENT_SECRET": ""},
            "TALLY_OIDC_OKTA_CLIENT_SECRET is missing",
        ),
    ],
)
def test_what_is_wrong_is_said_by_the_name_of_the_variable(changes, says):
    with pytest.raises(InvalidSettingError) as refused:
        from_environment({**OKTA, **changes})

    assert says in str(refused.value)


def test_a_plain_address_is_for_providers_on_this_machine():
    [provider] = from_environment(
        {**OKTA, "TALLY_OIDC_OKTA_ISSUER": "http://127.0.0.1:5556/dex"}
    ).oidc_providers

    assert provider.issuer == "http://127.0.0.1:5556/dex"


@pytest.mark.parametrize(
    ("variable", "says"),
    [
        ("TALLY_OIDC_ENTRA_ISSUER", "is of an identity provider that TALLY_OIDC_PROVIDERS does not name"),
        ("TALLY_OIDC_OKTA_ISUER", "Did you mean TALLY_OIDC_OKTA_ISSUER?"),
    ],
)
def test_a_variable_of_no_provider_is_refused(variable, says):
    with pytest.raises(InvalidSettingError) as refused:
        check_names({**OKTA, variable: "https://x.example"})

    assert says in str(refused.value)


def test_without_a_provider_there_is_none():
    assert Settings().oidc_providers == ()
