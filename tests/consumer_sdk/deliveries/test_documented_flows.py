"""The tests on the page about message flows run as they are."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs/message-flows.md"


@pytest.mark.slow
def test_the_page_about_message_flows_shows_what_works(tmp_path):
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    (tmp_path / "test_documented.py").write_text("\n\n".join(blocks), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"],
        cwd=tmp_path,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    recorded = json.loads((tmp_path / "pacts/Mail-Shop.json").read_text(encoding="utf-8"))["interactions"]
    assert len(recorded) == 3
