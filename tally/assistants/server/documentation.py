"""The documentation that is installed with the program: the text for assistants, and the help of commands."""

import re
import subprocess
import sys
from functools import cache
from importlib.resources import files

from tally.assistants.answers import MOST_CHARACTERS, ToolError, quoted

_PROGRAM = "from tally.cli import main; main()"
_COMMAND = re.compile(r"[a-z][a-z-]{0,50}( [a-z][a-z-]{0,50})?")
_SECONDS = 20


def skill() -> str:
    """Return the text that says how to work with contracts, in Markdown."""
    return (files("tally.assistants") / "skill" / "SKILL.md").read_text(encoding="utf-8")


@cache
def help_of(command: str | None = None) -> str:
    """Return what `tally --help` says, or that of a command. Raises ToolError where there is none such."""
    words = [] if command is None else command.split(" ")
    if command is not None and not _COMMAND.fullmatch(command):
        raise _no_command(command)
    # A process of its own: the commands belong to programs above this one, and some are slow to load.
    run = subprocess.run(  # noqa: S603 - this interpreter, with words that _COMMAND has let through
        [sys.executable, "-P", "-c", _PROGRAM, *words, "--help"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=_SECONDS,
        check=False,
    )
    if run.returncode:
        raise _no_command(command or "")
    return run.stdout[:MOST_CHARACTERS]


def _no_command(command: str) -> ToolError:
    return ToolError(f"There is no command {quoted(command)}: tally://docs/commands lists them.")
