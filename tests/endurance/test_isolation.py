"""Where all transactions are serializable, all that was acknowledged is stored, and standings are right."""

import pytest
from endurance.isolation import LEVELS, write_at

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_clients_that_write_at_once_get_along(database_url, level):
    figures = write_at(level, database_url, seconds=1, seed=20261129)

    assert figures.requests > figures.refused
