"""`tally record-release` and `tally record-support-ended`: for software that users install."""

import click

from tally.broker_client import BrokerClient
from tally.commands import answers
from tally.commands.environments.deployments import currently, record, row
from tally.commands.options import (
    broker_options,
    environment_option,
    output_option,
    override_option,
    pacticipant_option,
    version_option,
)
from tally.errors import UsageError


@click.command()
@pacticipant_option("The application that was released.")
@version_option("The version that was released.")
@environment_option("The environment that it was released to.")
@override_option
@output_option()
@broker_options
def record_release(  # noqa: PLR0913 - one for each option
    *,
    broker: BrokerClient,
    pacticipant: str,
    version: str,
    environment: str,
    override: str | None,
    output: str,
) -> None:
    """Record that a version was released to an environment, in addition to earlier versions.

    For software that users install and keep, such as mobile applications and libraries. can-i-deploy counts
    each of these versions until record-support-ended is run for it.

    \b
    Example:
      tally record-release --pacticipant "Shop for Android" --version 1.4.0 --environment production
    """
    body = {"override": override} if override else {}
    recorded = record(broker, "pb:record-release", (pacticipant, version, environment), body)
    sentence = f"Recorded: {pacticipant} {version} is released to {environment}."
    answers.outcome(recorded.state, output, sentence, row(pacticipant, version, environment))


@click.command()
@pacticipant_option("The application.")
@version_option("The version that is no longer supported.")
@environment_option("The environment in which its support ended.")
@output_option()
@broker_options
def record_support_ended(
    *, broker: BrokerClient, pacticipant: str, version: str, environment: str, output: str
) -> None:
    """Record that a released version is no longer supported: can-i-deploy stops counting it.

    \b
    Example:
      tally record-support-ended --pacticipant "Shop for Android" --version 1.2.0 --environment production
    """
    released = currently(broker, environment, "supported-released", pacticipant=pacticipant, version=version)
    versions = released.embedded("releasedVersions")
    if not versions:
        answers.check_pacticipant(broker, pacticipant)
        raise UsageError(f"{pacticipant} {version} is not a supported release in {environment}.")
    for item in versions:
        ended = broker.patch(item["_links"]["self"]["href"], {"currentlySupported": False})
        sentence = f"Recorded: support of {pacticipant} {version} in {environment} has ended."
        answers.outcome(ended.state, output, sentence, row(pacticipant, version, environment))
