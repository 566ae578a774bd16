"""`make audit` says which database was asked, and never takes no answer for a good one."""

import json
import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from support.audit import CLEAN, UNKNOWN, WEAK, audit

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements-dev.lock"
IMAGE = ROOT / "constraints.txt"
GOOD = {"name": "flask", "version": "3.1.3", "vulns": []}
BAD = {
    "name": "jinja2",
    "version": "3.0.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1.6"], "aliases": [], "description": ""}],
}
SKIPPED = {"name": "click", "skip_reason": "Dependency not found on PyPI and could not be audited: click"}


@pytest.fixture
def pip_audit(tmp_path):
    """Make a program that stands for pip-audit, and says this."""

    def make(output="", error="", code=0):
        program = tmp_path / "pip-audit"
        lines = [
            f"#!{sys.executable}",
            "import sys",
            f"sys.stdout.write({output!r})",
            f"sys.stderr.write({error!r})",
            f"sys.exit({code})",
        ]
        program.write_text("\n".join(lines))
        program.chmod(0o755)
        return program

    return make


def about(*packages):
    return json.dumps({"dependencies": packages, "fixes": []})


def test_it_is_clean_when_there_is_an_answer_for_each_package(pip_audit):
    assert audit(LOCK, "pypi", pip_audit(about(GOOD))) == (
        CLEAN,
        "Asked PyPI about requirements-dev.lock: 1 packages.\nNo known weaknesses.",
    )


def test_a_weakness_is_named_with_the_version_that_mends_it(pip_audit):
    code, text = audit(LOCK, "osv", pip_audit(about(GOOD, BAD, SKIPPED), code=1))

    assert code == WEAK
    assert "Asked OSV about requirements-dev.lock: 3 packages." in text
    assert "jinja2 3.0.0: PYSEC-1, mended in 3.1.6" in text
    assert "Not audited: no answer about 1 of them (click)" in text


def test_no_answer_about_a_package_is_no_success(pip_audit):
    code, text = audit(LOCK, "pypi", pip_audit(about(GOOD, SKIPPED)))

    assert code == UNKNOWN
    assert "Not audited: no answer about 1 of them (click)." in text
    assert "SOURCE=osv" in text
    assert "No known weaknesses" not in text


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"error": "Traceback\nConnectionError: no route to the host", "code": 1}, "no route to the host"),
        ({}, "pip-audit said nothing"),
        ({"output": "[]x"}, "pip-audit said nothing"),
        ({"output": about()}, "no answer about 0 of them"),
    ],
)
def test_a_database_that_cannot_be_reached_is_no_success(pip_audit, said, reason):
    code, text = audit(LOCK, "pypi", pip_audit(**said))

    assert code == UNKNOWN
    assert text.startswith("Asked PyPI about requirements-dev.lock")
    assert reason in text


def test_a_program_or_a_database_that_is_not_there_is_no_success(tmp_path):
    assert audit(LOCK, "pypi", tmp_path / "none")[0] == UNKNOWN
    assert audit(LOCK, "nobody", tmp_path / "none") == (
        UNKNOWN,
        "Not audited: SOURCE must be one of pypi, osv, not 'nobody'.",
    )


def locked(file):
    lines = (line.removesuffix("\\").strip() for line in file.read_text().splitlines())
    found = [Requirement(line) for line in lines if line[:1].isalnum()]
    return {canonicalize_name(item.name): next(iter(item.specifier)).version for item in found}


def test_all_that_development_needs_is_locked_with_hashes():
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = [
        *document["project"]["dependencies"],
        *(line for lines in document["project"]["optional-dependencies"].values() for line in lines),
        *(line for lines in document["dependency-groups"].values() for line in lines),
    ]
    versions = locked(LOCK)

    for requirement in map(Requirement, asked):
        assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)]), requirement
    entries = re.split(r"\n(?=[a-z0-9])", LOCK.read_text())[1:]
    # One that differs by the version of Python is there more than once.
    assert {canonicalize_name(entry.partition("==")[0]) for entry in entries} == versions.keys()
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_image_has_what_the_tests_run_with():
    assert locked(IMAGE).items() <= locked(LOCK).items()


@pytest.mark.parametrize("file", [LOCK, IMAGE], ids=lambda file: file.name)
def test_no_index_is_written_down(file):
    assert "://" not in file.read_text()
    assert "index" not in file.read_text()
