"""Brokers and workers whose clocks differ by hours, and jump, share one queue of webhooks."""

import time
from collections import Counter
from contextlib import ExitStack

import pytest
import requests
from support.factories import a_publication
from support.moved_clock import MovedClock
from support.receivers import answer, receiving, wait_until
from support.webhook_programs import (
    Program,
    create_webhook,
    failed,
    is_up,
    port_of_our_own,
    unfinished,
    written,
)

SERVER, WORKERS = 5, (1, -1)
"""By how many hours their clocks are fast."""


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_nothing_is_sent_twice_or_late_by_workers_whose_clocks_differ(database, database_url, tmp_path):
    clocks = [MovedClock(tmp_path / f"clock{number}") for number in range(1 + len(WORKERS))]
    for clock, hours in zip(clocks, (SERVER, *WORKERS), strict=True):
        clock.move(hours)
    refused = set()

    def behave(handler):
        time.sleep(0.3)  # so that the other worker looks meanwhile, and clocks jump
        delivery = handler.headers["X-Tally-Delivery"]
        is_first = delivery not in refused
        refused.add(delivery)
        answer(handler, 503 if is_first else 200)

    with ExitStack() as stack:
        receiver = stack.enter_context(receiving(behave))
        log = stack.enter_context((tmp_path / "programs.log").open("w+"))
        port = port_of_our_own()
        for clock, command in zip(clocks, ("serve", "worker", "worker"), strict=True):
            environment = {
                **clock.environment,
                "TALLY_DATABASE_URL": database_url,
                "TALLY_PORT": str(port),
                "TALLY_WEBHOOK_WORKER": "false",
            }
            program = Program(command, environment, log)
            program.start()
            stack.callback(program.stop)
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: is_up(url), patience=60)
        create_webhook(url, receiver)

        for number in range(12):
            body = a_publication(version=str(number))
            assert requests.post(f"{url}/contracts/publish", json=body, timeout=10).status_code == 200
            clocks[number % len(clocks)].move((-30, 3, 0, 30)[number % 4])
            time.sleep(0.1)
        wait_until(lambda: not unfinished(database), patience=30)

        assert len(written(database)) == 12
        assert failed(database) == 0
        # Refused once, and tried again once, a second later.
        assert set(Counter(receiver.delivered).values()) == {2}
        log.seek(0)
        assert "Traceback" not in log.read()
