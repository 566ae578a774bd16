"""kill -9 at random moments while clients write."""

import random
import time
from contextlib import ExitStack
from pathlib import Path

from endurance.brokers import Broker
from endurance.load import AGAIN, acknowledged, all_done, check, set_up, writing
from endurance.writes import ACKNOWLEDGED
from support.receivers import receiving

from broker.storage.database import Database

EXPECTED = ACKNOWLEDGED | AGAIN
"""What a client is answered while processes are killed."""


def kill_under_load(
    database_url: str, folder: Path, *, kills: int, seed: int, processes: int = 1, is_forked: bool = False
) -> str:
    """Kill a broker of so many processes so often, and start it again each time; return figures.

    Of several processes, every other kill is of one alone.
    """
    dice = random.Random(seed)  # noqa: S311 - not for security
    with ExitStack() as stack:
        receiver = stack.enter_context(receiving())
        broker = Broker(
            database_url,
            folder / "serve.log",
            is_forked=is_forked,
            environment={"TALLY_WORKERS": str(processes)},
        )
        stack.callback(broker.end)
        broker.start()
        environments = set_up(broker.url, receiver)
        with writing(broker.url, environments, seed=seed) as writers:
            for number in range(kills):
                time.sleep(dice.uniform(0.1, 1.2))
                if processes > 1 and number % 2 == 1:
                    broker.kill_one(dice)
                    time.sleep(dice.uniform(0.1, 1.2))
                else:
                    broker.kill()
                broker.start()
            time.sleep(0.5)
        done = all_done(writers)
        with_database = Database(database_url)
        stack.callback(with_database.close)
        figures = check(with_database, receiver, done, interruptions=kills)
        broker.stop()
        statuses = {each.status for each in done}
        assert statuses <= EXPECTED, statuses
        assert broker.errors() == []
    assert acknowledged(done) > kills
    return (
        f"{kills} kills, {len(done)} writes, {acknowledged(done)} acknowledged, none lost, none in part; "
        f"{figures['deliveries']} deliveries, none lost, {figures['of them sent again']} sent again"
    )
