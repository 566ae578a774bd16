"""The overview: what is broken, and who has to act. The dashboards of other brokers lead here."""

from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from broker.domain.decisions.obstacles import TEAM
from broker.domain.errors import ValidationError
from broker.domain.overview.standings import Order, ShortStanding, Standing, StandingFilter
from broker.domain.overview.summaries import PactStatus
from broker.services.overview.overview_page import Overview, OverviewRow, overview
from broker.web import query_values
from broker.web.context import now, reading
from broker.web.lagging import may_lag
from broker.web.pages.overview.overview_rows import pact_of, shown_rows
from broker.web.pages.page import blueprint, page_number
from broker.web.pages.rendering import local, local_base, render
from broker.web.pages.tables import Column, Table, download_of
from broker.web.pages.verdicts import WORST_FIRST
from broker.web.routes import rule

STATES = {name.lower(): PactStatus[name] for name in WORST_FIRST}
"""What `?state=` calls the verdicts."""
_TEXTS = ("env", "team", "search", "consumer", "provider")
_WORST = Order.WORST.value
SORTS = (
    (_WORST, "worst first"),
    ("consumer", "consumer"),
    ("provider", "provider"),
    ("-changed", "changed last"),
)


def _table(found: Overview) -> Table[OverviewRow]:
    places = [
        Column(name, name, lambda row, name=name: _said(row.environments.get(name)))  # type: ignore[misc]
        for name in found.columns
    ]
    return Table(
        "integrations",
        [
            Column("consumer", "Consumer", lambda row: row.main.consumer, sort=Order.CONSUMER.value),
            Column("provider", "Provider", lambda row: row.main.provider, sort=Order.PROVIDER.value),
            Column("main", "main", lambda row: _said(row.main), sort=_WORST),
            Column("failed", "", lambda row: _failed(row.main)),
            Column("interactions", "", lambda row: row.main.interactions),
            Column("since", "", lambda row: row.main.since),
            Column("sinceVersion", "", lambda row: row.main.since_version),
            Column("consumerVersion", "", lambda row: row.main.consumer_version),
            Column("providerVersion", "", lambda row: row.main.provider_version),
            Column("mismatch", "", lambda row: _mismatch(row.main)),
            *places,
            Column("results", "Last 12 results", lambda row: row.main.newest_results),
            Column("changed", "Changed", lambda row: row.main.changed_at, sort=Order.CHANGED.value),
            Column("webhook", "Hooks", lambda row: row.delivery.status if row.delivery else None),
        ],
    )


# `sort` is read before it is known which environments have a column.
_ORDERED: Table[Any] = Table(
    "integrations", [Column(order.value, order.value, None, sort=order.value) for order in Order]
)

_SERVICES: Table[Any] = Table(
    "services",
    [
        Column("service", "", lambda row: row.pacticipant),
        Column("version", "", lambda row: row.version),
        Column("specification", "", lambda row: row.specification),
        Column("operations", "", lambda row: row.operations),
        Column("published_at", "", lambda row: row.published_at),
        Column("verdict", "", lambda row: row.result.status if row.result else PactStatus.NEVER),
    ],
)


@blueprint.get(rule("index"))
@may_lag
def index() -> Response:
    """Show how every integration stands, the worst first."""
    order = _ORDERED.order(_WORST)
    which = _filter()
    with reading() as storage:
        found = overview(storage, which, Order(order.by), page_number(), descending=order.descending)
    table = _table(found)
    if download := download_of((table, found.part.items), (_SERVICES, found.services)):
        return download
    return render(
        "overview.html",
        found=found,
        table=table,
        order=order,
        sort=request.args.get("sort") or _WORST,
        states=STATES,
        states_in_words=[(name, verdict.value) for name, verdict in STATES.items()],
        environments=[(name, name) for name in found.environments],
        teams=[(name, name.removeprefix(TEAM)) for name in found.teams],
        sorts=SORTS,
        state_name=next((name for name, verdict in STATES.items() if verdict is which.verdict), ""),
        rows=shown_rows(found.part.items, found.columns, local_base(), now()),
        pact_of=pact_of,
        asked=_without(which),
    )


@blueprint.get(rule("dashboard"))
def dashboard() -> Response:
    """Lead to the overview with the same filter: its page is what other brokers call dashboard."""
    return _to_overview(request.query_string.decode("latin-1"))


@blueprint.get(rule("dashboard-of-pair"))
def dashboard_of_pair(provider: str, consumer: str) -> Response:
    """Lead to the integration in the overview."""
    return _to_overview(urlencode({"consumer": consumer, "provider": provider}))


def _to_overview(query: str) -> Response:
    location = local("index") + (f"?{query}" if query else "")
    return Response(status=303, headers={"Location": location})


def _filter() -> StandingFilter:
    state = request.args.get("state") or None
    if state is not None and state not in STATES:
        raise ValidationError({"state": [f"must be one of {', '.join(STATES)}"]})
    texts = {name: query_values.name(name) for name in _TEXTS}
    return StandingFilter(
        texts["env"] or None,
        STATES[state] if state else None,
        TEAM + texts["team"].removeprefix(TEAM) if texts["team"] else None,
        texts["search"].strip(),
        texts["consumer"] or None,
        texts["provider"] or None,
    )


def _said(found: Standing | ShortStanding | None) -> str | None:
    return None if found is None else found.verdict.value


def _failed(found: Standing) -> int | None:
    return found.failures.count if found.failures else None


def _mismatch(found: Standing) -> str | None:
    return f"{found.failures.place} {found.failures.text}".strip() if found.failures else None


def _without(which: StandingFilter) -> list[tuple[str, str]]:
    """Return what can be taken away from the filter: parameters, and what each asks for in words."""
    words = {
        "state": which.verdict and f"the state “{which.verdict.value}”",
        "env": which.environment and f"the environment “{which.environment}”",
        "team": which.team and f"the team “{which.team.removeprefix(TEAM)}”",
        "search": which.search and f"“{which.search}” in a name",
        "consumer": which.consumer and f"the consumer “{which.consumer}”",
        "provider": which.provider and f"the provider “{which.provider}”",
    }
    return [(name, text) for name, text in words.items() if text]
