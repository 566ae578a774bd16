"""Programs of platforms in tests: they skip where a program cannot be had."""

import pytest
from support.prerequisites import MissingPrerequisiteError, find_platform_program


def platform_program(name: str) -> str:
    """Return the executable, or skip the test with how to install it."""
    try:
        return find_platform_program(name)
    except MissingPrerequisiteError as error:
        pytest.skip(str(error))
