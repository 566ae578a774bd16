"""Messages, exchanges, and requests with values of a state: recorded, and verified by both engines."""

import base64
import json

import pytest
from support.answering_provider import Answer, answering
from support.recorded_pacts import pact_of

from consumer_sdk import MismatchError, bodies, generate, match, metadata
from consumer_sdk.declarations import ExchangeDeclaration, HttpDeclaration, Message, MessageDeclaration
from consumer_sdk.documents import interaction_document, list_of
from consumer_sdk.exchanges import Exchanging
from verifier import Verifier

ENGINES = pytest.mark.parametrize("engine", ["tallystick", "pact-core"])
JSON = ("Content-Type", "application/json")


def as_json(value, **beside):
    header = base64.b64encode(json.dumps(beside).encode()).decode()
    return Answer(json.dumps(value).encode(), headers=(JSON, ("Pact-Message-Metadata", header)))


def a_message(name, specification="V4"):
    return (
        MessageDeclaration(name, lambda *_: None, specification)
        .with_content({"id": match.integer(7)})
        .with_metadata(metadata.kafka(match.regex("orders.eu", r"^orders\..*$"), key="7"))
    )


MESSAGES = {
    "kept": as_json({"id": 8}, topic="orders.us", key="7"),
    "another topic": as_json({"id": 8}, topic="invoices", key="7"),
    "another key": as_json({"id": 8}, topic="orders.us", key="8"),
    "another content": as_json({"id": "x"}, topic="orders.us", key="7"),
}


@ENGINES
@pytest.mark.parametrize("specification", ["V3", "V4"])
def test_messages_are_verified_with_their_metadata(engine, specification, tmp_path):
    declared = [a_message(name, specification) for name in MESSAGES]
    interactions = [interaction_document(each, specification) for each in declared]
    path = pact_of(interactions, specification, tmp_path, kind=list_of(declared[0], specification))

    with answering(lambda asked: MESSAGES[json.loads(asked.body)["description"]]) as provider:
        url = f"{provider.url}/messages"
        report = Verifier(provider=provider.url, engine=engine, message_url=url).add_pact(path).run()

    results = {result.case.description: result.passed for result in report.contracts[0].results}
    assert results == {name: name == "kept" for name in MESSAGES}


def test_metadata_stands_under_the_names_of_each_broker():
    assert metadata.sns("t", subject="s", attributes={"a": 1}) == {"topic": "t", "subject": "s", "a": 1}
    assert metadata.sqs("q", group="g", deduplication="d") == {
        "queue": "q",
        "messageGroupId": "g",
        "messageDeduplicationId": "d",
    }
    assert metadata.amqp("e", "k", properties={"correlation_id": "c"}, headers={"h": 1}) == {
        "exchange": "e",
        "routingKey": "k",
        "correlation_id": "c",
        "h": 1,
    }
    assert metadata.pubsub("t", ordering_key="o", attributes={"a": "b"}) == {
        "topic": "t",
        "orderingKey": "o",
        "a": "b",
    }


def exchange(document, code):
    exchanging = Exchanging(document)
    answer = code(exchanging.send)
    exchanging.check()
    return answer


def an_exchange(name="a price"):
    return (
        ExchangeDeclaration(name, lambda *_: None)
        .with_request({"sku": match.like("tea")}, metadata.amqp("shop", "prices"))
        .will_reply_with({"cents": match.integer(1350)})
        .will_reply_with(bodies.text("done"))
    )


@pytest.mark.parametrize("specification", ["V4"])
def test_an_exchange_with_several_replies_is_verified(specification, tmp_path):
    document = interaction_document(an_exchange(), specification)
    replies = [
        {"contents": {"cents": 7}, "metadata": {"contentType": "application/json"}},
        {"contents": "done", "metadata": {"contentType": "text/plain"}},
    ]

    with answering(lambda _: as_json(replies)) as provider:
        report = (
            Verifier(provider=provider.url, message_url=f"{provider.url}/messages")
            .add_pact(pact_of([document], specification, tmp_path))
            .run()
        )

    assert report.passed
    assert json.loads(provider.asked[0].body)["request"]["contents"] == {"sku": "tea"}


def test_the_code_gets_the_replies_to_the_message_that_it_sends():
    def ask(send):
        price, done = send(Message(b'{"sku": "milk"}', {"exchange": "shop", "routingKey": "prices"}))
        return price.json()["cents"], done.content

    assert exchange(interaction_document(an_exchange(), "V4"), ask) == (1350, b"done")


def test_another_message_than_the_declared_one_is_refused_and_told():
    document = interaction_document(an_exchange(), "V4")

    with pytest.raises(MismatchError, match=r"(?s)sent another message than declared.*routingKey.*\$\.sku"):
        exchange(document, lambda send: send(Message(b'{"sku": 1}', {"exchange": "shop", "routingKey": "x"})))
    with pytest.raises(MismatchError, match="sent 0 messages; it is declared to send one"):
        exchange(document, lambda _: None)


@ENGINES
def test_a_request_is_sent_with_what_the_state_returned(engine, tmp_path):
    declared = (
        HttpDeclaration("it")
        .given("an order exists")
        .with_request(
            "POST",
            generate.provider_state("/orders/${id}", "/orders/7"),
            query={"of": generate.provider_state("${id}", "7")},
            headers={"X-Order": generate.provider_state("no. ${id}", "no. 7")},
            body={"id": generate.provider_state("${id}", 7)},
        )
        .will_respond_with(204)
    )
    path = pact_of([interaction_document(declared, "V4")], "V4", tmp_path)

    with answering(
        lambda asked: as_json({"id": 8}) if asked.path == "/states" else Answer(status=204)
    ) as provider:
        states = f"{provider.url}/states"
        report = Verifier(provider=provider.url, engine=engine, state_change_url=states).add_pact(path).run()

    assert report.passed
    (sent,) = [asked for asked in provider.asked if asked.path != "/states"]
    assert (sent.path, sent.headers["x-order"]) == ("/orders/8?of=8", "no. 8")
    assert json.loads(sent.body) == {"id": 8}
