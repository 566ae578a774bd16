"""Deployed versions (reference §4.12)."""

from flask import Response, request

from broker.domain import limits
from broker.domain.accounts.permissions import Action
from broker.domain.environments.deployment import DeployedVersion
from broker.services.environments import deployments
from broker.web import parsing
from broker.web.api.decisions.requirement import requirement
from broker.web.api.environments.records import RecordViews
from broker.web.content_types import MERGE_PATCH
from broker.web.context import links, now, reading, transaction
from broker.web.description.needs import Needs
from broker.web.description.operation import QueryParameter
from broker.web.description.parameters import PACTICIPANT
from broker.web.hal import Hal, timestamp
from broker.web.parsing import Fields
from broker.web.resource import ApiResource
from broker.web.responses import created

api = ApiResource("deployed_versions", __name__)
api.relation(
    "pb:record-deployment",
    "Record that this version is deployed to the environment. It replaces the version before.",
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


def _state(deployed: DeployedVersion) -> Hal:
    return {
        "currentlyDeployed": deployed.currently_deployed,
        "applicationInstance": deployed.application_instance,
        "target": deployed.application_instance,
        "undeployedAt": deployed.undeployed_at and timestamp(deployed.undeployed_at),
    }


VIEWS = RecordViews(
    deployments.DEPLOYED,
    rel="deployedVersions",
    route="deployed-version",
    route_of_version="version-deployments",
    title_of_version="Deployments",
    route_of_current="currently-deployed-versions",
    title_of_current="Versions deployed to",
    state=_state,
)


@api.post(
    "version-deployments",
    answers="DeployedVersion",
    statuses=(201,),
    takes="Deployment",
    takes_nothing_too=True,
    refuses=(409,),
    needs=Needs(Action.DEPLOY),
)
def record(pacticipant: str, version: str, uuid: str) -> Response:
    """Record that the version is deployed to the environment.

    Where the environment requires a yes of can-i-deploy, anything else is refused with the reasons, unless
    `override` says why it is recorded all the same.
    """
    instance, override = _body()
    with transaction(pacticipant) as storage:
        recorded = deployments.record_deployment(
            storage,
            (pacticipant, version, uuid),
            now(),
            application_instance=instance,
            requirement=requirement(override),
        )
    make = links()
    return created(VIEWS.represent(recorded, make), make.href("deployed-version", uuid=recorded.uuid))


@api.get("version-deployments", answers="DeployedVersions")
def of_version(pacticipant: str, version: str, uuid: str) -> Hal:
    """List the version's deployments to the environment, newest first."""
    return VIEWS.of_version(pacticipant, version, uuid)


@api.get(
    "currently-deployed-versions",
    answers="DeployedVersions",
    query=(
        PACTICIPANT,
        QueryParameter("applicationInstance", "Instance that the version is deployed to; empty for none"),
        QueryParameter("target", "Old name of `applicationInstance`"),
    ),
)
def current(uuid: str) -> Hal:
    """List what is deployed to the environment; an empty applicationInstance means "no instance"."""
    with reading() as storage:
        environment, found = deployments.currently_deployed(
            storage,
            uuid,
            pacticipant=request.args.get("pacticipant") or None,
            instance=request.args.get("applicationInstance", request.args.get("target")),
        )
    return VIEWS.represent_current(environment, found)


@api.get("deployed-version", answers="DeployedVersion")
def show(uuid: str) -> Hal:
    """Show one record."""
    return VIEWS.show(uuid)


@api.patch(
    "deployed-version",
    answers="DeployedVersion",
    takes="Undeployment",
    takes_types=(MERGE_PATCH,),
    needs=Needs(Action.DEPLOY),
)
def change(uuid: str) -> Hal:
    """Undeploy."""
    return VIEWS.change(uuid)


def _body() -> tuple[str | None, str | None]:
    """Return the instance, and why a no of can-i-deploy does not count."""
    if not request.get_data(cache=True).strip():
        return None, None
    fields = Fields(parsing.json_object())
    instance = fields.text("applicationInstance", limit=limits.NAME, blank=True)
    target = fields.text("target", limit=limits.NAME, blank=True)
    override = fields.text("override")
    fields.done()
    return instance or target, override
