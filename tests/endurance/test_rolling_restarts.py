"""A rolling restart behind a proxy loses no request."""

import pytest
from endurance.rolling_restarts import restart_under_load

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_rolling_restart_loses_no_request(database_url, tmp_path):
    restart_under_load(database_url, tmp_path, rounds=1, clients=2, is_forked=True)
