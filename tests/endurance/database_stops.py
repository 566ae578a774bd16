"""PostgreSQL stops at once, again and again, while clients write."""

import random
import time
from contextlib import ExitStack
from pathlib import Path

from endurance.brokers import Broker
from endurance.load import acknowledged, all_done, check, set_up, writing
from support.databases import own_postgresql
from support.receivers import receiving

from broker.storage.database import Database


def stop_under_load(folder: Path, *, stops: int, seed: int, is_forked: bool = False) -> str:
    """Let PostgreSQL crash and start again so often; return figures."""
    dice = random.Random(seed)  # noqa: S311 - not for security
    with ExitStack() as stack:
        postgresql = stack.enter_context(own_postgresql())
        receiver = stack.enter_context(receiving())
        broker = Broker(postgresql.url, folder / "serve.log", is_forked=is_forked)
        stack.callback(broker.end)
        broker.start()
        environments = set_up(broker.url, receiver)
        with writing(broker.url, environments, seed=seed) as writers:
            for _ in range(stops):
                time.sleep(dice.uniform(0.3, 1.5))
                postgresql.restart("immediate")
            time.sleep(1)
        done = all_done(writers)
        database = Database(postgresql.url)
        stack.callback(database.close)
        figures = check(database, receiver, done, interruptions=stops)
        broker.stop()
        statuses = {each.status for each in done}
        assert statuses <= {200, 201, 204, 503}
        assert broker.errors() == []
    refused = sum(each.status == 503 for each in done)
    return (
        f"{stops} stops, {len(done)} writes, {acknowledged(done)} acknowledged, none lost, none in part; "
        f"{refused} refused with 503, no other error; "
        f"{figures['deliveries']} deliveries, none lost, {figures['of them sent again']} sent again"
    )
