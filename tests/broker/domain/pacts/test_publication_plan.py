"""What a publication does to the pact of a version, as a table of cases."""

import pytest
from support.factories import a_pact, an_interaction

from broker.domain.pacts.pact import CurrentContent
from broker.domain.pacts.publication import NewContract, content
from broker.domain.pacts.publication_plan import Conflict, PublicationOutcome, by_provider, plan
from tally.hashing import content_hash

A = a_pact(an_interaction("a"))
B = a_pact(an_interaction("b"))
AB = a_pact(an_interaction("a"), an_interaction("b"))
OTHER_A = a_pact(an_interaction("a", request={"method": "PUT", "path": "/orders/1"}))


def contract(document, on_conflict="overwrite", provider="Orders"):
    return NewContract("Shop", provider, document, on_conflict)


def planned(contracts, before=None, *, may_overwrite=False):
    stored = content(before) if before is not None else None
    known = CurrentContent(7, "Orders", stored.sha, 3) if stored else None
    return plan(contracts, known, stored.text if stored else b"", may_overwrite=may_overwrite)


@pytest.mark.parametrize(
    ("before", "contracts", "may_overwrite", "outcome", "after"),
    [
        (None, [contract(A)], False, PublicationOutcome.CREATED, A),
        (None, [contract(A), contract(A)], False, PublicationOutcome.CREATED, A),
        (None, [contract(A), contract(B, "merge")], False, PublicationOutcome.CREATED, AB),
        (None, [contract(A), contract(B)], True, PublicationOutcome.CREATED, B),
        (A, [contract(A)], False, PublicationOutcome.UNCHANGED, A),
        (A, [contract(A)], True, PublicationOutcome.UNCHANGED, A),
        (A, [contract(B)], True, PublicationOutcome.OVERWRITTEN, B),
        (A, [contract(B, "merge")], False, PublicationOutcome.MERGED, AB),
        (AB, [contract(B, "merge")], False, PublicationOutcome.UNCHANGED, AB),
        (A, [contract(A), contract(B, "merge")], False, PublicationOutcome.MERGED, AB),
    ],
)
def test_contracts_lead_from_what_is_stored_to_what_will_be(before, contracts, may_overwrite, outcome, after):
    result = planned(contracts, before, may_overwrite=may_overwrite)

    assert (result.outcome, result.content.sha) == (outcome, content_hash(after))
    assert (result.replaces is None) == (before is None)


@pytest.mark.parametrize(
    ("before", "contracts", "may_overwrite"),
    [
        (A, [contract(B)], False),
        (A, [contract(OTHER_A, "merge")], False),
        (A, [contract(OTHER_A, "merge")], True),
        (None, [contract(A), contract(B)], False),
        (None, [contract(A), contract(OTHER_A, "merge")], False),
        (A, [contract({"no": "pact"}, "merge")], True),
        ({"no": "pact"}, [contract(A, "merge")], True),
    ],
)
def test_contracts_that_contradict_what_is_there_are_refused(before, contracts, may_overwrite):
    result = planned(contracts, before, may_overwrite=may_overwrite)

    assert isinstance(result, Conflict)
    assert result.changes


def test_interactions_that_are_no_objects_are_merged_as_they_are():
    odd = a_pact("text", ["list"], {"description": "no request"})

    result = planned([contract(a_pact("text", 7), "merge")], odd)

    assert result.outcome is PublicationOutcome.MERGED
    assert result.content.sha == content_hash(a_pact("text", ["list"], {"description": "no request"}, 7))


def test_messages_that_are_no_list_give_way_to_messages():
    result = planned([contract({"messages": ["m"]}, "merge")], {"interactions": [], "messages": "none"})

    assert result.content.sha == content_hash({"interactions": [], "messages": ["m"]})


def test_contracts_are_grouped_by_provider_in_their_order():
    first, second, third = contract(A), contract(A, provider="Stock"), contract(B)

    assert by_provider([first, second, third]) == {"Orders": [first, third], "Stock": [second]}


def test_a_merge_keeps_everything_but_interactions_as_it_was_first():
    before = a_pact(an_interaction("a"), metadata={"by": "first", "pactSpecification": {"version": "3.0.0"}})
    later = a_pact(an_interaction("b"), metadata={"by": "second", "pactSpecification": {"version": "4.0"}})

    result = planned([contract(later, "merge")], before)

    assert b'"by":"first"' in result.content.text
    assert b'"by":"second"' not in result.content.text
    assert result.content.interactions == 2
