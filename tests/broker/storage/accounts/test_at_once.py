"""Changes of accounts that are made at the same time, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from support.accounts import accounts

from broker.domain.accounts.account import MOST_TOKENS, NewAccount, TokenWish
from broker.domain.accounts.actor import ActorKind
from broker.domain.accounts.permissions import Role
from broker.domain.errors import Refusal, StateRuleError
from broker.services.accounts import accounts as services
from broker.services.accounts import roles, teams, tokens
from broker.services.accounts.accounts import AccountChange


def at_once(database, *changes):
    """Make each change in a transaction of its own, at the same time; return what each raised or returned."""
    begin = Barrier(len(changes))

    def make(change):
        begin.wait(10)
        try:
            return database.write(change)
        except Refusal as error:
            return error

    with ThreadPoolExecutor(len(changes)) as threads:
        return list(threads.map(make, changes))


def refused(results):
    return [result for result in results if isinstance(result, StateRuleError)]


def test_of_two_last_administrators_that_are_removed_at_once_one_stays(database):
    world = accounts(database)
    for _ in range(4):
        world.person("ann", "administrator")
        world.person("bob", "administrator")

        results = at_once(
            database,
            lambda storage: roles.replace(storage, "ann", [], world.now),
            lambda storage: roles.replace(storage, "bob", [], world.now),
        )

        assert len(refused(results)) == 1


def test_of_two_last_administrators_one_disabled_and_one_removed_one_stays(database):
    world = accounts(database)
    world.person("ann", "administrator")
    world.person("bob", "administrator")

    results = at_once(
        database,
        lambda storage: services.change(storage, "ann", AccountChange(is_disabled=True), world.now),
        lambda storage: services.delete(storage, "bob", world.now),
    )

    assert len(refused(results)) == 1
    with database.reading() as storage:
        left = [each for each in storage.accounts.all() if not each.is_disabled]
    assert len(left) == 1


def test_a_name_is_given_once(database):
    world = accounts(database)

    results = at_once(
        database,
        *[lambda storage: teams.create(storage, "payments", None, world.now)] * 3,
    )

    assert len(refused(results)) == 2


def test_no_account_gets_more_tokens_than_the_most(database):
    world = accounts(database)
    world.service("ci", "reader")
    for _ in range(MOST_TOKENS - 1):
        world.token_of("ci")
    wish = TokenWish("one more", 1)

    results = at_once(database, *[lambda storage: tokens.create(storage, "ci", wish, world.now)] * 3)

    assert len(refused(results)) == 2


def test_a_team_is_not_deleted_while_it_gets_a_service_account(database):
    world = accounts(database)
    world.team("payments")
    new = NewAccount("ci", ActorKind.SERVICE, "ci")

    def create(storage):
        return teams.create_service_account(storage, "payments", new, [Role.READER], world.now)

    def delete(storage):
        return teams.delete(storage, "payments", world.now)

    at_once(database, create, delete)

    with database.reading() as storage:
        account, team = storage.accounts.find("ci"), storage.teams.find("payments")
    assert (account is None) == (team is None)


def test_tokens_that_expire_soon_are_found_and_old_ones_forgotten(database):
    world = accounts(database)
    world.service("ci", "reader")
    world.person("ann", "reader")
    for days in (1, 14, 15, 90):
        world.token_of("ci", days=days)
    world.token_of("ann", days=1)

    with database.transaction() as storage:
        soon = storage.tokens.expiring(world.now, world.now + timedelta(days=14))
        removed = storage.tokens.remove_old(world.now + timedelta(days=14, seconds=1), most=10)
        left = storage.tokens.expiring(world.now, world.now + timedelta(days=400))

    assert [(token.expires_at - world.now).days for token in soon] == [1, 14]
    assert removed == 3
    assert len(left) == 2
