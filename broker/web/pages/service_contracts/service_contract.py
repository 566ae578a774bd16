"""The page of a service contract: its operations, compatibility, usage, comparisons and results."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Response, request

from broker.domain.decisions.comparisons import ListedComparison
from broker.domain.errors import ValidationError
from broker.domain.names import did_you_mean
from broker.domain.pagination import Page
from broker.domain.service_contracts.compatibility import ListedCompatibility
from broker.domain.service_contracts.service_contract import ListedContractResult
from broker.services.service_contracts import contract_page
from broker.services.service_contracts.contract_page import Place, Promise
from broker.services.usage.ask import OperationUsers
from broker.web import query_values
from broker.web.context import reading
from broker.web.lagging import may_lag
from broker.web.pages.page import blueprint, page_number
from broker.web.pages.rendering import render
from broker.web.pages.tables import Column, Table
from broker.web.paths import result_number
from broker.web.routes import rule

OPERATIONS_ON_A_PAGE = 20
ROWS_ON_A_PAGE = 50
MOST_ROWS = 10_000
"""In a file, which has no pages."""
MOST_CHANGES = 50
_LONGEST = 1_000
Shown = tuple[Any, Table[Any], Sequence[Any]]
"""What the template shows, the table of the same rows, and these rows."""

OPERATIONS: Table[Promise] = Table(
    "operations",
    [
        Column("operation", "", lambda each: each.operation.title),
        Column("id", "", lambda each: each.operation.id),
        Column("examples", "", lambda each: len(each.examples)),
        Column("failed", "", lambda each: each.failed),
        Column("covered", "", lambda each: each.is_covered),
        Column("deprecated", "", lambda each: each.operation.deprecated),
    ],
)
COMPATIBILITIES: Table[ListedCompatibility] = Table(
    "compatibilities",
    [
        Column("document", "Document", lambda each: each.document),
        Column("versions", "Compared with", lambda each: [version.number for version in each.versions]),
        Column("verdict", "Verdict", lambda each: each.verdict),
        Column("mode", "Mode", lambda each: each.rules.mode),
        Column("comparedAt", "Compared", lambda each: each.created_at),
    ],
)
USAGE: Table[OperationUsers] = Table(
    "operations",
    [
        Column("operation", "Operation", lambda each: each.operation),
        Column("consumers", "Who uses it", lambda each: list(each.consumers)),
        Column("unusedPlaces", "What nobody uses", lambda each: [str(place) for place in each.unused]),
    ],
)
COMPARISONS: Table[ListedComparison] = Table(
    "comparisons",
    [
        Column("consumer", "Consumer", lambda each: each.consumer),
        Column("consumerVersion", "Newest version", lambda each: each.consumer_version),
        Column("verdict", "Verdict", lambda each: each.verdict),
        Column("comparedAt", "Compared", lambda each: each.created_at),
    ],
)
RESULTS: Table[ListedContractResult] = Table(
    "results",
    [
        Column("version", "Version", lambda each: each.provider_version),
        Column("document", "Document", lambda each: each.document),
        Column("success", "Result", lambda each: each.success),
        Column("verifiedAt", "Verified", lambda each: each.created_at),
        Column("number", "Number", lambda each: each.number, is_amount=True),
    ],
)


@blueprint.get(rule("service-contract"))
@may_lag
def service_contract(pacticipant: str, version: str) -> Response:
    """Show the service contract of a version."""
    asked = request.args.get("show") or "operations"
    if asked not in _SHOWS:
        raise ValidationError({"show": [f"must be one of: {', '.join(_SHOWS)}{did_you_mean(asked, _SHOWS)}"]})
    found, table, rows = _SHOWS[asked]((pacticipant, version))
    return table.download(rows) or render(
        "service_contract.html",
        version=found.of.version,
        documents=found.of.documents,
        found=found,
        shown=asked,
        search=_text("search").strip(),
        place=_text("place"),
        most=MOST_CHANGES,
        table=table,
    )


def _operations(of: Place) -> Shown:
    page = _page(OPERATIONS, OPERATIONS_ON_A_PAGE)
    with reading() as storage:
        found = contract_page.operations(storage, of, _text("document"), _text("search").strip(), page=page)
    return found, OPERATIONS, found.part.items


def _compatibility(of: Place) -> Shown:
    pair = _text("later"), _text("earlier")
    page = _page(COMPATIBILITIES, ROWS_ON_A_PAGE)
    with reading() as storage:
        found = contract_page.compatibility(storage, of, pair if all(pair) else None, page)
    return found, COMPATIBILITIES, found.part.items


def _usage(of: Place) -> Shown:
    with reading() as storage:
        found = contract_page.usage(storage, of, _text("place"), _page(USAGE, OPERATIONS_ON_A_PAGE))
    return found, USAGE, found.operations.part.items if found.operations else []


def _comparisons(of: Place) -> Shown:
    number = result_number(_text("number")) if _text("number") else None
    with reading() as storage:
        found = contract_page.comparisons(storage, of, number, _page(COMPARISONS, ROWS_ON_A_PAGE))
    return found, COMPARISONS, found.part.items


def _results(of: Place) -> Shown:
    with reading() as storage:
        found = contract_page.results(storage, of, _page(RESULTS, ROWS_ON_A_PAGE))
    return found, RESULTS, found.part.items


_SHOWS: Mapping[str, Callable[[Place], Shown]] = {
    "operations": _operations,
    "compatibility": _compatibility,
    "usage": _usage,
    "comparisons": _comparisons,
    "results": _results,
}


def _page(table: Table[Any], size: int) -> Page:
    return Page(1, MOST_ROWS) if table.asked_format() else Page(page_number(), size)


def _text(name: str) -> str:
    return query_values.name(name, longest=_LONGEST)
