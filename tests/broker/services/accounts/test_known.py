"""What a process knows of accounts is exact in that process, and noted once a day."""

from datetime import timedelta

import pytest
from support.accounts import accounts
from support.sql_statements import sql_statements

from broker.services.accounts import accounts as services
from broker.services.accounts import roles, tokens
from broker.services.accounts.accounts import AccountChange
from broker.services.accounts.known import KnownAccounts


@pytest.fixture
def world(database):
    made = accounts(database)
    made.person("ada", "administrator")
    return made


def changed(database, known, change):
    """Make a change, and let the process forget, as it does after its own transactions."""
    with database.transaction() as storage:
        change(storage)
        assert storage.asking.access_changed_at is not None
    known.forget()


def test_what_was_taken_away_is_gone_at_once(database, world):
    known = KnownAccounts(database)
    world.person("ann", "reader")
    first, second = world.token_of("ann"), world.token_of("ann")
    before = known.of_token(first, world.now)

    with database.reading() as storage:
        uuid = storage.tokens.of(before.account_id, world.now)[1].uuid
    changed(database, known, lambda storage: tokens.revoke(storage, uuid, world.now))
    assert known.of_token(first, world.now) is None
    assert known.of_token(second, world.now).grants == before.grants

    changed(database, known, lambda storage: roles.replace(storage, "ann", [], world.now))
    assert known.of_token(second, world.now).grants == frozenset()

    off = AccountChange(is_disabled=True)
    changed(database, known, lambda storage: services.change(storage, "ann", off, world.now))
    assert known.of_token(second, world.now) is None


def test_another_process_sees_a_change_at_its_next_look(database, world):
    token = world.token("reader", name="ann")
    other = KnownAccounts(database)
    other.look()
    assert other.of_token(token, world.now)

    off = AccountChange(is_disabled=True)
    with database.transaction() as storage:
        services.change(storage, "ann", off, world.now)

    assert other.of_token(token, world.now)
    other.look()
    assert other.of_token(token, world.now) is None


def test_a_known_token_asks_the_database_nothing(database, world):
    token = world.token("reader", name="ann")
    known = KnownAccounts(database)
    known.of_token(token, world.now)

    with sql_statements() as statements:
        known.of_token(token, world.now)

    assert statements == []


def test_the_last_use_is_stored_once_a_day(database, world):
    token = world.token("reader", name="ann", days=90)
    known = KnownAccounts(database)

    def used_on():
        known.store_uses()
        with database.reading() as storage:
            account = storage.accounts.find("ann")
            return storage.tokens.of(account.id, world.now)[0].last_used_on, account.last_seen_on

    assert used_on() == (None, None)
    known.of_token(token, world.now)
    assert used_on() == (world.now.date(), world.now.date())

    known.of_token(token, world.now)
    with sql_statements() as statements:
        known.store_uses()
    assert statements == []

    tomorrow = world.now + timedelta(days=1)
    known.of_token(token, tomorrow)
    assert used_on() == (tomorrow.date(), tomorrow.date())
