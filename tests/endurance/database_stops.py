"""PostgreSQL crashes, or fails over to a standby, again and again, while clients write."""

import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from endurance.brokers import Broker
from endurance.load import acknowledged, all_done, check, set_up, writing
from endurance.writes import ACKNOWLEDGED
from support.databases import own_postgresql
from support.patroni import returns_from_a_pause, under_patroni
from support.receivers import receiving
from support.standby import replicated

from broker.storage.database import Database

MOST_SECONDS_WITHOUT_A_PRIMARY = 30


def stop_under_load(folder: Path, *, stops: int, seed: int, is_forked: bool = False) -> str:
    """Let PostgreSQL crash and start again so often; return figures."""
    with own_postgresql() as postgresql:
        figures = _interrupt(
            postgresql.url,
            folder,
            lambda _: postgresql.restart("immediate"),
            times=stops,
            seed=seed,
            is_forked=is_forked,
        )
    return f"{stops} stops, {figures}"


def fail_over_under_load(folder: Path, *, times: int, seed: int, is_forked: bool = False) -> str:
    """Let PostgreSQL fail over to its standby so often, every other time after a crash; return figures."""
    seconds: list[float] = []
    with replicated() as pair:
        figures = _interrupt(
            pair.url,
            folder,
            lambda number: seconds.append(pair.fail_over("fast" if number % 2 else "immediate")),
            times=times,
            seed=seed,
            is_forked=is_forked,
        )
    return f"{times} fail-overs of {max(seconds):.1f} s at most, {figures}"


def lose_primaries_under_load(folder: Path, *, times: int, seed: int) -> str:
    """Let three servers under Patroni, behind HAProxy, lose their primary so often; return figures.

    It is lost by a crash of its machine, by a planned switch and, where Patroni bears it, by a long hang.
    """
    seconds: dict[str, list[float]] = {"crash": [], "switch": [], "hang": []}
    with under_patroni() as servers:
        ways = {"crash": servers.kill, "switch": servers.switch_over}
        if returns_from_a_pause():
            ways["hang"] = servers.pause

        def lose(number: int) -> None:
            way = [*ways][number % len(ways)]
            seconds[way].append(ways[way]())

        figures = _interrupt(servers.url, folder, lose, times=times, seed=seed, is_forked=False)
    told = ", ".join(f"{way} {max(each):.0f} s" for way, each in seconds.items() if each)
    assert max(max(each) for each in seconds.values() if each) <= MOST_SECONDS_WITHOUT_A_PRIMARY, told
    return f"{times} losses, at most until the next primary: {told}; {figures}"


def _interrupt(
    database_url: str,
    folder: Path,
    interrupt: Callable[[int], None],
    *,
    times: int,
    seed: int,
    is_forked: bool,
) -> str:
    dice = random.Random(seed)  # noqa: S311 - not for security
    with ExitStack() as stack:
        receiver = stack.enter_context(receiving())
        broker = Broker(database_url, folder / "serve.log", is_forked=is_forked)
        stack.callback(broker.end)
        broker.start()
        environments = set_up(broker.url, receiver)
        with writing(broker.url, environments, seed=seed) as writers:
            for number in range(times):
                time.sleep(dice.uniform(0.3, 1.5))
                interrupt(number)
            time.sleep(1)
        done = all_done(writers)
        database = Database(database_url)
        stack.callback(database.close)
        figures = check(database, receiver, done, interruptions=times)
        broker.stop()
        statuses = {each.status for each in done}
        assert statuses <= ACKNOWLEDGED | {409, 503}, statuses
        assert not broker.errors(), broker.errors()
    refused = sum(each.status == 503 for each in done)
    return (
        f"{len(done)} writes, {acknowledged(done)} acknowledged, none lost, none in part; "
        f"{refused} refused with 503, no other error; "
        f"{figures['deliveries']} deliveries, none lost, {figures['of them sent again']} sent again"
    )
