"""The clock of servers and workers jumps by hours in both directions while webhooks are delivered."""

import random
import time
from contextlib import ExitStack
from pathlib import Path

from endurance.brokers import Broker
from endurance.load import acknowledged, all_done, check, set_up, writing
from support.moved_clock import MovedClock
from support.receivers import answer, receiving

from broker.storage.database import Database

HOURS = (3, -5, 30, -30)


def jump_under_load(database_url: str, folder: Path, *, jumps: int, seed: int, processes: int = 1) -> str:
    """Move the clock so often; return figures. With several *processes*, the worker is one of its own.

    In the end the clock is right again.
    """
    dice = random.Random(seed)  # noqa: S311 - not for security
    clock = MovedClock(folder / "clock")

    def behave(handler):
        time.sleep(0.2)  # so that the clock jumps during deliveries
        answer(handler)

    with ExitStack() as stack:
        receiver = stack.enter_context(receiving(behave))
        broker = Broker(
            database_url,
            folder / "serve.log",
            environment={**clock.environment, "TALLY_WORKERS": str(processes)},
        )
        stack.callback(broker.end)
        broker.start()
        environments = set_up(broker.url, receiver)
        with writing(broker.url, environments, seed=seed, writers=2) as writers:
            for number in range(jumps):
                time.sleep(dice.uniform(0.5, 1))
                clock.move(HOURS[number % len(HOURS)])
            time.sleep(0.7)
            clock.move(0)
            time.sleep(0.7)
        done = all_done(writers)
        database = Database(database_url)
        stack.callback(database.close)
        figures = check(database, receiver, done, interruptions=0)
        broker.stop()
        assert {each.status for each in done} <= {200, 201, 204}
        assert not broker.errors(), broker.errors()
    return (
        f"{jumps} jumps, {acknowledged(done)} acknowledged writes, "
        f"{figures['deliveries']} deliveries, none lost, none sent again"
    )
