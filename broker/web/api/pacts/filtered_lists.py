"""Lists of pacts by tag and branch, and deleting what such a list has (reference §4.9)."""

from dataclasses import dataclass

from flask import Blueprint, request

from broker.domain.pacts.filter import PactFilter
from broker.services.pacts import lists
from broker.web.api.pacts.documents import represent_remaining
from broker.web.api.pacts.lists import represent_between, represent_of_provider
from broker.web.context import links, now, reading, transaction
from broker.web.hal import Hal
from broker.web.routes import rule

blueprint = Blueprint("filtered_pact_lists", __name__)


@dataclass(frozen=True)
class _List:
    """What a route lists; *title* says it of "{pacts}", with the path's own variables."""

    title: str
    main_branch: bool = False
    latest: bool = False
    prefix: str = ""

    def which(self, tag: str | None = None, branch: str | None = None) -> PactFilter:
        """Return the filter, with the tag or the branch in the path."""
        return PactFilter(tag, branch, main_branch=self.main_branch, latest=self.latest)


_OF_PAIRS = {
    "tagged-pact-versions": _List("Pacts between {consumer} and {provider} with the tag {tag}", prefix="pb:"),
    "branch-pact-versions": _List("Pacts between {consumer} and {provider} on the branch {branch}"),
    "latest-branch-pact-versions": _List(
        "Latest pact between {consumer} and {provider} on the branch {branch}", latest=True
    ),
    "main-branch-pact-versions": _List(
        "Pacts between {consumer} and {provider} on the main branch", main_branch=True
    ),
    "latest-main-branch-pact-versions": _List(
        "Latest pact between {consumer} and {provider} on the main branch", main_branch=True, latest=True
    ),
}
_OF_PROVIDERS = {
    "provider-pacts-with-tag": _List("All pacts with {provider}, tagged {tag}"),
    "provider-pacts-with-branch": _List("All pacts with {provider} on the branch {branch}"),
    "latest-provider-pacts-with-branch": _List(
        "Latest pacts with {provider} on the branch {branch}", latest=True
    ),
    "provider-pacts-with-main-branch": _List(
        "All pacts with {provider} on the consumers' main branches", main_branch=True
    ),
    "latest-provider-pacts-with-main-branch": _List(
        "Latest pacts with {provider} on the consumers' main branches", main_branch=True, latest=True
    ),
}


def show_between(provider: str, consumer: str, **named: str) -> Hal:
    """List pacts between a consumer and a provider."""
    route = _route()
    listed = _OF_PAIRS[route]
    with reading() as storage:
        found = lists.between(storage, provider, consumer, listed.which(**named))
    pair = {"provider": provider, "consumer": consumer}
    values = {**pair, **named}
    itself = links().to(route, listed.title.format_map(values), **values)
    return represent_between(pair, found, itself, links(), prefix=listed.prefix)


def delete_all_between(provider: str, consumer: str) -> tuple[str, int]:
    """Remove every pact between a consumer and a provider."""
    with transaction() as storage:
        lists.delete_between(storage, provider, consumer, PactFilter(), now())
    return "", 204


def delete_between(provider: str, consumer: str, **named: str) -> Hal:
    """Remove the pacts that the list has, and tell where the latest of the others is."""
    which = _OF_PAIRS[_route()].which(**named)
    with transaction() as storage:
        latest = lists.delete_between(storage, provider, consumer, which, now())
    return represent_remaining(latest, links())


def show_of_provider(provider: str, **named: str) -> Hal:
    """List pacts with a provider."""
    route = _route()
    listed = _OF_PROVIDERS[route]
    with reading() as storage:
        found = lists.of_provider(storage, provider, listed.which(**named))
    values = {"provider": provider, **named}
    itself = links().to(route, listed.title.format_map(values), **values)
    return represent_of_provider(provider, found, itself, links())


def _route() -> str:
    """Return the name of the route that was asked for."""
    return (request.endpoint or "").rpartition(".")[2].removeprefix("delete-")


blueprint.add_url_rule(
    rule("all-pact-versions"), "delete-all-pact-versions", delete_all_between, methods=["DELETE"]
)
for _name in _OF_PAIRS:
    blueprint.add_url_rule(rule(_name), _name, show_between, methods=["GET"])
    blueprint.add_url_rule(rule(_name), f"delete-{_name}", delete_between, methods=["DELETE"])
for _name in _OF_PROVIDERS:
    blueprint.add_url_rule(rule(_name), _name, show_of_provider, methods=["GET"])
