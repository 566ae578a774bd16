"""Clients of every kind at the same time, half of them rude: nobody is answered 500, and nothing is lost."""

import pytest
from endurance.mixed_clients import mix

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql", "pooler"], indirect=True)
def test_clients_of_every_kind_get_along(database_url, tmp_path):
    figures = mix(database_url, tmp_path, clients=40, seconds=4, seed=20261202, is_forked=True)

    assert "none lost" in figures
