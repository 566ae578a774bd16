"""Creating, changing, sending and deleting webhooks: single commands, and commands of `tally webhooks`."""

from typing import Any

import click

from tally.broker_client import BrokerClient, Resource
from tally.commands import answers
from tally.commands import output as printing
from tally.commands.options import FORMATS, broker_options, output_option
from tally.commands.webhooks import attempts
from tally.commands.webhooks.definitions import check_events, definition, definition_options
from tally.errors import ResourceNotFoundError
from tally.option_values import CommandAboutUuids, CommandWithSeveralValues

HEADINGS = ("DESCRIPTION", "EVENTS", "ENABLED", "UUID")
NOT_SENT = 1
_uuid_option = click.option(
    "--uuid", required=True, metavar="UUID", help="The webhook, as webhooks list shows it."
)


@click.command(cls=CommandWithSeveralValues)
@click.argument("url")
@definition_options
@output_option(*FORMATS, "id", default="json")
@broker_options
def create_webhook(*, broker: BrokerClient, url: str, output: str, **given: Any) -> None:
    """Create a webhook.

    It prints the webhook as JSON, as `pact broker` does; `tally webhooks create` prints a sentence.

    \b
    Example:
      tally create-webhook https://ci.example.org/build --contract-content-changed --provider Orders
    """
    _create(broker, definition(url, given), output)


@click.command(cls=CommandWithSeveralValues)
@click.argument("url")
@click.option("--uuid", required=True, metavar="UUID", help="Its identifier, such as generate-uuid makes.")
@definition_options
@output_option(*FORMATS, "id", default="json")
@broker_options
def create_or_update_webhook(*, broker: BrokerClient, url: str, uuid: str, output: str, **given: Any) -> None:
    """Create a webhook with an identifier of your own, or replace it as a whole.

    \b
    Example:
      tally create-or-update-webhook https://ci.example.org/build --contract-content-changed \\
        --uuid 7daf2d3c-7a1e-4c0a-a1a9-4d9ad2a56c68
    """
    document = definition(url, given)
    check_events(document)
    stored = broker.put(broker.index().link("pb:webhook").expand(uuid=uuid), document)
    _show(stored, "Stored", output)


@click.command()
@_uuid_option
@broker_options
def delete_webhook(*, broker: BrokerClient, uuid: str) -> None:
    """Delete a webhook; one that is not there is no error.

    \b
    Example:
      tally delete-webhook --uuid 7daf2d3c-7a1e-4c0a-a1a9-4d9ad2a56c68
    """
    _delete(broker, uuid)


@click.command()
@_uuid_option
@output_option()
@broker_options
def test_webhook(*, broker: BrokerClient, uuid: str, output: str) -> None:
    """Send a webhook now, about the latest pact that it is for.

    --verbose adds the log. Exits with 1 when it was not delivered. `tally webhooks test` shows the request
    without sending it.

    \b
    Example:
      tally test-webhook --uuid 7daf2d3c-7a1e-4c0a-a1a9-4d9ad2a56c68
    """
    webhook = find(broker, uuid)
    made = broker.post(webhook.link("pb:execute").expand(), {})
    if not attempts.show(made, webhook, output, sent=True):
        raise click.exceptions.Exit(NOT_SENT)


@click.command("create", cls=CommandWithSeveralValues)
@click.argument("url")
@definition_options
@output_option(*FORMATS, "id")
@broker_options
def create(*, broker: BrokerClient, url: str, output: str, **given: Any) -> None:
    """Create a webhook that sends a request to URL.

    \b
    Example:
      tally webhooks create https://ci.example.org/build --contract-content-changed --provider Orders
    """
    _create(broker, definition(url, given), output)


class _CommandAboutAWebhook(CommandAboutUuids, CommandWithSeveralValues):
    """Both: its argument is a uuid, and --header takes several values."""


@click.command("update", cls=_CommandAboutAWebhook)
@click.argument("uuid")
@click.option("--url", metavar="URL", help="Where it sends its request.")
@definition_options
@output_option(*FORMATS, "id")
@broker_options
def update(*, broker: BrokerClient, uuid: str, url: str | None, output: str, **given: Any) -> None:
    """Change a webhook; what is not given stays as it is.

    A --url with another scheme, host or port drops the stored password and secret headers, unless they are
    given again.

    \b
    Example:
      tally webhooks update 5Yl0cWQzXb7HdJqk2vQw3A --description "Verify Orders"
    """
    changes = definition(url, given)
    webhook = find(broker, uuid)
    # What is starred stays as it is stored.
    request = {**webhook.state["request"], **changes.get("request", {})}
    stored = broker.put(webhook.link("self").expand(), {**webhook.state, **changes, "request": request})
    _show(stored, "Updated", output)


@click.command("delete", cls=CommandAboutUuids)
@click.argument("uuid")
@broker_options
def delete(*, broker: BrokerClient, uuid: str) -> None:
    """Delete a webhook; one that is not there is no error.

    \b
    Example:
      tally webhooks delete 5Yl0cWQzXb7HdJqk2vQw3A
    """
    _delete(broker, uuid)


def find(broker: BrokerClient, uuid: str) -> Resource:
    """Return the webhook; raises UsageError when there is none."""
    with answers.not_found(f"There is no webhook with the uuid {uuid!r}. (All of them: tally webhooks list)"):
        return broker.follow(broker.index(), "pb:webhook", uuid=uuid)


def _create(broker: BrokerClient, document: dict[str, Any], output: str) -> None:
    check_events(document)
    _show(broker.post(broker.index().link("pb:webhooks").expand(), document), "Created", output)


def _delete(broker: BrokerClient, uuid: str) -> None:
    try:
        broker.delete(broker.index().link("pb:webhook").expand(uuid=uuid))
    except ResourceNotFoundError:
        printing.say(f"There is no webhook {uuid}: there is nothing to delete.")
    else:
        printing.say(f"Deleted the webhook {uuid}.", "success")


def _show(stored: Resource, done: str, output: str) -> None:
    state = stored.state
    events = ", ".join(event["name"] for event in state.get("events") or ())
    enabled = "yes" if state.get("enabled", True) else "no"
    uuid = state.get("uuid") or stored.link("self").href.rpartition("/")[2]
    row = dict(zip(HEADINGS, (state.get("description") or "", events, enabled, uuid), strict=True))
    answers.outcome(state, output, f"{done} the webhook {row['DESCRIPTION']} ({uuid}).", row)
    # Standard output may be read by a program.
    printing.notices(stored.notices(), error=output != "text")
