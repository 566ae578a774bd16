import pytest

from broker.settings.file import with_file
from broker.settings.from_environment import from_environment
from broker.settings.names import check_names
from broker.settings.settings import InvalidSettingError

A_FILE = """
port: 8080
base_url: https://contracts.example.org
allow_public_read: true
main_branch_candidates: [trunk, main]
webhook_retry_schedule: 1 2 3
webhook_certificates:
  - path: /ours.pem
    description: of our CI
basic_auth_username:
"""


@pytest.fixture
def variables(tmp_path):
    """Return the variables that a file with this text stands for, beside those given."""

    def read(text, **environment):
        file = tmp_path / "pact_broker.yml"
        file.write_text(text, encoding="utf-8")
        return with_file({"PACT_BROKER_CONF": str(file), **environment})

    return read


def test_settings_may_be_in_the_file_that_the_pact_broker_reads(variables):
    settings = from_environment(variables(A_FILE))

    assert settings.port == 8080
    assert settings.base_url == "https://contracts.example.org"
    assert settings.allow_public_read is True
    assert settings.main_branch_candidates == ("trunk", "main")
    assert settings.webhook_retry_schedule == (1, 2, 3)
    assert settings.webhook_certificates == ("/ours.pem",)
    assert settings.basic_auth_username == ""


@pytest.mark.parametrize("variable", ["TALLY_PORT", "PACT_BROKER_PORT"])
def test_the_environment_wins_over_the_file(variables, variable):
    assert from_environment(variables(A_FILE, **{variable: "1"})).port == 1


@pytest.mark.parametrize(("text", "chosen"), [("on", "on"), ("off", "off"), ("auto", "auto"), ("Off", "off")])
def test_on_and_off_are_not_true_and_false(variables, text, chosen):
    settings = from_environment(variables(f"database_prepared_statements: {text}"))

    assert settings.database_prepared_statements == chosen


def test_what_is_in_the_file_of_a_pact_broker_is_checked_like_its_variables(variables):
    assert check_names(variables(A_FILE)) == []
    [warning] = check_names(variables("prot: 8080"))
    assert warning.endswith("Did you mean PACT_BROKER_PORT?")
    with pytest.raises(InvalidSettingError, match="PACT_BROKER_PORT must be a whole number, not 'http'"):
        from_environment(variables("port: http"))


def test_what_is_unknown_in_a_file_of_ours_is_refused(tmp_path):
    file = tmp_path / "tally.yml"
    file.write_text("prot: 8080", encoding="utf-8")

    with pytest.raises(InvalidSettingError, match=r"Did you mean TALLY_PORT\?"):
        check_names(with_file({"TALLY_CONF": str(file)}))


def test_selectors_may_be_lists_of_the_file_or_texts(variables):
    listed = "database_clean_keep_branch_selectors:\n  - max_age: 30\n  - branch: [main, develop]"
    text = "database_clean_keep_version_selectors: '[{\"latest\": true}]'"

    settings = from_environment(variables(f"{listed}\n{text}"))

    assert settings.database_clean_keep_branch_selectors == (
        '[{"max_age": 30}, {"branch": ["main", "develop"]}]'
    )
    assert settings.database_clean_keep_version_selectors == '[{"latest": true}]'
    none = from_environment(variables("database_clean_keep_branch_selectors: []"))
    assert none.database_clean_keep_branch_selectors == "[]"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- port", "must hold lines such as"),
        ("[]", "must hold lines such as"),
        ("false", "must hold lines such as"),
        ("a: [", "is not YAML"),
        ("user_agent: " + 1000 * "[" + 1000 * "]", "is nested too deeply"),
        ("user_agent: [[a]]", "has lists or names in USER_AGENT where only a value can be"),
        ("webhook_certificates: [{path: [a]}]", "has lists or names in WEBHOOK_CERTIFICATES where"),
        ("base_url: {a: b}", "has lists or names in BASE_URL where only a value can be"),
        ("port: 1\nhost: a\nport: 2", "has port twice, again in line 3"),
        ("port: 1\nPORT: 2", "has PORT twice"),
        ("? [port]\n: 1", "is not YAML"),
        ("port: 1\n#" + 1024 * 1024 * "x", "is larger than 1024 KB"),
    ],
)
def test_a_file_that_holds_no_settings_is_refused(variables, text, says):
    with pytest.raises(InvalidSettingError, match=says):
        variables(text)


def test_a_few_lines_of_aliases_never_become_gigabytes(variables):
    lines = ["a0: &a0 [lol]"]
    lines += [f"a{n}: &a{n} [{', '.join(10 * [f'*a{n - 1}'])}]" for n in range(1, 30)]

    with pytest.raises(InvalidSettingError, match=r"has an alias \(\*NAME\): write the value"):
        variables("\n".join(lines))


def test_a_file_that_is_not_there_is_refused():
    with pytest.raises(InvalidSettingError, match=r"TALLY_CONF names nowhere\.yml, which cannot be read"):
        with_file({"TALLY_CONF": "nowhere.yml"})


def test_without_a_file_the_environment_is_all():
    assert with_file({"TALLY_PORT": "1"}) == {"TALLY_PORT": "1"}
