"""Names of folders, for whatever an application is called."""

import re

import pytest

from tally.importing.folder_names import folder_name

SAFE = re.compile(r"[a-z0-9][a-z0-9._-]*[a-z0-9_-]|[a-z0-9]")


@pytest.mark.parametrize("name", ["orders", "orders-2.x", "a", "a" * 60])
def test_a_simple_name_stays(name):
    assert folder_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        *("..", ".", "", "/", "../../etc/passwd", "a/b", "a\\b", "C:", "con", "NUL.txt", "x.", ".hidden"),
        *("-", " ", "\0", "Orders", "é✓", "ÄÖÜ", "\u202e", "a" * 61, "a" * 500, "x-0123456789ab", "~", "-rf"),
    ],
)
def test_any_other_name_becomes_safe(name):
    found = folder_name(name)

    assert SAFE.fullmatch(found)
    assert found != name
    assert len(found) <= 60


def test_two_names_never_share_a_folder_also_without_case():
    names = ["Orders", "orders", "ORDERS", "orders ", "or/ders", "or-ders", "or\\ders", "..", "."]
    names.append(folder_name("Orders"))

    assert len({folder_name(name).lower() for name in names}) == len(names)
