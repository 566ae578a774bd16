"""The page of a pact, by whatever it was asked for."""

from collections.abc import Callable

from flask import Response

from broker.domain.pacts.pact import PublishedPact
from broker.services.overview import pages
from broker.services.pacts import pacts
from broker.web.context import reading
from broker.web.pages.page import blueprint, chosen_result, page_number
from broker.web.pages.rendering import render
from broker.web.routes import rule


@blueprint.get(rule("pact"))
@blueprint.get(rule("pact-versions-alias"))
@blueprint.get(rule("pact-alias"))
def pact(provider: str, consumer: str, consumer_version: str) -> Response:
    """Show the pact of a consumer version."""
    return _pact(pacts.of_version, provider, consumer, consumer_version)


@blueprint.get(rule("pact-version"))
@blueprint.get(rule("pact-version-with-metadata"))
def pact_content(provider: str, consumer: str, sha: str, metadata: str = "") -> Response:  # noqa: ARG001 - the metadata changes nothing here
    """Show the newest pact with this content."""
    return _pact(pacts.with_content, provider, consumer, sha)


@blueprint.get(rule("latest-pact"))
@blueprint.get(rule("latest-pact-alias"))
def latest_pact(provider: str, consumer: str) -> Response:
    """Show the pact of the latest version that has one."""
    return _pact(pacts.latest, provider, consumer)


@blueprint.get(rule("latest-tagged-pact"))
def latest_tagged_pact(provider: str, consumer: str, tag: str) -> Response:
    """Show the pact of the latest version with the tag."""
    return _pact(pacts.latest_with_tag, provider, consumer, tag)


@blueprint.get(rule("latest-untagged-pact"))
def latest_untagged_pact(provider: str, consumer: str) -> Response:
    """Show the pact of the latest version without tags."""
    return _pact(pacts.latest_untagged, provider, consumer)


@blueprint.get(rule("latest-branch-pact"))
def latest_branch_pact(provider: str, consumer: str, branch: str) -> Response:
    """Show the pact of the latest version on the branch."""
    return _pact(pacts.latest_on_branch, provider, consumer, branch)


def _pact(find: Callable[..., PublishedPact], *names: str) -> Response:
    with reading() as storage:
        found = pages.pact(storage, find(storage, *names), page_number(), chosen_result())
    return render("pact.html", **vars(found))
