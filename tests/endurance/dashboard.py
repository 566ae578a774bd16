"""Ask Prometheus each query of the dashboard, about a real broker that has work; print the answers.

PYTHONPATH=tests python -m endurance.dashboard [sqlite|postgresql]

Prometheus runs on the loopback interface only, in a folder that is removed. Where it cannot be had, that is
said, and nothing is asked.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import requests
import yaml
from endurance.brokers import Broker
from endurance.load import set_up, writing
from support import databases, forking
from support.metrics import queries_of_dashboard
from support.prerequisites import MissingPrerequisiteError, find_platform_program
from support.receivers import receiving, resetting
from support.serving import free_port

from broker.storage.database import Database

SECONDS = 15.0
"""How long there is work before the queries are asked."""
WINDOW = "10s"
"""What Grafana would put for $__rate_interval; Prometheus asks the broker each second."""
SEED = 1859
MAY_BE_EMPTY = {
    "Errors by route A",  # there are none
    "What expires A",  # there are no accounts, so no tokens
    "Webhooks that fail A",  # nothing fails for good so soon
    "Wait for a thread B",  # it divides by zero when nothing waits
}
WITH_A_STANDBY = {"Reads that a standby may answer A", "Standby A", "Standby B", "Standby, bytes behind A"}
ONLY_SQLITE = {"Size, and disk of SQLite B", "Size, and disk of SQLite C"}


def main() -> int:
    """Print each query with its answer; return 1 if one has none."""
    parser = argparse.ArgumentParser(prog="python -m endurance.dashboard")
    parser.add_argument("kind", nargs="?", default="sqlite", choices=["sqlite", "postgresql"])
    kind = parser.parse_args().kind
    try:
        prometheus = find_platform_program("prometheus")
    except MissingPrerequisiteError as error:
        print(f"Not run: {error}")
        return 0
    databases.begin_run()
    with TemporaryDirectory(prefix="dashboard-") as folder, databases.NEW_DATABASE[kind]() as url:
        answers = ask(prometheus, kind, url, Path(folder))
    forking.stop()
    empty = [name for name, (_, found) in answers.items() if not found]
    for name, (query, found) in answers.items():
        print(f"{name}\n  {query}\n" + "".join(f"    {line}\n" for line in found or ["(nothing)"]))
    wrong = {*empty} - MAY_BE_EMPTY - WITH_A_STANDBY - (ONLY_SQLITE if kind == "postgresql" else set())
    print(f"{len(answers)} queries, {len(empty)} without an answer; wrongly so: {sorted(wrong)}")
    return int(bool(wrong))


def ask(prometheus: str, kind: str, database_url: str, folder: Path) -> dict[str, tuple[str, list[str]]]:
    """Return each query and the lines of its answer, by the panel."""
    with ExitStack() as stack:
        receiver = stack.enter_context(receiving())
        broken = stack.enter_context(receiving(resetting))
        processes = {} if kind == "sqlite" else {"TALLY_WORKERS": "2"}
        broker = Broker(
            database_url,
            folder / "serve.log",
            is_forked=kind == "sqlite",
            environment=_settings(folder, processes),
        )
        broker.start()
        stack.callback(broker.end)
        environments = set_up(broker.url, receiver)
        set_up(broker.url, broken)
        _note_jobs(database_url)
        gate = {"metric": "success_rate", "threshold": 100}
        requests.post(f"{broker.url}/gates", json=gate, timeout=30).raise_for_status()
        address = stack.enter_context(_prometheus(prometheus, broker.port, folder))
        with writing(broker.url, environments, seed=SEED):
            time.sleep(SECONDS)
            return {name: _answer(address, query) for name, query in queries_of_dashboard().items()}


def _settings(folder: Path, others: Mapping[str, str]) -> dict[str, str]:
    certificate = (
        Path(requests.certs.where()).read_text(encoding="utf-8").partition("-----END CERTIFICATE-----")
    )
    file = folder / "ca.pem"
    file.write_text("".join(certificate[:2]) + "\n", encoding="utf-8")
    return {"TALLY_WEBHOOK_CERTIFICATES": str(file), **others}


def _note_jobs(database_url: str) -> None:
    database = Database(database_url)
    with database.transaction() as storage:
        storage.job_successes.note("clean-up", 1.5)
        storage.job_successes.note("backup", 12.0)
    database.close()


@contextmanager
def _prometheus(program: str, broker_port: int, folder: Path) -> Iterator[str]:
    """Yield the address of a Prometheus that asks the broker each second."""
    port = free_port()
    job = {"job_name": "tallystick", "static_configs": [{"targets": [f"127.0.0.1:{broker_port}"]}]}
    configuration = {"global": {"scrape_interval": "1s"}, "scrape_configs": [job]}
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration), encoding="utf-8")
    command = [
        program,
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
    ]
    with (folder / "prometheus.log").open("w") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def _answer(address: str, query: str) -> tuple[str, list[str]]:
    """Return the query as Grafana would send it, and its answer."""
    for variable, value in {"$__rate_interval": WINDOW, "$job": "tallystick", "$instance": ".*"}.items():
        query = query.replace(variable, value)
    if query.startswith("label_values("):
        selector, _, label = query.removeprefix("label_values(").removesuffix(")").rpartition(", ")
        query = f"group by ({label}) ({selector})"
    answer = requests.get(f"{address}/api/v1/query", params={"query": query}, timeout=30)
    answer.raise_for_status()
    return query, [_line(each) for each in answer.json()["data"]["result"]]


def _line(result: dict[str, object]) -> str:
    value: list[object] = result["value"]  # type: ignore[assignment] # it is an instant vector
    return f"{json.dumps(result['metric'])} {value[1]}"


if __name__ == "__main__":
    sys.exit(main())
