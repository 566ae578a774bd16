"""docs/licences.md names every package that a user gets, with a licence that the package states."""

import re
import tomllib
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
ROW = re.compile(r"^\| ([a-z0-9-]+) \| ([\w.() -]+) \|$", re.MULTILINE)
LISTED = dict(ROW.findall((ROOT / "docs" / "licences.md").read_text(encoding="utf-8")))
del LISTED["package"]  # the heading
PERMITTED = {
    *("MIT", "MIT-0", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "PSF-2.0", "CNRI-Python"),
    *("MPL-2.0", "LGPL-3.0-only"),
}


def requirements_of_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    return [
        Requirement(line)
        for line in (*project["dependencies"], *(line for extra in extras for line in extra))
    ]


def requirements_of_image():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line[:1].isalnum()]


def test_every_package_is_listed():
    needed = [*requirements_of_project(), *requirements_of_image()]

    assert {canonicalize_name(requirement.name) for requirement in needed} <= set(LISTED)


@pytest.mark.parametrize("package", LISTED)
def test_a_licence_is_one_that_users_can_accept(package):
    licences = re.split(r" AND | OR ", re.sub(r"[()]", "", LISTED[package]))

    assert set(licences) <= PERMITTED


def test_packages_of_the_image_state_the_licences_that_are_listed():
    stated = {}
    for requirement in requirements_of_image():
        with suppress(PackageNotFoundError):  # it is for another system
            found = distribution(requirement.name)
            if requirement.specifier.contains(found.version):  # another release may have another licence
                stated[requirement.name] = found.metadata.get("License-Expression")

    named = {package: licence for package, licence in stated.items() if licence}
    assert named  # constraints.txt is renewed with each release
    assert {package: LISTED[package] for package in named} == named
