"""The tests that the documentation shows run as they are, beside the example project that they are about."""

import json
import subprocess
import sys

import pytest
from support.documented_code import ROOT, python_of, run_as_tests


@pytest.mark.slow
def test_the_tests_of_the_documentation_record_a_pact(tmp_path):
    requests, messages, _ = python_of("recording.md")

    run_as_tests([requests, messages], tmp_path, PYTHONPATH=str(ROOT / "docs/examples"))

    recorded = json.loads((tmp_path / "pacts/Shop-Orders.json").read_text(encoding="utf-8"))["interactions"]
    assert [item["description"] for item in recorded] == ["a request for an order", "an order was paid"]


def test_the_recorder_of_the_documentation_needs_no_pytest(tmp_path):
    *_, plain = python_of("recording.md")
    declared = """orders.expects_message("paid").with_content({"id": 7}).handled_by(print)"""
    (tmp_path / "record.py").write_text(plain.replace("...  #", f"{declared}  #"), encoding="utf-8")

    subprocess.run([sys.executable, "record.py"], cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)

    assert (tmp_path / "pacts/Shop-Orders.json").is_file()
