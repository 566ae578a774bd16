"""How fast due webhooks are sent: by a worker, and by as many bare senders; and the worker's memory.

Run it with `make bench`. Nothing is asserted: these are figures to compare within one run. The receiver takes
20 ms for each request, so that 16 senders cannot do better than 800 in a second.
"""

import os
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from support.databases import NEW_DATABASE, begin_run
from support.factories import a_publication
from support.receivers import answer, receiving, wait_until
from support.serving import TALLY

from broker.app import create_app
from broker.domain.webhooks.delivery import NewDelivery
from broker.domain.webhooks.triggers import LabelledIntegration, Trigger
from broker.services.outgoing.connection import OutgoingRequest
from broker.services.webhooks.send import send
from broker.settings.settings import Settings
from broker.storage.database import Database

DELIVERIES = int(os.environ.get("BENCH_DELIVERIES", "1000"))
ROUNDS = 4
SENDERS = 16
LATENCY = 0.02
TICKS = os.sysconf("SC_CLK_TCK")
LOCAL = {"webhook_host_whitelist": ("127.0.0.0/8",), "webhook_scheme_whitelist": ("http",)}
IN_ENVIRONMENT = {f"TALLY_{name.upper()}": " ".join(values) for name, values in LOCAL.items()}


def take_a_moment(handler):
    time.sleep(LATENCY)
    answer(handler)


def main() -> None:
    """Print the figures."""
    begin_run()
    print(f"\n{DELIVERIES} deliveries to a receiver that takes {LATENCY * 1000:.0f} ms, {SENDERS} at once")
    print(f"  {'':24}{'seconds':>9}{'per second':>12}{'CPU ms each':>13}{'MB resident':>13}")
    with receiving(take_a_moment) as receiver:
        bare(receiver)
    for name, new_database in NEW_DATABASE.items():
        with new_database() as url, receiving(take_a_moment) as receiver:
            by_worker(name, url, receiver)


def bare(receiver) -> None:
    """Print what the senders need without an outbox."""
    settings = Settings(**LOCAL)
    request = OutgoingRequest("POST", receiver.url, {"host": "ci", "content-length": "2"}, b"{}")
    began = time.perf_counter()
    with ThreadPoolExecutor(SENDERS) as senders:
        list(senders.map(lambda _: send(request, settings), range(DELIVERIES)))
    row("senders without an outbox", time.perf_counter() - began)


def by_worker(name, url, receiver) -> None:
    """Print what a worker needs, round after round."""
    database = Database(url)
    trigger, integration = prepare(database, receiver)
    environment = {**os.environ, "TALLY_DATABASE_URL": url, **IN_ENVIRONMENT}
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("w") as log:
        worker = subprocess.Popen([TALLY, "worker"], env=environment, stdout=log, stderr=log)
        try:
            for number in range(1, ROUNDS + 1):
                cpu, seconds = cpu_seconds(worker.pid), one_round(database, receiver, trigger, integration)
                cpu = (cpu_seconds(worker.pid) - cpu) * 1000 / DELIVERIES
                row(f"{name}, round {number}", seconds, cpu, resident_megabytes(worker.pid))
        finally:
            worker.terminate()
            worker.wait()
    database.close()


def prepare(database, receiver):
    """Return a webhook for the deliveries, and whom they are about."""
    client = create_app(Settings(**LOCAL), database).test_client()
    client.post("/contracts/publish", json=a_publication())
    client.post(
        "/webhooks", json={"request": {"url": receiver.url, "body": {"event": "${pactbroker.eventName}"}}}
    )
    with database.reading() as storage:
        found = storage.pacticipants.find_many(["Shop", "Orders"])
        [trigger] = storage.triggers.concerned(found["Shop"].id, [found["Orders"].id])
    return trigger, LabelledIntegration(found["Shop"].id, found["Orders"].id)


def one_round(database, receiver, trigger: Trigger, integration: LabelledIntegration) -> float:
    """Make the deliveries due, and return the seconds from the first arrival to the last."""
    receiver.received.clear()
    event = "contract_published"
    delivery = NewDelivery(trigger, event, integration, None, None, {"eventName": event})
    with database.transaction() as storage:
        storage.outbox.add([delivery] * DELIVERIES, datetime.now(UTC))
    wait_until(lambda: len(receiver.received) >= DELIVERIES, patience=120)
    times = [request.at for request in receiver.received]
    return max(times) - min(times) + LATENCY


def row(name: str, seconds: float, cpu: float | None = None, megabytes: float | None = None) -> None:
    """Print one line of the table."""
    shown = [f"{cpu:13.2f}" if cpu is not None else "", f"{megabytes:13.1f}" if megabytes else ""]
    print(f"  {name:24}{seconds:9.2f}{DELIVERIES / seconds:12.0f}" + "".join(shown))


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process so far, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_megabytes(pid: int) -> float:
    """Return the memory that a process holds now."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


if __name__ == "__main__":
    main()
