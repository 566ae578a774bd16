"""`make release`: what it builds is the same each time, and what must not be released is refused."""

import json
import os
import subprocess
import sys
import tarfile
import time
import tomllib
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from packaging.metadata import Metadata
from support import bill_of_materials
from support.bill_of_materials import IncompleteError
from support.building import build, build_from, git
from support.changelog import sections
from support.release import RefusedError, next_version, release, version_to_release

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CHANGELOG = """# Changelog

## [Unreleased]

{unreleased}

## [{version}] - 2026-11-28

{entries}

## [0.1.0] - 2026-01-01

- The first one.
"""
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture
def commit(tmp_path):
    """Make a repository, and commit a version of a project with this changelog."""
    repository = tmp_path / "project"
    repository.mkdir()
    git(repository, "init", "--quiet")
    for name, value in (("user.name", "Ada"), ("user.email", "ada@example.org"), ("commit.gpgsign", "false")):
        git(repository, "config", name, value)
    (repository / "Makefile").write_text("check:\n\t@echo checked\naudit:\n\t@false\n")

    def change(*, version="0.2.0", stated="0.2.0", entries="- Something new.", unreleased=""):
        text = CHANGELOG.format(version=version, entries=entries, unreleased=unreleased)
        (repository / "CHANGELOG.md").write_text(text)
        (repository / "pyproject.toml").write_text(f'[project]\nname = "x"\nversion = "{stated}"\n')
        git(repository, "add", "--all")
        git(repository, "commit", "--quiet", "--message", "Change something")
        return repository

    return change


def test_the_version_is_the_newest_of_the_changelog(commit):
    assert version_to_release(commit()) == "0.2.0"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"unreleased": "- Something else."}, "run make next-version"),
        ({"entries": "### Added"}, "says nothing about 0.2.0"),
        ({"stated": "0.1.0"}, "pyproject.toml has version 0.1.0, and CHANGELOG.md 0.2.0"),
        ({"version": "two"}, "two is not a version"),
        ({"version": "0.2"}, "0.2 is not a version of three numbers"),
        ({"version": "1!0.2.0"}, "1!0.2.0 is not a version of three numbers"),
        ({"version": "v0.2.0"}, "write 0.2.0"),
    ],
)
def test_what_is_not_ready_is_refused(commit, content, reason):
    with pytest.raises(RefusedError, match=reason):
        version_to_release(commit(**content))


@pytest.mark.parametrize("change", ["CHANGELOG.md", "new"])
def test_what_is_not_committed_is_refused(commit, change):
    repository = commit()
    (repository / change).write_text("changed")

    with pytest.raises(RefusedError, match=f"not all committed: .* {change}"):
        version_to_release(repository)


@pytest.mark.parametrize(
    ("tag", "reason"), [("v0.2.0", "released already"), ("v0.10.0", "older than 0.10.0")]
)
def test_a_version_that_is_tagged_or_older_is_refused(commit, tag, reason):
    repository = commit()
    git(repository, "tag", tag)

    with pytest.raises(RefusedError, match=reason):
        version_to_release(repository)


def test_checks_that_fail_are_named_and_nothing_is_built(commit, tmp_path):
    with pytest.raises(RefusedError, match="make audit failed"):
        release(commit(), tmp_path / "dist", ["check", "audit"])

    assert not (tmp_path / "dist").exists()


def test_the_next_version_gets_what_is_unreleased(commit):
    repository = commit(unreleased="- Something else.")

    said = next_version(repository, "0.3.0", "2026-12-01")

    found = sections((repository / "CHANGELOG.md").read_text())
    assert [(each.name, each.date) for each in found[:2]] == [("Unreleased", ""), ("0.3.0", "2026-12-01")]
    assert (found[0].text, found[1].text) == ("", "- Something else.")
    assert 'version = "0.3.0"' in (repository / "pyproject.toml").read_text()
    assert "make release" in said
    git(repository, "commit", "--all", "--quiet", "--message", "Release 0.3.0")
    assert version_to_release(repository) == "0.3.0"


@pytest.mark.parametrize(
    ("version", "unreleased", "reason"),
    [
        ("0.2.0", "- Something else.", "has a section of 0.2.0 already"),
        ("0.3.0", "", "nothing to release"),
        ("soon", "- Something else.", "soon is not a version"),
        ("0.3", "- Something else.", "0.3 is not a version of three numbers"),
        ("0.3.0+local", "- Something else.", "is not a version of three numbers"),
        ("0.1.9", "- Something else.", "0.1.9 is older than 0.2.0, which CHANGELOG.md has"),
        ("", "- Something else.", "is not a version"),
    ],
)
def test_a_next_version_that_makes_no_sense_changes_nothing(commit, version, unreleased, reason):
    repository = commit(unreleased=unreleased)

    with pytest.raises(RefusedError, match=reason):
        next_version(repository, version, "2026-12-01")

    assert git(repository, "status", "--porcelain") == b""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The wheel and the source distribution of what is committed."""
    return sorted(build(ROOT, "HEAD", tmp_path_factory.mktemp("first")))


@pytest.mark.slow
def test_what_is_built_elsewhere_at_another_time_is_the_same(built, tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.chdir(tmp_path)
    before = os.umask(0o077)
    try:
        time.sleep(max(0, 2 - (time.time() - built[0].stat().st_mtime)))  # archives know seconds, ZIP two
        again = sorted(build(ROOT, "HEAD", Path("deep/er")))
    finally:
        os.umask(before)

    assert [path.name for path in again] == [path.name for path in built]
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in built]


@pytest.mark.slow
def test_the_source_distribution_builds_the_same_wheel(built, tmp_path):
    [source] = [path for path in built if path.name.endswith(".tar.gz")]
    [wheel] = [path for path in built if path.suffix == ".whl"]
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path, filter="data")
    [folder] = tmp_path.iterdir()
    epoch = git(ROOT, "log", "-1", "--format=%ct").decode().strip()

    [again] = build_from(folder, tmp_path / "dist", epoch, "wheel")

    assert again.read_bytes() == wheel.read_bytes()


@pytest.mark.slow
def test_the_source_distribution_holds_what_is_read_and_no_tests(built):
    [source] = [path for path in built if path.name.endswith(".tar.gz")]
    with tarfile.open(source) as archive:
        tops = {name.split("/")[1] for name in archive.getnames() if "/" in name}

    packages = {"broker", "consumer_sdk", "tally", "verifier"}
    texts = {"CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "docs"}
    assert tops == packages | texts | {"pyproject.toml", "constraints.txt", "PKG-INFO", ".gitignore"}


@pytest.mark.slow
def test_the_metadata_are_those_of_the_standard(built):
    [wheel] = [path for path in built if path.suffix == ".whl"]
    with zipfile.ZipFile(wheel) as archive:
        [name] = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
        metadata = Metadata.from_email(archive.read(name), validate=True)  # raises for what is wrong

    assert metadata.license_expression == "MIT"
    assert metadata.description_content_type == "text/markdown"
    assert str(metadata.requires_python) == PROJECT["project"]["requires-python"]


def test_the_oldest_python_is_the_same_everywhere():
    oldest = PROJECT["project"]["requires-python"].removeprefix(">=")
    named = [each for each in PROJECT["project"]["classifiers"] if each.startswith("Programming Language")]

    assert PROJECT["tool"]["mypy"]["python_version"] == oldest
    assert PROJECT["tool"]["ruff"]["target-version"] == "py" + oldest.replace(".", "")
    assert named[0].endswith(f" {oldest}")


def test_the_version_of_the_project_is_the_newest_of_the_changelog():
    released = [each for each in sections((ROOT / "CHANGELOG.md").read_text("utf-8")) if each.date]

    assert released[0].name == PROJECT["project"]["version"]


@pytest.mark.slow  # holds with the versions of the lock alone, not in `make check-lowest`
def test_the_list_of_packages_names_versions_licences_and_hashes():
    text = bill_of_materials.document("1.2.3", NOON, ROOT)  # which holds it to the schema

    found = json.loads(text)
    packages = {each["name"]: each for each in found["components"]}
    assert text == bill_of_materials.document("1.2.3", NOON, ROOT)
    assert (found["bomFormat"], found["specVersion"]) == ("CycloneDX", "1.6")
    assert found["metadata"]["component"]["version"] == "1.2.3"
    assert found["metadata"]["timestamp"] == "2026-11-28T12:00:00+00:00"
    assert {"flask", "click", "pact-python", "mcp", "psycopg"} <= packages.keys()
    assert "pytest" not in packages
    assert packages["flask"]["licenses"] == [{"license": {"id": "BSD-3-Clause"}}]
    assert all(each["externalReferences"][0]["hashes"] for each in packages.values())
    needs = {each["ref"]: each.get("dependsOn", []) for each in found["dependencies"]}
    assert packages["werkzeug"]["bom-ref"] in needs[packages["flask"]["bom-ref"]]


@pytest.mark.slow  # ditto
@pytest.mark.parametrize(
    ("file", "line", "reason"),
    [
        ("requirements-dev.lock", "click==", "click .* not in requirements-dev.lock"),
        ("docs/licences.md", "| click |", "no licence of click"),
    ],
)
def test_a_package_of_which_something_is_not_known_is_refused(tmp_path, file, line, reason):
    (tmp_path / "docs").mkdir()
    for name in ("requirements-dev.lock", "docs/licences.md"):
        text = (ROOT / name).read_text("utf-8")
        (tmp_path / name).write_text(text.replace(f"\n{line}", "\nnothing-", 1) if name == file else text)

    with pytest.raises(IncompleteError, match=reason):
        bill_of_materials.document("1.2.3", NOON, tmp_path)


def test_a_list_that_is_not_as_the_schema_says_is_refused():
    with pytest.raises(IncompleteError, match=r"not as CycloneDX 1\.6 says"):
        bill_of_materials.check('{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{}]}')


def test_the_command_says_what_it_refuses():
    done = subprocess.run(
        [sys.executable, "tests/support/release.py", "next-version", "soon"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "tests"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "Not released: soon is not a version, such as 0.2.0." in done.stderr
