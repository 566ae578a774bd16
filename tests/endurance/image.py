"""Build the image on a base of Debian's packages, without a registry, and run it as containers would."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from support.factories import a_publication
from support.prerequisites import MissingPrerequisiteError, find_platform_program
from support.serving import free_port

ROOT = Path(__file__).parents[2]
SOURCES = ("sources.list", "sources.list.d/debian.sources", "sources.list.d/ubuntu.sources")
SHOWN_OF_PIP = ("index-url", "extra-index-url", "trusted-host", "proxy")
PATIENCE = 120.0
USER = 10001
AS_CI = ("ci", "a-password-of-ci")
MEGABYTE = 1_000_000
MEASURE = """
import resource, subprocess, sys
def cpu(*command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(20):
        subprocess.run(command, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / 20 * 1000
print(cpu("python", "-c", "pass"), cpu(*sys.argv[1:]))
"""


def build_and_run(folder: Path) -> str:
    """Return the figures, or why nothing was run. Raises AssertionError when the image is not as promised."""
    if os.geteuid() != 0:
        return "skipped: it needs root"
    try:
        buildah = Buildah(find_platform_program("buildah"), folder)
        mmdebstrap = find_platform_program("mmdebstrap")
    except MissingPrerequisiteError as error:
        return f"skipped: {error}"
    try:
        base = _make_base(buildah, mmdebstrap, folder)
        size = _build(buildah, folder)
        figures = _run(buildah, folder)
    finally:
        buildah("rm", "--all")
    return f"{size / MEGABYTE:.0f} MB, {(size - base) / MEGABYTE:.0f} of them on its base; {figures}"


@dataclass(frozen=True)
class Buildah:
    """buildah with everything that it stores in a folder of its own."""

    program: str
    folder: Path

    def words(self, command: str, *rest: str | Path) -> list[str | Path]:
        stores = ["--root", self.folder / "store", "--runroot", self.folder / "run"]
        isolation = ["--isolation", "chroot"] if command in {"bud", "run"} else []
        return [self.program, *stores, command, *isolation, *rest]

    def __call__(self, command: str, *rest: str | Path, code: int = 0) -> str:
        done = subprocess.run(self.words(command, *rest), capture_output=True, text=True, check=False)
        assert done.returncode == code, (
            f"buildah {command} ended with {done.returncode}:\n{done.stderr[-3000:]}"
        )
        return done.stdout.strip()


def _make_base(buildah: Buildah, mmdebstrap: str, folder: Path) -> int:
    lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    release = dict(line.split("=", 1) for line in lines if "=" in line)
    archive = folder / "base.tar"
    files = [Path("/etc/apt") / name for name in SOURCES]
    sources = [file for file in files if file.exists() and file.stat().st_size]
    packages = "--include=python3,python3-venv,ca-certificates"
    command = [mmdebstrap, "--variant=minbase", packages, release["VERSION_CODENAME"], archive, *sources]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    base = buildah("from", "scratch")
    buildah("add", base, archive, "/")
    buildah("config", "--env", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", base)
    buildah("commit", "--rm", base, "localhost/python")
    return archive.stat().st_size


def _build(buildah: Buildah, folder: Path) -> int:
    secrets = [f"--secret=id=pip,src={_configuration_of_pip(folder)}"]
    if certificates := os.environ.get("PIP_CERT") or os.environ.get("SSL_CERT_FILE"):
        secrets.append(f"--secret=id=ca,src={certificates}")
    buildah(
        "bud",
        "--format",
        "docker",
        "--build-arg",
        "BASE=localhost/python",
        *secrets,
        "--tag",
        "tallystick",
        ROOT,
    )
    container = buildah("from", "localhost/tallystick")
    root = Path(buildah("mount", container))
    assert list((root / "tmp").iterdir()) == []
    assert not (root / "run/secrets").exists()
    assert not list((root / "opt/tallystick/bin").glob("pip*"))
    assert list((root / "var/lib/tallystick").iterdir()) == []
    done = subprocess.run(["du", "-sb", root], capture_output=True, text=True, check=True)
    buildah("umount", container)
    return int(done.stdout.split()[0])


def _configuration_of_pip(folder: Path) -> Path:
    """Write what this machine's pip knows of indexes, for the build."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = dict(line.split("=", 1) for line in listed.splitlines() if "=" in line)
    lines = [
        f"{name.rpartition('.')[2]} = {value.strip(chr(39))}"
        for name, value in found.items()
        if name.rpartition(".")[2] in SHOWN_OF_PIP and "file://" not in value
    ]
    file = folder / "pip.conf"
    file.write_text("\n".join(["[global]", *lines, ""]), encoding="utf-8")
    return file


def _run(buildah: Buildah, folder: Path) -> str:
    inspected = json.loads(buildah("inspect", "--type", "image", "localhost/tallystick"))
    config = inspected["Docker"]["config"]
    assert (config["User"], config["StopSignal"]) == (str(USER), "SIGTERM")
    container = Container(buildah, folder, config)
    container.volume.mkdir()
    os.chown(container.volume, USER, USER)

    with container.running() as (process, output):
        assert process.wait(PATIENCE) == 2
        assert "anyone who reaches 0.0.0.0 could write" in output.read_text()
    new, _ = _serve_and_stop(container, lambda: _use(container))
    old, found = _serve_and_stop(
        container, lambda: requests.get(f"{container.url}/pacticipants/Shop", auth=AS_CI, timeout=30)
    )
    assert found.status_code == 200
    assert {(file.stat().st_uid, file.stat().st_mode & 0o777) for file in container.volume.iterdir()} == {
        (USER, 0o600)
    }
    _work(container)
    empty, check = map(float, container.run("python", "-c", MEASURE, *container.health).split())
    return (
        f"first answer after {new:.1f} s with a new database, {old:.1f} s with an old one; "
        f"health check {check:.0f} ms of CPU, {check / empty:.1f} times an empty interpreter"
    )


class Container:
    """A container of the image: what it was built to run, with a volume and a port of the machine."""

    def __init__(self, buildah: Buildah, folder: Path, config: dict[str, object]) -> None:
        self._buildah = buildah
        self._log = folder / "container.log"
        self._config = config
        self._port = free_port()
        self.volume = folder / "volume"
        self.url = f"http://127.0.0.1:{self._port}"
        self.name = buildah("from", "localhost/tallystick")

    @property
    def health(self) -> Sequence[str]:
        """The command of its health check."""
        kind, *command = self._config["Healthcheck"]["Test"]
        assert kind == "CMD"
        return command

    def words(self, *command: str, **environment: str) -> list[str | Path]:
        variables = {"TALLY_PORT": str(self._port), **environment}
        given = [f"--env={name}={value}" for name, value in variables.items()]
        volume = f"{self.volume}:/var/lib/tallystick"
        return self._buildah.words("run", "--volume", volume, *given, self.name, "--", *command)

    def run(self, *command: str, code: int = 0) -> str:
        done = subprocess.run(self.words(*command), capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def running(self, *command: str, **environment: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
        """Run the command of the image, or this one, as `docker run` does."""
        words = self.words(*self._config["Entrypoint"], *(command or self._config["Cmd"]), **environment)
        with self._log.open("w") as log, subprocess.Popen(words, stdout=log, stderr=log) as process:
            try:
                yield process, self._log
            finally:
                if process.poll() is None:
                    stop(process)


def stop(process: subprocess.Popen[bytes]) -> int:
    """Send SIGTERM to what runs inside, as `docker stop` does; return the code with which it ends."""
    inside = process.pid
    while children := _children(inside):
        [inside] = children
    os.kill(inside, signal.SIGTERM)
    return process.wait(PATIENCE)


def _children(process: int) -> list[int]:
    """Return the children of all threads of a process."""
    files = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for file in files for child in file.read_text().split()]


def _serve_and_stop(container: Container, use):
    """Return the seconds until the first answer, and what *use* returned while it served."""
    began = time.monotonic()
    user = {"TALLY_BASIC_AUTH_USERNAME": AS_CI[0], "TALLY_BASIC_AUTH_PASSWORD": AS_CI[1]}
    with container.running(**user) as (process, output):
        seconds = _wait(container, process, output) - began
        used = use()
        assert stop(process) == 0, output.read_text()
    return seconds, used


def _wait(container: Container, process: subprocess.Popen[bytes], output: Path) -> float:
    while process.poll() is None and not _answers(container):
        time.sleep(0.02)
    assert process.poll() is None, output.read_text()
    return time.monotonic()


def _answers(container: Container) -> bool:
    try:
        return requests.get(f"{container.url}/health/ready", timeout=5).status_code == requests.codes.ok
    except requests.ConnectionError:
        return False


def _use(container: Container) -> None:
    container.run(*container.health)
    publish = f"{container.url}/contracts/publish"
    assert requests.post(publish, json=a_publication(), timeout=30).status_code == 401
    assert requests.post(publish, json=a_publication(), auth=AS_CI, timeout=30).status_code == 200


def _work(container: Container) -> None:
    """Run a worker: it is healthy while it works, and what is healthy then has stopped afterwards."""
    with container.running("worker") as (process, output):
        deadline = time.monotonic() + PATIENCE
        while "Sending webhooks" not in output.read_text():
            assert process.poll() is None, output.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        time.sleep(0.5)
        container.run(*container.health)
        assert stop(process) == 0, output.read_text()
