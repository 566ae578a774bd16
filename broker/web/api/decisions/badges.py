"""Badges (reference §11.1). They show what is wrong, and never answer 404."""

import logging
import secrets
from urllib.parse import quote

from flask import Response, request
from werkzeug.exceptions import HTTPException

from broker.domain.decisions.badges import GREY, Badge, Naming
from broker.domain.decisions.selectors import Selector
from broker.domain.errors import ValidationError
from broker.domain.pacts.filter import PactFilter
from broker.services.decisions import badges
from broker.web import problems, query_values
from broker.web.badge_svg import svg
from broker.web.context import reading, settings
from broker.web.description.operation import Description, QueryParameter
from broker.web.description.parameters import FLAG
from broker.web.lagging import may_lag
from broker.web.resource import ApiResource
from broker.web.responses import drawing

logger = logging.getLogger("broker")
api = ApiResource("badges", __name__)
api.relation(
    "pb:can-i-deploy-badge",
    "A badge for a README: can the latest version be deployed?",
    "can-i-deploy-tag-badge",
)
api.relation(
    "pb:can-i-deploy-branch-to-environment-badge",
    "A badge for a README: can the head of the branch be deployed?",
    "can-i-deploy-branch-badge",
)
LABEL = QueryParameter("label", "Text on the left of a badge")
BADGE: Description = {
    "types": ("image/svg+xml",),
    "also": ((307, None),),
    "public_if": lambda settings: settings.enable_public_badge_access,
}
OF_DECISION: Description = {**BADGE, "query": (LABEL,)}
OF_PACT: Description = {
    **BADGE,
    "query": (LABEL, QueryParameter("initials", "Whether a badge shows only the initials of names", FLAG)),
}


@api.get("latest-pact-badge", extension=".svg", **OF_PACT)
@may_lag
def latest_pact(provider: str, consumer: str) -> Response:
    """Show the status of the latest pact of a pair."""
    return _of_pact(provider, consumer, PactFilter(latest=True))


@api.get("latest-tagged-pact-badge", extension=".svg", **OF_PACT)
@may_lag
def latest_tagged_pact(provider: str, consumer: str, tag: str) -> Response:
    """Show the status of the latest pact of a version with a tag."""
    return _of_pact(provider, consumer, PactFilter(tag=tag, latest=True))


@api.get("latest-untagged-pact-badge", extension=".svg", **OF_PACT)
@may_lag
def latest_untagged_pact(provider: str, consumer: str) -> Response:
    """Show the status of the latest pact of a version without tags."""
    return _of_pact(provider, consumer, PactFilter(untagged=True, latest=True))


@api.get("matrix-badge", extension=".svg", **OF_PACT)
@may_lag
def tagged_versions(provider: str, provider_tag: str, consumer: str, tag: str) -> Response:
    """Show the status of the pact between the latest versions with two tags."""
    with reading() as storage:
        badge = badges.of_tagged_versions(
            storage,
            Selector(consumer, tag=tag, latest=True),
            Selector(provider, tag=provider_tag, latest=True),
            _naming(),
        )
    return _answer(badge)


@api.get("can-i-deploy-tag-badge", extension=".svg", **OF_DECISION)
def tag_to_tag(pacticipant: str, tag: str, to_tag: str) -> Response:
    """Show whether the latest version with a tag can be deployed next to the latest ones with another."""
    with reading() as storage:
        badge = badges.of_tag_to_tag(
            storage, pacticipant, (tag, to_tag), _label(), every_version_counts=_every_version_counts()
        )
    return _answer(badge)


@api.get("can-i-deploy-branch-badge", extension=".svg", **OF_DECISION)
def branch_to_environment(pacticipant: str, branch: str, environment: str) -> Response:
    """Show whether the head of a branch can be deployed to an environment."""
    head = Selector(pacticipant, branch=branch, latest=True)
    with reading() as storage:
        badge = badges.of_branch_to_environment(
            storage, head, environment, _label(), every_version_counts=_every_version_counts()
        )
    return _answer(badge)


@api.get("can-i-merge-badge", extension=".svg", **BADGE)
def merging(pacticipant: str) -> Response:
    """Show whether the main branch works with the main branches of the others."""
    with reading() as storage:
        badge = badges.of_merging(storage, pacticipant, every_version_counts=_every_version_counts())
    answer = _answer(badge)
    if badge.right == "success":
        answer.headers["Cache-Control"] = settings().badge_default_cache_setting
    return answer


@api.blueprint.errorhandler(Exception)
def broken(error: Exception) -> Response:
    """Show that something went wrong, with the reference that the log has; a wrong request is refused."""
    if isinstance(error, HTTPException):
        return problems.failed(error)
    if isinstance(error, ValidationError):
        return problems.refused(error)
    reference = secrets.token_hex(5)
    logger.error("Unexpected error, reference %s", reference, exc_info=error)
    return _answer(Badge("error", f"reference {reference}", GREY))


def _of_pact(provider: str, consumer: str, which: PactFilter) -> Response:
    with reading() as storage:
        badge = badges.of_pact(storage, provider, consumer, which, naming=_naming())
    return _answer(badge)


def _naming() -> Naming:
    return Naming(request.args.get("label"), initials=query_values.flag("initials"))


def _label() -> str:
    return request.args.get("label") or "can-i-deploy"


def _every_version_counts() -> bool:
    return settings().unverified_in_environment_is_unknown


def _answer(badge: Badge) -> Response:
    if settings().badge_provider_mode == "redirect":
        texts = "-".join(map(_for_shields, (badge.left, badge.right, badge.colour)))
        url = f"{settings().shields_io_base_url.rstrip('/')}/badge/{texts}.svg"
        return Response(status=307, headers={"Location": url})
    return drawing(svg(badge))


def _for_shields(text: str) -> str:
    return quote(text.replace("-", "--").replace("_", "__"), safe="")
