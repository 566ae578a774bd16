"""What the groups of an identity provider give somebody."""

import pytest

from broker.domain.accounts.group_roles import GroupRole, roles_of
from broker.domain.accounts.permissions import Role
from broker.domain.accounts.providers import GroupRule, Provider, ProviderKind


def a_provider(*rules, allowed=(), kind=ProviderKind.OPENID):
    return Provider(
        "okta", kind, "Okta", "https://x.example", "id", "", "openid", "groups", rules, frozenset(allowed)
    )


@pytest.mark.parametrize("groups", [[], ["others"], ["Staff"], ["staff "], ["*"]])
def test_who_is_in_no_group_of_the_settings_gets_nothing(groups):
    provider = a_provider(GroupRule("pay", Role.PUBLISHER, "payments"), allowed=["staff"])

    assert roles_of(groups, provider) == frozenset()


def test_who_may_log_in_is_a_reader():
    assert roles_of(["staff", "x"], a_provider(allowed=["staff"])) == {GroupRole("staff", Role.READER)}


def test_everybody_is_a_reader_where_the_settings_say_so():
    assert roles_of([], a_provider(allowed=["*"])) == {GroupRole("*", Role.READER)}


def test_roles_add_up_and_two_groups_give_the_same_once():
    provider = a_provider(
        GroupRule("b", Role.PUBLISHER, "payments"),
        GroupRule("a", Role.PUBLISHER, "payments"),
        GroupRule("a", Role.DEPLOYER, "payments"),
        GroupRule("a", Role.PUBLISHER, "shop"),
        GroupRule("boss", Role.ADMINISTRATOR),
    )

    assert roles_of(["a", "b"], provider) == {
        GroupRole("a", Role.PUBLISHER, "payments"),
        GroupRole("a", Role.DEPLOYER, "payments"),
        GroupRole("a", Role.PUBLISHER, "shop"),
    }


def test_names_at_github_have_no_case():
    rule = GroupRule("Acme/Platform", Role.ADMINISTRATOR)

    assert roles_of(["acme/platform"], a_provider(rule)) == frozenset()
    assert roles_of(["acme/platform"], a_provider(rule, kind=ProviderKind.GITHUB)) == {
        GroupRole("acme/platform", Role.ADMINISTRATOR)
    }
