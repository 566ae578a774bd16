"""The tests that the documentation shows run as they are, beside the example project that they are about."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.mark.slow
def test_the_tests_of_the_documentation_record_a_pact(tmp_path):
    requests, messages, _ = PYTHON.findall((ROOT / "docs/recording.md").read_text(encoding="utf-8"))
    (tmp_path / "test_documented.py").write_text(f"{requests}\n\n{messages}", encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "docs/examples")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    recorded = json.loads((tmp_path / "pacts/Shop-Orders.json").read_text(encoding="utf-8"))["interactions"]
    assert [item["description"] for item in recorded] == ["a request for an order", "an order was paid"]


def test_the_recorder_of_the_documentation_needs_no_pytest(tmp_path):
    *_, plain = PYTHON.findall((ROOT / "docs/recording.md").read_text(encoding="utf-8"))
    declared = """orders.expects_message("paid").with_content({"id": 7}).handled_by(print)"""
    (tmp_path / "record.py").write_text(plain.replace("...  #", f"{declared}  #"), encoding="utf-8")

    subprocess.run([sys.executable, "record.py"], cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)

    assert (tmp_path / "pacts/Shop-Orders.json").is_file()
