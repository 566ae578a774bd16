"""As many connections as a broker allows do not keep its heartbeat from answering within a second."""

import pytest
from endurance.slow_clients import crowd

pytestmark = pytest.mark.slow


def test_a_thousand_slow_clients_do_not_stop_the_heartbeat(database_url, tmp_path):
    figures = crowd(database_url, tmp_path, connections=1024, seconds=1, is_forked=True)

    print(figures)  # noqa: T201 - the figures are what the long form is for
