"""The broker's programs as processes that a test can kill, and the deliveries in their database."""

import os
import random
import socket
import subprocess
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import requests
from sqlalchemy import func, select
from support.serving import HEARTBEAT, TALLY

from broker.storage.tables import deliveries, delivery_attempts

ENVIRONMENT = {
    "TALLY_WEBHOOK_HOST_WHITELIST": "127.0.0.0/8",
    "TALLY_WEBHOOK_SCHEME_WHITELIST": "http",
    "TALLY_WEBHOOK_TIMEOUT": "2",
    "TALLY_WEBHOOK_RETRY_SCHEDULE": "1 1 1 1 1 1 1 1",
}


def port_of_our_own():
    """Return a free port that no outgoing connection is given, so that it stays free while nobody listens."""
    on_linux = Path("/proc/sys/net/ipv4/ip_local_port_range")
    first = int(on_linux.read_text(encoding="ascii").split()[0]) if on_linux.exists() else 49152
    while True:
        port = random.randrange(first // 2, first)  # noqa: S311 - not for security
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


class Program:
    """A program that is started again whenever it was killed."""

    def __init__(self, command, environment, log):
        self._command = command
        self._environment = {**os.environ, **ENVIRONMENT, **environment}
        self._log = log
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [TALLY, self._command],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def kill(self):
        """Kill it as a power cut would, and return when."""
        killed_at = time.monotonic()
        self.process.kill()
        self.process.wait()
        return killed_at

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def is_up(url):
    try:
        return requests.get(url + HEARTBEAT, timeout=5).ok
    except requests.RequestException:
        return False


def create_webhook(url, receiver):
    answer = requests.post(
        f"{url}/webhooks",
        json={
            "events": [{"name": "contract_published"}],
            "request": {"url": receiver.url, "body": {"version": "${pactbroker.consumerVersionNumber}"}},
        },
        timeout=5,
    )
    assert answer.status_code == 201, answer.text


def written(database):
    """Return the uuids of all deliveries in the database."""
    with database.connection() as connection:
        return set(connection.scalars(select(deliveries.c.uuid)))


def unfinished(database):
    statement = select(func.count()).where(deliveries.c.due_at.is_not(None))
    with database.connection() as connection:
        return connection.scalar(statement)


def attempts(database):
    """Return how many attempts of each delivery were recorded."""
    statement = (
        select(deliveries.c.uuid, func.count())
        .join(delivery_attempts, delivery_attempts.c.triggered_webhook_id == deliveries.c.id)
        .group_by(deliveries.c.uuid)
    )
    with database.connection() as connection:
        return Counter(dict(connection.execute(statement).all()))


def failed(database):
    statement = select(func.count()).where(deliveries.c.status == "failure")
    with database.connection() as connection:
        return connection.scalar(statement)
