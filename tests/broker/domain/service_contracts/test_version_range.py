"""Ranges of versions in the dependencies of service contracts."""

import pytest

from broker.domain.service_contracts.version_range import is_in_range


@pytest.mark.parametrize(
    ("version", "wanted", "expected"),
    [
        ("1.4.0", None, True),
        ("a1b2c3", "*", True),
        ("1.4.0", ">=1.4 <2", True),
        ("1.10.0", ">=1.4,<2", True),
        ("1.3.9", ">=1.4 <2", False),
        ("2.0.0", ">=1.4 <2", False),
        ("v1.5", ">= 1.4", True),
        ("1.4", "1.4.0", True),
        ("1.4.1", "=1.4", False),
        ("1.9", "1.x", True),
        ("2.0", "1.x", False),
        ("1.9", "^1.4", True),
        ("1.3", "^1.4", False),
        ("2.0", "^1.4", False),
        ("0.4", "^0.3", False),
        ("1.4.9", "~1.4.2", True),
        ("1.5", "~1.4.2", False),
        ("1.4", "!=1.4", False),
        ("2.0.0-rc1", ">=2", False),
        ("2.0.0-rc1", "<2", True),
        ("2.0.0+linux", ">=2", True),
        ("a1b2c3", ">=1", None),
        ("1.0", "whatever", None),
        ("1.0", ">=", None),
    ],
)
def test_is_in_range(version, wanted, expected):
    assert is_in_range(version, wanted) is expected
