"""The wheel and the source distribution of a commit: the same bytes wherever and whenever they are built."""

import io
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

SECONDS = 300


def build(repository: Path, commit: str, folder: Path) -> list[Path]:
    """Build both from what is committed, into *folder*; return their paths.

    Raises subprocess.CalledProcessError.
    """
    packed = git(repository, "archive", "--format=tar", commit)
    epoch = git(repository, "log", "-1", "--format=%ct", commit).decode().strip()
    with tempfile.TemporaryDirectory() as source:
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(source, filter="data")
        return build_from(Path(source), folder, epoch)


def build_from(source: Path, folder: Path, epoch: str, *targets: str) -> list[Path]:
    """Build from a folder, as if it were *epoch* seconds after 1970: *targets*, or all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = [word for target in targets for word in ("--target", target)]
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--directory", folder.absolute(), *chosen],
        cwd=source,
        env={**os.environ, "SOURCE_DATE_EPOCH": epoch, "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    return [
        folder / Path(line).name for line in (done.stdout + done.stderr).split() if line.endswith(_ENDINGS)
    ]


_ENDINGS = (".whl", ".tar.gz")


def git(repository: Path, *words: str) -> bytes:
    """Return what git prints. Raises subprocess.CalledProcessError."""
    return subprocess.run(
        ["git", *words], cwd=repository, check=True, capture_output=True, timeout=SECONDS
    ).stdout
