"""What `tally serve` checks before it listens: who could write, and what settings have beside accounts."""

import logging

import pytest
from support.accounts import accounts

from broker.settings.settings import Settings
from broker.start_up.start_up import check_access

EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing listens: it is only judged
OLD_TOKEN = "ci:write:0123456789abcdef"


@pytest.fixture
def checked(database_url, caplog):
    """Check the settings; return what is warned of."""

    def check(*, insecure=False, **settings):
        caplog.clear()
        with caplog.at_level(logging.WARNING, "broker"):
            check_access(Settings(database_url=database_url, **settings), insecure=insecure)
        return [record.getMessage() for record in caplog.records]

    return check


def test_an_address_from_which_anyone_could_write_is_refused_until_there_are_accounts(
    checked, database, capsys
):
    with pytest.raises(SystemExit) as exit_:
        checked(host=EVERYWHERE)
    refusal = capsys.readouterr().err
    assert checked(host=EVERYWHERE, insecure=True) == []

    accounts(database).person("ann", "administrator")

    assert checked(host=EVERYWHERE) == []
    assert exit_.value.code == 2
    assert "tally users create --admin NAME" in refusal


def test_credentials_of_the_settings_are_warned_of_beside_accounts_alone(checked, database):
    before = checked(api_tokens=(OLD_TOKEN,))
    accounts(database).person("ann", "administrator")
    after = checked(api_tokens=(OLD_TOKEN,))

    assert before == []
    assert len(after) == 1
    assert "tally tokens adopt" in after[0]
    assert "0123456789abcdef" not in after[0]
