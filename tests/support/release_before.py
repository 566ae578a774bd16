"""The release before this one, from the history of the repository."""

import io
import subprocess
import sys
import tarfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
RECORDED = ROOT / "tests" / "data" / "release_before.txt"
"""The commit to take while there is no tag."""
_MIGRATIONS = "broker/storage/migrations"


class NoHistoryError(Exception):
    """This is no clone, or one without the commit of the release before; the text is what git says."""


@dataclass(frozen=True)
class Release:
    """The code of a release in a folder of its own."""

    commit: str
    folder: Path

    @property
    def tally(self) -> Path:
        """Its command `tally`, with the dependencies that are installed here."""
        script = self.folder / "tally-before"
        lines = [
            f"#!{sys.executable}",
            "import sys",
            f"sys.path.insert(0, {str(self.folder)!r})",
            "from tally.cli import main",
            "import broker",
            f"assert broker.__path__[0].startswith({str(self.folder)!r}), broker.__path__",
            "main()",
        ]
        script.write_text("\n".join(lines) + "\n")
        script.chmod(0o755)
        return script

    @property
    def newest_step(self) -> str:
        """The newest step of the schema that it knows."""
        steps = (self.folder / _MIGRATIONS / "versions").glob("[0-9]*.py")
        return max(path.name.partition("_")[0] for path in steps)


def commit() -> str:
    """Return the commit of the newest tag v* before this one, or the recorded commit without a tag.

    Raises NoHistoryError.
    """
    here = _git("rev-parse", "HEAD")
    for start in ("HEAD", "HEAD^"):
        try:
            tag = _git("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*", start)
        except NoHistoryError:
            break
        found = _git("rev-parse", f"{tag}^{{commit}}")
        if found != here:
            return found
    return RECORDED.read_text().split()[-1]


def export(folder: Path) -> Release:
    """Write the code of the release before into *folder*. Raises NoHistoryError."""
    found = commit()
    parts = ("broker", "tally", "verifier", "consumer_sdk", "pyproject.toml")
    packed = _run("archive", "--format=tar", found, *parts)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    _install(folder)
    return Release(found, folder)


def _install(folder: Path) -> None:
    """Write the entry points of the release, which are found before those of the code that is tested."""
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    described = folder / f"{project['name']}-{project['version']}.dist-info"
    described.mkdir()
    metadata = ["Metadata-Version: 2.1", f"Name: {project['name']}", f"Version: {project['version']}"]
    (described / "METADATA").write_text("\n".join(metadata) + "\n")
    lines = []
    for group, points in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {place}" for name, place in points.items()), ""]
    (described / "entry_points.txt").write_text("\n".join(lines))


def _git(*words: str) -> str:
    return _run(*words).decode().strip()


def _run(*words: str) -> bytes:
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=False, timeout=60)
    except OSError as error:
        raise NoHistoryError(str(error)) from error
    if done.returncode != 0:
        raise NoHistoryError(f"git {' '.join(words)}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout
