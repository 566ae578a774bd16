"""Three PostgreSQL servers under Patroni, with etcd and HAProxy, as docs/deploy/patroni sets them up.

    with under_patroni() as servers:     # a migrated database
        serving(servers.url, ...)              # through HAProxy
        servers.kill()                         # the primary and its Patroni, as a crash of the machine
        servers.switch_over()                  # as an operator would
        servers.pause()                        # the primary and its Patroni hang, and go on much later

All three return the seconds until there is a primary again that takes writes. Etcd, Patroni and HAProxy are
among what `make endure` installs.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import requests
import yaml
from support import clusters, databases
from support.prerequisites import find_platform_program, find_postgresql

FILES = Path(__file__).parents[2] / "docs/deploy/patroni"
NAMES = ("db1", "db2", "db3")
PATIENCE = 120.0
RETURNS_FROM_A_PAUSE = 4
"""The release of Patroni since which a primary that hangs and comes back does not take its lock again.

3.0 does so with etcd's third protocol, after another server has become the primary: what that one has
acknowledged may be lost. A watchdog, which restarts the machine that hangs, is the way out there.
"""


class Servers:
    """The three servers; *url* leads through HAProxy to the one that takes writes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._ports = {name: {kind: _free_port() for kind in ("postgresql", "restapi")} for name in NAMES}
        self._etcd, self._peers, self._proxy, self._standbys = (_free_port() for _ in range(4))
        self.url = f"postgresql://postgres:secret@127.0.0.1:{self._proxy}/postgres?connect_timeout=3"
        self.read_url = f"postgresql://postgres:secret@127.0.0.1:{self._standbys}/postgres?connect_timeout=3"

    def start(self) -> None:
        """Start everything, and wait until three servers follow each other."""
        user = clusters.unprivileged_user()
        client, peers = f"http://127.0.0.1:{self._etcd}", f"http://127.0.0.1:{self._peers}"
        words = ["--data-dir", self._folder / "etcd", "--listen-client-urls", client]
        words += ["--advertise-client-urls", client, "--listen-peer-urls", peers]
        words += ["--initial-advertise-peer-urls", peers, "--initial-cluster", f"default={peers}"]
        # Disks of test machines are slow, and nothing here has to outlive one.
        self._run("etcd", [find_platform_program("etcd"), *words, "--unsafe-no-fsync"], user)
        for name in NAMES:
            self._start(name)
        configuration = self._folder / "haproxy.cfg"
        configuration.write_text(self._for_this_machine(FILES / "haproxy.cfg"), encoding="utf-8")
        self._run("haproxy", [find_platform_program("haproxy"), "-db", "-f", configuration])
        self._wait_until(self._is_whole)

    def kill(self) -> float:
        """End the primary and its Patroni at once, as when power is lost, and start them later."""
        began, name = time.monotonic(), self._primary()
        self._signal(name, signal.SIGKILL)
        self._processes.pop(name).wait()
        return self._back(began, name, lambda: self._start(name))

    def pause(self) -> float:
        """Let the primary and its Patroni hang until another one has taken over, and go on then."""
        began, name = time.monotonic(), self._primary()
        self._signal(name, signal.SIGSTOP)
        return self._back(began, name, lambda: self._signal(name, signal.SIGCONT))

    def switch_over(self) -> float:
        """Let another server take over, as an operator who wants to restart a machine."""
        began, name = time.monotonic(), self._primary()
        url = f"http://127.0.0.1:{self._ports[name]['restapi']}/switchover"
        answer = requests.post(url, json={"leader": name}, timeout=60)
        assert answer.ok, answer.text
        return self._back(began, name, lambda: None)

    def stop(self) -> None:
        """Stop everything at once."""
        for name in NAMES:
            self._signal(name, signal.SIGKILL)
        for process in self._processes.values():
            process.kill()
            process.wait()

    def _start(self, name: str) -> None:
        data = self._folder / name
        ports = self._ports[name]
        settings: dict[str, Any] = yaml.safe_load((FILES / "patroni.yml").read_text(encoding="utf-8"))
        settings["name"] = name
        settings["etcd3"]["hosts"] = f"127.0.0.1:{self._etcd}"
        for section, port in (("restapi", ports["restapi"]), ("postgresql", ports["postgresql"])):
            settings[section] |= {"listen": f"127.0.0.1:{port}", "connect_address": f"127.0.0.1:{port}"}
        postgresql = settings["postgresql"]
        postgresql |= {"data_dir": str(data), "bin_dir": str(find_postgresql()), "pgpass": f"{data}.pgpass"}
        postgresql["parameters"] = {"unix_socket_directories": str(self._folder), "fsync": "off"}
        postgresql["pg_hba"] = [
            line.replace("samenet", "127.0.0.1/32").replace("peer", "trust") for line in postgresql["pg_hba"]
        ]
        for who in postgresql["authentication"].values():
            who["password"] = "secret"
        file = self._folder / f"{name}.yml"
        file.write_text(yaml.safe_dump(settings), encoding="utf-8")
        self._run(name, [find_platform_program("patroni"), file], clusters.unprivileged_user())

    def _for_this_machine(self, file: Path) -> str:
        text = file.read_text(encoding="utf-8")
        for name, ports in self._ports.items():
            there = f"{name}.example.org:5432 check port 8008"
            assert there in text
            text = text.replace(there, f"127.0.0.1:{ports['postgresql']} check port {ports['restapi']}")
        return text.replace("127.0.0.1:5000", f"127.0.0.1:{self._proxy}").replace(
            "127.0.0.1:5001", f"127.0.0.1:{self._standbys}"
        )

    def _run(self, name: str, words: list[str | Path], user: str | None = None) -> None:
        with (self._folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                words, user=user, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def _signal(self, name: str, number: int) -> None:
        """Send a signal to the Patroni of that name and to its PostgreSQL, children first."""
        found = [*_processes_of(self._folder / name)]
        if name in self._processes:
            found.append(self._processes[name].pid)
        for process in found:
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def _back(self, began: float, old: str, heal: Callable[[], None]) -> float:
        self._wait_until(lambda: self._takes_writes() and self._primary() != old)
        seconds = time.monotonic() - began
        heal()
        self._wait_until(self._is_whole)
        return seconds

    def _states(self) -> dict[str, str]:
        """Return the role of each server that runs and that Patroni tells of."""
        for ports in self._ports.values():
            with suppress(requests.RequestException, KeyError, ValueError):
                told = requests.get(f"http://127.0.0.1:{ports['restapi']}/cluster", timeout=2).json()
                running = {"running", "streaming"}
                return {each["name"]: each["role"] for each in told["members"] if each["state"] in running}
        return {}

    def _primary(self) -> str:
        for name, ports in self._ports.items():
            with suppress(requests.RequestException):
                if requests.get(f"http://127.0.0.1:{ports['restapi']}/primary", timeout=2).ok:
                    return name
        return ""

    def _is_whole(self) -> bool:
        states = self._states()
        is_synchronous = "sync_standby" in states.values()
        return set(states) == set(NAMES) and is_synchronous and self._takes_writes()

    def _takes_writes(self) -> bool:
        try:
            with psycopg.connect(self.url, autocommit=True) as connection:
                found = connection.execute("SELECT pg_is_in_recovery()").fetchone()
                return found == (False,)
        except psycopg.OperationalError:
            return False

    def _wait_until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            if time.monotonic() > deadline:
                logs = {name: (self._folder / f"{name}.log").read_text()[-1500:] for name in NAMES}
                raise AssertionError(f"Not so after {PATIENCE} s. {self._states()}\n{logs}")
            time.sleep(0.1)


def returns_from_a_pause() -> bool:
    """Return whether `Servers.pause` loses nothing with the Patroni that is here."""
    told = subprocess.run(
        [find_platform_program("patroni"), "--version"], capture_output=True, text=True, check=True
    )
    return int(told.stdout.split()[-1].partition(".")[0]) >= RETURNS_FROM_A_PAUSE


@contextmanager
def under_patroni() -> Iterator[Servers]:
    """Yield three servers with a migrated database, of the caller's own. Raises MissingPrerequisiteError."""
    # Where whoever PostgreSQL runs as can go.
    folder = Path(os.environ[databases.RUN]) / f"patroni-{uuid4().hex}"
    clusters.make_folder(folder)
    servers = Servers(folder)
    try:
        servers.start()
        databases.migrate(servers.url)
        yield servers
    finally:
        servers.stop()


def _processes_of(data: Path) -> Iterator[int]:
    """Yield the server processes whose files are in this folder, the first one last."""
    file = data / "postmaster.pid"
    if not file.exists():
        return
    first = int(file.read_text().split()[0])
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            with suppress(OSError):
                fields = (path / "stat").read_text().rpartition(")")[2].split()
                if int(fields[1]) == first:
                    yield int(path.name)
    yield first


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
