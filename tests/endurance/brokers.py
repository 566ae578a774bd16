"""`tally serve` at one address, that may be killed and started again; what it holds of memory and files."""

import os
import random
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import requests
from support.forking import Forked
from support.serving import HEARTBEAT, TALLY, free_port

PATIENCE = 120.0
LOCAL = {
    "TALLY_ALLOW_DANGEROUS_CONTRACT_MODIFICATION": "true",
    "TALLY_WEBHOOK_HOST_WHITELIST": "127.0.0.0/8",
    "TALLY_WEBHOOK_SCHEME_WHITELIST": "http",
    "TALLY_WEBHOOK_TIMEOUT": "2",
    "TALLY_WEBHOOK_RETRY_SCHEDULE": " ".join(["1"] * 30),
}


@dataclass(frozen=True)
class Held:
    """What all processes of a broker hold together."""

    megabytes: int
    descriptors: int


class Broker:
    """A broker with its worker; one that *is_forked* has one process, and costs a tenth."""

    def __init__(
        self,
        database_url: str,
        log: Path,
        *,
        is_forked: bool = False,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        chosen = {"TALLY_DATABASE_URL": database_url, "TALLY_PORT": str(self.port)}
        self._environment = {**os.environ, **LOCAL, **chosen, **(environment or {})}
        self._log = log
        self._is_forked = is_forked
        self._process: subprocess.Popen[bytes] | Forked | None = None
        log.touch()

    def start(self) -> None:
        """Start it, again and again as a supervisor would, until it answers."""
        deadline = time.monotonic() + PATIENCE
        # When the first process was killed, those that it started answer for a moment more.
        while self._process is None or self._process.poll() is not None or not self.is_up():
            assert time.monotonic() < deadline, f"no answer:\n{self._log.read_text()[-3000:]}"
            if self._process is None or self._process.poll() is not None:
                self._process = self._begin()
            time.sleep(0.05)

    def is_up(self) -> bool:
        """Return whether it answers."""
        try:
            return requests.get(self.url + HEARTBEAT, timeout=5).ok
        except requests.RequestException:
            return False

    def kill(self) -> None:
        """Kill all its processes at once, as a power cut would."""
        assert self._process is not None
        for process in self.processes():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._process.wait(30)

    def kill_one(self, dice: random.Random) -> None:
        """Kill one of its processes, the first or one of those that it started."""
        with suppress(ProcessLookupError):
            os.kill(dice.choice(self.processes()), signal.SIGKILL)

    def stop(self) -> None:
        """Stop it as a supervisor would, and expect that it ends well."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        assert code == 0, f"it ended with {code}:\n{self._log.read_text()[-3000:]}"

    def end(self) -> None:
        """Leave nothing running, whatever happened."""
        if self._process is not None:
            self.kill()

    def processes(self) -> list[int]:
        """Return its processes, the first one first."""
        assert self._process is not None
        if isinstance(self._process, Forked):
            return [self._process.pid]
        # Each broker is a session of its own.
        found = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
        return [self._process.pid, *(each for each in found if _session(each) == self._process.pid != each)]

    def held(self) -> Held:
        """Return what its processes hold now."""
        found = [(_kilobytes(each), _descriptors(each)) for each in self.processes()]
        return Held(sum(each[0] for each in found) // 1024, sum(each[1] for each in found))

    def errors(self) -> list[str]:
        """Return what its log says of faults of its own."""
        lines = self._log.read_text(errors="replace").splitlines()
        return [line for line in lines if " ERROR " in line and "another one starts" not in line]

    def _begin(self) -> subprocess.Popen[bytes] | Forked:
        if self._is_forked:
            return Forked(self._environment, self._log)
        with self._log.open("a") as output:
            return subprocess.Popen(
                [TALLY, "serve"],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


def _session(process: int) -> int:
    try:
        return os.getsid(process)
    except ProcessLookupError:
        return 0


def _kilobytes(process: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0


def _descriptors(process: int) -> int:
    with suppress(OSError):
        return len(list(Path(f"/proc/{process}/fd").iterdir()))
    return 0
