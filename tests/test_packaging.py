import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
import requests
from packaging.requirements import Requirement
from support.serving import serving

ROOT = Path(__file__).parent.parent
PACKAGES = ("broker", "consumer_sdk", "tally", "verifier")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    pip("wheel", "--no-deps", "--wheel-dir", folder, ROOT)
    [wheel] = folder.glob("tallystick-*.whl")
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
    assert packed == {file.relative_to(ROOT).as_posix() for file in files if file.suffix != ".pyc"}


def test_an_installed_command_knows_its_version(installed):
    answer = subprocess.run([installed, "--version"], capture_output=True, text=True, check=True)

    assert "0.1.0" in answer.stdout


def test_an_installed_broker_serves_its_index(installed, tmp_path):
    with serving(f"sqlite:///{tmp_path}/broker.sqlite3", tmp_path / "log", tally=installed) as url:
        index = requests.get(url, headers={"Accept": "application/hal+json"}, timeout=10)

    assert index.status_code == 200
    assert index.json()["_links"]["self"]["href"].startswith(url)


def test_the_image_pins_what_the_project_depends_on():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    constraints = (ROOT / "constraints.txt").read_text().splitlines()
    pins = dict(line.partition(" ;")[0].split("==") for line in constraints if "==" in line)

    for line in project["dependencies"] + project["optional-dependencies"]["broker"]:
        requirement = Requirement(line)
        assert requirement.name in pins, f"{line}: renew constraints.txt, its first lines say how"
        assert requirement.specifier.contains(pins[requirement.name]), line
