"""PostgreSQL crashes: requests are carried out or refused with 503, and nothing acknowledged is lost."""

import pytest
from endurance.database_stops import stop_under_load

pytestmark = pytest.mark.slow


def test_what_was_acknowledged_outlives_crashes_of_postgresql(tmp_path):
    stop_under_load(tmp_path, stops=2, seed=20261201, is_forked=True)
