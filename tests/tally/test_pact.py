import json

import pytest

from tally.errors import InvalidContractError
from tally.pact import (
    Body,
    HttpInteraction,
    MessageInteraction,
    Presence,
    ProviderState,
    Rule,
    RuleSet,
    SynchronousMessageInteraction,
    load_pact,
    parse_pact,
    read_body,
)

REQUEST = {"method": "GET", "path": "/orders"}
MISSING = object()


def document(*interactions, version="3.0.0", **others):
    metadata = {"pactSpecification": {"version": version}}
    parties = {"consumer": {"name": "Shop"}, "provider": {"name": "Orders"}}
    return parties | {"interactions": list(interactions), "metadata": metadata} | others


def http(request=REQUEST, response=None, **others):
    return {"description": "a list", "request": request, "response": response or {"status": 200}} | others


def only(pact_document):
    (interaction,) = parse_pact(pact_document).interactions
    return interaction


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


@pytest.mark.parametrize(("written", "status"), [(200, 200), ("404", 404), (None, None)])
def test_a_status_may_be_missing_or_text(written, status):
    assert only(document(http(response={"status": written}))).response.status == status


def test_headers_keep_every_value_as_text():
    raw = http(response={"headers": {"Accept": ["a", "b"], "Content-Length": 12, "X-On": True}})

    headers = only(document(raw)).response.headers

    assert headers == {"Accept": ("a", "b"), "Content-Length": ("12",), "X-On": ("true",)}


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ({}, MISSING, Body(Presence.MISSING)),
        ({}, None, Body(Presence.NULL)),
        ({}, "", Body(Presence.EMPTY, "")),
        ({}, {"id": 1}, Body(Presence.PRESENT, {"id": 1})),
        ({}, '{"id": 1}', Body(Presence.PRESENT, {"id": 1})),
        ({}, "{no json", Body(Presence.PRESENT, "{no json")),
        ({}, "12", Body(Presence.PRESENT, "12")),
        ({}, '"hi"', Body(Presence.PRESENT, '"hi"')),
        ({"Content-Type": "application/json"}, '"hi"', Body(Presence.PRESENT, "hi", "application/json")),
        ({"Content-Type": "application/json"}, "hi", Body(Presence.PRESENT, "hi", "application/json")),
        ({"content-type": "text/plain"}, "[1]", Body(Presence.PRESENT, "[1]", "text/plain")),
        ({"Content-Type": "image/png"}, "aGk=", Body(Presence.PRESENT, b"hi", "image/png")),
        ({"Content-Type": "image/png"}, "raw!", Body(Presence.PRESENT, b"raw!", "image/png")),
        (
            {"Content-Type": "application/hal+json;charset=utf-8"},
            '[{"id": 1}]',
            Body(Presence.PRESENT, [{"id": 1}], "application/hal+json;charset=utf-8"),
        ),
    ],
)
def test_a_body_is_read_by_its_content_type(headers, body, expected):
    response = {"headers": headers} | ({} if body is MISSING else {"body": body})

    assert only(document(http(response=response))).response.body == expected


@pytest.mark.parametrize(
    ("envelope", "expected"),
    [
        ({"content": {"id": 1}}, Body(Presence.PRESENT, {"id": 1})),
        ({"content": "aGk=", "encoded": "base64"}, Body(Presence.PRESENT, "hi")),
        (
            {"content": "/wA=", "contentType": "image/png", "encoded": True},
            Body(Presence.PRESENT, b"\xff\0", "image/png"),
        ),
        ({"content": '"x"', "encoded": "JSON"}, Body(Presence.PRESENT, "x", "application/json")),
        ({"contentType": "text/plain"}, Body(Presence.MISSING, None, "text/plain")),
        (None, Body(Presence.NULL)),
    ],
)
def test_a_body_of_version_4_is_read_out_of_its_envelope(envelope, expected):
    raw = http(response={"status": 200, "body": envelope}, type="Synchronous/HTTP")

    assert only(document(raw, version="4.0")).response.body == expected


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


@pytest.mark.parametrize(
    ("envelope", "message"),
    [
        ({"content": "%", "encoded": "base64"}, "body.content: is not valid base64"),
        ({"content": "x", "encoded": "rot13"}, 'body.encoded: the encoding "rot13" is not known'),
        ([], "body: expected an object, but it is a list"),
    ],
)
def test_an_envelope_that_cannot_be_read_is_refused(envelope, message):
    raw = http(response={"body": envelope}, type="Synchronous/HTTP")

    with pytest.raises(InvalidContractError) as refused:
        parse_pact(document(raw, version="4.0"))

    assert message in str(refused.value)


def test_a_pact_is_loaded_from_a_file_even_with_a_byte_order_mark(tmp_path):
    file = tmp_path / "shop-orders.json"
    file.write_text(json.dumps(document(http())), "utf-8-sig")

    assert load_pact(file).provider == "Orders"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"consumer": {"name"', "is not valid JSON (line 1, column 21"),
        (b'{"consumer": "\xff"}', "is not UTF-8 text (byte 14)"),
        (b"[" * 100_000, "is nested too deeply"),
        (b"{}", "interactions: expected a list of interactions"),
    ],
)
def test_a_file_that_is_no_pact_is_refused_with_its_name(tmp_path, content, message):
    file = tmp_path / "broken.json"
    file.write_bytes(content)

    with pytest.raises(InvalidContractError) as refused:
        load_pact(file)

    assert str(refused.value).startswith(f"{file}: ")
    assert message in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InvalidContractError, match=r"nowhere\.json: cannot be read: No such file"):
        load_pact(tmp_path / "nowhere.json")


@pytest.mark.parametrize(
    ("content", "content_type", "expected"),
    [
        (None, "text/plain", Body(Presence.MISSING, None, "text/plain")),
        (b"", "application/json", Body(Presence.EMPTY, "", "application/json")),
        (b"null", "application/json", Body(Presence.NULL, None, "application/json")),
        (b"[1.0, 123456789012345678901234567890]", "application/json", [1.0, 123456789012345678901234567890]),
        (b"{oops", "application/json", b"{oops"),
        (b"[NaN]", "application/json", b"[NaN]"),
        (b'{"a": 1}', None, {"a": 1}),
        ("é".encode("latin-1"), "text/plain; charset=iso-8859-1", "é"),
        ("é".encode("latin-1"), "text/plain", b"\xe9"),
        (b"x", "text/plain; charset=klingon", b"x"),
        (b"PNG", "image/png", b"PNG"),
    ],
)
def test_a_body_from_the_wire_is_read_by_its_content_type(content, content_type, expected):
    if not isinstance(expected, Body):
        expected = Body(Presence.PRESENT, expected, content_type)

    assert read_body(content, content_type) == expected
