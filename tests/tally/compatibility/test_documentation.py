"""What docs/compatibility.md says of rules is so."""

import re
from pathlib import Path

import pytest

from tally.compatibility.rules import LENIENT, opposite

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "compatibility.md").read_text(encoding="utf-8")
SOURCES = [path.read_text(encoding="utf-8") for path in (ROOT / "tally" / "compatibility").glob("*.py")]
NAMES_OF_OPERATIONS = PAGE.split("Names of operations")[1].split("## How good")[0]


def test_the_lenient_rules_are_those_of_the_page():
    listed = re.search(r"compatible as well:\n\n(.*?)\.\n\n", PAGE, re.DOTALL)[1]

    assert set(re.split(r",\s+", listed)) == LENIENT


@pytest.mark.parametrize("name", re.findall(r"`([A-Z_]{6,})`", NAMES_OF_OPERATIONS))
def test_a_documented_name_of_a_change_exists(name):
    words = name.split("_")
    # Some are put together: f"MESSAGE_{…}", and f"{…}_MEDIA_TYPE_ADDED".
    parts = [
        name,
        *("_".join(words[:end]) + "_{" for end in range(1, len(words))),
        "}_" + "_".join(words[1:]),
    ]

    assert any(part in source for source in SOURCES for part in parts)


@pytest.mark.parametrize(
    ("rule", "other"),
    [
        ("MAX_LENGTH_INCREASED", "MAX_LENGTH_DECREASED"),
        ("TYPE_EXTENDED", "TYPE_NARROWED"),
        ("MULTIPLE_OF_REDUCED", "MULTIPLE_OF_EXPANDED"),
        ("PATTERN_CHANGED", "PATTERN_CHANGED"),
        ("PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL", "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL"),
        (
            "PROPERTY_ADDED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
            "PROPERTY_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
        ),
    ],
)
def test_a_change_the_other_way_round_has_the_opposite_name(rule, other):
    assert opposite(rule) == other
    assert opposite(other) == rule
