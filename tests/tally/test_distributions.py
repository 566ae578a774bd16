import subprocess
import sys
from importlib import metadata
from zipfile import ZipFile

import pytest

from tally.distributions import entry_points, version

GROUP = "tallystick.commands"


def a_distribution(folder, name, text):
    metadata_folder = folder / f"{name}-1.dist-info"
    metadata_folder.mkdir(parents=True)
    (metadata_folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (metadata_folder / "entry_points.txt").write_text(text)


def test_it_finds_what_python_finds():
    found = entry_points(GROUP)

    expected = {(point.name, point.module, point.attr) for point in metadata.entry_points(group=GROUP)}
    assert {(point.name, point.module, point.attribute) for point in found.values()} == expected


def test_other_groups_extras_and_comments_are_no_part_of_an_entry(tmp_path, monkeypatch):
    lines = [
        "[console_scripts]",
        "a = b:c",
        "",
        "[juggling]",
        "# two",
        "balls = circus.acts:juggle [extra]",
        "",
    ]
    a_distribution(tmp_path, "circus", "\n".join([*lines, "[other]", "x = y:z", ""]))
    monkeypatch.syspath_prepend(tmp_path)

    (point,) = entry_points("juggling").values()

    assert (point.name, point.module, point.attribute) == ("balls", "circus.acts", "juggle")


def test_what_comes_first_on_the_path_wins(tmp_path, monkeypatch):
    for place in ("second", "first"):
        a_distribution(tmp_path / place, "circus", f"[juggling]\nballs = {place}:juggle\n")
        monkeypatch.syspath_prepend(tmp_path / place)

    assert entry_points("juggling")["balls"].module == "first"


def test_a_distribution_in_an_archive_is_found_too(tmp_path):
    with ZipFile(tmp_path / "circus.zip", "w") as archive:
        archive.writestr("circus-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: circus\nVersion: 1\n")
        archive.writestr("circus-1.dist-info/entry_points.txt", "[juggling]\nballs = circus:juggle\n")
    program = "from tally.distributions import entry_points; print(entry_points('juggling')['balls'].module)"

    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; sys.path.insert(0, {str(tmp_path / 'circus.zip')!r}); {program}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "circus"


def test_it_knows_the_versions_that_python_knows(tmp_path, monkeypatch):
    a_distribution(tmp_path, "circus", "")
    monkeypatch.syspath_prepend(tmp_path)

    assert (version("circus"), version("tallystick")) == ("1", metadata.version("tallystick"))
    with pytest.raises(metadata.PackageNotFoundError):
        version("no_such_circus")


def test_an_entry_says_what_its_function_does_without_importing_it(tmp_path, monkeypatch):
    (tmp_path / "acts.py").write_text("def juggle():\n    'Throw and catch.'\nraise SystemExit\n")
    lines = ["balls = acts:juggle", "other = acts:ride", "lost = no_such_acts:juggle"]
    a_distribution(tmp_path, "circus", "\n".join(["[juggling]", *lines]))
    monkeypatch.syspath_prepend(tmp_path)

    found = entry_points("juggling")

    assert [found[name].docstring() for name in ("balls", "other", "lost")] == ["Throw and catch.", "", None]


def test_an_entry_that_names_nothing_cannot_be_loaded(tmp_path, monkeypatch):
    a_distribution(tmp_path, "circus", "[juggling]\nballs = json:juggle\nlost = no_such_circus:juggle\n")
    monkeypatch.syspath_prepend(tmp_path)
    found = entry_points("juggling")

    with pytest.raises(AttributeError):
        found["balls"].load()
    with pytest.raises(ModuleNotFoundError):
        found["lost"].load()
