"""Labels of pacticipants (reference §4.2)."""

from flask import Response, jsonify

from broker.domain.accounts.permissions import Action
from broker.domain.pacticipants.details import Label
from broker.services.pacticipants import labels
from broker.services.pacticipants import pacticipants as pacticipant_service
from broker.web import pagination, parsing
from broker.web.api.pacticipants import pacticipants
from broker.web.context import links, now, reading, transaction
from broker.web.description.needs import Needs
from broker.web.description.parameters import PAGE, SEARCH
from broker.web.hal import Hal, Links, resource, timestamp
from broker.web.resource import ApiResource
from broker.web.responses import created

api = ApiResource("labels", __name__)
api.relation(
    "pb:consumers", "The consumers that a webhook is for: those with a label.", "pacticipants-with-label"
)
api.relation(
    "pb:providers", "The providers that a webhook is for: those with a label.", "pacticipants-with-label"
)
api.relation(
    "pb:label", "A label of an application, to group applications by team or domain.", "pacticipant-label"
)
api.relation("tally:labels", "The labels that any application has.", "labels", title="Labels")
api.relation(
    "tally:pacticipants-with-label",
    "The applications that have a label.",
    "pacticipants-with-label",
    title="Pacticipants with a label",
)


@api.get("labels", answers="Labels", query=PAGE)
def index() -> Hal:
    """List the labels that any pacticipant has."""
    page = pagination.page()
    with reading() as storage:
        found = labels.names(storage, page)
    make = links()
    document = {
        "_embedded": {"labels": [{"name": name} for name in found.items]},
        "_links": {"self": make.to("labels", "Labels")},
    }
    return pagination.paged(document, found, make.href("labels"))


@api.get("pacticipants-with-label", answers="Pacticipants", query=(SEARCH, *PAGE))
def pacticipants_with(label: str) -> Hal:
    """List the pacticipants that have a label."""
    page, search = pagination.page(), pagination.search()
    with reading() as storage:
        found, details = pacticipant_service.page_of_labelled(storage, label, page, search)
    itself = links().to("pacticipants-with-label", label=label)
    document = pacticipants.represent_all(found, details, itself, links())
    del document["pacticipants"]
    return document


@api.put(
    "pacticipant-label",
    answers="Label",
    statuses=(200, 201),
    refuses=(409,),
    takes="Ignored",
    needs=Needs(Action.PUBLISH, "pacticipant"),
)
def add(pacticipant: str, label: str) -> Response:
    """Give a pacticipant a label; the body does not matter."""
    parsing.json_text()
    with transaction() as storage:
        found, added = labels.add(storage, pacticipant, label, now())
    document = represent(found, pacticipant, links())
    return created(document, document["_links"]["self"]["href"]) if added else jsonify(document)


@api.get("pacticipant-label", answers="Label")
def show(pacticipant: str, label: str) -> Hal:
    """Show a label of a pacticipant."""
    with reading() as storage:
        found = labels.find(storage, pacticipant, label)
    return represent(found, pacticipant, links())


@api.delete("pacticipant-label", needs=Needs(Action.PUBLISH, "pacticipant"))
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
