import json

import pytest
from support.factories import a_pact, an_interaction

from consumer_sdk import ConflictError
from consumer_sdk.pact_files import Recording, Recordings
from tally.errors import UsageError


def a_recording(description="a request", *, states=(), status=200, source="test_shop.py::test_it", **changes):
    exchange = {"request": {"method": "GET", "path": "/"}, "response": {"status": status}}
    content = {"contents": "x"} if changes.get("kind") == "messages" else exchange
    interaction = {"description": description, "type": "Synchronous/HTTP", **content}
    if states:
        interaction["providerStates"] = [{"name": state} for state in states]
    values = {
        "consumer": "Shop",
        "provider": "Orders",
        "specification": "V4",
        "kind": "interactions",
        **changes,
    }
    return Recording(interaction=interaction, source=source, **values)


@pytest.fixture
def recordings(tmp_path):
    return Recordings(tmp_path / "recordings")


def test_the_file_does_not_depend_on_the_order_of_the_tests(tmp_path):
    one, other = Recordings(tmp_path / "one"), Recordings(tmp_path / "other")
    for recordings, descriptions in ((one, "abc"), (other, "cab")):
        for description in descriptions:
            recordings.add(a_recording(description))

    (first,), (second,) = one.write(tmp_path / "1"), other.write(tmp_path / "2")

    assert first.read_bytes() == second.read_bytes()


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


def test_pairs_that_would_share_a_file_are_refused_before_anything_is_written(recordings, tmp_path):
    recordings.add(a_recording(consumer="a-b", provider="c"))
    recordings.add(a_recording(consumer="a", provider="b-c"))

    with pytest.raises(ConflictError, match=r"a-b-c\.json: rename one"):
        recordings.write(tmp_path / "pacts")

    assert not (tmp_path / "pacts").exists()


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

    now.keep(tmp_path / "pacts")
    now.add(a_recording("two", kind=kind, specification="V3"))
    now.write(tmp_path / "pacts")

    document = json.loads((tmp_path / "pacts" / "Shop-Orders.json").read_text())
    assert [interaction["description"] for interaction in document[kind]] == ["one", "two"]


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        "{}",
        '{"metadata": {"pactSpecification": {"version": "2.0.0"}}}',
        '{"metadata": {"pactSpecification": {"version": "4.0"}}}',
        '{"consumer": {"name": "a"}, "provider": {"name": "b"}, "interactions": [1]}',
        '{"a":' * 2000,
    ],
    ids=range(7),
)
def test_a_file_that_is_no_pact_is_not_merged_with(recordings, tmp_path, text):
    (tmp_path / "package.json").write_text(text)

    with pytest.raises(UsageError, match=r"package\.json is no pact file"):
        recordings.keep(tmp_path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"interactions": [{"request": {"method": "GET", "path": "/"}}]}, r"interactions\[0\]\.description"),
        ({"interactions": ["x"]}, "expected an object, but it is a string"),
        ({"consumer": {"name": "\ud800"}}, "is no pact file"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_before_a_merge(recordings, tmp_path, changes, said):
    (tmp_path / "pact.json").write_text(json.dumps(a_pact(**changes)))

    with pytest.raises(UsageError, match=said):
        recordings.keep(tmp_path)


def test_states_of_older_files_are_kept(recordings, tmp_path):
    (tmp_path / "Shop-Orders.json").write_text(json.dumps(a_pact(an_interaction(providerStates="paid"))))

    recordings.keep(tmp_path)
    recordings.write(tmp_path)

    document = json.loads((tmp_path / "Shop-Orders.json").read_text())
    assert document["interactions"][0]["providerStates"] == "paid"
