"""The tests on the page about factories run as they are."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs/factories.md"


@pytest.mark.slow
def test_the_page_about_factories_shows_what_works(tmp_path):
    [code] = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    (tmp_path / "test_documented.py").write_text(code, encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"],
        cwd=tmp_path,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert (tmp_path / "pacts/Mail-Shop.json").exists()
