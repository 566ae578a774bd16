"""Completion in shells: what is offered, and that nothing is imported for it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click import shell_completion

COMMANDS = Path(__file__).parents[3] / "tally" / "commands"
ROOMS = {
    "broker.commands",
    *(f"tally.commands.{path.parent.name}" for path in COMMANDS.glob("*/__init__.py")),
}
"""Folders with nothing in them but a docstring: to find a module, Python imports what it is in."""
SCRIPT = "import sys, json\nfrom tally.cli import main\nmain()"


def offered(line, shell="bash", *, program=SCRIPT):
    """Return what is offered at the end of a command line, and standard error."""
    variables = {
        "_TALLY_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split(" ")) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **variables},
    )
    return done.stdout.splitlines(), done.stderr


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("tally describe-", {"describe-environment", "describe-pacticipant", "describe-version"}),
        ("tally webhooks del", {"delete"}),
        ("tally create-webhook --consumer", {"--consumer", "--consumer-label"}),
        ("tally publish --branch --tag x --outp", {"--output"}),
        ("tally list-environments --output ", {"text", "table", "json", "pretty"}),
        ("tally nosuch --x", set()),
    ],
)
def test_commands_and_options_are_completed(line, expected):
    words, errors = offered(line)

    assert {word.removeprefix("plain,") for word in words if word} == expected
    assert errors == ""


def test_the_names_of_commands_are_completed_without_importing_them():
    names, loaded = offered(
        "tally ",
        program=f"{SCRIPT.replace('main()', '')}import atexit\n"
        "atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))\nmain()",
    )

    assert "plain,verify" in names
    modules = set(json.loads(loaded)) - ROOMS
    assert [name for name in modules if name.startswith(("broker.", "verifier.", "tally.commands."))] == []
    assert not {"requests", "orjson", "flask"}.intersection(modules)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_each_shell_has_its_script(tally, shell):
    if shell_completion.get_completion_class(shell) is None:
        pytest.skip("this release of click has none")

    run = tally("completions", shell)

    assert (run.code, run.err) == (0, "")
    assert f"{shell}_complete" in run.out


def test_a_release_of_click_without_powershell_is_told(tally, monkeypatch):
    monkeypatch.delitem(shell_completion._available_shells, "powershell", raising=False)  # noqa: SLF001 - as it was before

    run = tally("completions", "powershell")

    assert (run.code, run.err) == (
        2,
        "Error: The installed click does not know powershell: pip install --upgrade click\n",
    )


def test_an_unknown_shell_is_refused(tally):
    assert tally("completions", "tcsh").code == 2


def test_bash_completes_with_the_script():
    folder = os.path.dirname(sys.executable)  # noqa: PTH120 - one line
    complete = (
        'eval "$(tally completions bash)"; COMP_WORDS=(tally list-env); COMP_CWORD=1; '
        '_tally_completion tally; printf "%s\\n" "${COMPREPLY[@]}"'
    )

    done = subprocess.run(
        ["bash", "-c", complete],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
    )

    assert done.stdout == "list-environments\n"
