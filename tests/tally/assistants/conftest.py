"""One broker for all tests of a module."""

import pytest
from support import databases
from support.assistant_worlds import World
from support.serving import serving


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A new broker, to publish to."""
    log = tmp_path_factory.mktemp("broker") / "tally-serve.log"
    with databases.NEW_DATABASE["sqlite"]() as database, serving(database, log, is_forked=True) as url:
        yield World(url)
