"""`make release` and `make next-version`: what is built of a commit, and why a commit is refused.

Nothing is tagged, pushed or uploaded: who releases does that by hand, with the commands that are printed.
"""

import argparse
import hashlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from packaging.version import InvalidVersion, Version
from support import bill_of_materials
from support.building import build, git
from support.changelog import UNRELEASED, Section, sections, with_version

ROOT = Path(__file__).parents[2]
CHECKS = ("check", "audit", "test")
"""Targets of the Makefile that must pass."""
SUMS = "SHA256SUMS"
NUMBERS = 3
"""A version has so many, as Semantic Versioning asks for."""


class RefusedError(Exception):
    """This commit is not released, or this version not begun; the text says why, and what to do."""


def release(repository: Path, folder: Path, checks: Sequence[str] = CHECKS) -> str:
    """Build the release that is committed into *folder*; return what to do next.

    Raises RefusedError, and then nothing has been written.
    """
    version = version_to_release(repository)
    for check in checks:
        _run_check(repository, check)
    commit = git(repository, "rev-parse", "HEAD").decode().strip()
    seconds = int(git(repository, "log", "-1", "--format=%ct", commit))
    try:
        materials = bill_of_materials.document(version, datetime.fromtimestamp(seconds, UTC), repository)
    except bill_of_materials.IncompleteError as error:
        raise RefusedError(f"{error}.") from error
    built = build(repository, commit, folder)
    listed = folder / f"tallystick-{version}.cdx.json"
    listed.write_text(materials, "utf-8")
    files = [*built, listed]
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in sorted(files)]
    (folder / SUMS).write_text("\n".join(lines) + "\n")
    return _next_steps(version, commit, folder, lines, checks)


def version_to_release(repository: Path) -> str:
    """Return the version at the top of the changelog. Raises RefusedError."""
    if changed := git(repository, "status", "--porcelain").decode().splitlines():
        raise RefusedError(f"what would be built is not all committed: {', '.join(changed[:5])}. Commit it.")
    newest = _newest(repository)
    _check_version(repository, newest.name)
    if not newest.has_entries:
        raise RefusedError(f"CHANGELOG.md says nothing about {newest.name}: say what changes for its users.")
    stated = _project_version(repository)
    if stated != newest.name:
        raise RefusedError(
            f"pyproject.toml has version {stated}, and CHANGELOG.md {newest.name}: they must be the same."
        )
    return newest.name


def _newest(repository: Path) -> Section:
    found = sections((repository / "CHANGELOG.md").read_text("utf-8"))
    if not found or (found[0].name == UNRELEASED and len(found) == 1):
        raise RefusedError("CHANGELOG.md has no section of a version: run make next-version VERSION=0.2.0.")
    if found[0].name != UNRELEASED:
        return found[0]
    if found[0].has_entries:
        raise RefusedError(
            f"CHANGELOG.md has entries under [{UNRELEASED}]: run make next-version VERSION=0.2.0, read what "
            "it wrote, and commit it."
        )
    return found[1]


def _check_version(repository: Path, version: str) -> None:
    try:
        wanted = Version(version)
    except InvalidVersion as error:
        raise RefusedError(f"{version or 'nothing'} is not a version, such as 0.2.0.") from error
    if len(wanted.release) != NUMBERS or wanted.epoch or wanted.local:
        raise RefusedError(f"{version} is not a version of three numbers, such as 0.2.0 or 0.2.0rc1.")
    if str(wanted) != version:
        raise RefusedError(f"{version} is not a version in its usual form: write {wanted}.")
    tags = git(repository, "tag", "--list", "v[0-9]*").decode().split()
    if f"v{version}" in tags:
        raise RefusedError(f"{version} is released already: it has a tag. Choose another version.")
    for tag in tags:
        try:
            is_newer = Version(tag[1:]) > wanted
        except InvalidVersion:
            continue
        if is_newer:
            raise RefusedError(f"{version} is older than {tag[1:]}, which is released. Choose a newer one.")


def _check_newer(version: str, described: str) -> None:
    if Version(version) < Version(described):
        raise RefusedError(
            f"{version} is older than {described}, which CHANGELOG.md has. Choose a newer one."
        )


def _project_version(repository: Path) -> str:
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]
    return str(project["version"])


def _run_check(repository: Path, check: str) -> None:
    print(f"make {check}", flush=True)
    if subprocess.run(["make", check], cwd=repository, check=False, stdin=subprocess.DEVNULL).returncode:
        raise RefusedError(f"make {check} failed: repair what it names.")


def _next_steps(version: str, commit: str, folder: Path, sums: Sequence[str], checks: Sequence[str]) -> str:
    left_out = [f"make {check}" for check in CHECKS if check not in checks]
    warning = [f"Not run, and needed before this is given to anybody: {', '.join(left_out)}", ""]
    return "\n".join(
        [
            f"Tallystick {version}, from commit {commit[:12]}, in {folder}:",
            *(f"  {line}" for line in sums),
            "",
            *(warning if left_out else ()),
            "Nothing was tagged or sent. What to do next (docs/releasing.md):",
            f"  git tag --annotate v{version} --message 'Tallystick {version}' {commit[:12]}",
            f"  git push origin v{version}",
            f"  publish the files of {folder}, with the section of {version} in CHANGELOG.md",
        ]
    )


def next_version(repository: Path, version: str, date: str) -> str:
    """Give what is unreleased this version, in CHANGELOG.md and pyproject.toml; return what to do next.

    Raises RefusedError, and then nothing has been changed.
    """
    _check_version(repository, version)
    changelog, project = repository / "CHANGELOG.md", repository / "pyproject.toml"
    text = changelog.read_text("utf-8")
    found = sections(text)
    if version in {section.name for section in found}:
        raise RefusedError(f"CHANGELOG.md has a section of {version} already. Choose another version.")
    if older := [section.name for section in found if section.name != UNRELEASED]:
        _check_newer(version, older[0])
    if not found or found[0].name != UNRELEASED or not found[0].has_entries:
        raise RefusedError(f"CHANGELOG.md has no entries under [{UNRELEASED}]: there is nothing to release.")
    stated = re.compile(rf'^version = "{re.escape(_project_version(repository))}"$', re.MULTILINE)
    described, times = stated.subn(f'version = "{version}"', project.read_text("utf-8"))
    if times != 1:
        raise RefusedError("pyproject.toml must have its version on one line of its own.")
    changelog.write_text(with_version(text, version, date), "utf-8")
    project.write_text(described, "utf-8")
    return (
        f"CHANGELOG.md and pyproject.toml have version {version}. Read the section, then:\n"
        f"  git commit --message 'Release {version}' CHANGELOG.md pyproject.toml\n"
        "  make release"
    )


def main() -> int:
    """Run the command of the Makefile."""
    parser = argparse.ArgumentParser(prog="release")
    commands = parser.add_subparsers(dest="command", required=True)
    building = commands.add_parser("build")
    building.add_argument("--checks", default=" ".join(CHECKS))
    building.add_argument("--folder", type=Path, default=Path("dist"))
    commands.add_parser("next-version").add_argument("version")
    given = parser.parse_args()
    try:
        if given.command == "build":
            done = release(ROOT, given.folder, given.checks.split())
        else:
            done = next_version(ROOT, given.version, datetime.now(UTC).date().isoformat())
    except RefusedError as error:
        print(f"Not released: {error}", file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as error:
        print(f"Not released: {error}\n{error.stderr}", file=sys.stderr)
        return 2
    print(done)
    return 0


if __name__ == "__main__":
    sys.exit(main())
