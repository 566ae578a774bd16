"""A page that a reader follows at a terminal: its files are written, its commands run in their order.

What a fenced block is follows from its first line:

    ```python title="shop/client.py"           a file, given in full
    ```console                                 commands after "$ ", each with what it prints
    ```console title="In a second terminal"    the same, but the command goes on running

In what is printed, `…` stands for anything: a line of its own for any lines, inside a line for a part of it.
`PYTHONPATH=tests python tests/support/walkthrough.py PAGE` shows what the commands of a page print now.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from support.serving import free_port

PORT = "9292"
PATIENCE = 60
SECOND_TERMINAL = "In a second terminal"
_BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.DOTALL | re.MULTILINE)
_END = "the command ended with"


@dataclass(frozen=True)
class File:
    """A file that the reader writes."""

    path: str
    content: str


@dataclass(frozen=True)
class Command:
    """A command that the reader types, and what the page says it prints."""

    line: str
    printed: str
    goes_on: bool = False


@dataclass
class Ended:
    """What came of a command."""

    command: Command
    printed: str
    code: int = 0
    expected: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        self.expected = pattern(self.command.printed)

    @property
    def is_as_written(self) -> bool:
        return self.expected.fullmatch(self.printed) is not None


def steps_of(page: Path) -> list[File | Command]:
    """Return what the reader of *page* does, in the order of the page."""
    steps: list[File | Command] = []
    for kind, title, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind == "console":
            steps += _commands(text, goes_on=title == SECOND_TERMINAL)
        elif title:
            steps.append(File(title, text))
    return steps


def _commands(text: str, *, goes_on: bool) -> Iterator[Command]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        last = next(number for number, line in enumerate(lines) if not line.endswith("\\"))
        yield Command("\n".join(lines[: last + 1]), "\n".join(lines[last + 1 :]).strip("\n"), goes_on)


def pattern(printed: str) -> re.Pattern[str]:
    """Return what matches the text of a page, in which `…` stands for anything."""
    escaped = "\n".join(re.escape(line.rstrip()) for line in printed.splitlines())
    escaped = re.sub(r"^…(\n|$)", r"(?:.*(?:\\n|$))*", escaped, flags=re.MULTILINE)
    return re.compile(escaped.replace("…", ".*?"))


class Terminal:
    """A shell that keeps its folder and its variables from one command to the next."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._shell = subprocess.Popen(
            ["bash", "--norc"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, line: str) -> tuple[str, int]:
        """Run a command to its end; return what it printed, and its exit code."""
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        self._shell.stdin.write(f"{line}\ncode=$?; printf '\\n%s %s\\n' '{_END}' $code; (exit $code)\n")
        self._shell.stdin.flush()
        printed = []
        for text in self._shell.stdout:
            if text.startswith(_END):
                return _tidy("".join(printed)), int(text.rpartition(" ")[2])
            printed.append(text)
        raise AssertionError("".join(printed))

    def close(self) -> None:
        """Let the shell end."""
        self._shell.communicate("exit\n", timeout=PATIENCE)


@contextmanager
def _going_on(command: Command, folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """Yield what the command has printed as soon as that is what the page says."""
    log = folder / ".second-terminal.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command.line.split(), cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while not pattern(command.printed).fullmatch(_tidy(log.read_text())) and process.poll() is None:
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        yield _tidy(log.read_text())
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def walk(page: Path, folder: Path, broker: str = "") -> Iterator[Ended]:
    """Follow *page* in the empty *folder*; yield what came of each command.

    The broker of the page is at port 9292. Here it is at another one, that of *broker* if one is running, and
    what is printed is translated back.
    """
    port = broker.rpartition(":")[2] or str(free_port())
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {"PATH": path, "TALLY_PORT": port, "PACT_DO_NOT_TRACK": "true", "LC_ALL": "C.UTF-8"}
    environment |= {"PYTEST_ADDOPTS": "-p no:asyncio"}  # which would warn that it has no settings
    environment |= {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / ".cache"), "COLUMNS": "110"}
    if broker:
        environment["PACT_BROKER_BASE_URL"] = broker
    with ExitStack() as until_the_end:
        terminal = Terminal(folder, environment)
        until_the_end.callback(terminal.close)
        for step in steps_of(page):
            if isinstance(step, File):
                (folder / step.path).parent.mkdir(parents=True, exist_ok=True)
                (folder / step.path).write_text(step.content, encoding="utf-8")
                continue
            here = Command(step.line.replace(PORT, port), step.printed.replace(PORT, port), step.goes_on)
            if step.goes_on:
                printed, code = until_the_end.enter_context(_going_on(here, folder, environment)), 0
            else:
                printed, code = terminal.run(here.line)
            yield Ended(step, printed.replace(port, PORT), code)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        for ended in walk(Path(sys.argv[1]), Path(directory)):
            remark = "" if ended.is_as_written else "   <- not as the page says"
            sys.stdout.write(f"$ {ended.command.line}{remark}\n{ended.printed}\n")
