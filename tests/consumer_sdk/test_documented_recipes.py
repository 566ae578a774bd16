"""The tests of the pages on migration and on recipes run as they are, and the provider's after them."""

import json
import os
import subprocess
import sys

import pytest
from support.csv_plugin import installed
from support.documented_code import ROOT, python_of

PAGES = ("from-pact-python", "recipes")
PROVIDER = "from verifier import"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="the plugin is started by a script of the shell"),
]


@pytest.fixture
def run_pytest(tmp_path):
    """Run the tests whose files have a name that begins so."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "docs/examples"),
        "PACT_PLUGIN_DIR": str(installed(tmp_path)),
        "PACT_DO_NOT_TRACK": "true",
    }

    def run(beginning):
        command = [sys.executable, "-m", "pytest", "-q", *tmp_path.glob(f"{beginning}*.py")]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    return run


def test_the_tests_of_the_pages_record_pacts_that_the_providers_keep(tmp_path, run_pytest):
    for page in PAGES:
        for number, block in enumerate(python_of(f"{page}.md")):
            side = "test_provider" if PROVIDER in block else "test_consumer"
            path = tmp_path / f"{side}_{page.replace('-', '_')}_{number}.py"
            path.write_text(block, encoding="utf-8")

    run_pytest("test_consumer")
    run_pytest("test_provider")

    recorded = {
        path.name: json.loads(path.read_text("utf-8")) for path in (tmp_path / "pacts").glob("*.json")
    }
    assert {name: len(pact["interactions"]) for name, pact in recorded.items()} == {
        "Shop-Orders.json": 1,
        "Shop-Prices.json": 3,
        "Shop-Tables.json": 1,
    }
    table = recorded["Shop-Tables.json"]["interactions"][0]["response"]["body"]
    assert (table["contentType"], table["content"]) == ("text/csv", "id,price\n1,2\n")
    assert recorded["Shop-Tables.json"]["metadata"]["plugins"][0]["name"] == "csv"
