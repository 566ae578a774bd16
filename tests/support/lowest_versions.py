"""Whether the lowest versions that pyproject.toml allows are those that are installed here.

Run as a program by `make check-lowest`, it names each bound that no test has run and fails. A dependency of
the tests may ask for a newer version than the product does: then the bound of the product has to be raised.
"""

import sys
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement
from packaging.version import Version


def bounds_that_were_not_run() -> list[str]:
    """Return the requirements of the product, extras included, whose lowest version is not installed."""
    found = [Requirement(text) for text in requires("tallystick") or ()]
    return [
        f"pyproject.toml allows {requirement}, but {_run(requirement) or 'none'} is the lowest that was run"
        for requirement in found
        if _run(requirement) != _lowest(requirement)
    ]


def _run(requirement: Requirement) -> Version | None:
    try:
        return Version(version(requirement.name))
    except PackageNotFoundError:
        return None  # of an extra that was left out


def _lowest(requirement: Requirement) -> Version:
    return next(Version(bound.version) for bound in requirement.specifier if bound.operator == ">=")


if __name__ == "__main__":
    sys.exit("\n".join(bounds_that_were_not_run()) or None)
