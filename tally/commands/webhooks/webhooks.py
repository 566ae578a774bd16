"""`tally webhooks`: list webhooks, test them, switch them on and off, and send deliveries again."""

from typing import Any

import click

from tally.broker_client import BrokerClient, Resource
from tally.commands import answers
from tally.commands import output as printing
from tally.commands.delivery_status import in_words
from tally.commands.options import broker_options, output_option
from tally.commands.webhooks import attempts, changes
from tally.errors import UsageError
from tally.option_values import CommandAboutUuids

HEADINGS = ("DESCRIPTION", "CONSUMER", "PROVIDER", "EVENTS", "ENABLED", "LAST", "UUID")
NOT_SENT = 1


class _Webhooks(click.Group):
    command_class = CommandAboutUuids


@click.group(cls=_Webhooks)
def webhooks() -> None:
    """Create, list, change, test and switch the webhooks of a broker, and send deliveries again.

    \b
    Examples:
      tally webhooks create https://ci.example.org/build --contract-content-changed --provider Orders
      tally webhooks list
      tally webhooks test 5Yl0cWQzXb7HdJqk2vQw3A --send
    """


webhooks.add_command(changes.create)
webhooks.add_command(changes.update)
webhooks.add_command(changes.delete)


@webhooks.command("list")
@output_option()
@broker_options
def list_webhooks(*, broker: BrokerClient, output: str) -> None:
    """List the webhooks, with the status of the last delivery of each.

    \b
    Example:
      tally webhooks list
    """
    listed = broker.follow(broker.index(), "pb:webhooks")
    found = [broker.get(link.expand()) for link in listed.links("pb:webhooks")]
    is_for_programs = output in {"json", "pretty"}
    rows = [] if is_for_programs else [_row(broker, webhook) for webhook in found]
    states = [webhook.state for webhook in found]
    answers.listing(states, output, rows, headings=HEADINGS, nothing="There are no webhooks yet.")
    for webhook in found if output == "text" else ():
        for notice in webhook.notices():
            printing.say(f"{webhook.state['description']}: {notice.text}", notice.type)


@webhooks.command()
@click.argument("uuid")
@click.option("--send", is_flag=True, help="Send the request once; without this option it is only shown.")
@output_option()
@broker_options
def test(*, broker: BrokerClient, uuid: str, send: bool, output: str) -> None:
    """Show what a webhook would send, or send it.

    The request is about the latest pact that the webhook applies to. What came of it is printed; --verbose
    adds the log. Exits with 1 when it was not delivered.

    \b
    Example:
      tally webhooks test 5Yl0cWQzXb7HdJqk2vQw3A --send
    """
    webhook = changes.find(broker, uuid)
    relation = "pb:execute" if send else "tally:dry-run"
    made = broker.post(webhook.link(relation).expand(), {})
    if not attempts.show(made, webhook, output, sent=send):
        raise SystemExit(NOT_SENT)


@webhooks.command()
@click.argument("uuids", nargs=-1, metavar="[DELIVERY]...")
@click.option(
    "--failed-of", metavar="UUID", help="All recent failed deliveries of the webhook with this UUID."
)
@broker_options
def redeliver(*, broker: BrokerClient, uuids: tuple[str, ...], failed_of: str | None) -> None:
    """Send finished deliveries again.

    Either the deliveries with these UUIDs, or all recent failed deliveries of one webhook.

    \b
    Example:
      tally webhooks redeliver --failed-of 5Yl0cWQzXb7HdJqk2vQw3A
    """
    if bool(uuids) == bool(failed_of):
        raise UsageError("Give either the UUIDs of deliveries, or --failed-of with the UUID of a webhook.")
    index = broker.index()
    deliveries = [_delivery(broker, index, uuid) for uuid in uuids]
    if failed_of:
        webhook = changes.find(broker, failed_of)
        listed = broker.follow(webhook, "tally:triggered-webhooks").embedded("triggeredWebhooks")
        deliveries = [item for item in listed if item["status"] == "failure"]
    for delivery in deliveries:
        _send_again(broker, delivery)
    printing.say(
        f"Deliveries that will be sent again: {len(deliveries)}.", "success" if deliveries else "info"
    )


@webhooks.command()
@click.argument("uuid")
@broker_options
def enable(*, broker: BrokerClient, uuid: str) -> None:
    """Switch a webhook on.

    This also enables a webhook that the broker disabled, and resets its count of failures.

    \b
    Example:
      tally webhooks enable 5Yl0cWQzXb7HdJqk2vQw3A
    """
    _switch(broker, uuid, enabled=True)


@webhooks.command()
@click.argument("uuid")
@broker_options
def disable(*, broker: BrokerClient, uuid: str) -> None:
    """Switch a webhook off.

    The webhook stays in the broker, but no event triggers it.

    \b
    Example:
      tally webhooks disable 5Yl0cWQzXb7HdJqk2vQw3A
    """
    _switch(broker, uuid, enabled=False)


def _switch(broker: BrokerClient, uuid: str, *, enabled: bool) -> None:
    webhook = changes.find(broker, uuid)
    # A header or password that is sent back as asterisks keeps its stored value.
    broker.put(webhook.link("self").expand(), {**webhook.state, "enabled": enabled})
    printing.say(f"{webhook.state['description']} is {'enabled' if enabled else 'disabled'}.", "success")


def _delivery(broker: BrokerClient, index: Resource, uuid: str) -> dict[str, Any]:
    with answers.not_found(f"There is no delivery with the uuid {uuid!r}."):
        return broker.follow(index, "tally:triggered-webhook", uuid=uuid).state


def _send_again(broker: BrokerClient, delivery: dict[str, Any]) -> None:
    if "tally:redeliver" not in delivery["_links"]:
        raise UsageError(f"{delivery['uuid']} is not finished yet, or its webhook was deleted.")
    broker.post(delivery["_links"]["tally:redeliver"]["href"], {})


def _row(broker: BrokerClient, webhook: Resource) -> dict[str, str]:
    state = webhook.state
    values = (
        state["description"],
        *(_who(state.get(role)) for role in ("consumer", "provider")),
        ", ".join(event["name"] for event in state["events"]),
        "yes" if state["enabled"] else "no",
        _last(broker, webhook),
        state["uuid"],
    )
    return dict(zip(HEADINGS, values, strict=True))


def _last(broker: BrokerClient, webhook: Resource) -> str:
    """Return what came of the last delivery; a Pact Broker does not say."""
    if not any(webhook.links("tally:triggered-webhooks")):
        return "not known"
    sent = broker.follow(webhook, "tally:triggered-webhooks").embedded("triggeredWebhooks")
    return in_words(str(sent[0]["status"])) if sent else "never triggered"


def _who(criterion: dict[str, str] | None) -> str:
    if criterion is None:
        return "any"
    return criterion.get("name") or f"labelled {criterion['label']}"
