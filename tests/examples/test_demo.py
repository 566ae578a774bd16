import fcntl
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time

import pytest
import requests
from support.serving import free_port

pytestmark = pytest.mark.slow

PATIENCE = 120
"""Seconds to wait for the demo on a busy machine."""
LOOK_AROUND = re.compile(r"pages too: (http://127\.0\.0\.1:\d+)")


def demo(examples, directory):
    """Return the command; another demo may run at the same time, with the usual ports."""
    ports = [str(free_port()), str(free_port())]
    return [sys.executable, examples / "demo.py", "--directory", directory, "--ports", *ports]


@pytest.fixture(scope="module")
def unattended(examples, tmp_path_factory):
    """The demo without a terminal, at its end."""
    tmp_path = tmp_path_factory.mktemp("demo")
    return subprocess.run(
        demo(examples, tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def _take_the_terminal():
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    # Who starts the tests in the background has them ignore Ctrl-C, and the demo would inherit that.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """The demo at a terminal of its own."""

    def __init__(self, command, **environment):
        self.printed = ""
        self._screen, theirs = pty.openpty()
        variables = {name: value for name, value in os.environ.items() if name != "CI"} | environment
        self.process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=variables,
            start_new_session=True,
            preexec_fn=_take_the_terminal,  # noqa: PLW1509 - this process has no threads that matter
        )
        os.close(theirs)

    def read_until(self, pattern):
        """Return what matches *pattern* on the screen, as soon as it is there."""
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.printed)):
            readable, _, _ = select.select([self._screen], [], [], max(0.0, deadline - time.monotonic()))
            assert readable, self.printed
            try:
                self.printed += os.read(self._screen, 4096).decode(errors="replace")
            except OSError as error:  # what Linux answers when the other side is gone
                raise AssertionError(self.printed) from error
        return found

    def press_ctrl_c(self):
        os.write(self._screen, b"\x03")

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)
        os.close(self._screen)


@pytest.fixture
def terminal(examples, tmp_path):
    """Start the demo at a terminal."""
    opened = []

    def terminal(**environment):
        opened.append(Terminal(demo(examples, tmp_path), **environment))
        return opened[-1]

    yield terminal
    for each in opened:
        each.close()


def test_without_a_terminal_the_demo_plays_every_step_and_ends(unattended):
    assert unattended.returncode == 0, unattended.stdout + unattended.stderr
    steps = re.findall(r"^(\d)\. ", unattended.stdout, flags=re.MULTILINE)
    assert steps == ["1", "2", "3", "4", "5", "6", "7", "8", "9"]
    commands = re.findall(r"^\$ (\w+(?: [a-z-]+)?)", unattended.stdout, flags=re.MULTILINE)
    assert [command for command in commands if command.startswith("tally")] == [
        "tally serve",
        "tally publish",
        "tally can-i-deploy",
        "tally publish-service-contract",
        "tally verify",
        "tally record-deployment",
        "tally can-i-deploy",
        "tally record-deployment",
        "tally verify",
        "tally can-i-deploy",
    ]


def test_the_demo_ends_with_a_contract_that_is_broken_and_a_no(unattended):
    broken = unattended.stdout.partition("\n7. ")[2]

    assert "$.total_cents" in broken
    assert "\nNo: Orders 2.0.0 cannot be deployed to production.\n" in broken
    assert unattended.returncode == 0


def test_at_a_terminal_the_broker_stays_until_ctrl_c(terminal):
    demo = terminal()
    url = demo.read_until(LOOK_AROUND)[1]
    assert requests.get(url, timeout=5).ok

    time.sleep(0.5)  # until it waits
    demo.press_ctrl_c()
    demo.read_until("Stopped")

    assert demo.process.wait(30) == 0
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)


def test_a_signal_to_stop_takes_the_broker_along(terminal):
    demo = terminal()
    url = re.search(r"http://127\.0\.0\.1:\d+", demo.read_until(r"it answers at http://127\.0\.0\.1:\d+")[0])[
        0
    ]

    demo.process.send_signal(signal.SIGTERM)
    demo.read_until("Stopped before the end")

    assert demo.process.wait(30) == 130
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)


def test_in_ci_the_demo_ends_even_at_a_terminal(terminal):
    demo = terminal(CI="true")

    demo.read_until(LOOK_AROUND)

    assert demo.process.wait(30) == 0
