"""What the demo plays on: commands that are printed and run, processes beside them, a port, a directory."""

import fcntl
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOREIGN_SETTINGS = ("PACT_", "TALLY_", "FLASK_", "ORDERS_", "PYTEST_ADDOPTS")
READY_WITHIN = 60
STOPPED_WITHIN = 10
BOLD, GREEN, PLAIN = ("\033[1m", "\033[32m", "\033[0m") if sys.stdout.isatty() else ("", "", "")


class DemoError(Exception):
    """The demo cannot go on; its text says why."""


class Stage:
    """Where the commands run: in the root of the repository, with its virtual environment."""

    def __init__(self) -> None:
        self._title = ""
        self._environment = {
            name: value for name, value in os.environ.items() if not name.startswith(FOREIGN_SETTINGS)
        }
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        self._environment |= {"PATH": path, "PACT_DO_NOT_TRACK": "true", "PYTHONUNBUFFERED": "1"}
        # It is there for the project's own tests, and would warn here that it has no settings.
        self._environment["PYTEST_ADDOPTS"] = "-p no:asyncio"

    def step(self, title: str, explanation: str) -> None:
        """Announce the next step, and say what it is about."""
        self._title = title
        print(f"\n{BOLD}{title}{PLAIN}\n{explanation}\n", flush=True)

    def export(self, name: str, value: str) -> None:
        """Set an environment variable for the commands that follow."""
        self._show(f"export {name}={value}")
        self._environment[name] = value

    def run(self, command: str, *, ends_with: int = 0) -> None:
        """Run a command to its end; raise DemoError when its exit code is not *ends_with*."""
        self._show(command)
        finished = subprocess.run(_words(command), cwd=ROOT, env=self._environment, check=False)  # noqa: S603 - ours
        if finished.returncode != ends_with:
            ended = f"ended with {finished.returncode}, and should with {ends_with}"
            raise DemoError(f"{self._title}\n  {command}\n  {ended}.")

    @contextmanager
    def running(self, command: str, *, url: str, log: Path) -> Iterator[None]:
        """Run a command beside the others, which go on once it answers at *url*; it writes to *log*."""
        self._show(f"{command} &")
        with log.open("wb") as output:
            # In a process group of its own: Ctrl-C is for this program, which then stops the others.
            process = subprocess.Popen(  # noqa: S603 - ours
                _words(command),
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        try:
            if not _answers(url, process):
                raise DemoError(f"{self._title}\n  {command}\n  gives no answer at {url}:\n{_tail(log)}")
            print(f"(it answers at {url}, and writes to {shown(log)})", flush=True)
            yield
        finally:
            _stop(process)

    def _show(self, command: str) -> None:
        print(f"{GREEN}$ {command}{PLAIN}", flush=True)


def _words(command: str) -> list[str]:
    return shlex.split(command.replace("\\\n", " "))


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + READY_WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - our own address
        except urllib.error.HTTPError:
            return True
        except OSError:
            time.sleep(0.1)
        else:
            return True
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOPPED_WITHIN)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _tail(log: Path) -> str:
    return "\n".join(f"  | {line}" for line in log.read_text(errors="replace").splitlines()[-15:])


def shown(path: Path) -> str:
    """Return the path as a reader would type it in the root of the repository."""
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def free_port(wanted: int) -> int:
    """Return *wanted*, or another port that is free, and then say so."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
            print(f"Port {wanted} is taken, so the demo uses {probe.getsockname()[1]}.", flush=True)
        return int(probe.getsockname()[1])


@contextmanager
def fresh(directory: Path) -> Iterator[Path]:
    """Empty the directory, and keep other demos out of it; raise DemoError when one is running there."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DemoError(
                f"Another demo is running in {shown(directory)}: stop it there with Ctrl-C."
            ) from error
        for entry in directory.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.name != "lock":
                entry.unlink()
        yield directory
