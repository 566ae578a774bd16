"""Released versions (reference §4.12)."""

from flask import Response, request

from broker.domain.environments.deployment import ReleasedVersion
from broker.services.environments import deployments
from broker.services.environments import environments as environment_service
from broker.services.pacticipants import pacticipants as pacticipant_service
from broker.web import parsing
from broker.web.answering import created
from broker.web.api.environments import records
from broker.web.api.environments.records import EVERYTHING, IN_ENVIRONMENT
from broker.web.content_types import MERGE_PATCH
from broker.web.context import links, now, reading, transaction
from broker.web.description.parameters import PACTICIPANT, VERSION
from broker.web.hal import Hal, Links, collection, timestamp
from broker.web.parsing import Fields
from broker.web.resource import Resource

api = Resource("released_versions", __name__)
api.relation(
    "pb:record-release",
    "Say that this version is released to the environment. Others stay supported.",
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


@api.post(
    "version-releases",
    answers="ReleasedVersion",
    statuses=(200, 201),
    takes="Ignored",
    takes_nothing_too=True,
)
def record(pacticipant: str, version: str, uuid: str) -> Response:
    """Record that the version is released to the environment, or supported again."""
    if request.get_data(cache=True).strip():
        parsing.json_object()
    with transaction() as storage:
        recorded, is_new = deployments.record_release(storage, (pacticipant, version, uuid), now())
    make = links()
    answer = created(represent(recorded, make), make.href("released-version", uuid=recorded.uuid))
    if not is_new:
        answer.status_code = 200
    return answer


@api.get("version-releases", answers="ReleasedVersions")
def of_version(pacticipant: str, version: str, uuid: str) -> Hal:
    """List the version's releases to the environment: one, or none."""
    with reading() as storage:
        found_version = pacticipant_service.find_version(storage, pacticipant, version)
        environment = environment_service.find(storage, uuid)
        found = storage.releases.of_version_in(found_version, environment)
    make = links()
    title = f"Releases of {pacticipant} {version} to {environment.display_name}"
    self_link = make.to("version-releases", title, pacticipant=pacticipant, version=version, uuid=uuid)
    return collection(
        "releasedVersions", [represent(item, make, ()) for item in found], links={"self": self_link}
    )


@api.get("currently-supported-versions", answers="ReleasedVersions", query=(PACTICIPANT, VERSION))
def supported(uuid: str) -> Hal:
    """List what is released to the environment and still supported."""
    with reading() as storage:
        environment = environment_service.find(storage, uuid)
        found = storage.releases.supported(
            environment,
            pacticipant=request.args.get("pacticipant") or None,
            number=request.args.get("version") or None,
        )
    make = links()
    self_link = make.to(
        "currently-supported-versions", f"Versions released to {environment.display_name}", uuid=uuid
    )
    return collection(
        "releasedVersions",
        [represent(item, make, IN_ENVIRONMENT) for item in found],
        links={"self": self_link},
    )


@api.get("released-version", answers="ReleasedVersion")
def show(uuid: str) -> Hal:
    """Show one record."""
    with reading() as storage:
        found = deployments.find_release(storage, uuid)
    return represent(found, links())


@api.patch("released-version", answers="ReleasedVersion", takes="EndOfSupport", takes_types=(MERGE_PATCH,))
def change(uuid: str) -> Hal:
    """End the support."""
    fields = Fields(parsing.json_object((MERGE_PATCH,)))
    currently_supported = fields.boolean("currentlySupported")
    fields.done()
    with transaction() as storage:
        changed = deployments.change_release(
            storage, uuid, currently_supported=currently_supported, now=now()
        )
    return represent(changed, links())


def represent(released: ReleasedVersion, links: Links, embed: tuple[str, ...] = EVERYTHING) -> Hal:
    """Return the HAL document; *embed* names what it embeds."""
    support_ended_at = released.support_ended_at
    state = {
        "currentlySupported": released.currently_supported,
        "supportEndedAt": support_ended_at and timestamp(support_ended_at),
    }
    itself = links.to("released-version", uuid=released.uuid)
    return records.represent(released, state, itself, links, embed)
