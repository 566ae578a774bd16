"""The branches of an application."""

import click

from tally.broker_client import BrokerClient
from tally.commands import output as printing
from tally.commands.options import broker_options, pacticipant_option
from tally.errors import ResourceNotFoundError, UsageError


@click.command()
@click.option("--branch", required=True, metavar="NAME", help="The branch to delete.")
@pacticipant_option("The application that it belongs to.")
@click.option(
    "--error-when-not-found",
    type=click.BOOL,
    is_flag=False,
    flag_value="true",
    default=False,
    metavar="[BOOLEAN]",
    help="Exit with 2 when there is no such branch.",
)
@broker_options
def delete_branch(*, broker: BrokerClient, branch: str, pacticipant: str, error_when_not_found: bool) -> None:
    """Delete a branch, once it is merged; its versions stay.

    Its pacts are no longer offered for verification, neither by selectors nor as work in progress. A branch
    that is not there is no error, unless --error-when-not-found says so.

    \b
    Example:
      tally delete-branch --pacticipant Shop --branch feat/gift-cards
    """
    link = broker.index().link("pb:pacticipant-branch")
    try:
        broker.delete(link.expand(pacticipant=pacticipant, branch=branch))
    except ResourceNotFoundError as error:
        unknown = f"{pacticipant} has no branch {branch}"
        if error_when_not_found:
            raise UsageError(f"{unknown}.") from error
        printing.say(f"{unknown}: there is nothing to delete.")
    else:
        printing.say(f"Deleted the branch {branch} of {pacticipant}.", "success")
