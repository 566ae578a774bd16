"""Tokens that expire soon are told of: once a day in the log, and to Prometheus."""

import logging
from datetime import timedelta

import pytest
from support.accounts import accounts
from support.clocks import Clock

from broker.app import create_app
from broker.background.account_keeper import AccountKeeper
from broker.settings.settings import Settings

PROMETHEUS = {"Accept": "text/plain;version=0.0.4;q=0.5"}
pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def world(database):
    made = accounts(database, now=database.now())
    made.service("shop-ci", "publisher", team="payments")
    return made


def warnings_of(caplog, keeper):
    caplog.clear()
    with caplog.at_level(logging.WARNING, "broker.accounts"):
        keeper.turn()
    return [record.getMessage() for record in caplog.records]


def test_a_token_that_expires_soon_is_warned_of_once_a_day_by_one_process(database, world, caplog):
    token = world.token_of("shop-ci", days=13)
    world.token_of("shop-ci", days=15)

    first = warnings_of(caplog, AccountKeeper(database))
    second = warnings_of(caplog, AccountKeeper(database))

    assert len(first) == 1
    assert first[0].startswith(f"The token of a test ({token[:15]}) of shop-ci expires on ")
    assert token not in first[0]
    assert second == []


def test_what_is_over_is_removed(database, world):
    world.token_of("shop-ci", days=1)
    world.token_of("shop-ci", days=90)
    clock = Clock(world.now + timedelta(days=32))

    AccountKeeper(database, clock=clock).turn()

    with database.connection() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM tokens").scalar_one() == 1


def test_prometheus_sees_how_many_expire_and_when_the_first_does(database, world):
    broker = create_app(Settings(allow_public_read=True), database).test_client()
    none = broker.get("/metrics", headers=PROMETHEUS).text

    world.token_of("shop-ci", days=2)
    world.token_of("shop-ci", days=13)
    some = broker.get("/metrics", headers=PROMETHEUS).text

    assert "tally_tokens_expiring 0.0" in none
    assert "\ntally_token_expires_seconds " not in none
    assert "tally_tokens_expiring 2.0" in some
    [line] = [line for line in some.splitlines() if line.startswith("tally_token_expires_seconds ")]
    assert float(line.split()[1]) == pytest.approx(2 * 24 * 3600, abs=60)
