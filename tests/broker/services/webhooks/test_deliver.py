"""What one attempt sends, counts as success, and leaves in the log (Pact Broker reference §10.5)."""

import re
import socket

import pytest
from support.factories import NOON
from support.receivers import answering, receiving

from broker.domain.webhooks.webhook import WebhookDescription, WebhookRequest
from broker.services.webhooks.deliver import RequestToSend, compose, send_request
from broker.settings.settings import Settings

LOCAL = {
    "webhook_host_whitelist": ("127.0.0.0/8",),
    "webhook_scheme_whitelist": ("http",),
    "webhook_timeout": 2,
}
PARAMETERS = {"providerName": 'The "Größe"\n& Co', "consumerVersionNumber": "1/2"}


def deliver(url, *, how=send_request, settings=None, **request):
    what = WebhookDescription(WebhookRequest("POST", url, **request))
    chosen = Settings(**{**LOCAL, **(settings or {})})
    return how(RequestToSend(what, PARAMETERS, {}, delivery="7"), chosen, lambda: NOON)


@pytest.mark.parametrize(
    ("status", "codes", "success"),
    [(200, None, True), (206, None, True), (207, None, False), (418, (200, 418), True), (200, (418,), False)],
)
def test_the_settings_say_which_statuses_are_success(status, codes, success):
    settings = {} if codes is None else {"webhook_http_code_success": codes}
    with receiving(answering(status)) as receiver:
        attempt = deliver(receiver.url, settings=settings)

    assert (attempt.success, attempt.response.status) == (success, status)


@pytest.mark.parametrize(
    ("settings", "says"), [({}, r"Tallystick/\d.*"), ({"user_agent": "Pact Broker v2"}, "Pact Broker v2")]
)
def test_it_introduces_itself(settings, says):
    attempt = deliver("http://127.0.0.1/", how=compose, settings=settings)

    assert re.fullmatch(says, attempt.request.headers["user-agent"])


@pytest.mark.parametrize(
    ("body", "headers", "content_type", "sent"),
    [
        (
            {"name": "${pactbroker.providerName}", "n": [1.0, 2**70]},
            {},
            "application/json",
            '{"name":"The \\"Größe\\"\\n& Co","n":[1.0,1180591620717411303424]}',
        ),
        ('{"v": "${pactbroker.providerName}"}', {}, "application/json", '{"v": "The \\"Größe\\"\\n& Co"}'),
        (
            "<v>${pactbroker.consumerVersionNumber}</v>",
            {"content-type": "application/xml"},
            "application/xml",
            "<v>1/2</v>",
        ),
        (
            "v=${pactbroker.providerName}&w=1",
            {"content-type": "application/x-www-form-urlencoded; charset=utf-8"},
            "application/x-www-form-urlencoded; charset=utf-8",
            "v=The+%22Gr%C3%B6%C3%9Fe%22%0A%26+Co&w=1",
        ),
        ("just ${pactbroker.consumerVersionNumber}", {}, None, "just 1/2"),
        (None, {}, None, ""),
    ],
    ids=["object", "JSON as text", "xml", "form", "text", "nothing"],
)
def test_a_body_is_sent_as_what_it_is(body, headers, content_type, sent):
    with receiving() as receiver:
        assert deliver(receiver.url, body=body, headers=headers).success

    [request] = receiver.received
    assert request.body.decode() == sent
    assert request.headers.get("content-type") == content_type
    assert request.headers["content-length"] == str(len(request.body))


@pytest.mark.parametrize(
    ("username", "password", "authorization"),
    [("me", "my:pass", "Basic bWU6bXk6cGFzcw=="), ("", "token", "Basic OnRva2Vu"), (None, "token", None)],
)
def test_a_username_makes_it_basic_authentication(username, password, authorization):
    attempt = deliver("http://127.0.0.1/", how=compose, username=username, password=password)

    assert attempt.request.headers.get("authorization") == authorization


def test_the_log_tells_the_context_the_request_and_the_answer():
    with receiving(answering(200, b"d\xffone", X_Token="theirs", X_Kind="ci")) as receiver:
        attempt = deliver(receiver.url, headers={"x-auth-token": "ours", "x-kind": "pact"}, body={"a": 1})

    lines = attempt.log.text.splitlines()
    assert all(re.match(r"\[2026-06-01T12:00:00Z\] (DEBUG|INFO): ", line) for line in lines)
    told = [line.partition(": ")[2] for line in lines]
    assert told[0].startswith('context {"providerName":"The \\"Größe\\"')
    assert told[1] == f"HTTP/1.1 request POST {receiver.url}"
    assert {"x-auth-token: **********", "x-kind: pact", '{"a":1}'} <= set(told)
    assert told.index("HTTP/1.1 response 200") > told.index('{"a":1}')
    assert {"x-token: **********", "x-kind: ci"} <= set(told)
    assert told[-1] == "done", "what is no UTF-8 is left out"


def test_credentials_are_in_the_log_when_the_settings_say_so():
    with receiving() as receiver:
        settings = {"webhook_redact_sensitive_data": False}
        attempt = deliver(receiver.url, settings=settings, headers={"authorization": "Bearer x"})

    assert "authorization: Bearer x" in attempt.log.text


def test_without_a_list_of_hosts_nothing_of_the_answer_is_kept(monkeypatch):
    with receiving(answering(200, b"internal")) as receiver:
        here = int(receiver.url.rpartition(":")[2])
        connect = socket.create_connection

        def lead_here(address, **options):
            assert address == ("203.0.114.1", 80), "a public address"
            return connect(("127.0.0.1", here), **options)

        monkeypatch.setattr(socket, "create_connection", lead_here)
        attempt = deliver("http://203.0.114.1/", settings={"webhook_host_whitelist": ()})

    assert attempt.success
    assert "internal" not in attempt.log.text
    assert "HTTP/1.1 response 200" in attempt.log.text
    assert "the rest of the answer is not shown" in attempt.log.text
