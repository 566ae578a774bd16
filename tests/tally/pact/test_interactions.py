import pytest
from support.raw_pacts import REQUEST, document, http, only

from tally.pact import (
    Body,
    HttpInteraction,
    MessageInteraction,
    Presence,
    ProviderState,
    Rule,
    RuleSet,
    SynchronousMessageInteraction,
    parse_pact,
)


def test_a_pact_names_its_parties_and_its_specification():
    pact = parse_pact(document(http(), version="2.0.0"))

    assert (pact.consumer, pact.provider, pact.specification) == ("Shop", "Orders", "2.0.0")


def test_an_http_interaction_has_what_every_interaction_has():
    raw = http(_id="4f1d", key="abc", pending=True, comments={"text": ["slow"]}, type="Synchronous/HTTP")
    raw["pluginConfiguration"] = {"csv": {"version": "1"}}

    interaction = only(document(raw, version="4.0"))

    assert isinstance(interaction, HttpInteraction)
    assert (interaction.description, interaction.id, interaction.key) == ("a list", "4f1d", "abc")
    assert (interaction.pending, interaction.comments, interaction.plugin) == (
        True,
        {"text": ["slow"]},
        "csv",
    )


@pytest.mark.parametrize("key", ["providerState", "provider_state", "providerStates"])
def test_the_state_of_an_old_pact_is_a_string(key):
    assert only(document(http(**{key: "an order exists"}))).states == (ProviderState("an order exists"),)


def test_states_of_newer_pacts_have_parameters():
    states = [{"name": "an order exists", "params": {"id": 7}}, {"name": "the shop is open"}]

    assert only(document(http(providerStates=states))).states == (
        ProviderState("an order exists", {"id": 7}),
        ProviderState("the shop is open"),
    )


def test_an_empty_state_is_none():
    assert only(document(http(providerState=None))).states == ()


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("a=1&b=x%20y&a=2+3&c", {"a": ("1", "2 3"), "b": ("x y",), "c": (None,)}),
        ({"a": ["1", "2"], "b": "x", "c": [None]}, {"a": ("1", "2"), "b": ("x",), "c": (None,)}),
        (None, {}),
        ("", {}),
    ],
)
def test_a_query_is_every_value_of_every_name(query, values):
    assert only(document(http(REQUEST | {"query": query}))).request.query == values


def test_the_oldest_pacts_keep_the_query_as_one_string():
    raw = http(REQUEST | {"query": "b=1&a=x%3Dy"})

    assert only(document(raw, version="1.0.0")).request.query_string == "b=1&a=x=y"
    assert only(document(raw, version="1.1.0")).request.query_string is None


@pytest.mark.parametrize(
    ("written", "status"), [({"status": 201}, 201), ({"status": "404"}, 404), ({"headers": {}}, 200)]
)
def test_a_status_may_be_missing_or_text(written, status):
    assert only(document(http(response=written))).response.status == status


def test_headers_keep_every_value_as_text():
    raw = http(response={"headers": {"Accept": ["a", "b"], "Content-Length": 12, "X-On": True}})

    headers = only(document(raw)).response.headers

    assert headers == {"Accept": ("a", "b"), "Content-Length": ("12",), "X-On": ("true",)}


def test_rules_of_version_2_become_categories():
    rules = {
        "$.body.items[*].id": {"match": "type"},
        "$.body": {"min": 1},
        "$['body']['unit price']": {"regex": "\\d"},
        "$.headers.X-Page": {"match": "regex", "regex": "\\d+"},
        "$.query.page": {"match": "type"},
        "$.query.tags[0]": {"match": "type"},
        "$.path": {"match": "regex", "regex": "/.*"},
    }

    read = only(document(http(REQUEST | {"matchingRules": rules}), version="2.0.0")).request.rules

    assert read.body == {
        "$.items[*].id": RuleSet((Rule("type"),)),
        "$": RuleSet((Rule("type", {"min": 1}),)),
        "$['unit price']": RuleSet((Rule("regex", {"regex": "\\d"}),)),
    }
    assert list(read.header) == ["x-page"]
    assert list(read.query) == ["page", "tags[0]"]
    assert read.path == RuleSet((Rule("regex", {"regex": "/.*"}),))


def test_rules_of_versions_3_and_4_are_read_as_they_are():
    rules = {
        "body": {"$.id": {"matchers": [{"match": "type"}, {"match": "null"}], "combine": "or"}},
        "header": {"$.X-Page[0]": {"matchers": [{"match": "integer"}]}},
        "status": {"$": {"matchers": [{"match": "statusCode", "status": "success"}]}},
        "path": {},
        "query": {"page": {"matchers": []}},
    }

    read = only(document(http(response={"status": 200, "matchingRules": rules}))).response.rules

    assert read.body == {"$.id": RuleSet((Rule("type"), Rule("null")), "OR")}
    assert read.header == {"x-page[0]": RuleSet((Rule("integer"),))}
    assert read.status == RuleSet((Rule("statusCode", {"status": "success"}),))
    assert read.path is None
    assert read.query == {}, "no rules are the same as none"


def test_rules_that_are_the_same_are_one_value_and_those_that_only_look_alike_are_not():
    def with_limit(least):
        response = {"status": 200, "matchingRules": {"body": {"$": {"matchers": [{"min": least}]}}}}
        return http(response=response)

    pact = parse_pact(
        document(with_limit(1), with_limit(1), with_limit("1"), with_limit(1.0), version="3.0.0")
    )

    first, same, *alike = (interaction.response.rules for interaction in pact.interactions)
    assert first is same
    assert all(rules == first and rules is not first for rules in alike)


def test_a_rule_has_one_name_however_it_is_spelled():
    rules = {"body": {"$": {"matchers": [{"match": "not-empty"}, {"match": "each-key", "rules": []}]}}}

    read = only(document(http(REQUEST | {"matchingRules": rules}))).request.rules

    assert [rule.match for rule in read.body["$"].rules] == ["notEmpty", "eachKey"]


def test_generators_are_kept():
    generators = {"body": {"$.id": {"type": "RandomInt"}}}

    assert only(document(http(REQUEST | {"generators": generators}))).request.generators == generators


def test_an_interaction_of_version_4_without_a_type_is_http_when_its_request_is():
    assert isinstance(only(document(http(), version="4.0")), HttpInteraction)


def test_messages_of_version_3():
    message = {"description": "paid", "contents": {"id": 1}, "metaData": {"contentType": "application/json"}}

    interaction = only(document(messages=[message]))

    assert isinstance(interaction, MessageInteraction)
    assert interaction.message.body == Body(Presence.PRESENT, {"id": 1}, "application/json")
    assert interaction.message.metadata == {"contentType": "application/json"}


def test_messages_of_version_4():
    message = {"type": "Asynchronous/Messages", "description": "paid", "metadata": {"topic": "orders"}}
    message |= {"contents": {"content": {"id": 1}, "contentType": "application/json"}}
    message |= {"matchingRules": {"content": {"$.id": {"matchers": [{"match": "integer"}]}}}}

    interaction = only(document(message, version="4.0"))

    assert interaction.message.body == Body(Presence.PRESENT, {"id": 1}, "application/json")
    assert list(interaction.message.rules.body) == ["$.id"]


@pytest.mark.parametrize("replies", [[{"contents": {"content": "pong"}}], {"contents": {"content": "pong"}}])
def test_synchronous_messages(replies):
    raw = {"type": "Synchronous/Messages", "description": "ping", "response": replies}
    raw["request"] = {"contents": {"content": "ping"}}

    interaction = only(document(raw, version="4.0"))

    assert isinstance(interaction, SynchronousMessageInteraction)
    assert interaction.request.body.value == "ping"
    assert [reply.body.value for reply in interaction.responses] == ["pong"]


@pytest.mark.parametrize(
    ("metadata", "version"),
    [
        ({"pactSpecification": {"version": "4.0"}}, "4.0"),
        ({"pact-specification": {"version": "2.0.0"}}, "2.0.0"),
        ({"pactSpecificationVersion": "1.0.0"}, "1.0.0"),
        ({}, "1.1.0"),
        (None, "1.1.0"),
    ],
)
def test_the_version_is_found_wherever_it_was_ever_written(metadata, version):
    assert parse_pact(document(metadata=metadata)).specification == version
