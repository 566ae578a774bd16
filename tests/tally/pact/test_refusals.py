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
        (document(messages=[{}]), "messages[0].description: expected a string, but it is missing"),
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
    ],
)
def test_rules_that_cannot_be_read_are_refused(rules, message):
    with pytest.raises(InvalidContractError) as refused:
        parse_pact(document(http(REQUEST | {"matchingRules": rules})))

    assert "interactions[0].request.matchingRules" in str(refused.value)
    assert message in str(refused.value)
