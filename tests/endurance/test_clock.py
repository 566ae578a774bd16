"""The clock jumps by hours while webhooks are delivered: none is lost, none is sent twice."""

import pytest
from endurance.clock import jump_under_load

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_deliveries_survive_a_clock_that_jumps(database_url, tmp_path):
    jump_under_load(database_url, tmp_path, jumps=4, seed=20261203)
