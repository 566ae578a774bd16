from dataclasses import fields, replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.settings_page import as_markdown

from broker.commands.serve import serve
from broker.settings.from_environment import from_environment, to_environment
from broker.settings.names import check_names
from broker.settings.settings import InvalidSettingError, Settings
from broker.settings.texts import check as check_texts


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
        ("TALLY_THREADS", "0", "1 or more"),
        ("TALLY_WORKERS", "0", "1 or more"),
        ("TALLY_MAX_CONNECTIONS", "0", "1 or more"),
        ("TALLY_MAX_REQUEST_MEGABYTES", "0", "1 or more"),
        ("TALLY_MAX_BODIES_MEGABYTES", "0", "1 or more"),
        ("TALLY_WEBHOOK_SENDERS", "0", "1 or more"),
        ("TALLY_WEBHOOK_TIMEOUT", "0", "1 or more"),
        ("TALLY_DATABASE_CLEAN_INTERVAL", "0", "1 or more"),
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


def test_the_parts_of_a_database_url_may_be_given_one_by_one():
    environment = {
        "PACT_BROKER_DATABASE_USERNAME": "tally",
        "PACT_BROKER_DATABASE_PASSWORD": "p@ss/word",
        "PACT_BROKER_DATABASE_HOST": "db",
        "PACT_BROKER_DATABASE_NAME": "pacts",
        "PACT_BROKER_DATABASE_SSLMODE": "require",
    }

    url = from_environment(environment).database_url

    assert url == "postgresql://tally:p%40ss%2Fword@db:5432/pacts?sslmode=require"


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({"DATABASE_NAME": "pacts"}, "postgresql://localhost:5432/pacts"),
        ({"DATABASE_NAME": "pacts", "DATABASE_USERNAME": "me"}, "postgresql://me@localhost:5432/pacts"),
        ({"DATABASE_NAME": "/x.db", "DATABASE_ADAPTER": "sqlite"}, "sqlite:////x.db"),
        ({"DATABASE_NAME": "pacts", "DATABASE_URL": "sqlite:///y.db"}, "sqlite:///y.db"),
        ({"DATABASE_HOST": "db"}, "sqlite:///tallystick.sqlite3"),
    ],
)
def test_a_database_url_wins_over_its_parts(environment, url):
    variables = {f"TALLY_{name}": value for name, value in environment.items()}

    assert from_environment(variables).database_url == url


def test_a_value_may_be_in_a_variable_that_another_one_names():
    named = {"PACT_BROKER_DATABASE_URL_ENVIRONMENT_VARIABLE_NAME": "MY_DATABASE"}

    assert from_environment({**named, "MY_DATABASE": "sqlite:///x.db"}).database_url == "sqlite:///x.db"
    assert check_names(named) == []
    with pytest.raises(InvalidSettingError, match="names MY_DATABASE, which is not set"):
        from_environment(named)


@pytest.mark.parametrize("name", ["TALLY_PORT", "PACT_BROKER_PORT", "TALLY_HOST", "TALLY_BASE_URL"])
@pytest.mark.parametrize("scheme", ["tcp", "udp", "sctp"])
def test_a_setting_that_kubernetes_sets_for_a_service_is_refused_with_how_to_stop_it(name, scheme):
    with pytest.raises(
        InvalidSettingError, match=f"{name} is '{scheme}://10.0.0.1:80'.*enableServiceLinks: false"
    ):
        from_environment({name: f"{scheme}://10.0.0.1:80"})


def test_what_kubernetes_sets_for_a_service_does_not_matter_beside_our_own_setting():
    assert from_environment({"PACT_BROKER_PORT": "tcp://10.0.0.1:80", "TALLY_PORT": "9393"}).port == 9393


def test_other_variables_that_kubernetes_sets_for_a_service_are_no_settings():
    kubernetes = {
        "TALLY_SERVICE_HOST": "10.0.0.1",
        "TALLY_SERVICE_PORT_HTTP": "80",
        "TALLY_PORT_80_TCP_ADDR": "10.0.0.1",
        "PACT_BROKER_DB_SERVICE_HOST": "10.0.0.2",
        "PACT_BROKER_DB_PORT": "tcp://10.0.0.2:5432",
    }

    assert from_environment(kubernetes) == Settings()
    assert check_names(kubernetes) == []


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("TALLY_DATABSE_URL", "Did you mean TALLY_DATABASE_URL?"),
        ("TALLY_BASIC_AUTH_USER", "Did you mean TALLY_BASIC_AUTH_USERNAME?"),
        ("TALLY_LOG_DIRECTORY", "That one is ignored, too: the log goes to standard error."),
        ("TALLY_XYZ", "`tally serve --help` lists the settings"),
    ],
)
def test_an_unknown_setting_is_refused_with_the_name_that_it_resembles(name, says):
    with pytest.raises(InvalidSettingError) as refused:
        check_names({name: "x"})

    assert str(refused.value).startswith(f"there is no setting {name}. ")
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("BASIC_AUTH_USER", "Did you mean PACT_BROKER_BASIC_AUTH_USERNAME?"),
        ("DATABASE_CLEAN_KEEP_TAG_SELECTORS", "Did you mean PACT_BROKER_DATABASE_CLEAN_KEEP_"),
        ("SQL_LOG_LEVELS", "Did you mean PACT_BROKER_SQL_LOG_LEVEL? That one is ignored, too: statements"),
        ("XYZ", "`tally serve --help` lists the settings."),
    ],
)
def test_a_variable_of_a_pact_broker_that_is_not_known_is_told_with_the_name_that_it_resembles(name, says):
    [warning] = check_names({f"PACT_BROKER_{name}": "x"})

    assert warning.startswith(f"PACT_BROKER_{name} is ignored: it is not known here. ")
    assert says in warning


def test_one_of_several_log_appenders_of_a_pact_broker_is_known():
    [warning] = check_names({"PACT_BROKER_LOG_APPENDERS__0__STREAM": "stdout"})

    assert warning == "PACT_BROKER_LOG_APPENDERS__0__STREAM is ignored: the log goes to standard error."


def test_the_limit_of_branches_may_be_left_to_that_of_versions():
    name = "PACT_BROKER_DATABASE_CLEAN_BRANCH_DELETION_LIMIT"

    limits = [from_environment({name: text}).database_clean_branch_deletion_limit for text in ("", "0", "7")]

    assert limits == [None, 0, 7]


def test_a_setting_that_only_the_pact_broker_has_is_told_and_ignored():
    [warning] = check_names({"PACT_BROKER_LOG_DIR": "log", "PACT_BROKER_PORT": "1", "HOME": "/"})

    assert warning.startswith("PACT_BROKER_LOG_DIR is ignored: the log goes to standard error")


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("ORDER_VERSIONS_BY_DATE", "publish each on a branch of its own"),
        ("USE_CASE_SENSITIVE_RESOURCE_NAMES", "agree on one spelling"),
    ],
)
def test_what_would_change_answers_is_refused_and_says_what_to_do_instead(name, instead):
    assert check_names({f"PACT_BROKER_{name}": "true"}) == []
    with pytest.raises(InvalidSettingError, match=f"PACT_BROKER_{name} can only be true: .*{instead}"):
        check_names({f"PACT_BROKER_{name}": "false"})


def test_users_that_are_switched_off_are_as_if_not_set():
    users = {"TALLY_BASIC_AUTH_USERNAME": "me", "TALLY_BASIC_AUTH_PASSWORD": "secret"}

    assert from_environment(users).has_credentials
    assert not from_environment({**users, "PACT_BROKER_BASIC_AUTH_ENABLED": "false"}).has_credentials


@pytest.mark.parametrize("text", ["true", "yes", "1"])
def test_asking_for_users_that_there_are_none_of_is_refused(text):
    with pytest.raises(InvalidSettingError, match="there is no user: set TALLY_BASIC_AUTH_USERNAME"):
        check_names({"PACT_BROKER_BASIC_AUTH_ENABLED": text})


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ("USERNAME", "TALLY_BASIC_AUTH_PASSWORD"),
        ("PASSWORD", "TALLY_BASIC_AUTH_USERNAME"),
        ("READ_ONLY_USERNAME", "TALLY_BASIC_AUTH_READ_ONLY_PASSWORD"),
        ("READ_ONLY_PASSWORD", "TALLY_BASIC_AUTH_READ_ONLY_USERNAME"),
    ],
)
def test_a_user_is_a_name_and_a_password(given, missing):
    settings = from_environment({f"TALLY_BASIC_AUTH_{given}": "x"})

    with pytest.raises(InvalidSettingError, match=f"{missing} is missing"):
        _ = settings.users


def test_the_variables_of_the_commands_are_no_settings():
    names = ("BASE_URL", "TOKEN", "USERNAME", "PASSWORD", "HTTP_RETRIES", "CAN_I_DEPLOY_DRY_RUN")

    assert check_names({f"PACT_BROKER_{name}": "x" for name in names}) == []


def test_the_page_of_settings_is_the_list_of_settings():
    page = Path(__file__).parents[3] / "docs" / "configuration.md"

    assert page.read_text(encoding="utf-8").endswith(as_markdown())


def test_the_help_of_serve_lists_every_setting():
    shown = CliRunner().invoke(serve, ["--help"]).output

    for setting in fields(Settings):
        assert f"  TALLY_{setting.name.upper()}" in shown


PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def test_certificates_may_be_numbered_as_files_or_as_text():
    settings = from_environment(
        {
            "TALLY_WEBHOOK_CERTIFICATES": "/ours.pem",
            "PACT_BROKER_WEBHOOK_CERTIFICATES__10__PATH": "/last.pem",
            "PACT_BROKER_WEBHOOK_CERTIFICATES__2__CONTENT": PEM.replace("\n", "\\n"),
            "PACT_BROKER_WEBHOOK_CERTIFICATES__2__DESCRIPTION": "of our CI",
        }
    )

    assert settings.webhook_certificates == ("/ours.pem", PEM, "/last.pem")
    assert from_environment(to_environment(settings)).webhook_certificates == ("/ours.pem", "/last.pem", PEM)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"0__CONTENT": PEM, "0__PATH": "/a.pem"}, "are for the same certificate"),
        ({"3__DESCRIPTION": "of our CI"}, "set TALLY_WEBHOOK_CERTIFICATES__3__PATH"),
        ({"0__CONTENT": "MIIB"}, "TALLY_WEBHOOK_CERTIFICATES__0__CONTENT is not a certificate"),
    ],
)
def test_a_numbered_certificate_that_cannot_be_used_is_refused(values, says):
    with pytest.raises(InvalidSettingError, match=says):
        from_environment({f"TALLY_WEBHOOK_CERTIFICATES__{name}": value for name, value in values.items()})


def test_the_variables_of_a_numbered_certificate_are_known():
    check_names({"PACT_BROKER_WEBHOOK_CERTIFICATES__0__CONTENT": PEM})
    with pytest.raises(InvalidSettingError, match="no setting TALLY_WEBHOOK_CERTIFICATES__0__CONTENTS"):
        check_names({"TALLY_WEBHOOK_CERTIFICATES__0__CONTENTS": PEM})


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("USER_AGENT", "a\nX-Other: b", "cannot have a new line, a tab or another control character"),
        ("USER_AGENT", "Tällystick", "is the value of a header"),
        ("BADGE_DEFAULT_CACHE_SETTING", "max-age=30…", "is the value of a header"),
        ("SHIELDS_IO_BASE_URL", "https://img.example.org\r", "cannot have"),
        ("BASIC_AUTH_USERNAME", "ann\x1b[2J", "cannot have"),
        ("API_TOKENS", "ci\x7f:read:Wk3nq8ZtYb5vRw2L", "cannot have"),
        ("DATABASE_PASSWORD", "canary\n", "cannot have"),
    ],
)
def test_a_text_that_would_break_a_header_or_a_line_of_the_log_is_refused_at_the_start(name, value, says):
    started = CliRunner().invoke(serve, env={f"TALLY_{name}": value, "TALLY_DATABASE_URL": "sqlite://"})

    assert started.exit_code == 2
    assert started.output.startswith(f"Error: TALLY_{name} {says}")
    assert "canary" not in started.output


def test_one_body_has_room_among_all_bodies():
    environment = {"TALLY_MAX_BODIES_MEGABYTES": "32", "TALLY_DATABASE_URL": "sqlite://"}

    started = CliRunner().invoke(serve, env=environment)

    assert started.exit_code == 2
    assert started.output.startswith("Error: TALLY_MAX_BODIES_MEGABYTES must be 64 or more")


def test_texts_of_several_lines_or_with_accents_stay_allowed_where_they_do_no_harm():
    selectors = '[\n\t{"max_age": 90}\n]'

    check_texts(Settings(database_clean_keep_version_selectors=selectors, webhook_certificates=(PEM,)))
    check_texts(Settings(basic_auth_username="änn", user_agent="Acme/1.0 (ci; +https://ci.example.org)"))
