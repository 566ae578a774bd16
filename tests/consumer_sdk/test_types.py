"""Users with `mypy --strict` or pyright get useful types: mistakes are found before a test runs."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
GOOD, BAD = (Path(__file__).parent / "typed" / name for name in ("good.py", "bad.py"))
ERROR = re.compile(r"^.*?(\w+\.py):(\d+): error: (.*)$", re.MULTILINE)


def found_by_mypy(directory):
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file",
        "",
        "--cache-dir",
        directory,
        GOOD,
        BAD,
    ]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode in {0, 1}, ended.stdout + ended.stderr
    return [(name, int(line)) for name, line, _ in ERROR.findall(ended.stdout)]


def found_by_pyright(directory):
    settings = {"typeCheckingMode": "strict", "include": [str(GOOD), str(BAD)], "extraPaths": [str(ROOT)]}
    project = Path(directory, "pyrightconfig.json")
    project.write_text(json.dumps(settings))
    command = [sys.executable, "-m", "basedpyright", "--project", project, "--outputjson"]
    ended = subprocess.run(
        [*command, "--pythonpath", sys.executable], cwd=ROOT, capture_output=True, text=True, check=False
    )
    found = json.loads(ended.stdout)["generalDiagnostics"]
    return [
        (Path(each["file"]).name, each["range"]["start"]["line"] + 1)
        for each in found
        if each["severity"] == "error"
    ]


@pytest.mark.parametrize("check", [found_by_mypy, found_by_pyright])
def test_a_type_checker_refuses_each_mistake_and_nothing_else(check, tmp_path):
    lines = BAD.read_text(encoding="utf-8").splitlines()
    wrong = {(BAD.name, number) for number, line in enumerate(lines, 1) if line.endswith("# wrong")}

    assert set(check(str(tmp_path))) == wrong
