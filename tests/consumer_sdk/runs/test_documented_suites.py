"""The tests that the page on pact files shows run as they are."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs/pact-files.md"
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def test_the_tests_of_the_page_record(suite):
    suite.file("conftest.py").unlink()
    for number, text in enumerate(PYTHON.findall(PAGE.read_text(encoding="utf-8"))):
        suite.write(f"test_{number}.py", text)

    finished = suite.run()

    assert finished.returncode == 0, finished.stdout
    assert suite.recorded() == ["an order was cancelled", "an order was paid"]
