"""Integrations (reference §4.13)."""

from flask import Response, jsonify, request

from broker.domain.pacticipants.integration import IntegrationName, dot
from broker.domain.pagination import PartOfList
from broker.services.pacticipants import integrations
from broker.web import pagination
from broker.web.content_types import HAL
from broker.web.context import links, now, reading, settings, transaction
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
DOT = "text/vnd.graphviz"


@api.get("integrations", answers="Integrations", types=(HAL, "text/vnd.graphviz"), query=(SEARCH, *PAGE))
def index() -> Response:
    """List the integrations; as a graph, unless JSON is asked for."""
    page, search = pagination.page(), pagination.search()
    with reading() as storage:
        found = integrations.page_of(storage, page, search)
    wanted = request.accept_mimetypes.best_match([DOT, "application/hal+json", "application/json"])
    if wanted == DOT or not request.accept_mimetypes:
        return Response(dot(list(found.items)), content_type=f"{DOT};charset=utf-8")
    return jsonify(represent_all(found, links()))


@api.delete("integrations", refuses=(403,))
def delete_all() -> tuple[str, int]:
    """Remove all contracts of the broker, if a setting allows it."""
    with transaction() as storage:
        integrations.delete_all(storage, settings(), now())
    return "", 204


@api.delete("integration")
def delete(provider: str, consumer: str) -> tuple[str, int]:
    """Remove everything between a consumer and a provider."""
    with transaction() as storage:
        integrations.delete(storage, provider, consumer, now())
    return "", 204


def represent_all(found: PartOfList[IntegrationName], links: Links) -> Hal:
    """Return the collection."""
    document: Hal = {
        "_embedded": {"integrations": [represent(pair, links) for pair in found.items]},
        "_links": {"self": links.to("integrations", "Integrations")},
    }
    return pagination.paged(document, found, links.href("integrations"))


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
