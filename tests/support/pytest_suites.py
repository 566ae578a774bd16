"""Suites of tests that record, run by pytest in this process or another."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CONFTEST = """
import pytest
from consumer_sdk import pact_fixture

orders = pact_fixture("Shop", "Orders")

def a_message(recorder, description, content="x"):
    recorder.expects_message(description).with_content(content).handled_by(lambda message: None)

@pytest.fixture
def record(orders):
    return lambda description, content="x": a_message(orders, description, content)

@pytest.fixture
def record_for(pact_between):
    def record_for(provider, description, **options):
        a_message(pact_between("Shop", provider, **options), description)
    return record_for
"""
PLUGINS = ("-p", "consumer_sdk.pytest_plugin", "-p", "xdist.plugin", "-p", "no:unraisableexception")
"""The others that are installed here cost a run more than its tests, and so does its search for garbage."""
SETTINGS = """
[pytest]
filterwarnings = ignore::pytest.PytestAssertRewriteWarning
"""
"""A suite in this process finds the plugin imported, of which pytest before 9.2 warns."""


@dataclass(frozen=True)
class Finished:
    returncode: int
    stdout: str
    stderr: str


class Suite:
    """The files of a test suite in the directory of *pytester*."""

    def __init__(self, pytester, monkeypatch):
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        # A file that is written again within a second, with as many bytes, would run as it was before.
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)  # the suite is not the worker that runs it
        self._pytester = pytester
        self.path = pytester.path
        self.write("conftest.py", CONFTEST)
        self.write("pytest.ini", SETTINGS)

    def write(self, name, text):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def tests(self, **descriptions):
        """Write modules with a test for each description: tests(test_a="one two")."""
        for module, names in descriptions.items():
            lines = [f'def test_{name}(record):\n    record("{name}")\n' for name in names.split()]
            self.write(f"{module.replace('__', '/')}.py", "\n".join(lines))

    def run(self, *options, plugins=PLUGINS, **files):
        for name, text in files.items():
            self.write(f"{name}.py", text)
        done = self._pytester.runpytest_inprocess(*plugins, *options)
        return Finished(int(done.ret), str(done.stdout), str(done.stderr))

    def run_apart(self, *options, cwd=None, env=None, plugins=PLUGINS):
        """Run pytest in a process of its own."""
        return self.run_python("-m", "pytest", *plugins, *options, cwd=cwd, env=env)

    def run_python(self, *arguments, cwd=None, env=None):
        return self.run_program(sys.executable, *arguments, cwd=cwd, env=env)

    def run_program(self, *command, cwd=None, env=None):
        done = subprocess.run(
            command, cwd=cwd or self.path, capture_output=True, text=True, check=False, timeout=120, env=env
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    def file(self, name="pacts/Shop-Orders.json") -> Path:
        return self.path / name

    def document(self, name="pacts/Shop-Orders.json"):
        return json.loads(self.file(name).read_text(encoding="utf-8"))

    def recorded(self, name="pacts/Shop-Orders.json"):
        """Return the descriptions in a pact file, without their states."""
        return [interaction["description"] for interaction in self.document(name)["interactions"]]
