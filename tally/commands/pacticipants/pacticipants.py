"""The applications that a broker knows: creating, describing, listing and deleting them."""

from typing import Any

import click

from tally.broker_client import BrokerClient, Resource
from tally.commands import answers
from tally.commands import output as printing
from tally.commands.options import broker_options, output_option

CREATED = 201
HEADINGS = ("NAME", "DISPLAY NAME", "MAIN BRANCH", "LATEST VERSION")
_name_option = click.option("--name", required=True, metavar="NAME", help="The application.")


@click.command()
@_name_option
@click.option("--display-name", metavar="NAME", help="Its name, as people read it.")
@click.option("--main-branch", metavar="NAME", help="The main branch of its repository.")
@click.option("--repository-url", metavar="URL", help="Where its repository is.")
@output_option()
@broker_options
def create_or_update_pacticipant(  # noqa: PLR0913 - one for each option
    *,
    broker: BrokerClient,
    name: str,
    display_name: str | None,
    main_branch: str | None,
    repository_url: str | None,
    output: str,
) -> None:
    """Create an application, or change what the broker knows of it.

    What is not given stays as it is.

    \b
    Example:
      tally create-or-update-pacticipant --name Shop --main-branch main
    """
    given = {"displayName": display_name, "mainBranch": main_branch, "repositoryUrl": repository_url}
    body = {"name": name, **{key: value for key, value in given.items() if value is not None}}
    stored = broker.patch(broker.index().link("pb:pacticipant").expand(pacticipant=name), body)
    done = "Created" if stored.status == CREATED else "Updated"
    answers.outcome(stored.state, output, f"{done} {name}.", _row(stored.state))


@click.command()
@_name_option
@output_option()
@broker_options
def describe_pacticipant(*, broker: BrokerClient, name: str, output: str) -> None:
    """Show what the broker knows of an application.

    \b
    Example:
      tally describe-pacticipant --name Shop
    """
    found = _find(broker, name)
    state = found.state
    labels = ", ".join(label["name"] for label in found.embedded("labels"))
    more = {
        "REPOSITORY URL": state.get("repositoryUrl") or "",
        "LABELS": labels,
        "CREATED": printing.moment(state.get("createdAt") or ""),
        "UPDATED": printing.moment(state.get("updatedAt") or ""),
    }
    answers.description(state, output, {**_row(state), **more})


@click.command()
@output_option()
@broker_options
def list_pacticipants(*, broker: BrokerClient, output: str) -> None:
    """List the applications that the broker knows.

    \b
    Example:
      tally list-pacticipants --output json
    """
    listed = broker.follow(broker.index(), "pb:pacticipants")
    rows = [_row(item) for item in listed.embedded("pacticipants")]
    nothing = "There are no applications yet: they come with their first pact (tally publish)."
    answers.listing(listed.state, output, rows, headings=HEADINGS, nothing=nothing)


@click.command()
@_name_option
@broker_options
def delete_pacticipant(*, broker: BrokerClient, name: str) -> None:
    """Delete an application with its versions, pacts, results and webhooks, for good.

    \b
    Example:
      tally delete-pacticipant --name "Old shop"
    """
    broker.delete(_find(broker, name).link("self").expand())
    printing.say(f"Deleted {name}, with its versions, pacts and results.", "success")


def _find(broker: BrokerClient, name: str) -> Resource:
    with answers.known_pacticipant(broker, name, f"The broker knows no application {name!r}."):
        return broker.follow(broker.index(), "pb:pacticipant", pacticipant=name)


def _row(state: dict[str, Any]) -> dict[str, str]:
    latest = (state.get("_embedded") or {}).get("latestVersion") or {}
    return {
        "NAME": state["name"],
        "DISPLAY NAME": state.get("displayName") or "",
        "MAIN BRANCH": state.get("mainBranch") or "",
        "LATEST VERSION": latest.get("number", ""),
    }
