"""The canonical form of an entry: the same here, in the API, and after a round trip through an export."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st
from support.audit_logs import ADA, NOW, an_entry

from broker.domain.audit.entry import Outcome, stored_entry
from broker.domain.audit.seal import next_seal
from tally.audit.hashing import canonical_entry, entry_hash, seal_hash
from tally.audit.sealed import from_document, from_lines, to_lines
from tally.audit.verification import verify
from tally.hashing import parse_json

UUID = "00000000-0000-4000-8000-000000000000"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
ENTRIES = st.builds(
    lambda name, actor, moment, **more: an_entry(name, actor=replace(ADA, name=actor), at=moment, **more),
    st.text(),
    st.text(),
    st.datetimes(min_value=datetime(1970, 1, 2), timezones=st.just(timezone(timedelta(hours=5.5)))),  # noqa: DTZ001 - Hypothesis wants it so
    before=JSON,
    after=JSON,
    team=st.none() | st.text(),
    address=st.none() | st.text(),
    request_id=st.none() | st.text(),
    outcome=st.sampled_from(Outcome),
)


@given(ENTRIES)
def test_what_is_hashed_can_be_computed_from_the_api(new):
    entry = stored_entry(new, UUID)

    from_api = parse_json(canonical_entry(entry.to_document()))

    assert canonical_entry(from_api) == entry.canonical()
    # Links and the seal do not count, and a property that is left out is null.
    there = {name: value for name, value in from_api.items() if value is not None}
    assert canonical_entry({**there, "_links": {}, "seal": 3}) == entry.canonical()


@given(st.lists(ENTRIES, min_size=1, max_size=3), st.data())
def test_an_export_is_whole_and_no_entry_of_it_can_be_changed(news, data):
    entries = [stored_entry(new, f"{number:0>8}{UUID[8:]}") for number, new in enumerate(news)]
    seal = next_seal(None, entries, NOW)
    document = {**seal.to_document(), "hashes": seal.hashes()}
    sealed = from_document(document, [entry.to_document() for entry in entries])
    (read,) = from_lines(to_lines(sealed))
    assert verify([read]).problem is None

    changed = data.draw(st.integers(0, len(entries) - 1))
    field = data.draw(st.sampled_from(["at", "via", "address", "action", "team", "before", "requestId"]))
    others = [dict(entry) for entry in read.entries]
    others[changed][field] = [others[changed].get(field)]

    assert verify([replace(read, entries=others)]).problem.uuid == entries[changed].uuid


def test_the_hashes_are_as_described():
    """docs/audit.md says how anybody computes them."""
    entry = stored_entry(an_entry("Shop"), UUID)

    seal = next_seal(None, [entry, replace(entry, team="x")], NOW)

    hashes = [entry_hash(entry.canonical()), entry_hash(replace(entry, team="x").canonical())]
    assert seal.hash == seal_hash(bytes(32), hashes)
    assert hashes[0].hex() == "b212a928efe081b90b2b2a37df56d9c78b33ef14b83aa83b81b949b070a7f9ec"
