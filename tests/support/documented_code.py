"""The Python code on a page of the documentation, and its tests, run as a reader would run them."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def python_of(page):
    """Return the blocks of Python on docs/PAGE, in their order."""
    return PYTHON.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))


def run_as_tests(blocks, folder, **environment):
    """Run the blocks as one module of tests in *folder*; fail with what pytest says when one fails."""
    (folder / "test_documented.py").write_text("\n\n".join(blocks), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
