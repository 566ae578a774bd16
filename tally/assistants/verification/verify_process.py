"""`tally verify` in a process of its own: started, given an end, and its report read."""

import atexit
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tally.assistants.answers import ToolError
from tally.values import dataclass

_START = "from tally.cli import main; main()"
_AFTER_THE_LIMIT = 10.0
"""Seconds in which the last request may be answered, and the report be written."""
_AFTER_AN_INTERRUPT = 5.0
_OF_THE_ENVIRONMENT = ("PACT_", "GITHUB_")
"""Beginnings of variables that would change the run: where the provider is, what is published, and where."""

_running: set[subprocess.Popen[bytes]] = set()
_MISSING = ("which is not installed", "not in this installation", "No module named", "ModuleNotFoundError")


@dataclass(frozen=True)
class VerifyRun:
    """The words after `tally verify`, and how many seconds it may take."""

    words: Sequence[str]
    seconds: float

    def report(self, folder: Path) -> dict[str, Any]:
        """Run it in *folder*, and return its report in JSON. Nothing is published, whatever was asked.

        Raises ToolError when there is no report: `tally verify` is not installed, or did not end.
        """
        report = folder / "report.json"
        with (folder / "errors.txt").open("wb") as errors:
            process = subprocess.Popen(  # noqa: S603 - our own program, and words without a shell
                [sys.executable, "-P", "-c", _START, "verify", *self._words(report)],
                cwd=folder,
                env=_environment(folder),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
            _running.add(process)
            try:
                _wait(process, self.seconds + _AFTER_THE_LIMIT)
            finally:
                _end(process)
                _running.discard(process)
        try:
            document: dict[str, Any] = json.loads(report.read_bytes())
        except (OSError, ValueError) as error:  # not there, or not written to its end
            raise ToolError(_without_report(folder / "errors.txt", self.seconds)) from error
        return document

    def _words(self, report: Path) -> list[str]:
        limits = ("--total-timeout", f"{self.seconds:g}", "--timeout", f"{min(30.0, self.seconds):g}")
        return [*limits, "--no-github", "--json", str(report), *self.words]


def temporary_folder() -> TemporaryDirectory[str]:
    """Return a folder for the files of one run; nobody else reads it, and it is gone afterwards."""
    return TemporaryDirectory(prefix="tally-mcp-", ignore_cleanup_errors=True)


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OF_THE_ENVIRONMENT)}
    # `--last-failed` of the user's own runs stays as it is.
    own = dict.fromkeys(("XDG_CACHE_HOME", "LOCALAPPDATA"), str(folder))
    # A pact names the plugin that is to read it, and plugins send requests of their own: none is run.
    return {**kept, **own, "PACT_PLUGIN_DIR": str(folder / "no-plugins")}


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait for the end, or have it report what it reached until then."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        if sys.platform == "win32":
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_AFTER_AN_INTERRUPT)
        except subprocess.TimeoutExpired:
            return


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of it, and of what it has started."""
    if process.poll() is None:
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@atexit.register
def _end_all() -> None:
    """Send no further requests when the editor is closed."""
    for process in tuple(_running):
        _end(process)


def _without_report(errors: Path, seconds: float) -> str:
    said = errors.read_text(encoding="utf-8", errors="replace").strip()
    if any(sign in said for sign in _MISSING):
        return (
            "Nothing was verified: `tally verify` needs something that is not installed. Install the extra "
            "beside `tally mcp`: pip install 'tallystick[verifier]'"
        )
    if not said:
        return (
            f"Nothing is known: `tally verify` did not end within {seconds:g} s, nor report when it was "
            "interrupted. Verify fewer interactions (description), or raise time_limit."
        )
    # What a program prints may have any words of contracts in it.
    return "Nothing was verified: `tally verify` ended without a report. Run it in a terminal to see why."
