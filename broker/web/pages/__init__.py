"""HTML over the same services as the API."""

from collections.abc import Callable

from flask import Blueprint, Response, request

from broker.domain.pacts.pact import PublishedPact
from broker.services.overview import pages
from broker.services.pacts import pacts
from broker.services.webhooks import status
from broker.web.context import reading
from broker.web.pages.exploring import show_in_explorer
from broker.web.pages.rendering import render
from broker.web.routes import rule

blueprint = Blueprint("pages", __name__)
static = Blueprint("static", __name__, static_folder="static", static_url_path="/static")
LONGEST_NUMBER = 6
"""Digits of the number of a page: nobody turns a million pages."""


@blueprint.get(rule("index"))
def index() -> Response:
    """Show what depends on what."""
    search = request.args.get("search", "").strip()
    with reading() as storage:
        found = pages.front_page(storage, search, _page_number())
    return render("index.html", search=search, **vars(found))


@blueprint.get(rule("pacticipant"))
def pacticipant(pacticipant: str) -> Response:
    """Show an application."""
    with reading() as storage:
        found = pages.pacticipant(storage, pacticipant)
    return render("pacticipant.html", **vars(found))


@blueprint.get(rule("version"))
def version(pacticipant: str, version: str) -> Response:
    """Show a version."""
    with reading() as storage:
        found = pages.version(storage, pacticipant, version)
    return render("version.html", **vars(found))


@blueprint.get(rule("environments"))
def environments() -> Response:
    """Show what is where."""
    with reading() as storage:
        found = pages.environments(storage)
    return render("environments.html", environments=found)


@blueprint.get(rule("webhooks"))
def webhooks() -> Response:
    """Show what others are told, and whether it arrives."""
    with reading() as storage:
        found = status.all_webhooks(storage)
    return render("webhooks.html", webhooks=found)


@blueprint.get(rule("webhook"))
def webhook(uuid: str) -> Response:
    """Show a webhook and what it sent last."""
    with reading() as storage:
        found = status.one_webhook(storage, uuid)
    return render("webhook.html", **vars(found))


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


@blueprint.get(rule("verification-result"))
@blueprint.get(rule("verification-result-with-metadata"))
@blueprint.get(rule("latest-verification-result"))
def result(**_place: str) -> Response:
    """Show a result in the explorer (reference §2.9)."""
    return show_in_explorer(302)


def _pact(find: Callable[..., PublishedPact], *names: str) -> Response:
    with reading() as storage:
        found = pages.pact(storage, find(storage, *names), _page_number())
    return render("pact.html", **vars(found))


def _page_number() -> int:
    text = request.args.get("page", "")
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else 1
