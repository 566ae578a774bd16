"""The versions of an application: creating, describing and deleting them."""

from typing import Any

import click

from tally.broker_client import BrokerClient, Resource
from tally.commands import answers
from tally.commands import output as printing
from tally.commands.environments.deployments import currently
from tally.commands.options import broker_options, output_option, pacticipant_option, version_option
from tally.errors import UsageError
from tally.option_values import CommandWithSeveralValues, SeveralValues

HEADINGS = ("VERSION", "STATUS", "ENVIRONMENT", "APPLICATION INSTANCE")


@click.command(cls=CommandWithSeveralValues)
@pacticipant_option("The application.")
@version_option("The version.")
@click.option("--branch", metavar="NAME", help="The branch of the repository that it is built from.")
@click.option("-t", "--tag", cls=SeveralValues, metavar="NAME", help="A tag for it; may be repeated.")
@output_option()
@broker_options
def create_or_update_version(  # noqa: PLR0913 - one for each option
    *,
    broker: BrokerClient,
    pacticipant: str,
    version: str,
    branch: str | None,
    tag: tuple[str, ...],
    output: str,
) -> None:
    """Create a version of an application, or put it on a branch and tag it.

    An application that the broker does not know is created with it. What is not given stays as it is.

    \b
    Example:
      tally create-or-update-version --pacticipant Shop --version 1.4.0 --branch main
    """
    index = broker.index()
    names = {"pacticipant": pacticipant, "version": version}
    itself = index.link("pb:pacticipant-version").expand(**names)
    tags = separated(tag)
    if branch is not None:
        broker.put(index.link("pb:pacticipant-branch-version").expand(branch=branch, **names), {})
    for name in tags:
        broker.put(index.link("pb:pacticipant-version-tag").expand(tag=name, **names), {})
    stored = broker.get(itself) if branch is not None or tags else broker.patch(itself, {})
    where = f", on branch {branch}" if branch else ""
    tagged = f", with tag {', '.join(tags)}" if tags else ""
    sentence = f"{pacticipant} {version} is in the broker{where}{tagged}."
    answers.outcome(stored.state, output, sentence, _row(stored))


@click.command()
@pacticipant_option("The application.")
@click.option("-e", "--version", metavar="VERSION", help="The version; without it, the latest one.")
@click.option(
    "-l",
    "--latest",
    is_flag=False,
    flag_value="",
    metavar="[TAG]",
    help="The latest version, or the latest with a tag.",
)
@click.option("--environment", metavar="NAME", help="The versions that are in this environment.")
@click.option("--deployed", is_flag=True, help="Of these, only what is deployed.")
@click.option("--released", is_flag=True, help="Of these, only what is released.")
@output_option()
@broker_options
def describe_version(  # noqa: PLR0913 - one for each option
    *,
    broker: BrokerClient,
    pacticipant: str,
    version: str | None,
    latest: str | None,
    environment: str | None,
    deployed: bool,
    released: bool,
    output: str,
) -> None:
    """Show a version with its branches and tags, or the versions that are in an environment.

    \b
    Examples:
      tally describe-version --pacticipant Shop --latest
      tally describe-version --pacticipant Shop --environment production
    """
    if sum(choice is not None for choice in (version, latest, environment)) > 1:
        raise UsageError("--version, --latest and --environment exclude each other: give one of them.")
    if (deployed or released) and environment is None:
        raise UsageError("--deployed and --released need --environment: deployed where?")
    if environment is not None:
        kinds = [kind for kind, wanted in (("deployed", deployed), ("released", released)) if wanted]
        _describe_environment(broker, pacticipant, environment, kinds or ["deployed", "released"], output)
        return
    found = _find(broker, pacticipant, version, latest or None)
    created = {"CREATED": printing.moment(found.state.get("createdAt") or "")}
    answers.description(found.state, output, {**_row(found), **created})


@click.command()
@pacticipant_option("The application.")
@version_option("The version to delete.")
@broker_options
def delete_version(*, broker: BrokerClient, pacticipant: str, version: str) -> None:
    """Delete a version with its pacts, results, tags and deployments, for good.

    \b
    Example:
      tally delete-version --pacticipant Shop --version 1.4.0
    """
    found = _find(broker, pacticipant, version, None)
    broker.delete(found.link("self").expand())
    printing.say(f"Deleted {pacticipant} {version}, with its pacts and results.", "success")


def separated(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return names that were repeated, or separated by commas; raises UsageError when all are empty."""
    names = tuple(name.strip() for value in values for name in value.split(",") if name.strip())
    if values and not names:
        raise UsageError("--tag is empty: name a tag, or leave the option out.")
    return names


def _find(broker: BrokerClient, pacticipant: str, version: str | None, tag: str | None) -> Resource:
    index = broker.index()
    if version is not None:
        wanted, sought = f"no version {version!r} of {pacticipant}", "pb:pacticipant-version"
    elif tag:
        wanted, sought = f"no version of {pacticipant} with the tag {tag!r}", "pb:latest-tagged-version"
    else:
        wanted, sought = f"no version of {pacticipant}", "pb:latest-version"
    names = {"pacticipant": pacticipant, "version": version or "", "tag": tag or ""}
    with answers.known_pacticipant(broker, pacticipant, f"The broker knows {wanted}."):
        return broker.follow(index, sought, **names)


def _describe_environment(
    broker: BrokerClient, pacticipant: str, environment: str, kinds: list[str], output: str
) -> None:
    found: list[dict[str, Any]] = []
    rows = []
    for kind in kinds:
        what, embedded = _KINDS[kind]
        versions = currently(broker, environment, what, pacticipant=pacticipant).embedded(embedded)
        found += versions
        rows += [_row_in(environment, kind, item) for item in versions]
    where = " or ".join(kinds)
    nothing = f"No version of {pacticipant} is {where} in {environment}."
    if not rows:
        with answers.known_pacticipant(broker, pacticipant, nothing):
            broker.follow(broker.index(), "pb:pacticipant", pacticipant=pacticipant)
    answers.listing(found, output, rows, headings=HEADINGS, nothing=nothing)


_KINDS = {
    "deployed": ("deployed-deployed", "deployedVersions"),
    "released": ("supported-released", "releasedVersions"),
}
"""What `currently` calls it, and under which name the broker embeds it."""


def _row(version: Resource) -> dict[str, str]:
    branches = [branch["name"] for branch in version.embedded("branches")]
    tags = [tag["name"] for tag in version.embedded("tags")]
    return {
        "VERSION": version.state["number"],
        "BRANCHES": ", ".join(branches),
        "TAGS": ", ".join(tags),
        "BUILD": version.state.get("buildUrl") or "",
    }


def _row_in(environment: str, kind: str, item: dict[str, Any]) -> dict[str, str]:
    instance = item.get("applicationInstance") or item.get("target") or ""
    number = item["_embedded"]["version"]["number"]
    return dict(zip(HEADINGS, (number, kind, environment, instance), strict=True))
