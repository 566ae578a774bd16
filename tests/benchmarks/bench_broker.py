"""What the requests of the main flow cost: CPU, SQL statements and requests per second; and a start.

Run it with `make bench`. Nothing is asserted: these are figures to compare within one run. The CPU is that of
the broker's process; what PostgreSQL itself uses is not in it.
"""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import event
from sqlalchemy.engine import Engine
from support.databases import NEW_DATABASE, begin_run
from support.factories import a_pact, a_publication, a_verification_result
from support.serving import TALLY, free_port

from broker.app import create_app
from broker.settings import Settings
from broker.storage.database import Database
from tally.hashing import content_hash

REQUESTS = int(os.environ.get("BENCH_REQUESTS", "500"))
TICKS = os.sysconf("SC_CLK_TCK")
PACT = "/pacts/provider/Orders/consumer/Shop"
RESULTS = f"{PACT}/pact-version/{content_hash(a_pact())}/verification-results"
SELECTORS = {"consumerVersionSelectors": [{"mainBranch": True}, {"deployedOrReleased": True}]}
MATRIX = "/matrix?q[][pacticipant]=Shop&q[][version]=1&latestby=cvpv&environment=production"


@dataclass(frozen=True)
class Question:
    """One request of the flow; *body*, of a POST, is made from the number of the repetition."""

    name: str
    path: str
    body: Callable[[int], object] | None = None


QUESTIONS = (
    Question("heartbeat", "/diagnostic/status/heartbeat"),
    Question("index of the API", "/"),
    Question("publish a new version", "/contracts/publish", lambda n: a_publication(version=f"b{n}")),
    Question(
        "pacts for verification",
        "/pacts/provider/Orders/for-verification",
        lambda _: {**SELECTORS, "providerVersionBranch": "main"},
    ),
    Question("latest pact", f"{PACT}/latest"),
    Question("publish a result", RESULTS, lambda n: a_verification_result(f"r{n}")),
    Question("can I deploy", "/can-i-deploy?pacticipant=Shop&version=1&environment=production"),
    Question("matrix of the command line", MATRIX),
    Question("record a deployment", "", lambda _: {}),
)


class Server:
    """`tally serve` on a database, in a process of its own."""

    def __init__(self, database_url: str, log: Path) -> None:
        port = free_port()
        began = time.perf_counter()
        self._process = subprocess.Popen(
            [TALLY, "serve"],
            env={**os.environ, "TALLY_DATABASE_URL": database_url, "TALLY_PORT": str(port)},
            stdout=log.open("w"),
            stderr=subprocess.STDOUT,
        )
        self._connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self._wait()
        self.seconds_to_start = time.perf_counter() - began

    def cpu_seconds(self) -> float:
        """Return the CPU time of the process so far, user and system."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident_megabytes(self) -> float:
        """Return the memory that the process holds now."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def ask(self, path: str, body: object = None) -> dict[str, object]:
        """Send one request over the kept connection; a POST when there is a body."""
        content = None if body is None else json.dumps(body).encode()
        headers = {"Accept": "application/hal+json"}
        if content is not None:
            headers["Content-Type"] = "application/json"
        self._connection.request("GET" if content is None else "POST", path, content, headers)
        response = self._connection.getresponse()
        text = response.read()
        if response.status >= 400:
            raise RuntimeError(f"{path} answered {response.status}: {text[:500]!r}")
        return json.loads(text)

    def stop(self) -> None:
        """Stop the process."""
        self._connection.close()
        self._process.terminate()
        self._process.wait()

    def _wait(self) -> None:
        while True:
            try:
                self.ask("/diagnostic/status/heartbeat")
            except OSError:
                self._connection.close()
                time.sleep(0.01)
            else:
                return


@contextmanager
def counted_statements(database_url: str) -> Iterator[Callable[[str, object], int]]:
    """Yield a function that sends a request to the application and returns its number of SQL statements."""
    database = Database(database_url)
    client = create_app(Settings(), database).test_client()
    seen: list[str] = []

    def see(_connection, _cursor, statement, *_others):
        seen.append(statement)

    def count(path, body):
        seen.clear()
        response = client.get(path) if body is None else client.post(path, json=body)
        if response.status_code >= 400:
            raise RuntimeError(f"{path} answered {response.status_code}: {response.text}")
        return len(seen)

    event.listen(Engine, "before_cursor_execute", see)
    yield count
    event.remove(Engine, "before_cursor_execute", see)
    database.close()


def main() -> None:
    """Print the figures for both databases."""
    begin_run()
    for name, new_database in NEW_DATABASE.items():
        with new_database() as url, tempfile.TemporaryDirectory() as folder:
            server = Server(url, Path(folder) / "log")
            try:
                report(name, url, server)
            finally:
                server.stop()


def report(name: str, url: str, server: Server) -> None:
    """Print the start and each request."""
    print(f"\n{name}: first answer after {server.seconds_to_start:.2f} s, with")
    print(f"  {server.cpu_seconds():.2f} s of CPU and {server.resident_megabytes():.0f} MB resident")
    deployments = fill(server)
    print(f"  {'request':30}{'CPU ms':>9}{'per second':>12}{'SQL':>6}")
    with counted_statements(url) as count:
        for question in QUESTIONS:
            path = question.path or deployments
            sql = count(path, question.body(-1) if question.body else None)
            cpu_ms, rate = measure(server, path, question.body)
            print(f"  {question.name:30}{cpu_ms:9.2f}{rate:12.0f}{sql:6}")
    print(f"  after these requests: {server.resident_megabytes():.0f} MB resident")


def fill(server: Server) -> str:
    """Publish, verify and deploy, so that there are answers; return where deployments are recorded."""
    server.ask("/contracts/publish", a_publication(version="1"))
    server.ask(RESULTS, a_verification_result("1"))
    version = server.ask("/pacticipants/Orders/versions/1")
    links = version["_links"]["pb:record-deployment"]
    path = next(urlsplit(link["href"]).path for link in links if link["name"] == "production")
    server.ask(path, {})
    return path


def measure(server: Server, path: str, body: Callable[[int], object] | None) -> tuple[float, float]:
    """Return the CPU milliseconds of one request, and how many one client gets answered in a second."""
    for number in range(REQUESTS // 10):
        server.ask(path, body(-2 - number) if body else None)
    cpu, began = server.cpu_seconds(), time.perf_counter()
    for number in range(REQUESTS):
        server.ask(path, body(number) if body else None)
    elapsed = time.perf_counter() - began
    return (server.cpu_seconds() - cpu) * 1000 / REQUESTS, REQUESTS / elapsed


if __name__ == "__main__":
    main()
