"""A broker's process with a standby, in process, with a clock that the test moves."""

import re

from sqlalchemy import event
from support.clocks import Clock

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database, Limits

LAG = 5


class Process:
    """A broker's process, with clocks that the test moves; what its servers are asked is counted."""

    def __init__(self, url, standby_url):
        self.clock = Clock(1000.0)
        self.database = Database(url)
        self.database.read_also_from(standby_url, Limits(), longest_lag=LAG, timer=self.clock)
        self.asked = {"primary": [], "standby": []}
        self._count("primary", self.database._engine)  # noqa: SLF001 - to tell the two servers apart
        self._count("standby", self.database.standby._engine)  # noqa: SLF001 - ditto
        self.database.standby.look()
        self.app = create_app(Settings(), self.database)
        self.look()

    def _count(self, server, engine):
        event.listen(
            engine, "before_cursor_execute", lambda _c, _u, said, *_: self.asked[server].append(said)
        )

    def look(self, seconds=0.0):
        """Let that many seconds pass, with a look at the servers after each of them."""
        for _ in range(int(seconds)):
            self.clock.now += 1
            self.database.standby.look()
        self.database.standby.look()
        self.forget()

    def forget(self):
        for said in self.asked.values():
            said.clear()

    def client(self):
        return self.app.test_client()

    def reads(self):
        """Return by server and reason how often what may lag was answered."""
        exposed = self.client().get("/metrics", headers={"Accept": "text/plain"}).text
        found = re.findall(r'tally_reads_total\{reason="(\w*)",server="(\w+)"\} (\d+)', exposed)
        return {(server, reason): int(times) for reason, server, times in found if times != "0"}

    def close(self):
        self.database.close()
