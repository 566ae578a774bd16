import json
import subprocess
import sys

import pytest
from support.factories import a_pact
from support.recordings import a_recording

from consumer_sdk import ConflictError
from consumer_sdk.errors import UnwritableError
from consumer_sdk.pact_files import Recordings
from tally import json_text
from tally.errors import UsageError


def test_the_file_does_not_depend_on_the_order_of_the_tests(tmp_path):
    one, other = Recordings(tmp_path / "one"), Recordings(tmp_path / "other")
    for recordings, descriptions in ((one, "abc"), (other, "cab")):
        for description in descriptions:
            recordings.add(a_recording(description))

    (first,), (second,) = one.write(tmp_path / "1"), other.write(tmp_path / "2")

    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (json_text.read("2.300"), 2.3),
        (json_text.read("[1E2]"), [100.0]),
    ],
    ids=["keys", "digits", "exponent"],
)
def test_what_is_equal_but_written_otherwise_gives_one_file_in_any_order(tmp_path, first, second):
    files = []
    for name, values in (("one", (first, second)), ("other", (second, first))):
        recordings = Recordings(tmp_path / name)
        for value in values:
            recordings.add(a_recording(status=value, source=f"test_{values.index(value)}"))
        (path,) = recordings.write(tmp_path / f"{name}-pacts")
        files.append(path.read_bytes())

    assert files[0] == files[1]


def test_recording_the_same_again_changes_nothing(recordings, tmp_path):
    recordings.add(a_recording())
    recordings.add(a_recording(source="test_shop.py::test_another"))

    assert recordings.write(tmp_path) == {tmp_path / "Shop-Orders.json": 1}


def test_one_description_may_be_used_with_several_states(recordings, tmp_path):
    recordings.add(a_recording(states=["an order exists"]))
    recordings.add(a_recording(states=["no order exists"], status=404))

    assert recordings.write(tmp_path) == {tmp_path / "Shop-Orders.json": 2}


def test_different_content_for_one_description_names_both_tests_and_the_difference(recordings):
    recordings.add(a_recording(states=["an order exists"], source="test_a.py::test_one"))

    with pytest.raises(ConflictError) as conflict:
        recordings.add(a_recording(states=["an order exists"], status=404, source="test_b.py::test_other"))

    text = str(conflict.value)
    assert '"a request" given an order exists is recorded twice' in text
    assert "response.status: 200 or 404" in text
    assert "test_a.py::test_one" in text
    assert "test_b.py::test_other" in text


@pytest.mark.parametrize(
    ("one", "other"),
    [({"a": None}, {}), ({"a": 1}, {"a": True}), ({"a": [1]}, {"a": [1, 2]}), ({"a": [1]}, {"a": [2]})],
)
def test_every_difference_of_content_is_a_conflict(recordings, one, other):
    recordings.add(a_recording(status=one))

    with pytest.raises(ConflictError, match=r"response\.status\.a"):
        recordings.add(a_recording(status=other))


def test_each_pair_has_its_file(recordings, tmp_path):
    recordings.add(a_recording())
    recordings.add(a_recording(provider="Pay/ments"))

    assert sorted(path.name for path in recordings.write(tmp_path)) == [
        "Shop-Orders.json",
        "Shop-Pay_ments.json",
    ]


@pytest.mark.parametrize(
    "second", [{"specification": "V3"}, {"specification": "V3", "kind": "messages"}, {"kind": "messages"}]
)
def test_a_file_does_not_mix_what_the_specification_keeps_apart(recordings, tmp_path, second):
    recordings.add(a_recording("one", source="test_one"))
    recordings.add(a_recording("two", source="test_two", **second))

    with pytest.raises(ConflictError, match=r"mixes what one file cannot hold(.|\n)*test_one(.|\n)*test_two"):
        recordings.write(tmp_path)


@pytest.mark.parametrize("kind", ["interactions", "messages"])
def test_what_a_file_has_can_be_kept(tmp_path, kind):
    before, now = Recordings(tmp_path / "before"), Recordings(tmp_path / "now")
    before.add(a_recording("one", kind=kind, specification="V3"))
    before.write(tmp_path / "pacts")

    now.add(a_recording("two", kind=kind, specification="V3"))
    now.write(tmp_path / "pacts", merge=True)

    document = json.loads((tmp_path / "pacts" / "Shop-Orders.json").read_text())
    assert [interaction["description"] for interaction in document[kind]] == ["one", "two"]


BROKEN = [
    ("not json", r"is no pact file: it is not JSON \(line 1, column 1"),
    ("", "is no pact file: it is not JSON"),
    ("<<<<<<< HEAD\n{}", "is no pact file: it is not JSON"),
    ("[]", "expected an object"),
    ("{}", "interactions: expected a list"),
    ('{"metadata": {"pactSpecification": {"version": "9.0"}}}', "is not known"),
    ('{"consumer": {"name": "a"}, "provider": {"name": "b"}, "interactions": [1]}', r"interactions\[0\]"),
    ('{"a":' * 2000, "nested too deeply"),
    ('{"a": 1, "a": 2}', "occurs twice"),
    ('{"consumer": {"name": "\\ud800"}}', "half of a surrogate pair"),
    (b"\xff\xfe", "is not UTF-8"),
    (
        json.dumps(a_pact(interactions=[{"request": {"method": "GET", "path": "/"}}])),
        r"interactions\[0\]\.description",
    ),
]


@pytest.mark.parametrize("merge", [True, False])
@pytest.mark.parametrize(("content", "said"), BROKEN, ids=range(len(BROKEN)))
def test_a_file_that_is_no_pact_is_neither_merged_with_nor_replaced(
    recordings, tmp_path, content, said, merge
):
    path = tmp_path / "Shop-Orders.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = path.read_bytes()
    recordings.add(a_recording())

    with pytest.raises(UsageError, match=rf"Shop-Orders\.json .*(?:{said}).*--pact-replace"):
        recordings.write(tmp_path, merge=merge)

    assert path.read_bytes() == before


def test_what_stands_where_the_file_belongs_and_cannot_be_read_is_named(recordings, tmp_path):
    (tmp_path / "Shop-Orders.json").mkdir()
    recordings.add(a_recording())

    with pytest.raises(UsageError, match=r"Shop-Orders\.json cannot be read: Is a directory.*move it away"):
        recordings.write(tmp_path)


def test_of_many_differences_the_first_are_shown(recordings):
    recordings.add(a_recording(status={str(number): 1 for number in range(15)}))

    with pytest.raises(ConflictError, match=r"response\.status\.9: 1 or 2\n  and 5 more differences"):
        recordings.add(a_recording(status={str(number): 2 for number in range(15)}))


FULL = """
import resource, sys
from pathlib import Path
from consumer_sdk.pact_files import Recording, Recordings
from tally.errors import TallyError

recordings = Recordings(Path(sys.argv[1]))
for provider in ("Orders", "Payments"):
    interaction = {"description": "x" * 200, "type": "Asynchronous/Messages", "contents": {"content": "x"}}
    recordings.add(Recording("Shop", provider, "V4", "interactions", interaction, "a test"))
resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))
try:
    recordings.write(Path(sys.argv[2]))
except TallyError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_full_disk_changes_no_file_and_leaves_none(recordings, tmp_path):
    """A limit on the size of files ends a write in the middle, as a full disk does."""
    recordings.add(a_recording(provider="Payments"))
    pacts = tmp_path / "pacts"
    (path,) = recordings.write(pacts)
    before = path.read_bytes()
    wide = FULL.replace('"x" * 200', '"x" * 400')

    done = subprocess.run(
        [sys.executable, "-B", "-c", wide, tmp_path / "more", pacts],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "File too large. Every file is as it was. Make room there" in done.stdout
    assert [found.name for found in pacts.iterdir()] == ["Shop-Payments.json"]
    assert path.read_bytes() == before


@pytest.mark.parametrize("place", ["file", "file/below", "x" * 300])
def test_a_directory_that_cannot_be_written_is_named_with_a_remedy(recordings, tmp_path, place):
    (tmp_path / "file").touch()
    recordings.add(a_recording())

    with pytest.raises(UnwritableError, match=r"cannot be written to .*(?s:.)*--pact-dir=DIR"):
        recordings.write(tmp_path / place)


def test_a_place_for_recordings_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(UsageError, match=r'"a request" cannot be kept .* in .*file/below: .* set TMPDIR'):
        Recordings(tmp_path / "file/below").add(a_recording())


def test_recordings_of_another_version_are_refused(recordings):
    recordings.add(a_recording())
    (path,) = recordings.directory.iterdir()
    path.write_text('{"consumer": "Shop"}')

    with pytest.raises(UsageError, match="install the same everywhere"):
        recordings.add(a_recording())
