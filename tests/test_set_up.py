"""`.ci/set-up.sh`, with a Python in `.venv` that only pretends to install."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / ".ci" / "set-up.sh"
PROGRAMS = ("cat", "sh", "sleep", "tail")
PRETENDING = """#!/bin/sh
case "$*" in
*"pip install"*) echo "WARNING: something that nobody needs to read"; sleep 0.1; exit {code} ;;
esac
"""


@pytest.fixture
def set_up(tmp_path):
    """Run the script in a folder whose pip ends with an exit code, on a machine without uv."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in PROGRAMS:
        (programs / name).symlink_to(shutil.which(name))

    def set_up(*, code):
        python = tmp_path / ".venv/bin/python"
        python.parent.mkdir(parents=True)
        python.write_text(PRETENDING.format(code=code))
        python.chmod(0o755)
        return subprocess.run(
            ["sh", SCRIPT],
            cwd=tmp_path,
            env={**os.environ, "PATH": str(programs)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return set_up


def test_what_pip_has_to_say_is_not_shown_when_all_went_well(set_up):
    ended = set_up(code=0)

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout + ended.stderr == "Setting up .venv (a minute or two the first time)\n"


def test_what_pip_says_is_shown_when_it_fails(set_up):
    ended = set_up(code=3)

    assert ended.returncode == 1
    assert "Installing the packages failed:\nWARNING: something that nobody needs to read\n" in ended.stderr
