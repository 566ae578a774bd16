"""Hundreds of clients of every kind at the same time, half of them rude."""

import asyncio
import random
import time
from collections import Counter, defaultdict
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlencode, urlsplit

from endurance.brokers import Broker, Held
from endurance.load import acknowledged, check, set_up
from endurance.rude_clients import Address, RudeClient
from endurance.writes import ENVIRONMENTS, PROVIDERS, Done, Writes
from support.asynchronous_clients import Answered, Client
from support.receivers import receiving

from broker.storage.database import Database

READS = (
    "/pacts/provider/Orders/consumer/Shop/latest",
    "/pacts/provider/Stock/consumer/Web/latest/main",
    "/pacticipants/Shop",
    "/pacticipants/Shop/versions?size=20",
    "/pacticipants/Orders/branches",
    "/environments",
    "/integrations",
    "/matrix?q[][pacticipant]=Shop&q[][latest]=true&latestby=cvpv",
)
PAGES = ("/", "/pacticipants/Shop", "/environments", "/pacts/provider/Orders/consumer/Shop/latest")
TO_VERIFY = {
    "consumerVersionSelectors": [{"mainBranch": True}, {"deployedOrReleased": True}, {"latest": True}],
    "providerVersionBranch": "main",
    "includePendingStatus": True,
}
PAUSE = 2.0
"""Seconds between two requests of one client, on average."""
MORE_MEGABYTES = 150
"""By which a broker may have grown: its caches fill, and Python keeps what it was once given."""
MORE_DESCRIPTORS = 20
"""Connections to the database, which stay open."""


@dataclass
class Observed:
    """What all clients saw."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)

    def note(self, kind: str, answered: Answered) -> None:
        self.note_status(answered.what, answered.status)
        self.seconds[kind].append(answered.seconds)
        if answered.status == 503 and "retry-after:" not in answered.head.lower():
            self.wrong.append(f"{answered.what}: 503 without Retry-After")

    def note_status(self, what: str, status: int) -> None:
        self.statuses[status] += 1
        if status >= 500 and status != 503:
            self.wrong.append(f"{what}: {status}")


class PoliteClient:
    """One that does what builds, people and verifiers do."""

    def __init__(self, address: Address, seed: int, writes: Writes, observed: Observed) -> None:
        self._address = address
        self._dice = random.Random(seed)  # noqa: S311 - not for security
        self._writes = writes
        self._observed = observed
        self._client: Client | None = None
        self._published: list[tuple[str, str]] = []

    async def act(self) -> None:
        """Do one thing."""
        if self._client is None:
            self._client = Client(*await asyncio.open_connection(*self._address, limit=10_000_000))
        try:
            await self._ask(self._client)
        except (OSError, EOFError):  # a server may close a connection that it has kept
            self.leave()

    def leave(self) -> None:
        """Close the connection."""
        if self._client is not None:
            self._client.close()
            self._client = None

    async def _ask(self, client: Client) -> None:
        chance = self._dice.random()
        if chance < 0.4:
            await self._write(client)
        elif chance < 0.6:
            self._observed.note("read", await client.ask("GET", self._dice.choice(READS)))
        elif chance < 0.75:
            page = await client.ask("GET", self._dice.choice(PAGES), accept="text/html")
            self._observed.note("page", page)
        elif chance < 0.85:
            provider = self._dice.choice(PROVIDERS)
            path = f"/pacts/provider/{provider}/for-verification"
            self._observed.note("for-verification", await client.ask("POST", path, TO_VERIFY))
        else:
            await self._decide(client, "2" if chance > 0.95 else "")

    async def _write(self, client: Client) -> None:
        write = self._writes.next()
        status = 0
        try:
            answered = await client.ask(write.method, write.path, write.body)
            status = answered.status
            self._observed.note(write.kind, answered)
        finally:
            done = Done(write, status)
            self._observed.done.append(done)
            self._writes.note(done)
        if done.is_acknowledged:
            self._published += [(fact[1], fact[2]) for fact in write.facts if fact[0] == "pact"]

    async def _decide(self, client: Client, wait: str) -> None:
        if not self._published:
            return
        name, number = self._dice.choice(self._published)
        question = {"pacticipant": name, "version": number, "environment": self._dice.choice(ENVIRONMENTS)}
        if wait:
            question["wait"] = wait
        kind = "can-i-deploy that waits" if wait else "can-i-deploy"
        self._observed.note(kind, await client.ask("GET", f"/can-i-deploy?{urlencode(question)}"))


async def _repeat(client: PoliteClient | RudeClient, until: float, dice: random.Random) -> None:
    while (left := until - time.monotonic()) > 0:
        with suppress(ConnectionError, TimeoutError):
            await client.act()
        await asyncio.sleep(min(dice.expovariate(1 / PAUSE), left))
    client.leave()


async def _all(
    address: Address, environments: dict[str, str], clients: int, seconds: float, seed: int
) -> Observed:
    observed = Observed()
    until = time.monotonic() + seconds
    rude, running = [], []
    for number in range(clients):
        writes = Writes(f"{seed}-{number}", seed + number, environments)
        client: PoliteClient | RudeClient
        if number % 2:
            client = RudeClient(address, seed + number, writes, observed.note_status)
            rude.append(client)
        else:
            client = PoliteClient(address, seed + number, writes, observed)
        running.append(_repeat(client, until, random.Random(seed + number)))  # noqa: S311 - not for security
    await asyncio.gather(*running)
    observed.done += [done for each in rude for done in each.done]
    return observed


def mix(
    database_url: str,
    folder: Path,
    *,
    clients: int,
    seconds: float,
    seed: int,
    processes: int = 1,
    is_forked: bool = False,
) -> str:
    """Let so many clients use a broker for so long; return figures."""
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
        location = urlsplit(broker.url)
        address = (str(location.hostname), int(location.port or 0))
        asyncio.run(_all(address, environments, 10, min(5, seconds / 4), seed + 1000))  # fills caches
        before = broker.held()
        observed = asyncio.run(_all(address, environments, clients, seconds, seed))
        database = Database(database_url)
        stack.callback(database.close)
        figures = check(database, receiver, observed.done, interruptions=0)
        time.sleep(min(10, seconds))
        after = broker.held()
        broker.stop()
    assert not observed.wrong, Counter(observed.wrong)
    assert not broker.errors(), broker.errors()
    assert after.descriptors <= before.descriptors + MORE_DESCRIPTORS, (before, after)
    assert after.megabytes <= before.megabytes + MORE_MEGABYTES, (before, after)
    return _described(observed, figures, before, after)


def _described(observed: Observed, figures: dict[str, int], before: Held, after: Held) -> str:
    answered = [
        each for kind, all_seconds in observed.seconds.items() if "waits" not in kind for each in all_seconds
    ]
    percentiles = quantiles(answered, n=100)
    times = ", ".join(f"p{each} {1000 * percentiles[each - 1]:.0f} ms" for each in (50, 95, 99))
    statuses = ", ".join(f"{status}: {number}" for status, number in sorted(observed.statuses.items()))
    return (
        f"{sum(observed.statuses.values())} answers ({statuses}); {times}; "
        f"{acknowledged(observed.done)} acknowledged writes, none lost, none in part; "
        f"{figures['deliveries']} deliveries, none lost, {figures['of them sent again']} sent again; "
        f"{before.megabytes} MB and {before.descriptors} descriptors before, "
        f"{after.megabytes} MB and {after.descriptors} after"
    )
