"""Integrations (reference §4.13)."""

from flask import Response, jsonify, request

from broker.domain.accounts.permissions import Action
from broker.domain.pacticipants.integration import IntegrationName, dot
from broker.domain.pagination import PartOfList
from broker.services.pacticipants import integrations
from broker.web import pagination
from broker.web.content_types import HAL
from broker.web.context import links, now, reading, settings, transaction
from broker.web.description.needs import Needs
from broker.web.description.parameters import PAGE, SEARCH
from broker.web.hal import Hal, Links
from broker.web.resource import ApiResource

api = ApiResource("integrations", __name__)
api.relation(
    "pb:integrations",
    "The pairs of consumer and provider that have a contract.",
    "integrations",
    title="Integrations",
)
api.relation(
    "pb:delete_integration", "DELETE removes all contracts and results between the two.", "integration"
)
api.relation(
    "tally:network",
    "The integrations of an application: whom it needs, and who needs it.",
    "pacticipant-network",
    title="Integrations of this application",
)
DOT = "text/vnd.graphviz"


@api.get("integrations", answers="Integrations", types=(HAL, "text/vnd.graphviz"), query=(SEARCH, *PAGE))
def index() -> Response:
    """List the integrations; as a graph, if that is asked for."""
    page, search = pagination.page(), pagination.search()
    with reading() as storage:
        found = integrations.page_of(storage, page, search)
    # JSON comes first, so that it is what `*/*` gets.
    if request.accept_mimetypes.best_match(["application/hal+json", "application/json", DOT]) == DOT:
        return Response(dot(list(found.items)), content_type=f"{DOT};charset=utf-8")
    return jsonify(represent_all(found, links().href("integrations"), links()))


@api.get("pacticipant-network", answers="Integrations", query=PAGE)
def of_pacticipant(pacticipant: str) -> Hal:
    """List the integrations of an application: whom it needs, and who needs it."""
    page = pagination.page()
    with reading() as storage:
        found = integrations.of_pacticipant(storage, pacticipant, page)
    return represent_all(found, links().href("pacticipant-network", pacticipant=pacticipant), links())


@api.delete("integrations", refuses=(403,), needs=Needs(Action.ADMINISTER))
def delete_all() -> tuple[str, int]:
    """Remove all contracts of the broker, if a setting allows it."""
    with transaction() as storage:
        integrations.delete_all(storage, settings(), now())
    return "", 204


@api.delete("integration", needs=Needs(Action.DELETE_PACTICIPANT, "consumer", "provider"))
def delete(provider: str, consumer: str) -> tuple[str, int]:
    """Remove everything between a consumer and a provider."""
    with transaction() as storage:
        integrations.delete(storage, provider, consumer, now())
    return "", 204


def represent_all(found: PartOfList[IntegrationName], url: str, links: Links) -> Hal:
    """Return the collection, which is at *url*."""
    document: Hal = {
        "_embedded": {"integrations": [represent(pair, links) for pair in found.items]},
        "_links": {"self": {"href": url, "title": "Integrations"}},
    }
    return pagination.paged(document, found, url)


def represent(pair: IntegrationName, links: Links) -> Hal:
    """Return the HAL document of an integration."""
    place = {"provider": pair.provider, "consumer": pair.consumer}
    return {
        "consumer": {"name": pair.consumer},
        "provider": {"name": pair.provider},
        "_links": {
            "pb:dashboard": links.to("dashboard-of-pair", "Overview of this integration", **place),
            "pb:matrix": links.to("matrix-of-pair", "Matrix of this integration", **place),
            "pb:group": links.to("pacticipant", "Consumer", pacticipant=pair.consumer),
            "pb:delete_integration": links.to("integration", "Delete this integration", **place),
        },
    }
