"""Tags of versions (reference §4.5)."""

from flask import Blueprint, Response, jsonify

from broker.domain.pacticipants.details import Tag
from broker.services.pacticipants import tags
from broker.web import parsing
from broker.web.answering import created
from broker.web.context import links, now, reading, settings, transaction
from broker.web.hal import Hal, Links, resource, timestamp
from broker.web.routes import rule

blueprint = Blueprint("tags", __name__)


@blueprint.put(rule("version-tag"))
def add(pacticipant: str, version: str, tag: str) -> Response:
    """Tag a version; the body does not matter."""
    parsing.json_text()
    with transaction() as storage:
        found, added = tags.tag_version(storage, pacticipant, version, tag, now(), settings())
    document = represent(found, links(), pacticipant, version)
    return created(document, document["_links"]["self"]["href"]) if added else jsonify(document)


@blueprint.get(rule("version-tag"))
def show(pacticipant: str, version: str, tag: str) -> Hal:
    """Show a tag."""
    with reading() as storage:
        found = tags.find(storage, pacticipant, version, tag)
    return represent(found, links(), pacticipant, version)


@blueprint.delete(rule("version-tag"))
def delete(pacticipant: str, version: str, tag: str) -> tuple[str, int]:
    """Take a tag off a version."""
    with transaction() as storage:
        tags.remove(storage, pacticipant, version, tag, now())
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
