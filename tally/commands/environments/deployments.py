"""`tally record-deployment` and `tally record-undeployment`."""

from typing import Any

import click

from tally.broker_client import BrokerClient, Resource
from tally.commands import answers
from tally.commands import output as printing
from tally.commands.environments.environments import environment_link
from tally.commands.options import (
    application_instance_option,
    broker_options,
    environment_option,
    output_option,
    override_option,
    pacticipant_option,
    version_option,
)
from tally.errors import UsageError

CONFLICT = 409
REFUSED = 1


@click.command()
@pacticipant_option("The application that was deployed.")
@version_option("The version that was deployed.")
@environment_option("The environment that it was deployed to.")
@application_instance_option("The instance, if several run there; the others stay as they are.")
@override_option
@output_option()
@broker_options
def record_deployment(  # noqa: PLR0913 - one for each option
    *,
    broker: BrokerClient,
    pacticipant: str,
    version: str,
    environment: str,
    application_instance: str | None,
    override: str | None,
    output: str,
) -> None:
    """Record that a version was deployed to an environment and replaced the one before.

    Run it after each successful deployment: can-i-deploy relies on these records. Recording the same
    deployment again changes nothing.

    \b
    Example:
      tally record-deployment --pacticipant Shop --version 1.4.0 --environment production
    """
    given = {"applicationInstance": application_instance, "override": override}
    body = {name: value for name, value in given.items() if value}
    recorded = record(broker, "pb:record-deployment", (pacticipant, version, environment), body)
    instance = f" (application instance {application_instance})" if application_instance else ""
    sentence = f"Recorded: {pacticipant} {version} is deployed to {environment}{instance}."
    answers.outcome(recorded.state, output, sentence, row(pacticipant, version, environment))


@click.command()
@pacticipant_option("The application that was removed.")
@environment_option("The environment that it was removed from.")
@application_instance_option("The instance, if several run there.")
@output_option()
@broker_options
def record_undeployment(
    *,
    broker: BrokerClient,
    pacticipant: str,
    environment: str,
    application_instance: str | None,
    output: str,
) -> None:
    """Record that an application was removed from an environment.

    Not needed when another version replaced it: record-deployment already records that.

    \b
    Example:
      tally record-undeployment --pacticipant Shop --environment test
    """
    deployed = currently(broker, environment, "deployed-deployed", pacticipant=pacticipant)
    versions = deployed.embedded("deployedVersions")
    wanted = [item for item in versions if _instance(item) == application_instance]
    if not wanted:
        answers.check_pacticipant(broker, pacticipant)
        raise UsageError(_not_deployed(pacticipant, environment, [_instance(item) for item in versions]))
    for item in wanted:
        undeployed = broker.patch(item["_links"]["self"]["href"], {"currentlyDeployed": False})
        number = undeployed.state["_embedded"]["version"]["number"]
        sentence = f"Recorded: {pacticipant} {number} is no longer in {environment}."
        answers.outcome(undeployed.state, output, sentence, row(pacticipant, number, environment))


def record(broker: BrokerClient, rel: str, subject: tuple[str, str, str], body: dict[str, str]) -> Resource:
    """Record something about a version in an environment (Pact Broker reference §14).

    *subject* is pacticipant, version, environment. *rel* is the relation of the version's links to
    environments. Raises UsageError when one of the three is unknown, and ends with 1 when the environment
    requires a yes of can-i-deploy, and there is none.
    """
    pacticipant, version, environment = subject
    index = broker.index()
    environment_link(broker.follow(index, "pb:environments"), environment)
    unknown = (
        f"The broker knows no version {version} of {pacticipant}. A version is created when one of its "
        "pacts is published (tally publish), or one of its verification results (tally verify --publish)."
    )
    with answers.known_pacticipant(broker, pacticipant, unknown):
        found = broker.follow(index, "pb:pacticipant-version", pacticipant=pacticipant, version=version)
    recorded = broker.post(found.link(rel, name=environment).expand(), body, accepted=[CONFLICT])
    if recorded.status == CONFLICT:
        printing.say(str(recorded.state.get("error")), "error", error=True)
        raise click.exceptions.Exit(REFUSED)
    return recorded


def currently(broker: BrokerClient, environment: str, what: str, **filters: str) -> Resource:
    """Fetch what is there now; *what* is "deployed-deployed" or "supported-released"."""
    environments = broker.follow(broker.index(), "pb:environments")
    found = broker.get(environment_link(environments, environment).expand())
    link = found.link(f"pb:currently-{what}-versions")
    return broker.get(link.expand(), params=list(filters.items()))


def row(pacticipant: str, version: str, environment: str) -> dict[str, str]:
    """Return what a table says of a version in an environment."""
    return {"APPLICATION": pacticipant, "VERSION": version, "ENVIRONMENT": environment}


def _instance(deployed: dict[str, Any]) -> str | None:
    """Return the application instance, which older brokers call target."""
    return deployed.get("applicationInstance") or deployed.get("target")


def _not_deployed(pacticipant: str, environment: str, instances: list[str | None]) -> str:
    if not instances:
        return f"{pacticipant} is not deployed to {environment}: there is no deployment to end."
    known = ", ".join(name or "one without a name" for name in instances)
    return (
        f"{pacticipant} has no such application instance in {environment}. It has {known}. "
        "Name an instance with --application-instance; leave the option out for the one without a name."
    )
