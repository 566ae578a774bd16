import json
from hashlib import sha1

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.searching import search

from tally.errors import InvalidContractError
from tally.hashing import (
    canonical_json,
    compact_json,
    content_hash,
    interaction_id,
    parse_exactly,
    parse_json,
)

INTERACTION_B = {"description": "b", "request": {"path": "/b", "method": "GET"}, "response": {"status": 200}}
INTERACTION_A = {"description": "a", "request": {"method": "GET", "path": "/a"}, "response": {"status": 200}}
PACT = {
    "consumer": {"name": "Foo"},
    "provider": {"name": "Bar"},
    "interactions": [INTERACTION_B, INTERACTION_A],
    "metadata": {"pactSpecification": {"version": "2.0.0"}},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(), values, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("document", "sha"),
    [
        (PACT, "915e3d41013ba920d9eb5f031e941efc203b3d3d"),
        ({"some": "other content"}, "0f22f551a422b027066db7635cad8bd8a59ac869"),
        ({"interactions": []}, "ed7c1aebc3e11064ce9afc29297e1e36203583cd"),
    ],
)
def test_the_hash_equals_that_of_a_pact_broker(document, sha):
    assert content_hash(document) == sha


def test_an_interaction_has_the_id_that_a_pact_broker_gives_it():
    assert interaction_id(INTERACTION_B) == "8ec798591405e421830e6b8b2a53b4bffbc1f46a"
    assert interaction_id(INTERACTION_A) == "700695f90348caa11656e254b05dbfde03269892"


def test_names_order_other_metadata_and_ids_do_not_change_the_hash():
    same = {
        "metadata": {"pact-specification": {"version": "2.0.0"}, "tool": "other"},
        "interactions": [{**INTERACTION_A, "_id": "1234"}, dict(reversed(INTERACTION_B.items()))],
        "provider": {"name": "Another"},
    }

    assert content_hash(same) == content_hash(PACT)


@pytest.mark.parametrize(
    "change",
    [
        {"interactions": [INTERACTION_A]},
        {"interactions": [INTERACTION_A, {**INTERACTION_B, "description": "c"}]},
        {"metadata": {"pactSpecification": {"version": "3.0.0"}}},
        {"messages": [{"description": "m"}]},
    ],
)
def test_what_affects_verification_changes_the_hash(change):
    assert content_hash({**PACT, **change}) != content_hash(PACT)


def test_many_interactions_are_hashed_in_the_order_of_their_texts():
    names = [*("x" * 300 + str(number % 150) for number in range(200)), *map(str, range(150))]

    found = content_hash({"interactions": [{"description": name} for name in names]})

    texts = ",".join(f'{{"description":"{name}"}}' for name in sorted(names))
    expected = f'{{"interactions":[{texts}]}}'.encode()
    assert found == sha1(expected, usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (b"1e16", b"1.0e+16"),
        (b"0.00001", b"1.0e-05"),
        (b"1.5e300", b"1.5e+300"),
        (b"1.10", b"1.1"),
        (b"1.0", b"1.0"),
        (b"123456789012345678901234567890", b"123456789012345678901234567890"),
        (b"[2,\n-1e-7,\t-12.5E+20, 1e16]", b"[2,-1.0e-07,-1.25e+21,1.0e+16]"),
        (b'{"a" : 1234567890123456789012,"b":-0.00001}', b'{"a":1234567890123456789012,"b":-1.0e-05}'),
        (b'{"_id":"12e5","b":"0.00001"}', b'{"_id":"12e5","b":"0.00001"}'),
        (b'{"b":1e20,"a":[true,null,"\xc3\xa9/"]}', b'{"a":[true,null,"\xc3\xa9/"],"b":1.0e+20}'),
    ],
)
def test_numbers_are_written_as_a_pact_broker_writes_them(text, canonical):
    assert canonical_json(parse_json(text)) == canonical


NUMBERS = st.from_regex(r"-?(0|[1-9][0-9]{0,400})(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,4})?", fullmatch=True)


@search()
@given(NUMBERS)
def test_a_number_is_written_as_it_was_read_and_hashed_by_its_value(text):
    exact = parse_exactly(text.encode())

    assert compact_json(exact) == text.encode()
    assert str(exact) == text
    try:
        value = parse_json(text.encode())
    except InvalidContractError as error:
        assert "too large" in str(error)  # noqa: PT017 - what is not too large goes on
    else:
        assert canonical_json(exact) == canonical_json(value)


@search()
@given(JSON)
def test_canonical_json_is_the_same_value_again(value):
    assert json.loads(canonical_json(value)) == json.loads(json.dumps(value))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"{", "not JSON"),
        (b'{"a": NaN}', "not JSON"),
        (b'{"a": 1e5, "b": Infinity}', "Infinity is not a JSON number"),
        (b'{"a": "caf\xe9"}', 'not UTF-8: invalid byte at character 11, after \'{"a": "caf\''),
        (b'"\\ud800"', "half of a surrogate pair in the document"),
        (b'{"a": ["\\ud83d\\ude00", {"b/c": "\\ude00"}]}', "half of a surrogate pair in /a/1/b~1c"),
        (b'{"a": {"\\ud83d": 1}}', "half of a surrogate pair in /a"),
        (b"[1e400]", "the number 1e400 is too large in /0"),
        (b"-" + b"9" * 400, "the number -999.* is too large in the document"),
        (b'{"a": {"b": 1, "b": 2}}', 'the key "b" occurs twice in /a'),
        (b'[{"a": {"b": 1, "b": 2}, "a": {}}]', 'the key "a" occurs twice in /0'),
        (b"[" * 51 + b"]" * 51, "nested deeper than 50 levels"),
        (b"[" * 100_000 + b"]" * 100_000, "not"),
    ],
)
def test_what_is_not_acceptable_json_is_refused_with_the_reason(text, message):
    with pytest.raises(InvalidContractError, match=message.replace("(", r"\(")):
        parse_json(text)


def test_fifty_levels_are_accepted():
    assert parse_json(b"[" * 50 + b"]" * 50)
