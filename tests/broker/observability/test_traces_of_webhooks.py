"""The header `traceparent` of webhooks: each request of one belongs to the trace of what caused it."""

import pytest
from support.receivers import failing_first, receiving, wait_until
from support.webhook_worker import publish, webhook, working

from broker.domain.trace_parent import parse

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def publishing(database, headers, **changes):
    """Return the traces of the requests that a publication with these headers causes; one is repeated."""
    with (
        receiving(failing_first(1)) as receiver,
        working(database, webhook_retry_schedule=(0,)) as broker,
    ):
        created = broker.post("/webhooks", json=webhook(receiver.url, **changes))
        assert created.status_code == 201, created.text
        broker.environ_base |= {
            f"HTTP_{name.upper().replace('-', '_')}": text for name, text in headers.items()
        }
        publish(broker)
        wait_until(lambda: len(receiver.received) == 2)
    return [request.headers["traceparent"] for request in receiver.received]


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_all_attempts_belong_to_the_trace_that_the_publication_came_with(database):
    first, second = map(parse, publishing(database, {"traceparent": f"00-{TRACE}-{PARENT}-00"}))

    assert first.trace_id == second.trace_id == TRACE
    assert first.flags == second.flags == "00"
    assert len({first.span_id, second.span_id, PARENT}) == 3


@pytest.mark.parametrize(
    ("headers", "trace"),
    [
        ({"X-Request-Id": TRACE}, TRACE),
        ({"X-Request-Id": "0af76519-16cd-43dd-8448-eb211c80319c"}, TRACE),
        ({"traceparent": f"00-{TRACE}-{PARENT}-01", "X-Request-Id": "another"}, TRACE),
        ({"traceparent": "nonsense\u00e4", "X-Request-Id": TRACE}, TRACE),
    ],
)
def test_without_one_the_id_of_the_request_begins_the_trace(database, headers, trace):
    assert {parse(given).trace_id for given in publishing(database, headers)} == {trace}


def test_a_webhook_may_send_a_header_of_its_own(database):
    own = f"00-{TRACE}-{PARENT}-00"
    request = {"method": "POST", "headers": {"traceparent": own}}

    with receiving() as receiver, working(database) as broker:
        what = webhook(receiver.url)
        broker.post("/webhooks", json={**what, "request": {**what["request"], **request}})
        publish(broker)
        wait_until(lambda: receiver.received)

    assert receiver.received[0].headers["traceparent"] == own


def test_a_webhook_that_is_executed_belongs_to_the_trace_of_who_executes_it(database):
    with receiving() as receiver, working(database) as broker:
        created = broker.post("/webhooks", json=webhook(receiver.url))
        broker.post(
            created.json["_links"]["pb:execute"]["href"],
            headers={"traceparent": f"00-{TRACE}-{PARENT}-01"},
        )

    sent = parse(receiver.received[0].headers["traceparent"])
    assert sent.trace_id == TRACE
    assert sent.span_id != PARENT
