"""The tags of a version."""

import click

from tally.broker_client import BrokerClient
from tally.commands import answers
from tally.commands import output as printing
from tally.commands.options import broker_options, pacticipant_option, version_option
from tally.commands.pacticipants.versions import separated
from tally.commands.version_detection import branch_of_git
from tally.errors import ResourceNotFoundError, UsageError
from tally.option_values import CommandWithSeveralValues, SeveralValues


@click.command(cls=CommandWithSeveralValues)
@pacticipant_option("The application.")
@version_option("The version to tag.")
@click.option("-t", "--tag", cls=SeveralValues, metavar="NAME", help="A tag for it; may be repeated.")
@click.option("--auto-create-version", is_flag=True, help="Create the version when there is none.")
@click.option(
    "-g", "--tag-with-git-branch", is_flag=True, help="Use the name of the current branch as a tag."
)
@broker_options
def create_version_tag(  # noqa: PLR0913 - one for each option
    *,
    broker: BrokerClient,
    pacticipant: str,
    version: str,
    tag: tuple[str, ...],
    auto_create_version: bool,
    tag_with_git_branch: bool,
) -> None:
    """Tag a version.

    Branches and environments say more than tags do: prefer --branch where a version is published, and
    record-deployment.

    \b
    Example:
      tally create-version-tag --pacticipant Shop --version 1.4.0 --tag prod
    """
    tags = (*separated(tag), *([branch_of_git()] if tag_with_git_branch else []))
    if not tags:
        raise UsageError("Which tag? Give --tag, or --tag-with-git-branch.")
    index = broker.index()
    if not auto_create_version:
        unknown = (
            f"The broker knows no version {version!r} of {pacticipant}: --auto-create-version creates it."
        )
        with answers.known_pacticipant(broker, pacticipant, unknown):
            broker.follow(index, "pb:pacticipant-version", pacticipant=pacticipant, version=version)
    link = index.link("pb:pacticipant-version-tag")
    for name in tags:
        broker.put(link.expand(pacticipant=pacticipant, version=version, tag=name), {})
        printing.say(f"Tagged {pacticipant} {version} with {name}.", "success")


@click.command()
@pacticipant_option("The application.")
@version_option("The version to take the tag from.")
@click.option("-t", "--tag", required=True, metavar="NAME", help="The tag to take from it.")
@broker_options
def delete_version_tag(*, broker: BrokerClient, pacticipant: str, version: str, tag: str) -> None:
    """Take a tag from a version.

    A tag that is not there is no error.

    \b
    Example:
      tally delete-version-tag --pacticipant Shop --version 1.4.0 --tag prod
    """
    link = broker.index().link("pb:pacticipant-version-tag")
    try:
        broker.delete(link.expand(pacticipant=pacticipant, version=version, tag=tag))
    except ResourceNotFoundError:
        printing.say(f"{pacticipant} {version} has no tag {tag}: there is nothing to delete.")
    else:
        printing.say(f"{pacticipant} {version} no longer has the tag {tag}.", "success")
