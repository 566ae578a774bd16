"""Parameters that do not exist are found, and what is no parameter of ours is left alone."""

from pathlib import Path

import pytest

from broker.domain.webhooks.parameters import NAMES
from broker.domain.webhooks.template_rules import broken_parameters

WRITE_IT = "write it as ${pactbroker.pactUrl}"


def test_every_parameter_is_known_and_documented():
    guide = (Path(__file__).parents[4] / "docs" / "webhooks.md").read_text(encoding="utf-8")

    assert broken_parameters(f"${{pactbroker.{name}}}" for name in NAMES) == []
    assert [name for name in NAMES if f"`{name}`" not in guide] == []


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("${pactbroker.pactUrll}", "(did you mean 'pactUrl'?)"),
        ("${pactbroker.consumerVersonNumber}", "(did you mean 'consumerVersionNumber'?)"),
        ("${pactbroker.consumer.name}", "(did you mean 'consumerName'?)"),
        ("${pactbroker.pactUrl.x}", "(did you mean 'pactUrl'?)"),
        ("${pactbroker.zzz}", "there are consumerName, providerName"),
        ("${pactbroker.}", "there are consumerName, providerName"),
        ("${pactbroker.${pactbroker.pactUrl}}", "there are consumerName, providerName"),
        ("${pactbroker.pactURL}", WRITE_IT),
        ("${pactBroker.pactUrl}", WRITE_IT),
        ("${pact_broker.pactUrl}", WRITE_IT),
        ("${pactbrokr.pactUrl}", WRITE_IT),
        ("${broker.pactUrl}", WRITE_IT),
        ("${pact.pactUrl}", WRITE_IT),
        ("${ pactbroker.pactUrl }", WRITE_IT),
        ("${pactbroker:pactUrl}", WRITE_IT),
        ("${pactbroker_pactUrl}", WRITE_IT),
        ("${pactbroker.pactUrl", WRITE_IT),
        ("${pactbroker.pact", "has no closing brace"),
        ("$pactbroker.pactUrl", WRITE_IT),
        ("$(pactbroker.pactUrl)", WRITE_IT),
        ("{{pactbroker.pactUrl}}", WRITE_IT),
        ("%24%7Bpactbroker.pactUrl%7D", WRITE_IT),
    ],
)
def test_what_is_misspelt_is_named_with_what_is_meant(text, hint):
    (message,) = broken_parameters([f"a {text} b ${{pactbroker.pactUrl}}"])

    assert "is no parameter" in message or "brace" in message
    assert hint in message


@pytest.mark.parametrize(
    "text",
    [
        "${PACT_BROKER_BASE_URL}",
        "${PACT_BROKER_TOKEN:-none}",
        "${HOME}",
        "${pactUrl}",
        "${build.url}",
        "${params.consumerName}",
        "${{ secrets.TOKEN }}",
        "${user.token}",
        "${secret.ci}",
        "https://pactbroker.example.org/pacts",
        "$${pactbroker.pactUrl}",
        "Pactbroker pactUrl: pactbroker.pactUrl",
        "${",
        "${.}",
        "${pactbroker",
    ],
)
def test_what_the_receiver_may_fill_in_is_left_alone(text):
    assert broken_parameters([text]) == []


def test_each_is_named_once():
    messages = broken_parameters(["${pactbroker.a1}${pactbroker.a1}", "${pactbroker.a1} ${pactbroker.b2}"])

    assert [message.partition(" ")[0] for message in messages] == ["${pactbroker.a1}", "${pactbroker.b2}"]
