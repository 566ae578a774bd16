"""What was acknowledged is there after kill -9, and what was not is there as a whole or not at all."""

import pytest
from endurance.kills import kill_under_load

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_what_was_acknowledged_outlives_kills(database_url, tmp_path):
    kill_under_load(database_url, tmp_path, kills=3, seed=20261129, is_forked=True)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_was_acknowledged_outlives_kills_of_several_processes(database_url, tmp_path):
    kill_under_load(database_url, tmp_path, kills=2, seed=20261130, processes=2)
