"""The tests that the pages on migration and on recipes show run as they are, beside the example project."""

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
def test_the_tests_of_the_pages_record_pacts(tmp_path):
    for page in ("from-pact-python",):
        blocks = PYTHON.findall((ROOT / f"docs/{page}.md").read_text(encoding="utf-8"))
        for number, block in enumerate(blocks):
            path = tmp_path / f"test_{page.replace('-', '_')}_{number}.py"
            path.write_text(block, encoding="utf-8")

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
    assert "a request for an order" in {interaction["description"] for interaction in recorded}
