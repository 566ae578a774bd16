"""Labels of pacticipants (reference §4.2)."""

from flask import Blueprint, Response, jsonify

from broker.domain.pacticipants.details import Label
from broker.services.pacticipants import labels
from broker.web import pagination, parsing
from broker.web.answering import created
from broker.web.api.pacticipants import pacticipants
from broker.web.context import links, now, reading, transaction
from broker.web.hal import Hal, Links, resource, timestamp
from broker.web.routes import rule

blueprint = Blueprint("labels", __name__)


@blueprint.get(rule("labels"))
def index() -> Hal:
    """List the labels that any pacticipant has."""
    page = pagination.page()
    with reading() as storage:
        found = storage.labels.names(page)
    make = links()
    document = {
        "_embedded": {"labels": [{"name": name} for name in found.items]},
        "_links": {"self": make.to("labels", "Labels")},
    }
    return pagination.paged(document, found, make.href("labels"))


@blueprint.get(rule("pacticipants-with-label"))
def pacticipants_with(label: str) -> Hal:
    """List the pacticipants that have a label."""
    page, search = pagination.page(), pagination.search()
    with reading() as storage:
        found = storage.pacticipants.with_label(label, page, search)
        details = pacticipants.details_of_many(storage, found.items)
    itself = links().to("pacticipants-with-label", label=label)
    document = pacticipants.represent_all(found, details, itself, links())
    del document["pacticipants"]
    return document


@blueprint.put(rule("pacticipant-label"))
def add(pacticipant: str, label: str) -> Response:
    """Give a pacticipant a label; the body does not matter."""
    parsing.json_text()
    with transaction() as storage:
        found, added = labels.add(storage, pacticipant, label, now())
    document = represent(found, pacticipant, links())
    return created(document, document["_links"]["self"]["href"]) if added else jsonify(document)


@blueprint.get(rule("pacticipant-label"))
def show(pacticipant: str, label: str) -> Hal:
    """Show a label of a pacticipant."""
    with reading() as storage:
        found = labels.find(storage, pacticipant, label)
    return represent(found, pacticipant, links())


@blueprint.delete(rule("pacticipant-label"))
def delete(pacticipant: str, label: str) -> tuple[str, int]:
    """Take a label off a pacticipant."""
    with transaction() as storage:
        labels.remove(storage, pacticipant, label)
    return "", 204


def represent(label: Label, pacticipant: str, links: Links) -> Hal:
    """Return the HAL document of a label; its relations have no prefix."""
    return resource(
        {"name": label.name, "createdAt": timestamp(label.created_at)},
        links={
            "self": links.to(
                "pacticipant-label", "Label", label.name, pacticipant=pacticipant, label=label.name
            ),
            "pacticipant": links.to("pacticipant", "Pacticipant", pacticipant, pacticipant=pacticipant),
        },
    )
