"""What pact-python writes for its examples, beside what we write; the page on migration explains the rest."""

from pathlib import Path

import pact
import pytest
from support.pact_python_examples import LOSSES, PAIRS

from consumer_sdk.documents import interaction_document
from tally import json_text

PAGE = Path(__file__).parents[2] / "docs/from-pact-python.md"


@pytest.fixture(autouse=True)
def untracked(monkeypatch):
    monkeypatch.setenv("PACT_DO_NOT_TRACK", "true")


def theirs(pair, directory):
    contract = pact.Pact("Shop", "Orders").with_specification("V4")
    pair.theirs(contract)
    contract.write_file(directory)
    (file,) = directory.glob("*.json")
    (interaction,) = json_text.read(file.read_text(encoding="utf-8"))["interactions"]
    return interaction


def different(first, second, place=""):
    """Yield the places where two documents differ."""
    if json_text.compact(first) == json_text.compact(second):
        return
    if not (isinstance(first, dict) and isinstance(second, dict)):
        yield place
        return
    for key in sorted({*first, *second}):
        inner = f"{place}.{key}".lstrip(".")
        if (key in first) != (key in second):
            yield inner
        else:
            yield from different(first.get(key), second.get(key), inner)


@pytest.mark.parametrize("pair", [*PAIRS, *LOSSES], ids=lambda pair: pair.name)
def test_the_files_are_the_same_but_for_what_is_explained(pair, tmp_path):
    found = list(different(theirs(pair, tmp_path), interaction_document(pair.ours(), "V4")))

    assert [place for place in found if not place.startswith(tuple(pair.differs))] == []
    assert [known for known in pair.differs if not any(place.startswith(known) for place in found)] == []


def test_the_page_on_migration_explains_every_difference():
    page = PAGE.read_text(encoding="utf-8")
    files = page[page.index("## What differs in the files") :]

    assert [pair.name for pair in LOSSES if pair.name not in files] == []
