"""Files that are there already: what other tools have written into them stays."""

import json

import pytest
from support.factories import a_pact, an_interaction
from support.recordings import a_recording

from consumer_sdk import ConflictError

VERSION_4 = {"pactSpecification": {"version": "4.0"}}
OF_OTHERS = {
    "consumer": {"name": "Shop", "x-team": "web"},
    "provider": {"name": "Orders", "x-id": 7},
    "interactions": [
        {
            "type": "Synchronous/HTTP",
            "description": "one",
            "key": "5c2",
            "x-reviewed": True,
            "pluginConfiguration": {"csv": {"separator": ";"}},
            "request": {"method": "GET", "path": "/", "x-note": "hidden"},
            "response": {"status": 418},
        },
        {
            "type": "Synchronous/HTTP",
            "description": "two",
            "x-reviewed": 2.300,
            "request": {"method": "GET", "path": "/two", "x-note": 1},
            "response": {"status": 200},
            "interactionMarkup": {"markup": "-", "markupType": "COMMON_MARK"},
        },
    ],
    "metadata": {
        **VERSION_4,
        "pactRust": {"ffi": "0.5"},
        "plugins": [{"name": "csv", "version": "0.0.6", "configuration": {}}],
        "x-made-by": "hand",
    },
    "x-owner": "orders-team",
    "createdAt": "2026-01-01",
}


@pytest.fixture
def there(tmp_path):
    """Put a document where the pact goes."""

    def there(document, name="Shop-Orders.json"):
        text = json.dumps(document) if isinstance(document, dict) else document
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return there


@pytest.mark.parametrize("merge", [True, False])
def test_keys_of_other_tools_are_kept(recordings, tmp_path, there, merge):
    path = there(OF_OTHERS)
    recordings.add(a_recording("one", status=418))

    recordings.write(tmp_path, merge=merge)

    written = json.loads(path.read_text())
    rest = {key: written[key] for key in ("consumer", "provider", "metadata", "x-owner", "createdAt")}
    assert rest == {key: OF_OTHERS[key] for key in rest}
    one, *others = written["interactions"]
    assert [one["key"], one["x-reviewed"]] == ["5c2", True]
    assert one["pluginConfiguration"] == {"csv": {"separator": ";"}}
    assert one["request"]["x-note"] == "hidden"
    assert others == (OF_OTHERS["interactions"][1:] if merge else [])


def test_what_is_kept_keeps_its_digits(recordings, tmp_path, there):
    path = there(json.dumps(OF_OTHERS).replace('"x-reviewed": 2.3', '"x-reviewed": 2.300'))
    recordings.add(a_recording("three"))

    recordings.write(tmp_path, merge=True)

    assert '"x-reviewed": 2.300' in path.read_text()


def test_writing_again_changes_no_byte(recordings, tmp_path, there):
    path = there(OF_OTHERS)
    recordings.add(a_recording("one", status=418))
    recordings.write(tmp_path, merge=True)
    once = path.read_bytes()

    recordings.write(tmp_path, merge=True)

    assert path.read_bytes() == once


def test_a_contradiction_to_the_file_is_refused_with_both_and_their_places(recordings, tmp_path, there):
    path = there(OF_OTHERS)
    before = path.read_bytes()
    recordings.of_test("test_a.py::test_one").add(a_recording("one", status=404, source="test_a.py:12"))

    with pytest.raises(ConflictError) as conflict:
        recordings.write(tmp_path, merge=True)

    assert f"first by   {path}\n" in str(conflict.value)
    assert "then by    test_a.py:12 (test_a.py::test_one)\n" in str(conflict.value)
    assert "response.status: 418 or 404" in str(conflict.value)
    assert path.read_bytes() == before


def test_the_same_meaning_written_in_another_way_is_no_contradiction(recordings, tmp_path, there):
    interaction = an_interaction("one", providerStates=[{"name": "a state"}], pending=False, comments={})
    there(a_pact(interaction, metadata={"pactSpecification": {"version": "3.0.0"}}))
    recorded = a_recording("one", states=["a state"], specification="V3")
    same = {**interaction, "providerStates": [{"name": "a state", "params": {}}]}
    del same["pending"], same["comments"]
    recorded.interaction.clear()
    recorded.interaction.update(same)

    recordings.add(recorded)

    assert list(recordings.write(tmp_path, merge=True).values()) == [1]


def test_a_file_of_another_pair_is_not_replaced(recordings, tmp_path, there):
    path = there({**OF_OTHERS, "consumer": {"name": "a-b"}, "provider": {"name": "c"}}, "a-b-c.json")
    before = path.read_bytes()
    recordings.add(a_recording(consumer="a", provider="b-c"))

    with pytest.raises(ConflictError, match=r'a-b-c\.json holds the pact of "a-b" and "c".*rename one'):
        recordings.write(tmp_path)

    assert path.read_bytes() == before


def test_a_file_whose_name_differs_in_case_alone_is_used_again(recordings, tmp_path, there):
    """Where upper and lower case are one there cannot be two."""
    there(OF_OTHERS, "shop-orders.json")
    recordings.add(a_recording("three"))

    recordings.write(tmp_path, merge=True)

    assert [path.name for path in tmp_path.glob("*.json")] == ["shop-orders.json"]


def test_the_file_that_a_link_leads_to_is_written(recordings, tmp_path):
    (tmp_path / "pacts").mkdir()
    (tmp_path / "pacts/Shop-Orders.json").symlink_to(tmp_path / "elsewhere.json")
    recordings.add(a_recording())

    recordings.write(tmp_path / "pacts")

    assert (tmp_path / "elsewhere.json").is_file()
    assert (tmp_path / "pacts/Shop-Orders.json").is_symlink()
