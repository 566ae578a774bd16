"""Pacts in which something is missing or misspelt: read as the Rust core does, or refused, never skipped."""

import pytest
from support.factories import a_pact

V4 = {"metadata": {"pactSpecification": {"version": "4.0"}}}
JSON = "application/json"


@pytest.fixture
def verdict(provider, tally_verify, pact_file):
    """Verify a pact against a provider that answers everything with the same; return how that ended."""

    def call(pact, body=b"", *, status=200, content_type=JSON):
        for method, path in (("GET", "/a"), ("POST", "/a"), ("POST", "/messages")):
            provider.on(method, path, body, status=status, Content_Type=content_type)
        return tally_verify(
            pact_file(pact), "--provider-url", provider.url, "--message-url", f"{provider.url}/messages"
        )

    return call


def http(response, request=None, **changes):
    return {
        "type": "Synchronous/HTTP",
        "description": "d",
        "request": {"method": "GET", "path": "/a"} | (request or {}),
        "response": response,
        **changes,
    }


def message(**changes):
    return {"type": "Asynchronous/Messages", "description": "d", **changes}


def reply(**changes):
    request = {"contents": {"content": {"q": 1}, "contentType": JSON, "encoded": False}}
    return {"type": "Synchronous/Messages", "description": "d", "request": request, "response": [changes]}


@pytest.mark.parametrize(
    "interaction_with",
    [
        lambda content: http({"status": 200, "body": content}),
        lambda content: message(contents=content),
        lambda content: reply(contents=content),
    ],
    ids=["response", "message", "reply"],
)
@pytest.mark.parametrize(
    "content", [{"x": 2}, {"contents": {"x": 2}, "contentType": JSON}, {"Content": {"x": 2}}, [1], 12]
)
def test_content_without_an_envelope_is_the_content_itself(verdict, interaction_with, content):
    pact = a_pact(interaction_with(content), **V4)

    assert verdict(pact, {"x": 1}).exit_code == 1
    assert verdict(pact, content).exit_code == 0


def test_text_without_an_envelope_is_the_content_itself(verdict):
    pact = a_pact(http({"status": 200, "body": "paid"}), **V4)

    assert verdict(pact, b"paid", content_type="text/plain").exit_code == 0
    assert verdict(pact, b"open", content_type="text/plain").exit_code == 1


@pytest.mark.parametrize("envelope", [{}, {"contentType": JSON}, {"contentType": JSON, "encoded": False}])
def test_an_envelope_without_content_says_nothing(verdict, envelope):
    assert verdict(a_pact(http({"status": 200, "body": envelope}), **V4), {"x": 1}).exit_code == 0


def test_a_request_without_an_envelope_is_sent(verdict, provider):
    asked = http({"status": 200}, {"method": "POST", "body": {"x": 1}})

    assert verdict(a_pact(asked, **V4)).exit_code == 0
    assert provider.asked_for("POST", "/a")[0].json == {"x": 1}


def test_a_synchronous_message_without_an_envelope_is_sent(verdict, provider):
    asked = reply(contents={"content": {"a": 1}, "contentType": JSON}) | {"request": {"contents": {"q": 7}}}

    assert verdict(a_pact(asked, **V4), {"a": 1}).exit_code == 0
    assert provider.asked_for("POST", "/messages")[0].json["request"]["contents"] == {"q": 7}


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0", "3.0.0", "4.0"])
def test_a_response_without_a_status_is_a_200(verdict, version):
    pact = a_pact(http({}), metadata={"pactSpecification": {"version": version}})

    assert verdict(pact, status=500).exit_code == 1
    assert verdict(pact, status=200).exit_code == 0


def test_a_rule_decides_about_a_status_that_is_not_there(verdict):
    rules = {"status": {"matchers": [{"match": "statusCode", "status": "clientError"}]}}
    pact = a_pact(http({"matchingRules": rules}))

    assert verdict(pact, status=404).exit_code == 0
    assert verdict(pact, status=200).exit_code == 1


def test_a_status_of_null_is_refused_with_its_place(verdict):
    ended = verdict(a_pact(http({"status": None})), status=500)

    assert ended.exit_code == 2
    assert "interactions[0].response.status: expected a status" in ended.stderr


@pytest.mark.parametrize(
    ("interaction", "said"),
    [
        (http({"stauts": 200}), 'response.stauts: is not known here; did you mean "status"?'),
        (http({"statusCode": 200}), 'response.statusCode: is not known here; did you mean "status"?'),
        (http({"status": 200, "Body": {"x": 2}}), 'response.Body: is not known here; did you mean "body"?'),
        (http({"status": 200, "contents": 2}), 'response.contents: is not known here; did you mean "body"?'),
        (
            http({"status": 200, "header": {"A": "b"}}),
            'response.header: is not known here; did you mean "head',
        ),
        (http({"status": 200, "matching_rules": {}}), 'did you mean "matchingRules"?'),
        (
            http({"status": 200, "requestMatchingRules": {}}),
            "response.requestMatchingRules: is not known here",
        ),
        (
            http({"status": 200}, {"boddy": {"x": 2}}),
            'request.boddy: is not known here; did you mean "body"?',
        ),
        (
            http({"status": 200}, {"queries": {"x": "2"}}),
            'request.queries: is not known here; did you mean "que',
        ),
        (http({"status": 200}, provider_states=[{"name": "s"}]), 'did you mean "providerStates"?'),
        (message(content={"content": 2}), '[0].content: is not known here; did you mean "contents"?'),
        (
            message(contents={"content": 1}, metdata={"a": "b"}),
            'metdata: is not known here; did you mean "metad',
        ),
        (message(), "interactions[0].contents: expected the contents of the message, but they are missing"),
        (message(contents={}), "interactions[0].contents.content: expected the content of the message"),
        (
            message(contents={"contentType": JSON, "encoded": False}, metadata={"contentType": JSON}),
            "interactions[0].contents.content: expected the content of the message, but it is missing",
        ),
        (
            reply(contents={"contentType": JSON}),
            "interactions[0].response[0].contents.content: expected the content of the message",
        ),
        (message(metadata={"contentType": JSON}), "interactions[0].contents: expected the contents of the"),
        (
            reply(),
            "interactions[0].response[0].contents: expected the contents of the message, but they are mis",
        ),
        (reply(Contents={"content": 2}), 'response[0].Contents: is not known here; did you mean "contents"?'),
        (reply() | {"response": None, "respones": [{}]}, ""),
    ],
)
def test_a_key_that_is_misspelt_or_missing_is_refused_with_its_place(verdict, interaction, said):
    ended = verdict(a_pact(interaction, **V4), {"x": 1})

    assert ended.exit_code == 2, ended
    assert said in ended.stderr


@pytest.mark.parametrize("version", ["2.0.0", "3.0.0", "4.0"])
def test_messages_are_compared_whatever_version_the_pact_says(verdict, version):
    known = {"description": "d", "contents": {"x": 2}}
    pact = a_pact(messages=[known], metadata={"pactSpecification": {"version": version}}) | {
        "interactions": []
    }

    assert verdict(pact, {"x": 1}).exit_code == 1
    assert verdict(pact, {"x": 2}).exit_code == 0


@pytest.mark.parametrize(
    ("pact", "said"),
    [
        ({"interactions": []}, "is empty"),
        ({"interactions": None}, "is empty"),
        ({"interactions": {}}, "interactions: expected a list, but it is an object"),
        ({"interactions": [], "message": [{}]}, 'message: is not known here; did you mean "messages"?'),
        ({"interactions": [], "messages": {}}, "messages: expected a list, but it is an object"),
    ],
)
def test_a_pact_without_interactions_is_refused(verdict, pact, said):
    ended = verdict(a_pact() | pact)

    assert ended.exit_code == 2
    assert said in ended.stderr


def test_metadata_alone_may_be_what_a_message_is_about(verdict):
    pact = a_pact(message(metadata={"topic": "orders"}), **V4)

    ended = verdict(pact, b"")

    assert ended.exit_code == 1
    assert "metadata topic" in ended.stdout


@pytest.mark.parametrize("version", ["2.0.0", "3.0.0"])
def test_rules_under_their_old_names_count(verdict, version):
    response = {"status": 200, "body": {"a": 1}, "responseMatchingRules": {"$.body.a": {"match": "type"}}}
    pact = a_pact(http(response), metadata={"pactSpecification": {"version": version}})

    assert verdict(pact, {"a": 2}).exit_code == 0
    assert verdict(pact, {"a": "2"}).exit_code == 1
