"""What fails once beside thousands of others gets a second try, alone; what fails again fails the run."""

import subprocess
import sys
from pathlib import Path

import pytest

SECOND_TRY = Path(__file__).parent / "support" / "second_try.py"
HOLDS_ALONE = """
from pathlib import Path

def test_of_chance():
    tried = Path("tried")
    is_second = tried.exists()
    tried.touch()
    assert is_second
"""
NEVER_HOLDS = "def test_of_a_fault():\n    assert False\n"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a suite as `make test` does; return the exit code and the output of the second try."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)

    def run(suite, *, least=0):
        Path("test_suite.py").write_text(suite)
        Path(".coveragerc").write_text(f"[report]\nfail_under = {least}\n")
        for command in (["coverage", "run", "-m", "pytest", "-q"], [str(SECOND_TRY)]):
            arguments = command if command[0].startswith("/") else ["-m", *command]
            done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    return run


def test_one_that_holds_alone_is_named_and_does_not_fail_the_run(run):
    code, output = run(HOLDS_ALONE)

    assert code == 0
    assert output.endswith("Held only when it was run alone: test_suite.py::test_of_chance\n")


def test_one_that_fails_again_fails_the_run(run):
    code, output = run(HOLDS_ALONE + NEVER_HOLDS)

    assert code == 1
    assert "Held only" not in output


def test_many_are_no_chance(run):
    code, output = run("".join(f"def test_{n}():\n    assert False\n" for n in range(4)))

    assert code == 1
    assert output == "4 tests failed: too many for chance, so they are not run again.\n"


def test_too_little_coverage_is_no_chance_either(run):
    assert run(HOLDS_ALONE, least=100)[0] == 1
    assert run("def test_nothing():\n    pass\n\ndef never():\n    pass\n", least=100)[0] == 1
