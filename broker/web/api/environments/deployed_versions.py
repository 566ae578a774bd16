"""Deployed versions (reference §4.12)."""

from flask import Response, request

from broker.domain import limits
from broker.domain.environments.deployment import DeployedVersion
from broker.services.environments import deployments
from broker.services.environments import environments as environment_service
from broker.services.pacticipants import pacticipants as pacticipant_service
from broker.web import parsing
from broker.web.answering import created
from broker.web.api.environments import records
from broker.web.api.environments.records import EVERYTHING, IN_ENVIRONMENT
from broker.web.content_types import MERGE_PATCH
from broker.web.context import links, now, reading, transaction
from broker.web.description.operation import Parameter
from broker.web.description.parameters import PACTICIPANT
from broker.web.hal import Hal, Links, collection, timestamp
from broker.web.parsing import Fields
from broker.web.resource import Resource

api = Resource("deployed_versions", __name__)
api.relation(
    "pb:record-deployment",
    "Say that this version is deployed to the environment. It takes the place of the version before.",
    "version-deployments",
)
api.relation(
    "pb:deployed-environments", "Where the version is deployed. PATCH to undeploy it.", "deployed-version"
)
api.relation(
    "pb:currently-deployed-deployed-versions",
    "What is deployed to the environment now.",
    "currently-deployed-versions",
)


@api.post(
    "version-deployments",
    answers="DeployedVersion",
    statuses=(201,),
    takes="Deployment",
    takes_nothing_too=True,
)
def record(pacticipant: str, version: str, uuid: str) -> Response:
    """Record that the version is deployed to the environment."""
    instance = _instance()
    with transaction() as storage:
        recorded = deployments.record_deployment(
            storage, (pacticipant, version, uuid), now(), application_instance=instance
        )
    make = links()
    return created(represent(recorded, make), make.href("deployed-version", uuid=recorded.uuid))


@api.get("version-deployments", answers="DeployedVersions")
def of_version(pacticipant: str, version: str, uuid: str) -> Hal:
    """List the version's deployments to the environment, newest first."""
    with reading() as storage:
        found_version = pacticipant_service.find_version(storage, pacticipant, version)
        environment = environment_service.find(storage, uuid)
        found = storage.deployments.of_version_in(found_version, environment)
    make = links()
    title = f"Deployments of {pacticipant} {version} to {environment.display_name}"
    self_link = make.to("version-deployments", title, pacticipant=pacticipant, version=version, uuid=uuid)
    return collection(
        "deployedVersions", [represent(item, make, ()) for item in found], links={"self": self_link}
    )


@api.get(
    "currently-deployed-versions",
    answers="DeployedVersions",
    query=(
        PACTICIPANT,
        Parameter("applicationInstance", "Instance that the version is deployed to; empty for none"),
        Parameter("target", "Old name of `applicationInstance`"),
    ),
)
def current(uuid: str) -> Hal:
    """List what is deployed to the environment; an empty applicationInstance means "no instance"."""
    instance = request.args.get("applicationInstance", request.args.get("target"))
    with reading() as storage:
        environment = environment_service.find(storage, uuid)
        found = storage.deployments.current(
            environment, pacticipant=request.args.get("pacticipant") or None, instance=instance
        )
    make = links()
    self_link = make.to(
        "currently-deployed-versions", f"Versions deployed to {environment.display_name}", uuid=uuid
    )
    return collection(
        "deployedVersions",
        [represent(item, make, IN_ENVIRONMENT) for item in found],
        links={"self": self_link},
    )


@api.get("deployed-version", answers="DeployedVersion")
def show(uuid: str) -> Hal:
    """Show one record."""
    with reading() as storage:
        found = deployments.find_deployment(storage, uuid)
    return represent(found, links())


@api.patch("deployed-version", answers="DeployedVersion", takes="Undeployment", takes_types=(MERGE_PATCH,))
def change(uuid: str) -> Hal:
    """Undeploy."""
    fields = Fields(parsing.json_object((MERGE_PATCH,)))
    currently_deployed = fields.boolean("currentlyDeployed")
    fields.done()
    with transaction() as storage:
        changed = deployments.change_deployment(
            storage, uuid, currently_deployed=currently_deployed, now=now()
        )
    return represent(changed, links())


def _instance() -> str | None:
    if not request.get_data(cache=True).strip():
        return None
    fields = Fields(parsing.json_object())
    instance = fields.text("applicationInstance", limit=limits.NAME, blank=True)
    target = fields.text("target", limit=limits.NAME, blank=True)
    fields.done()
    return instance or target


def represent(deployed: DeployedVersion, links: Links, embed: tuple[str, ...] = EVERYTHING) -> Hal:
    """Return the HAL document; *embed* names what it embeds."""
    undeployed_at = deployed.undeployed_at
    state = {
        "currentlyDeployed": deployed.currently_deployed,
        "applicationInstance": deployed.application_instance,
        "target": deployed.application_instance,
        "undeployedAt": undeployed_at and timestamp(undeployed_at),
    }
    itself = links.to("deployed-version", uuid=deployed.uuid)
    return records.represent(deployed, state, itself, links, embed)
