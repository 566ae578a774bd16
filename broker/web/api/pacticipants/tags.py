"""Tags of versions (reference §4.5)."""

from flask import Response, jsonify

from broker.domain.accounts.permissions import Action
from broker.domain.pacticipants.details import Tag
from broker.services.environments import tagged_deployments
from broker.services.pacticipants import tags
from broker.web import parsing
from broker.web.api.decisions.requirement import requirement
from broker.web.context import circumstances, links, now, reading, transaction
from broker.web.description.needs import Needs
from broker.web.hal import Hal, Links, resource, timestamp
from broker.web.resource import ApiResource
from broker.web.responses import created

api = ApiResource("tags", __name__)
api.relation("pb:tag", "A tag of this version. PUT adds it.", "version-tag")
api.relation("pb:tag-version", "A tag of the consumer version. PUT adds it.", "version-tag")
api.relation(
    "pb:tag-prod-version", "The tag prod. PUT marks the version as being in production.", "version-tag"
)
api.relation("pb:version-tag", "A tag of a version. PUT adds it.", "version-tag")
api.relation(
    "pb:pacticipant-version-tag",
    "A tag of a version. PUT adds it.",
    "version-tag",
    title="A tag of a version",
)
api.relation("pb:pacticipant-version-tags", "The tags that the version was published with.", "version-tag")


@api.put(
    "version-tag",
    answers="Tag",
    statuses=(200, 201),
    refuses=(409,),
    takes="Ignored",
    needs=Needs(Action.PUBLISH, "pacticipant"),
)
def add(pacticipant: str, version: str, tag: str) -> Response:
    """Tag a version; the body does not matter."""
    parsing.json_text()
    with transaction() as storage:
        found, added = tagged_deployments.tag_version(
            storage,
            (pacticipant, version, tag),
            circumstances=circumstances(),
            requirement=requirement(can_override=False),
        )
    document = represent(found, links(), pacticipant, version)
    return created(document, document["_links"]["self"]["href"]) if added else jsonify(document)


@api.get("version-tag", answers="Tag")
def show(pacticipant: str, version: str, tag: str) -> Hal:
    """Show a tag."""
    with reading() as storage:
        found = tags.find(storage, pacticipant, version, tag)
    return represent(found, links(), pacticipant, version)


@api.delete("version-tag", needs=Needs(Action.PUBLISH, "pacticipant"))
def delete(pacticipant: str, version: str, tag: str) -> tuple[str, int]:
    """Take a tag off a version."""
    with transaction() as storage:
        tags.remove(storage, pacticipant, version, tag, now=now())
    return "", 204


def represent(tag: Tag, links: Links, pacticipant: str, version: str) -> Hal:
    """Return the HAL document of a tag; its relations have no prefix."""
    place = {"pacticipant": pacticipant, "version": version}
    return resource(
        {"name": tag.name, "createdAt": timestamp(tag.created_at)},
        links={
            "self": links.to("version-tag", "Tag", tag.name, **place, tag=tag.name),
            "version": links.to("version", "Version", version, **place),
            "pacticipant": links.to("pacticipant", "Pacticipant", pacticipant, pacticipant=pacticipant),
        },
    )
