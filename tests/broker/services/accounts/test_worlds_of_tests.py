"""What tests make accounts with works as the API does: the tokens are known, and limited."""

import pytest
from support.accounts import accounts, bearer

from broker.app import create_app
from broker.domain.accounts.permissions import Action
from broker.services.accounts.known import KnownAccounts
from broker.settings.settings import Settings

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


def test_a_token_is_that_of_an_account_with_the_role(database):
    world = accounts(database)
    team = world.team("payments", "Shop")

    token = world.token("publisher", team="payments", scopes=["publish"])

    actor = KnownAccounts(database).of_token(token, world.now)
    assert actor.name == "publisher-payments"
    assert actor.may(Action.PUBLISH, "Shop", {team.id})
    assert not actor.may(Action.VERIFY, "Shop", {team.id})
    assert not actor.may(Action.PUBLISH, "Bank", set())


def test_a_request_with_a_token_is_answered_and_one_without_is_not(database):
    token = accounts(database).token("reader")

    broker = create_app(Settings(), database).test_client()

    assert broker.get("/pacticipants", headers=bearer(token)).status_code == 200
    assert broker.get("/pacticipants").status_code == 401
