"""A broker with a team, and a token for each role."""

from datetime import timedelta

import pytest
from support.account_api import Api
from support.accounts import accounts
from support.clocks import Clock
from support.databases import NEW_DATABASE
from support.factories import NOON
from support.trusting import trusting

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def world(database):
    """Accounts that were made an hour ago: the team payments owns Shop."""
    made = accounts(database, now=NOON - timedelta(hours=1))
    made.team("payments", "Shop")
    made.team("orders", "Orders")
    return made


@pytest.fixture
def administrator(world):
    return world.token("administrator", name="ada")


@pytest.fixture
def lead(world, administrator):  # noqa: ARG001 - there is an administrator, too
    """The token of the administrator of the team payments."""
    return world.token("team-administrator", team="payments", name="lea")


@pytest.fixture
def reader(world, administrator):  # noqa: ARG001 - ditto
    return world.token("reader", name="rob", days=400)


@pytest.fixture
def api(database, clock):
    # Made at the first request: a process looks only once a second whether others have made accounts.
    return Api(lambda: create_app(Settings(), database, clock=clock).test_client())


@pytest.fixture(scope="module")
def module_broker():
    """A broker that may trust pipelines, for all tests of a module."""
    with NEW_DATABASE["sqlite"]() as url:
        database = Database(url, synchronous="normal")
        with trusting(database) as trusting_broker:
            yield trusting_broker
        database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request):
    """A broker that may trust pipelines, on either database."""
    with NEW_DATABASE[request.param]() as url:
        database = Database(url, synchronous="normal")
        with trusting(database) as trusting_broker:
            yield trusting_broker
        database.close()
