from dataclasses import fields, replace

import pytest

from broker.settings import InvalidSettingError, Settings, from_environment, to_environment


def test_without_environment_everything_has_its_default():
    assert from_environment({}) == Settings()


@pytest.mark.parametrize("prefix", ["TALLY_", "PACT_BROKER_"])
def test_a_pact_brokers_environment_works_as_it_is(prefix):
    environment = {
        f"{prefix}DATABASE_URL": "postgres://db/tally",
        f"{prefix}PORT": "8080",
        f"{prefix}ALLOW_PUBLIC_READ": "true",
        f"{prefix}MAIN_BRANCH_CANDIDATES": "trunk main",
    }

    settings = from_environment(environment)

    assert settings.database_url == "postgres://db/tally"
    assert settings.port == 8080
    assert settings.allow_public_read is True
    assert settings.main_branch_candidates == ("trunk", "main")


def test_our_own_prefix_wins():
    assert from_environment({"PACT_BROKER_PORT": "1", "TALLY_PORT": "2"}).port == 2


def test_a_blank_variable_is_as_good_as_none():
    assert from_environment({"TALLY_PORT": ""}).port == 9292


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("TALLY_PORT", "http", "a whole number"),
        ("PACT_BROKER_ALLOW_PUBLIC_READ", "maybe", "true or false"),
        ("TALLY_LOG_LEVEL", "loud", "one of debug, info"),
    ],
)
def test_an_invalid_value_is_refused_by_the_name_of_its_variable(name, value, says):
    with pytest.raises(InvalidSettingError, match=f"{name} must be {says}"):
        from_environment({name: value})


def test_worker_processes_get_the_settings_of_the_first_process():
    changed = replace(
        Settings(), port=1, database_url="postgresql://x", main_branch_candidates=("a", "b"), workers=3
    )

    assert from_environment(to_environment(changed)) == changed
    assert len(to_environment(changed)) == len(fields(Settings))
