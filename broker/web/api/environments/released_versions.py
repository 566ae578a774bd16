"""Released versions (reference §4.12)."""

from flask import Response, request

from broker.domain.accounts.permissions import Action
from broker.domain.environments.deployment import ReleasedVersion
from broker.services.environments import deployments
from broker.web import parsing
from broker.web.api.decisions.requirement import requirement
from broker.web.api.environments.records import RecordViews
from broker.web.content_types import MERGE_PATCH
from broker.web.context import links, now, reading, transaction
from broker.web.description.needs import Needs
from broker.web.description.parameters import PACTICIPANT, VERSION
from broker.web.hal import Hal, timestamp
from broker.web.parsing import Fields
from broker.web.resource import ApiResource
from broker.web.responses import created

api = ApiResource("released_versions", __name__)
api.relation(
    "pb:record-release",
    "Record that this version is released to the environment. Other versions stay supported.",
    "version-releases",
)
api.relation(
    "pb:released-environments", "Where it is released. PATCH to end the support.", "released-version"
)
api.relation(
    "pb:currently-supported-released-versions",
    "What is released to the environment and still supported.",
    "currently-supported-versions",
)


def _state(released: ReleasedVersion) -> Hal:
    return {
        "currentlySupported": released.currently_supported,
        "supportEndedAt": released.support_ended_at and timestamp(released.support_ended_at),
    }


VIEWS = RecordViews(
    deployments.RELEASED,
    rel="releasedVersions",
    route="released-version",
    route_of_version="version-releases",
    title_of_version="Releases",
    route_of_current="currently-supported-versions",
    title_of_current="Versions released to",
    state=_state,
)


@api.post(
    "version-releases",
    answers="ReleasedVersion",
    statuses=(200, 201),
    takes="ReleaseRecord",
    takes_nothing_too=True,
    refuses=(409,),
    needs=Needs(Action.DEPLOY),
)
def record(pacticipant: str, version: str, uuid: str) -> Response:
    """Record that the version is released to the environment, or supported again.

    Where the environment requires a yes of can-i-deploy, anything else is refused, as for deployments.
    """
    override = _override()
    with transaction(pacticipant) as storage:
        recorded, is_new = deployments.record_release(
            storage, (pacticipant, version, uuid), now(), requirement=requirement(override)
        )
    make = links()
    answer = created(VIEWS.represent(recorded, make), make.href("released-version", uuid=recorded.uuid))
    if not is_new:
        answer.status_code = 200
    return answer


@api.get("version-releases", answers="ReleasedVersions")
def of_version(pacticipant: str, version: str, uuid: str) -> Hal:
    """List the version's releases to the environment: one, or none."""
    return VIEWS.of_version(pacticipant, version, uuid)


@api.get("currently-supported-versions", answers="ReleasedVersions", query=(PACTICIPANT, VERSION))
def supported(uuid: str) -> Hal:
    """List what is released to the environment and still supported."""
    with reading() as storage:
        environment, found = deployments.currently_supported(
            storage,
            uuid,
            pacticipant=request.args.get("pacticipant") or None,
            number=request.args.get("version") or None,
        )
    return VIEWS.represent_current(environment, found)


@api.get("released-version", answers="ReleasedVersion")
def show(uuid: str) -> Hal:
    """Show one record."""
    return VIEWS.show(uuid)


@api.patch(
    "released-version",
    answers="ReleasedVersion",
    takes="EndOfSupport",
    takes_types=(MERGE_PATCH,),
    needs=Needs(Action.DEPLOY),
)
def change(uuid: str) -> Hal:
    """End the support."""
    return VIEWS.change(uuid)


def _override() -> str | None:
    """Return why a no of can-i-deploy does not count; other fields of the body do not matter."""
    if not request.get_data(cache=True).strip():
        return None
    fields = Fields(parsing.json_object())
    override = fields.text("override")
    fields.done()
    return override
