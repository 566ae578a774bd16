"""What a declaration says in a pact of each version, and what it refuses there."""

import pytest

from consumer_sdk import ConflictError, DeclarationError, Message, bodies, generate, match, metadata
from consumer_sdk.declarations import (
    DeclaredOnce,
    DeclaredPart,
    ExchangeDeclaration,
    HttpDeclaration,
    MessageDeclaration,
)
from consumer_sdk.documents import interaction_document
from consumer_sdk.exchanges import message_of
from consumer_sdk.match import Matcher


def a_request(description="it", specification="V4"):
    return HttpDeclaration(description, specification).with_request("GET", "/").will_respond_with(200)


def test_notes_stand_in_the_comments_of_version_4():
    declared = (
        a_request()
        .with_comment("why it is so")
        .with_comments({"owner": {"team": "shop"}})
        .with_reference("Jira", "SHOP-7", "https://jira.example/SHOP-7")
        .with_reference("Jira", "SHOP-8", "https://jira.example/SHOP-8")
        .with_tags("fast", "orders")
        .with_test_name("test_it")
        .with_key("7")
        .pending()
    )

    document = interaction_document(declared, "V4")

    assert document["pending"] is True
    assert document["key"] == "7"
    assert document["comments"] == {
        "owner": {"team": "shop"},
        "references": {
            "Jira": {"SHOP-7": "https://jira.example/SHOP-7", "SHOP-8": "https://jira.example/SHOP-8"}
        },
        "tags": ["fast", "orders"],
        "testname": "test_it",
        "text": ["why it is so"],
    }


@pytest.mark.parametrize(
    ("specification", "declare", "says"),
    [
        ("V3", lambda it: it.with_comment("why"), '"it" has comments, and V3 has no place for it: choose V4'),
        ("V3", lambda it: it.with_key("7"), '"it" has a key, and V3 has no place'),
        ("V2", lambda it: it.pending(), '"it" has the mark pending, and V2 has no place'),
        (
            "V3",
            lambda it: it.will_respond_with(match.status_code(200, "success")),
            "At status: V3 has no rule",
        ),
        (
            "V3",
            lambda it: it.will_respond_with(200, body={"a": match.semver("1.2.3")}),
            r'At body \$\.a: V3 has no rule "semver" \(match.semver\), which came with V4: choose V4, or use',
        ),
        (
            "V2",
            lambda it: it.will_respond_with(200, headers={"X": match.integer(7)}),
            'At header X: V2 has no rule "integer", only those of match.like',
        ),
        (
            "V2",
            lambda it: it.will_respond_with(200, body=match.like("a") & match.regex("a", "a")),
            "several rules for one value, but V2 has one",
        ),
        (
            "V2",
            lambda it: it.with_request("GET", generate.provider_state("/${id}", "/7")),
            "At path: V2 has no generators",
        ),
        (
            "V3",
            lambda it: it.will_respond_with(200, body=generate.mock_server_url("http://a/b", "http://a(/b)")),
            'V3 has no place for the generator "MockServerURL"',
        ),
    ],
)
def test_what_a_version_cannot_say_is_refused_where_it_is_written(specification, declare, says):
    with pytest.raises(DeclarationError, match=says):
        declare(a_request(specification=specification))


@pytest.mark.parametrize(
    ("declare", "says"),
    [
        (
            lambda: match.any_of(match.null(), match.like({"a": match.integer(1)})),
            "cannot have other rules inside of an alternative",
        ),
        (lambda: match.like({"a": 1}) | match.null(), "an object or a list cannot have an alternative"),
        (
            lambda: match.equal(match.integer(1) | match.null()),
            "joins the rules of one value by AND or by OR",
        ),
        (
            lambda: match.each_value({"a": {"n": match.integer(1)}, "b": {"n": match.like("x")}}),
            "takes the matchers of its first value for all",
        ),
        (lambda: bodies.xml("<a/>", {"a": match.like("x")}), "xml: the rule is at 'a', which is no path"),
        (lambda: bodies.xml("<a>", {}), "xml: the text is not well-formed"),
        (lambda: bodies.xml("<a><b/></a>", {"$.a.c": match.like("x")}), r"there is nothing at '\$\.a\.c'"),
        (lambda: bodies.xml("<a/>", {"$.a['@id']": match.like("x")}), "attributes as"),
        (lambda: bodies.xml("<a id='x'/>", {"$.a['@id']": match.integer(1)}), "breaks its own rule"),
        (lambda: bodies.Content("<a/>", "text/xml", {"a": match.like("x")}), "is at 'a', which is no path"),
        (lambda: bodies.multipart({}), "multipart: no parts"),
        (lambda: bodies.form({"a": {"b": 1}}), "The field 'a' of the form is"),
    ],
)
def test_a_body_that_no_pact_can_say_is_refused(declare, says):
    with pytest.raises(DeclarationError, match=says):
        a_request().will_respond_with(200, body=declare())


def test_the_same_description_and_states_with_other_content_names_both_lines():
    declared = DeclaredOnce()
    first, again, other = (
        a_request().will_respond_with(200, body={"a": 1}),
        a_request().will_respond_with(200, body={"a": 1}),
        a_request().will_respond_with(200, body={"a": 2}),
    )
    assert declared.document(first) == declared.document(again)

    with pytest.raises(ConflictError) as refused:
        declared.document(other)

    assert '"it" is declared twice, with equal states and different content' in str(refused.value)
    assert f"first at   {first.source}" in str(refused.value)
    assert f"then at    {other.source}" in str(refused.value)
    assert first.source.rpartition(":")[0] == __file__
    assert declared.document(a_request().given("another state"))


def test_an_exchange_says_its_replies_in_order_and_is_a_thing_of_version_4():
    declared = (
        ExchangeDeclaration("it", lambda *_: None)
        .with_request("a", {"topic": "t"})
        .will_reply_with({"n": match.integer(1)})
        .will_reply_with("b")
    )

    document = interaction_document(declared, "V4")

    assert document["type"] == "Synchronous/Messages"
    assert document["request"]["metadata"] == {"contentType": "text/plain", "topic": "t"}
    assert [reply["contents"]["content"] for reply in document["response"]] == [{"n": 1}, "b"]
    with pytest.raises(DeclarationError, match="a message with replies, for which V3 has no form: choose V4"):
        interaction_document(declared, "V3")
    with pytest.raises(DeclarationError, match=r"call \.will_reply_with"):
        interaction_document(ExchangeDeclaration("it", lambda *_: None).with_request("a"), "V4")


def test_a_message_may_say_its_metadata_before_its_content():
    declared = MessageDeclaration("it", lambda *_: None).with_metadata(a=1).with_metadata({"b": 2})

    document = interaction_document(declared.with_content({"c": 3}), "V4")

    assert document["metadata"] == {"a": 1, "b": 2, "contentType": "application/json"}


def test_an_example_that_breaks_one_of_several_rules_is_refused_in_messages_and_headers():
    message = MessageDeclaration("it", lambda *_: None)
    with pytest.raises(DeclarationError, match="message: the example breaks its own rule"):
        message.with_content(Matcher("", "a", joined=(match.like("a"), match.regex("b", "b"))))
    with pytest.raises(DeclarationError, match=r"request: .*matchers\[0\]\.regex: expected a string"):
        a_request().with_request("GET", "/", headers={"X": Matcher("regex", "a", {"regex": 7})})
    assert message.with_content(match.like("ab") & match.includes("a")).content_type == "application/json"


def test_a_header_may_be_a_matcher_of_several_values():
    document = interaction_document(
        a_request().with_request("GET", "/", headers={"X": match.like(["a", "b"])}), "V4"
    )

    assert document["request"]["headers"] == {"X": ["a", "b"]}


def test_keys_of_json_are_texts_as_json_writes_them():
    declared = a_request().will_respond_with(200, body={None: 1, True: 2, 7: 3})

    assert interaction_document(declared, "V4")["response"]["body"]["content"] == {
        "7": 3,
        "null": 1,
        "true": 2,
    }


def test_the_other_examples_of_each_value_are_plain():
    body = match.each_value({"a": match.integer(1), "b": 2})

    rules = interaction_document(a_request().will_respond_with(200, body=body), "V4")["response"][
        "matchingRules"
    ]

    assert set(rules["body"]) == {"$", "$.*"}


def test_rules_of_joined_matchers_stand_below_them():
    body = match.like({"a": match.integer(1)}) & match.not_empty({"b": 1})

    rules = interaction_document(a_request().will_respond_with(200, body=body), "V4")["response"][
        "matchingRules"
    ]

    assert [rule["match"] for rule in rules["body"]["$"]["matchers"]] == ["type", "notEmpty"]
    assert set(rules["body"]) == {"$", "$.a"}


def test_the_type_of_a_body_follows_from_its_matcher():
    picture = match.content_type(b"GIF89a", "image/gif")
    parts = bodies.multipart({"a": {"b": [1, match.integer(2)]}, "c": "text"})

    declared = a_request().with_request("POST", "/", body=picture).will_respond_with(200, body=parts)

    assert declared.request.content_type == "image/gif"
    assert DeclaredPart().content_type is None
    rules = interaction_document(declared, "V4")["response"]["matchingRules"]["body"]
    assert set(rules) == {"$.a", "$.a.b[0]", "$.a.b[1]"}


def test_a_value_of_a_state_in_xml_has_no_rule_to_break():
    xml = bodies.xml("<a>7</a>", {"$.a['#text']": generate.provider_state("${id}", "7")})

    request = interaction_document(a_request().with_request("POST", "/", body=xml), "V4")["request"]

    assert request["generators"] == {
        "body": {"$.a['#text']": {"expression": "${id}", "type": "ProviderState"}}
    }


def test_a_header_of_a_message_may_not_take_the_place_of_what_is_said_besides():
    with pytest.raises(
        DeclarationError, match=r"metadata\.kafka: the header 'topic' has the name of what is said"
    ):
        metadata.kafka("orders", headers={"topic": "x"})


def test_an_exchange_may_have_a_reply_without_content_and_one_of_bytes():
    declared = (
        ExchangeDeclaration("it", lambda *_: None)
        .with_request("a")
        .will_reply_with(None, {"n": 1})
        .will_reply_with(b"\x00")
    )

    replies = interaction_document(declared, "V4")["response"]

    assert [message_of(reply) for reply in replies] == [
        Message(b"", {"n": 1}),
        Message(b"\x00", {"contentType": "application/octet-stream"}),
    ]


@pytest.mark.parametrize("name", ["contentType", "Content-Type"])
def test_the_metadata_may_say_the_type_of_the_content(name):
    declared = MessageDeclaration("it", lambda *_: None).with_content("a,b").with_metadata({name: "text/csv"})

    document = interaction_document(declared, "V4")

    assert document["contents"]["contentType"] == "text/csv"
    assert document["metadata"] == {name: "text/csv", "contentType": "text/csv"}
