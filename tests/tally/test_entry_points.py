"""What distributions offer is what Python's own library says that they do."""

from importlib import metadata

import pytest

from tally.entry_points import EntryPoint, entry_points


def by_library(group):
    return {each.name: (each.name, each.module, each.attr) for each in metadata.entry_points(group=group)}


@pytest.fixture
def offers(tmp_path, monkeypatch):
    """Install a distribution in a folder of its own, at the beginning of the path."""

    def install(distribution, text):
        folder = tmp_path / distribution
        (folder / distribution).mkdir(parents=True)
        (folder / distribution / "METADATA").write_text(
            f"Name: {distribution.partition('-')[0]}\nVersion: 1\n"
        )
        (folder / distribution / "entry_points.txt").write_text(text)
        monkeypatch.syspath_prepend(folder)

    return install


@pytest.mark.parametrize("group", ["tallystick.commands", "console_scripts", "pytest11", "no.such.group"])
def test_the_installed_ones_are_found_as_by_the_library(group):
    assert entry_points(group) == by_library(group)


def test_of_a_distribution_that_is_there_twice_the_first_on_the_path_counts(offers):
    offers("plug_in-1.dist-info", "[a.group]\nold = far.away:old\n")
    offers("plug_in-2.dist-info", "# two\n[a.group]\nnew = near.by:thing.part\n\n[b.group]\nother = x:y\n")

    assert (
        entry_points("a.group")
        == {"new": EntryPoint("new", "near.by", "thing.part")}
        == by_library("a.group")
    )


def test_parts_of_the_path_that_are_no_folders_are_passed_over(offers, monkeypatch):
    offers("plug_in-1.dist-info", "[a.group]\nhere = json:decoder.JSONDecoder\n")
    monkeypatch.syspath_prepend("/no/such/folder")
    monkeypatch.syspath_prepend(__file__)

    assert entry_points("a.group")["here"].load().__name__ == "JSONDecoder"
