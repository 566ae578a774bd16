import pytest
from support.raw_pacts import REQUEST, document, http

from tally.errors import InvalidContractError
from tally.pact import parse_pact


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ([], "the document: expected an object, but it is a list"),
        (document(consumer={}), "consumer.name: expected a string, but it is missing"),
        (document(consumer="Shop"), "consumer: expected an object, but it is a string"),
        (document(provider={"name": " "}), "provider.name: expected a name, but it is empty"),
        (document(interactions={}), "interactions: expected a list, but it is an object"),
        ({"consumer": {"name": "a"}}, "interactions: expected a list of interactions, but it is missing"),
        (document(version="5.0"), 'the version "5.0" is not known; known are 1, 1.1, 2, 3, 4'),
        (document("x"), "interactions[0]: expected an object, but it is a string"),
        (document({"description": "x"}), "interactions[0].request: expected an object, but it is missing"),
        (
            document(http({"path": "/"})),
            "interactions[0].request.method: expected a string, but it is missing",
        ),
        (document(http({"method": "GET"})), "interactions[0].request.path: expected a string"),
        (document(http(response=[1])), "interactions[0].response: expected an object, but it is a list"),
        (document(http(response={"status": "ok"})), "response.status: expected a status"),
        (document(http(response={"status": True})), "response.status: expected a status"),
        (document(http(response={"headers": {"A": {}}})), "response.headers.A: expected a string"),
        (document(http(REQUEST | {"query": [1]})), "request.query: expected an object, but it is a list"),
        (
            document({"contents": {}}, version="4.0"),
            "interactions[0].type: expected a string, but it is missing",
        ),
        (
            document(http(type="Gossip"), version="4.0"),
            'the type "Gossip" is not known; known are Synchronous/HTTP',
        ),
        (
            document(messages=[{"contents": 1}]),
            "messages[0].description: expected a string, but it is missing",
        ),
        (
            document(messages=[{"description": "x"}]),
            "messages[0].contents: expected the contents of the mess",
        ),
        (
            document({"description": "x", "type": "Synchronous/Messages"}, version="4.0"),
            "request: expected an",
        ),
        (document(http(providerStates={"name": "x"})), "providerStates: expected a string, but it is an obj"),
        (document(http(providerStates=["x"])), "providerStates[0]: expected an object, but it is a string"),
        (document(http(providerState=["x"])), "providerState: expected a string, but it is a list"),
        (
            document(http(providerStates=[{"name": "x", "params": "1"}])),
            "interactions[0].providerStates[0].params: expected an object, but it is a string",
        ),
        (document(http(providerStates=[{}])), "interactions[0].providerStates[0].name: expected a string"),
    ],
)
def test_what_is_no_pact_is_refused_with_its_place(broken, message):
    with pytest.raises(InvalidContractError) as refused:
        parse_pact(broken)

    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"$.body[": {"match": "type"}}, "is not a path expression"),
        ({"$.bodies": {"match": "type"}}, "expected a path that starts with $.body"),
        ({"$.body": {}}, 'expected a matching rule with "match"'),
        ({"body": {"id": {"matchers": []}}}, 'does not start with "$"'),
        ({"cookies": {}}, "is not a category of matching rules"),
        ({"body": {"$": {"matchers": [], "combine": "XOR"}}}, 'expected "AND" or "OR", but it is "XOR"'),
        ({"body": {"$": {"matchers": ["type"]}}}, "matchers[0]: expected an object, but it is a string"),
        (
            {"body": {"$": {"matcher": [{"match": "type"}]}}},
            '["$"].matchers: expected a list of matching rules',
        ),
        ({"body": {"$": {"match": "type"}}}, '["$"].matchers: expected a list of matching rules'),
        ({"body": {"$": {"matchers": {"match": "type"}}}}, "matchers: expected a list, but it is an object"),
        ([{"match": "type"}], "expected an object, but it is a list"),
        ("type", "expected an object, but it is a string"),
        (0, "expected an object, but it is a number"),
        (False, "expected an object, but it is true or false"),
    ],
)
def test_rules_that_cannot_be_read_are_refused(rules, message):
    with pytest.raises(InvalidContractError) as refused:
        parse_pact(document(http(REQUEST | {"matchingRules": rules})))

    assert "interactions[0].request.matchingRules" in str(refused.value)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"match": ["type"]}, 'expected a matching rule with "match"'),
        ({"match": 1}, 'expected a matching rule with "match"'),
        ({"match": "regex"}, "matchers[0].regex: expected a string, but it is missing"),
        ({"match": "regex", "regex": None}, "matchers[0].regex: expected a string, but it is null"),
        ({"match": "include"}, "matchers[0].value: expected a string, but it is missing"),
        (
            {"match": "contentType", "value": ["a/b"]},
            "matchers[0].value: expected a string, but it is a list",
        ),
        ({"match": "date", "format": 1}, "matchers[0].format: expected a string, but it is a number"),
        ({"match": "statusCode"}, "matchers[0].status: expected a list of statuses or one of info, success"),
        ({"match": "statusCode", "status": ["200"]}, "matchers[0].status: expected a list of statuses"),
        ({"match": "statusCode", "status": {}}, "matchers[0].status: expected a list of statuses"),
        ({"match": "type", "min": "two"}, "matchers[0].min: expected a whole number, but it is 'two'"),
        ({"match": "type", "max": [1]}, "matchers[0].max: expected a whole number, but it is [1]"),
        ({"match": "type", "min": True}, "matchers[0].min: expected a whole number, but it is True"),
        ({"match": "type", "minimum": 2}, 'matchers[0].minimum: is not known here; did you mean "min"?'),
        ({"match": "type", "Max": 2}, 'matchers[0].Max: is not known here; did you mean "max"?'),
        ({"match": "eachKey", "rule": []}, "matchers[0].rules: expected a list of matching rules, but it is"),
        ({"match": "eachKey", "rules": {}}, "matchers[0].rules: expected a list, but it is an object"),
        (
            {"match": "eachValue", "rules": [3]},
            "matchers[0].rules[0]: expected an object, but it is a number",
        ),
        ({"match": "arrayContains", "variants": {}}, "variants: expected a list, but it is an object"),
        ({"match": "arrayContains", "variants": [3]}, "variants[0]: expected an object, but it is a number"),
        ({"match": "arrayContains", "variants": [{}]}, "variants[0].index: expected the index of an example"),
        (
            {"match": "arrayContains", "variants": [{"index": 0, "rules": {"$": [1]}}]},
            'variants[0].rules["$"]: expected an object, but it is a list',
        ),
    ],
)
def test_a_rule_without_what_it_needs_is_refused(rule, message):
    rules = {"body": {"$.a": {"matchers": [rule]}}}

    with pytest.raises(InvalidContractError) as refused:
        parse_pact(document(http(REQUEST | {"body": {"a": [1]}, "matchingRules": rules})))

    assert 'interactions[0].request.matchingRules.body["$.a"]' in str(refused.value)
    assert message in str(refused.value)


@pytest.mark.parametrize(("written", "read"), [(2, 2), ("2", 2), (2.0, 2), (None, None)])
def test_limits_of_a_rule_may_be_text(written, read):
    rules = {"body": {"$.a": {"matchers": [{"match": "type", "min": written}]}}}
    pact = parse_pact(document(http(REQUEST | {"body": {"a": [1]}, "matchingRules": rules})))

    (rule,) = pact.interactions[0].request.rules.body["$.a"].rules
    assert rule.attributes.get("min") == read


@pytest.mark.parametrize(
    ("generators", "message"),
    [
        ("Uuid", ": expected an object, but it is a string"),
        ([{"type": "Uuid"}], ": expected an object, but it is a list"),
        ({"body": "Uuid"}, ".body: expected an object, but it is a string"),
        ({"body": [1]}, ".body: expected an object, but it is a list"),
        ({"body": {"$.a": "Uuid"}}, '.body["$.a"]: expected an object, but it is a string'),
        ({"body": {"$.a": [{"type": "Uuid"}]}}, '.body["$.a"]: expected an object, but it is a list'),
        ({"body": {"$.a": None}}, '.body["$.a"]: expected an object, but it is null'),
        ({"body": {"$.a": {}}}, '.body["$.a"].type: expected a string, but it is missing'),
        (
            {"header": {"X-Id": {"type": ["Uuid"]}}},
            '.header["X-Id"].type: expected a string, but it is a list',
        ),
        ({"body": {"$.a[": {"type": "Uuid"}}}, '.body["$.a["]: is not a path expression'),
        ({"path": "Uuid"}, ".path: expected an object, but it is a string"),
        ({"path": {"kind": "Uuid"}}, ".path.type: expected a string, but it is missing"),
        ({"bodies": {}}, ".bodies: is not a category of generators"),
    ],
)
def test_generators_that_cannot_be_read_are_refused(generators, message):
    with pytest.raises(InvalidContractError) as refused:
        parse_pact(document(http(REQUEST | {"generators": generators})))

    assert f"interactions[0].request.generators{message}" in str(refused.value)


@pytest.mark.parametrize("key", ["headers", "query", "matchingRules", "generators"])
def test_an_empty_list_is_an_empty_object_as_php_writes_it(key):
    written_by_php = parse_pact(document(http(REQUEST | {key: []})))

    assert written_by_php == parse_pact(document(http(REQUEST | {key: {}})))
