"""A broker with an account, and somebody with a browser."""

import pytest
from support.clocks import Clock
from support.factories import NOON
from support.log_ins import at
from support.people import add_person

from broker.app import create_app
from broker.services.accounts import log_in as logging_in
from broker.settings.settings import Settings


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def empty(database, clock):
    """Make a broker without accounts, with these settings."""
    return lambda **settings: create_app(Settings(**settings), database, clock=clock)


@pytest.fixture
def anna(database):
    """The id of Anna's account."""
    return add_person(database, "Anna", roles=("administrator",))


@pytest.fixture
def app(empty, anna):
    """Make a broker that has an account, with these settings."""
    assert anna
    return empty


@pytest.fixture
def person(app):
    """Somebody with a browser, at a broker that has an account."""
    return at(app())


@pytest.fixture
def link(database, anna):
    """The code of a link for Anna."""
    with database.transaction() as storage:
        return logging_in.new_link(storage, anna, NOON)
