"""docs/reliability.md names what `make endure` runs, and tests that there are."""

import re
from pathlib import Path

import pytest
from endurance.pieces import PIECES

TESTS = Path(__file__).parent.parent
PAGE = (TESTS.parent / "docs" / "reliability.md").read_text(encoding="utf-8")


def names_in(path):
    return re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_each_piece_is_a_line_of_the_page(piece):
    module, _, name = piece.short_form.partition("::")

    assert f"| {piece.promise} | `{name}` | {piece.long_form} | " in PAGE
    assert name in names_in(TESTS.parent / module)


def test_every_test_that_the_page_names_is_there():
    there = {name for path in TESTS.rglob("test_*.py") for name in names_in(path)}

    assert set(re.findall(r"`(test_\w+)`", PAGE)) - there == set()
