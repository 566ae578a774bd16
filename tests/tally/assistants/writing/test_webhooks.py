"""Webhooks that an assistant creates: what they will do is said first, and secrets are not taken."""

import json

import pytest
import requests
from support.confirming import confirmed
from support.hal_server import Answer

from tally.assistants.answers import ToolError
from tally.assistants.sources.sources import Sources
from tally.assistants.writing import WRITING
from tally.broker_client import BrokerClient
from tally.commands.webhooks.definitions import EVENTS

WEBHOOK = {
    "description": "verify `Orders` 📦",
    "url": "https://ci.example.org/build",
    "events": ["contract_content_changed"],
    "provider": "Orders",
}


def test_a_webhook_is_created_once_it_is_confirmed(call, at):
    before = _webhooks(at)
    body = '{"pact": "${pactbroker.pactUrl}"}'

    plan = call("create_webhook", **WEBHOOK, body=body)

    created, sent, content, scope = plan["data"]["will"]
    assert created == "create the webhook `verify 'Orders' 📦`"
    assert sent.startswith(
        "from then on, send POST `https://ci.example.org/build` at each contract_content_changed"
    )
    assert content == f"with the body `{body}`"
    assert scope == "for provider `Orders` alone"
    assert _webhooks(at) == before
    done = call("create_webhook", **WEBHOOK, body=body, confirm=True)
    assert {done["links"]["webhook"]} == _webhooks(at) - before
    assert "/pacts/provider/Orders" in done["data"]["it_would_send"]["body"]["pact"]
    again = call("create_webhook", **WEBHOOK, body=body, confirm=True)
    assert again["summary"].startswith("Nothing is written: no need to create the webhook")
    assert len(_webhooks(at) - before) == 1


@pytest.mark.parametrize("changed", [{"body": '{"other": 1}'}, {"headers": ["X-Build: 7"]}])
def test_a_webhook_that_sends_something_else_is_not_the_same(call, changed):
    webhook = {**WEBHOOK, "url": "https://ci.example.org/alike", "body": '{"one": 1}'}
    call("create_webhook", **webhook, confirm=True)

    plan = call("create_webhook", **{**webhook, **changed})

    assert plan["summary"].startswith("Nothing is written yet")
    assert plan["data"]["warnings"][0].startswith(
        "A webhook sends to this address at the same events already"
    )
    assert plan["links"]["webhook"]


def test_values_of_headers_are_said_not_to_be_compared(call):
    webhook = {**WEBHOOK, "url": "https://ci.example.org/headers", "headers": ["X-Build: 7"]}
    plan = call("create_webhook", **webhook)
    call("create_webhook", **webhook, confirm=True)

    again = call("create_webhook", **{**webhook, "headers": ["x-build: 8"]}, confirm=True)

    assert "with the headers `X-Build`" in plan["data"]["will"]
    assert again["summary"].startswith("Nothing is written: no need")
    assert "were not compared" in again["data"]["warnings"][0]


def _webhooks(at):
    return {link["href"] for link in at("/webhooks")["_links"]["pb:webhooks"]}


def test_a_webhook_for_everybody_is_warned_of(call):
    plan = call("create_webhook", **{**WEBHOOK, "provider": None, "url": "http://ci.example.org/other"})

    assert [text.split(":")[0] for text in plan["data"]["warnings"]] == [
        "It is for all applications",
        "The request is not encrypted",
    ]


SECRET = "hunter2abc"


@pytest.mark.parametrize(
    "changed",
    [
        {"headers": [f"Authorization: Bearer {SECRET}"]},
        {"headers": [f"X-Api-Key: {SECRET}"]},
        {"headers": ["X-Note: ghp_0123456789abcdefghij"]},
        {"url": f"https://ci.example.org/build?token={SECRET}"},
        {"url": f"https://user:{SECRET}@ci.example.org/build"},
        {"url": "https://hooks.slack.com/services/T000/B000/XyZ"},
        {"body": f'{{"password": "{SECRET}"}}'},
        {"body": f"token={SECRET}"},
    ],
)
def test_a_secret_in_plain_text_is_refused(call, at, changed):
    before = at("/webhooks")

    with pytest.raises(ToolError, match=r"secret in plain text|credentials do not belong") as refused:
        call("create_webhook", **{**WEBHOOK, **changed}, confirm=True)

    assert SECRET not in str(refused.value)
    assert "secret." in str(refused.value)
    assert at("/webhooks") == before


def test_a_secret_is_used_by_its_name(call, lax_broker):
    headers = ["Authorization: Bearer ${secret.ci}"]
    with pytest.raises(ToolError, match=r"no secret `ci`.*tally secrets set NAME"):
        call("create_webhook", **WEBHOOK, headers=headers)
    requests.put(f"{lax_broker}/secrets/ci", json={"value": SECRET}, timeout=30).raise_for_status()

    done = call(
        "create_webhook",
        **{**WEBHOOK, "url": "https://ci.example.org/secret?token=${secret.ci}"},
        headers=headers,
        confirm=True,
    )

    assert done["summary"].startswith("Done")
    assert SECRET not in json.dumps(done)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"provider": "Order"}, "Did you mean `Orders`?"),
        ({"provider": ""}, "provider is empty"),
        ({"events": []}, "events: "),
        ({"events": ["pact_published"]}, "events"),
        ({"url": "ci.example.org"}, "url: "),
        ({"url": "http://[::1"}, "url: "),
        ({"url": "javascript:alert(1)"}, "url: "),
        ({"method": "TRACE"}, "method"),
        ({"headers": ["no name"]}, "has no name"),
        ({"body": "@/etc/passwd"}, "@FILE is not read"),
    ],
)
def test_what_is_no_webhook_is_refused(call, changed, said):
    with pytest.raises(ToolError) as refused:
        call("create_webhook", **{**WEBHOOK, **changed}, confirm=True)

    assert said in str(refused.value)


def test_the_events_are_those_of_the_command():
    [tool] = [each for each in WRITING if each.name == "create_webhook"]

    assert set(tool.schema["properties"]["events"]["items"]["enum"]) == set(EVENTS)


def test_a_refusal_of_the_broker_does_not_show_the_token(pact_broker, project):
    pact_broker.answers("POST", "/webhooks", Answer({"error": "only reading"}, 403))
    [tool] = [each for each in WRITING if each.name == "create_webhook"]
    sources = Sources(BrokerClient(pact_broker.base_url, token=SECRET), folder=project)

    with pytest.raises(ToolError, match=r"403") as refused:
        confirmed(tool, sources, {**WEBHOOK, "confirm": True})

    assert SECRET not in str(refused.value)
    assert pact_broker.sent("POST")[0].headers["Authorization"] == f"Bearer {SECRET}"


def test_a_pact_broker_takes_webhooks_without_secrets(call_at_pact_broker, pact_broker):
    done = call_at_pact_broker("create_webhook", **WEBHOOK, confirm=True)

    assert done["links"] == {"webhook": pact_broker.url("/webhooks/u1")}
    [sent] = pact_broker.sent("POST")
    assert sent.body["events"] == [{"name": "contract_content_changed"}]
    with pytest.raises(ToolError, match="keeps no secrets"):
        call_at_pact_broker("create_webhook", **WEBHOOK, headers=["Authorization: ${secret.ci}"])
