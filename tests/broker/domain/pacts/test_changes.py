"""What changed between two pacts, interaction by interaction."""

import json

import pytest
from support.factories import a_message, a_message_pact, a_pact, an_interaction

from broker.domain.pacts.changes import MISSING, MOST, changes
from broker.domain.pacts.publication import content
from broker.domain.pacts.reading import read_content
from tally.pact import RuleSet


def between(before, after):
    return changes(*(read_content(content(each).text) for each in (before, after)))


def of_interaction(before, after):
    """Return what changed between two interactions as (place, before, after)."""
    (changed,) = between(a_pact(before), a_pact(after)).changed
    return [(change.place, change.before, change.after) for change in changed.changes]


def with_body(body, **response):
    return an_interaction(response={"status": 200, "body": body, **response})


def test_interactions_are_the_same_by_their_description_and_states():
    stays, goes, comes = (an_interaction(name) for name in ("stays", "goes", "comes"))
    changed = an_interaction("changes")
    other_state = an_interaction("stays", providerStates=[{"name": "another"}])

    found = between(
        a_pact(stays, goes, changed), a_pact(comes, {**changed, "response": {}}, stays, other_state)
    )

    assert [item.interaction.description for item in found.removed] == ["goes"]
    assert [item.interaction.description for item in found.added] == ["comes", "stays"]
    assert [item.after.interaction.description for item in found.changed] == ["changes"]
    assert found.unchanged == 1


def test_equal_pacts_have_no_changes_whatever_their_ids():
    one = an_interaction()

    assert between(a_pact(one), a_pact({"_id": "x", **one})).is_nothing


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 2}, [("response body $.a", 1, 2)]),
        ({"a": 1}, {"b": 1}, [("response body $.a", 1, MISSING), ("response body $.b", MISSING, 1)]),
        ([1, 2], [1], [("response body $[1]", 2, MISSING)]),
        ([{"x y": 1}], [{"x y": None}], [("response body $[0]['x y']", 1, None)]),
        ({"a": True}, {"a": 1}, [("response body $.a", True, 1)]),
        ({"a": 1}, {"a": 1.0}, [("response body $.a", 1, 1.0)]),
        ("a", "b", [("response body", "a", "b")]),
        ({"a": {}}, {"a": []}, [("response body $.a", {}, [])]),
    ],
)
def test_each_value_of_a_body_that_differs_is_told(before, after, expected):
    assert of_interaction(with_body(before), with_body(after)) == expected


def test_everything_else_of_an_interaction_is_told():
    before = an_interaction(
        request={"method": "get", "path": "/a", "query": {"q": ["1"]}, "headers": {"X": "1"}, "body": "old"},
        response={"status": 200, "headers": {"Y": "1"}},
    )
    after = an_interaction(
        request={"method": "PUT", "path": "/b", "query": {"q": ["2"]}, "body": "new"},
        response={"status": 418, "headers": {"Y": "2"}, "body": {}},
    )

    assert of_interaction(before, after) == [
        ("method", "GET", "PUT"),
        ("path", "/a", "/b"),
        ("query q", ("1",), ("2",)),
        ("request header X", ("1",), MISSING),
        ("request body", "old", "new"),
        ("status", 200, 418),
        ("response header Y", ("1",), ("2",)),
        ("response body", MISSING, {}),
    ]


def test_rules_and_generators_are_told():
    rules = {"body": {"$.a": {"matchers": [{"match": "type"}]}}, "path": {"matchers": [{"match": "type"}]}}
    response = {"matchingRules": {"body": rules["body"]}, "generators": {"body": {"$.a": {"type": "Uuid"}}}}

    rule, generator = of_interaction(with_body({"a": 1}), with_body({"a": 1}, **response))

    assert (rule[0], rule[1], type(rule[2])) == ("rule of response body $.a", MISSING, RuleSet)
    assert generator == ("generator of response body $.a", MISSING, {"type": "Uuid"})
    request = {"method": "GET", "path": "/orders/1"}
    ((place, *_),) = of_interaction(
        an_interaction(), an_interaction(request={**request, "matchingRules": {"path": rules["path"]}})
    )
    assert place == "rule of path"
    generators = {"path": {"type": "RandomInt"}}
    ((place, *_, after),) = of_interaction(
        an_interaction(), an_interaction(request={**request, "generators": generators})
    )
    assert (place, after) == ("generator of path", generators["path"])


def test_messages_are_compared_too():
    found = between(
        a_message_pact(a_message(contents={"a": 1})), a_message_pact(a_message(contents={"a": 2}))
    )

    assert [change.place for change in found.changed[0].changes] == ["message body $.a"]


def test_synchronous_messages_are_compared_by_message_and_replies():
    def synchronous(*replies):
        contents = [{"contents": {"content": each, "contentType": "application/json"}} for each in replies]
        item = {
            "type": "Synchronous/Messages",
            "description": "a",
            "request": contents[0],
            "response": contents,
        }
        return {**a_pact(), "interactions": [item], "metadata": {"pactSpecification": {"version": "4.0"}}}

    found = between(synchronous({"a": 1}), synchronous({"a": 2}, {"a": 3}))

    assert [change.place for change in found.changed[0].changes] == [
        "message body $.a",
        "reply 1 body $.a",
        "replies",
    ]


def test_another_specification_or_kind_is_told():
    v4 = {"metadata": {"pactSpecification": {"version": "4.0"}}}
    http = {**an_interaction(), "type": "Synchronous/HTTP"}
    message = {**http, "type": "Asynchronous/Messages", "contents": {"content": 1}}

    found = between(a_pact(), {**a_pact(http), **v4})
    kinds = between({**a_pact(http), **v4}, {**a_pact(message), **v4})

    assert [(change.place, change.after) for change in found.metadata] == [("specification", "4.0")]
    assert [(change.place, change.after) for change in kinds.changed[0].changes] == [("kind", "message")]


def test_of_very_many_changes_the_first_are_told():
    (changed,) = between(a_pact(with_body(list(range(150)))), a_pact(with_body(list(range(1, 151))))).changed

    assert (len(changed.changes), changed.more) == (MOST, 50)


def test_deep_bodies_are_compared():
    deep = json.loads("[" * 40 + "1" + "]" * 40)
    other = json.loads("[" * 40 + "2" + "]" * 40)

    ((place, before, after),) = of_interaction(with_body(deep), with_body(other))

    assert (place, before, after) == (f"response body ${'[0]' * 40}", 1, 2)
