"""The process of a provider that is started for a run, and stopped with its child processes at the end."""

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import field
from types import FrameType
from typing import IO

from tally.errors import UsageError
from tally.values import dataclass
from verifier.errors import ProviderError, UnreachableError
from verifier.transport.http import HttpTransport
from verifier.transport.redaction import without_credentials
from verifier.transport.tls import Tls
from verifier.transport.transport import HttpRequest

_POLL_INTERVAL = 0.05
_POLL_TIMEOUT = 2
_STOP_TIMEOUT = 5
_INTERRUPTED_STOP_TIMEOUT = 0.3
_LONGEST_OUTPUT = 4000
_SERVER_ERROR = 500


@dataclass(frozen=True, kw_only=True)
class Start:
    """How to start the provider: run *command* in a shell, and wait for it.

    It is ready when *wait_for* responds with a status below 500; *timeout* is in seconds.
    """

    command: str
    wait_for: str
    timeout: float = 60
    tls: Tls = field(default_factory=Tls)


@dataclass
class Running:
    """A started provider; it writes to *output*, and may take *seconds_to_end* to stop."""

    start: Start
    process: subprocess.Popen[bytes]
    output: IO[bytes]
    seconds_to_end: float = _STOP_TIMEOUT

    def end_of_its_own(self, seconds: float = 0) -> str | None:
        """Return how it ended though nobody ended it, and what it wrote last; None when it runs.

        Wait so many *seconds* for its end: its connections end a little before it does.
        """
        with suppress(subprocess.TimeoutExpired):
            code = self.process.wait(seconds)
            how = f"ended with {code}" if code >= 0 else f"was ended by the signal {-code}"
            return _failed(f"{how} during the run", self.start, self.output)
        return None

    def hurry(self) -> None:
        """Leave it less time to stop: the user has interrupted the run and is waiting."""
        self.seconds_to_end = _INTERRUPTED_STOP_TIMEOUT


@contextmanager
def started(start: Start, *, sleep: Callable[[float], None] = time.sleep) -> Iterator[Running]:
    """Start the provider, wait until it is ready, and stop its whole process group at the end.

    Raises UsageError, with the output of the command, when it does not become ready, and when something else
    already responds at its address: that would be verified instead.
    """
    with ExitStack() as stack:
        http = HttpTransport(timeout=_POLL_TIMEOUT, tls=start.tls)
        stack.callback(http.close)
        if _answers(http, start.wait_for, any_status=True):
            url = without_credentials(start.wait_for)
            raise UsageError(f"Something already responds at {url} (--wait-for): stop it before --start.")
        # A file, because a pipe that nobody reads would fill up and block the provider.
        output = stack.enter_context(tempfile.TemporaryFile())
        stack.enter_context(termination_as_interrupt())
        process = _process(start.command, output)
        running = Running(start, process, output)
        stack.callback(_end, process, running)
        _wait(start, http, process, output, sleep)
        yield running


def _process(command: str, output: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S602 - it is the user's own command line, and they want its shell
        command,
        shell=True,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # its own process group, so that its children are stopped, too
    )


def _wait(
    start: Start,
    http: HttpTransport,
    process: subprocess.Popen[bytes],
    output: IO[bytes],
    sleep: Callable[[float], None],
) -> None:
    until = time.monotonic() + start.timeout
    while not _answers(http, start.wait_for):
        if process.poll() is not None:
            raise UsageError(
                _failed(f"ended with exit code {process.returncode} before it responded", start, output)
            )
        if time.monotonic() > until:
            problem = f"did not respond within {start.timeout:g} s (--start-timeout)"
            raise UsageError(_failed(problem, start, output))
        sleep(_POLL_INTERVAL)


def _answers(http: HttpTransport, url: str, *, any_status: bool = False) -> bool:
    try:
        response = http.send(HttpRequest(method="GET", url=url))
    except UnreachableError:
        return False
    except ProviderError:
        # Something listens, but its response is not complete HTTP: not ready, and not free either.
        return any_status
    finally:
        # A provider that serves only one connection at a time would be blocked by this one.
        http.close_idle()
    return any_status or response.status < _SERVER_ERROR


def _failed(problem: str, start: Start, output: IO[bytes]) -> str:
    output.seek(0)
    written = output.read().decode(errors="replace").strip()[-_LONGEST_OUTPUT:]
    url = without_credentials(start.wait_for)
    return f"The provider {problem} at {url} (--start {start.command!r}). It wrote:\n{written or '(nothing)'}"


def _end(process: subprocess.Popen[bytes], running: Running) -> None:
    """Send SIGTERM to the process group, and SIGKILL when it takes too long."""
    _signal(process, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(running.seconds_to_end)
    _signal(process, signal.SIGKILL)
    process.wait()


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


@contextmanager
def termination_as_interrupt() -> Iterator[None]:
    """Treat SIGTERM like Ctrl-C, so that the report is written and the provider is stopped."""
    # Python installs signal handlers in the main thread only.
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
