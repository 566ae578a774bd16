import os
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pytest
import requests
from packaging.requirements import Requirement
from support.building import build_from
from support.serving import serving

ROOT = Path(__file__).parent.parent
PACKAGES = ("broker", "consumer_sdk", "tally", "verifier")
SCRIPT = "tallystick-0.1.0.data/scripts/tally-health"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return built(ROOT, tmp_path_factory.mktemp("dist"))


def built(source, folder):
    [wheel] = build_from(source, folder, "1800000000", "wheel")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The `tally` of an empty virtual environment into which a user installed the broker."""
    home = tmp_path_factory.mktemp("venv")
    venv.create(home, symlinks=True)
    pip("--python", home / "bin/python", "install", f"{wheel}[broker]")
    return home / "bin/tally"


def pip(*arguments):
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def test_the_wheel_holds_the_four_packages_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}

    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*") if file.is_file()]
    assert packed == {file.relative_to(ROOT).as_posix() for file in files if file.suffix != ".pyc"} | {SCRIPT}


def test_an_installed_command_knows_its_version(installed):
    answer = subprocess.run([installed, "--version"], capture_output=True, text=True, check=True)

    assert "0.1.0" in answer.stdout


def test_the_health_check_is_installed_as_a_script_of_its_own(installed):
    script = installed.with_name("tally-health")

    first, *rest = script.read_text().splitlines()

    assert first == f"#!{script.with_name('python')}"
    assert rest == (ROOT / "tally/health_check.py").read_text().splitlines()[1:]
    assert subprocess.run([script, "-h"], capture_output=True, check=False).stderr.startswith(b"tally-health")


def test_the_image_is_built_from_all_that_the_wheel_needs(wheel, tmp_path):
    source = tmp_path / "source"
    for file in let_through():
        target = source / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / file, target)

    of_the_image = built(source, tmp_path / "dist")

    assert (source / "constraints.txt").exists()
    assert contents(of_the_image) == contents(wheel)


def let_through():
    """Return the files that .dockerignore lets into a build: the last pattern that fits decides."""
    patterns = [
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    tops = [name for name in (path.name for path in ROOT.iterdir()) if not is_ignored(Path(name), patterns)]
    files = [path for top in tops for path in (ROOT / top, *(ROOT / top).rglob("*")) if path.is_file()]
    names = [path.relative_to(ROOT) for path in files]
    return [name for name in names if not is_ignored(name, patterns)]


def is_ignored(name, patterns):
    ignored = False
    for pattern in patterns:
        is_exception, bare = pattern.startswith("!"), pattern.removeprefix("!")
        places = [name, *name.parents][:-1]
        # `*` alone means the top; `**/x` means any folder.
        fits = any(
            fnmatch(place.name if bare.startswith("**/") else str(place), bare.removeprefix("**/"))
            for place in places
        )
        if fits:
            ignored = not is_exception
    return ignored


def contents(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


TOOLS = {
    "uv tool": ([sys.executable, "-m", "uv", "tool", "install", "--quiet"], "UV_TOOL_DIR", "UV_TOOL_BIN_DIR"),
    # Its other backend installs with pip, as `installed` does, which takes ten times as long.
    "pipx": ([sys.executable, "-m", "pipx", "install", "--backend", "uv"], "PIPX_HOME", "PIPX_BIN_DIR"),
}


@pytest.mark.parametrize("tool", TOOLS)
def test_tools_that_keep_commands_apart_install_the_wheel(wheel, tool, tmp_path):
    command, home, commands = TOOLS[tool]
    environment = {**os.environ, home: str(tmp_path / "home"), commands: str(tmp_path / "bin")}
    # pipx finds uv beside its Python only on the PATH.
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

    done = subprocess.run(
        [*command, wheel],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )

    assert done.returncode == 0, done.stderr
    said = subprocess.run([tmp_path / "bin" / "tally", "--help"], capture_output=True, text=True, check=True)
    assert "can-i-deploy" in said.stdout


def test_an_installed_broker_serves_its_index(installed, tmp_path):
    with serving(f"sqlite:///{tmp_path}/broker.sqlite3", tmp_path / "log", tally=installed) as url:
        index = requests.get(url, headers={"Accept": "application/hal+json"}, timeout=10)

    assert index.status_code == 200
    assert index.json()["_links"]["self"]["href"].startswith(url)


def test_the_image_pins_what_the_project_depends_on():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    constraints = (ROOT / "constraints.txt").read_text().splitlines()
    pins = dict(line.partition(" ;")[0].split("==") for line in constraints if "==" in line)

    extras = project["optional-dependencies"]
    for line in project["dependencies"] + extras["broker"] + extras["otel"]:
        requirement = Requirement(line)
        assert requirement.name in pins, f"{line}: renew constraints.txt, its first lines say how"
        assert requirement.specifier.contains(pins[requirement.name]), line
