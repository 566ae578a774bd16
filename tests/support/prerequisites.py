"""What the tests need beside Python packages: PostgreSQL's programs, PgBouncer, a clock to move and Chromium.

Run as a program it installs what is missing where it may (Debian or Ubuntu, as root or with a sudo that asks
for no password); elsewhere it names what is missing and how to get it, and fails. Of all this nothing is ever
skipped. Only tests of files for a platform skip where its program cannot be had: see PLATFORM_PROGRAMS.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path

from playwright.sync_api import Playwright, sync_playwright

POSTGRESQL_FOLDERS = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # Red Hat
    "/opt/homebrew/opt/postgresql@*/bin",  # macOS on Apple silicon
    "/usr/local/opt/postgresql@*/bin",  # macOS on Intel
    "/Applications/Postgres.app/Contents/Versions/latest/bin",
)
CHROMIUM_NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
CHROMIUM_ON_MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
POSTGRESQL_ADVICE = """PostgreSQL's programs (initdb, pg_ctl) were not found. Install them:
  Debian, Ubuntu:  sudo apt-get install postgresql
  macOS:           brew install postgresql@17
or name their folder in the environment variable POSTGRESQL_BIN."""
PGBOUNCER_ADVICE = """PgBouncer was not found. Install it:
  Debian, Ubuntu:  sudo apt-get install pgbouncer
  macOS:           brew install pgbouncer
or name its executable in the environment variable PGBOUNCER."""
FAKETIME_ADVICE = """faketime was not found. Install it:
  Debian, Ubuntu:  sudo apt-get install faketime
  macOS:           brew install libfaketime"""
CHROMIUM_ADVICE = """Chromium was not found. Install it:
  Debian:          sudo apt-get install chromium
  Ubuntu, macOS:   .venv/bin/playwright install --with-deps chromium
or name its executable in the environment variable CHROMIUM."""


class MissingPrerequisiteError(Exception):
    """Something that the tests need is not on this machine; the text says how to install it."""


def find_postgresql() -> Path:
    """Return the folder of PostgreSQL's programs, of the newest release found.

    Raises MissingPrerequisiteError.
    """
    folders = [Path(os.environ["POSTGRESQL_BIN"])] if "POSTGRESQL_BIN" in os.environ else []
    for pattern in POSTGRESQL_FOLDERS:
        folders += sorted(Path("/").glob(pattern[1:]), key=_release, reverse=True)
    if on_path := shutil.which("initdb"):
        folders.append(Path(on_path).resolve().parent)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise MissingPrerequisiteError(POSTGRESQL_ADVICE)


def _release(folder: Path) -> int:
    return int("".join(filter(str.isdigit, folder.parent.name)) or 0)


def find_chromium(playwright: Playwright) -> str:
    """Return the executable of Chromium: the one that playwright installed, or the machine's.

    Raises MissingPrerequisiteError.
    """
    candidates = [
        os.environ.get("CHROMIUM"),
        playwright.chromium.executable_path,
        *map(shutil.which, CHROMIUM_NAMES),
        str(CHROMIUM_ON_MACOS),
    ]
    for candidate in candidates:
        if candidate and Path(candidate).exists():
            return candidate
    raise MissingPrerequisiteError(CHROMIUM_ADVICE)


def find_pgbouncer() -> str:
    """Return the executable of PgBouncer. Raises MissingPrerequisiteError."""
    # Debian has it where only root looks.
    folders = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/opt/homebrew/bin"))
    found = shutil.which(os.environ.get("PGBOUNCER", "pgbouncer"), path=folders)
    if found is None:
        raise MissingPrerequisiteError(PGBOUNCER_ADVICE)
    return found


def find_faketime() -> str:
    """Return the program that starts another one with a moved clock. Raises MissingPrerequisiteError."""
    found = shutil.which("faketime")
    if found is None:
        raise MissingPrerequisiteError(FAKETIME_ADVICE)
    return found


def find_platform_program(program: str) -> str:
    """Return the executable of one of PLATFORM_PROGRAMS. Raises MissingPrerequisiteError."""
    # Debian has some where only root looks.
    found = shutil.which(program, path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin")))
    if found is None:
        package = (PLATFORM_PROGRAMS | PROGRAMS_TO_ENDURE)[program]
        raise MissingPrerequisiteError(f"{program} was not found; on Debian: apt-get install {package}")
    return found


def _find_chromium() -> str:
    with sync_playwright() as playwright:
        return find_chromium(playwright)


# Programs that check the files of docs/deploy, and the packages of Debian that have them. Not every machine
# can have them: they are installed where that is possible; tests that need one skip elsewhere, and say why.
PLATFORM_PROGRAMS: dict[str, str] = {
    "systemd-analyze": "systemd",
    "nginx": "nginx",
    "caddy": "caddy",
    "promtool": "prometheus",
}

# The same for `make endure` alone: `prerequisites.py endure`.
PROGRAMS_TO_ENDURE: dict[str, str] = {
    "buildah": "buildah",
    "mmdebstrap": "mmdebstrap",
    "etcd": "etcd-server",
    "haproxy": "haproxy",
    "patroni": "patroni",
    "prometheus": "prometheus",
}

# What is looked for, and the package of Debian and Ubuntu.
_NEEDED: dict[str, Callable[[], object]] = {
    "postgresql": find_postgresql,
    "pgbouncer": find_pgbouncer,
    "faketime": find_faketime,
    "chromium": _find_chromium,
}


def _missing() -> dict[str, str]:
    """Return the advice for what is missing, by the package that has it."""
    return _missing_of(_NEEDED)


def _missing_on_platforms(*, also_to_endure: bool) -> dict[str, str]:
    programs = PLATFORM_PROGRAMS | (PROGRAMS_TO_ENDURE if also_to_endure else {})
    finds = {package: partial(find_platform_program, name) for name, package in programs.items()}
    return _missing_of(finds)


def _missing_of(finds: Mapping[str, Callable[[], object]]) -> dict[str, str]:
    missing = {}
    for package, find in finds.items():
        try:
            find()
        except MissingPrerequisiteError as error:
            missing[package] = str(error)
    return missing


def _as_root() -> list[str] | None:
    """Return what to put before a command to run it as root, or None when we may not."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    asks_for_a_password = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode
    return None if asks_for_a_password else ["sudo", "-n"]


def _install(missing: Collection[str]) -> None:
    as_root = _as_root()
    if as_root is None or shutil.which("apt-get") is None:
        return
    # Ubuntu's package of Chromium is a snap, which containers cannot run; playwright brings its own.
    is_ubuntu = "ID=ubuntu" in Path("/etc/os-release").read_text()
    packages = [name for name in missing if not (name == "chromium" and is_ubuntu)]
    if packages:
        print("Installing", " and ".join(packages), flush=True)
        apt_get = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
        subprocess.run([*apt_get, "update"], check=False, stdin=subprocess.DEVNULL)
        subprocess.run([*apt_get, "install", "-y", *packages], check=False, stdin=subprocess.DEVNULL)
    if "chromium" in missing and is_ubuntu:
        command = [sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"]
        subprocess.run(command, check=False, stdin=subprocess.DEVNULL)


def main() -> int:
    """Install what is missing; return 0 when nothing is missing any more."""
    missing = _missing()
    if wanted := [*missing, *_missing_on_platforms(also_to_endure="endure" in sys.argv[1:])]:
        _install(wanted)
        missing = _missing()
    for advice in missing.values():
        print(advice, file=sys.stderr)
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
