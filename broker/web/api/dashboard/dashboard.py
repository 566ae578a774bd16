"""The dashboard: pacts with their newest results (reference §11.2)."""

from collections.abc import Sequence

from flask import Response, jsonify, request

from broker.domain.dashboard.dashboard import DashboardItem, DashboardResult
from broker.domain.model import Version
from broker.domain.overview.summaries import PactStatus
from broker.domain.pagination import Page
from broker.services.dashboard import dashboard
from broker.web import pagination
from broker.web.api.pacticipants.pacticipants import embedded_pacticipant
from broker.web.content_types import HAL, PLAIN
from broker.web.context import links, reading
from broker.web.description.parameters import PAGE
from broker.web.hal import Hal, Links, timestamp
from broker.web.lagging import may_lag
from broker.web.resource import ApiResource
from broker.web.text import table

api = ApiResource("dashboard", __name__)
api.relation("pb:dashboard", "The pacts of an integration, with their newest results.", "dashboard-of-pair")
PAGE_SIZE = 30
EVERYTHING = Page(1, 2**31 - 1)
_STATUSES = {
    PactStatus.NEVER: "never",
    PactStatus.VERIFIED: "success",
    PactStatus.FAILED: "failed",
    PactStatus.PENDING: "failed_pending",
}
_HEADINGS = ("CONSUMER", "C_VERSION", "C_TAGS", "PROVIDER", "P_VERSION", "P_TAGS", "STATUS")


@api.get("dashboard", answers="Dashboard", types=(HAL, PLAIN), query=PAGE)
@may_lag
def index() -> Response:
    """Show the pacts of all integrations, thirty at a time."""
    page = pagination.page() or Page(1, PAGE_SIZE)
    with reading() as storage:
        found = dashboard.page_of(storage, page)
    return _answer(found)


@api.get("dashboard-of-pair", answers="Dashboard", types=(HAL, PLAIN), query=PAGE)
@may_lag
def of_pair(provider: str, consumer: str) -> Response:
    """Show the pacts of one integration: all of them, or a page."""
    page = pagination.page() or EVERYTHING
    with reading() as storage:
        found = dashboard.of_pair(storage, provider, consumer, page)
    return _answer(found)


def _answer(found: Sequence[DashboardItem]) -> Response:
    items = sorted(found, key=lambda item: item.last_activity, reverse=True)
    if request.accept_mimetypes.best_match(["application/hal+json", "text/plain"]) == "text/plain":
        text = table([_HEADINGS, *map(_cells, items)])
        return Response(text + "\n", content_type="text/plain;charset=utf-8")
    make = links()
    return jsonify({"items": [represent(item, make) for item in items]})


def _cells(item: DashboardItem) -> tuple[str, ...]:
    pact, result = item.pact, item.result
    return (
        pact.consumer,
        pact.consumer_version.number,
        ", ".join(pact.tags),
        pact.provider,
        result.provider_version.number if result else "",
        ", ".join(tag.name for tag in result.tags if tag.latest) if result else "",
        _STATUSES[item.status],
    )


def represent(item: DashboardItem, links: Links) -> Hal:
    """Return one pact with its newest result; what is not known is null."""
    pact, result = item.pact, item.result
    pair = {"provider": pact.provider, "consumer": pact.consumer}
    number = pact.consumer_version.number
    version = {"consumer_version": number}
    return {
        "consumer": {
            **embedded_pacticipant(pact.consumer, links),
            "version": _version(pact.consumer_version, links),
        },
        "provider": {
            **embedded_pacticipant(pact.provider, links),
            "version": _version(result.provider_version, links) if result else None,
        },
        "pact": {
            "createdAt": timestamp(pact.published_at),
            "_links": {"self": links.to("pact", **pair, **version)},
        },
        "pactTags": [_tag(tag, pact.consumer_version, links, latest=True) for tag in pact.tags],
        "latestVerificationResult": _result(result, links, **pair, **version) if result else None,
        "latestVerificationResultTags": _result_tags(result, links) if result else [],
        "verificationStatus": _STATUSES[item.status],
        "webhookStatus": "none",
        "latestWebhookExecution": None,
        "_links": {"pb:webhook-status": links.to("pact-webhooks-status", "Status of webhooks", **pair)},
    }


def _version(version: Version, links: Links) -> Hal:
    return {
        "number": version.number,
        "branch": version.branches[-1].name if version.branches else None,
        "headBranchNames": [branch.name for branch in version.branches if branch.latest],
        "_links": {"self": links.to("version", pacticipant=version.pacticipant, version=version.number)},
    }


def _result(result: DashboardResult, links: Links, **place: str) -> Hal:
    return {
        "success": result.success,
        "verifiedAt": timestamp(result.verified_at),
        "_links": {"self": links.to("latest-version-verification-result", **place)},
    }


def _result_tags(result: DashboardResult, links: Links) -> list[Hal]:
    return [
        _tag(tag.name, result.provider_version, links, latest=tag.latest) for tag in result.tags if tag.latest
    ]


def _tag(name: str, version: Version, links: Links, *, latest: bool) -> Hal:
    of_version = {"pacticipant": version.pacticipant, "version": version.number}
    return {
        "name": name,
        "latest": latest,
        "_links": {"self": links.to("version-tag", **of_version, tag=name)},
    }
