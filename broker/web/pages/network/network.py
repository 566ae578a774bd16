"""The page of who needs whom, its drawings as files, and what older addresses lead to."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from urllib.parse import urlencode

from flask import Response, request
from markupsafe import Markup

from broker.domain.errors import ValidationError
from broker.domain.names import did_you_mean
from broker.domain.network.network import Network, NetworkIntegration
from broker.domain.overview.summaries import PactStatus
from broker.domain.pagination import Page, PartOfList
from broker.services.network import network_page
from broker.services.network.network_page import Asked, NetworkPage
from broker.web import query_values
from broker.web.context import links, reading
from broker.web.lagging import may_lag
from broker.web.pages.network import network_dot, network_graph, network_table
from broker.web.pages.page import blueprint, page_number
from broker.web.pages.rendering import local, render
from broker.web.pages.tables import Column, Table
from broker.web.pages.verdicts import WORST_FIRST
from broker.web.responses import drawing
from broker.web.routes import rule
from tally.values import dataclass

PAGE_SIZE = 40
MOST_ROWS = 10_000
"""In a file, which has no pages."""
_SHOWS = ("graph", "table")
_DEPTHS: Mapping[str, int | None] = {"1": 1, "2": 2, "all": None}
_VERDICTS = {name.lower(): PactStatus[name] for name in WORST_FIRST}
_RESTS = ("faded", "hidden")


@dataclass(frozen=True)
class Row:
    """An integration of the list; *direct* and *reach* are of its provider."""

    integration: NetworkIntegration
    direct: int
    reach: int


@dataclass(frozen=True)
class Focus:
    """How many services the one that is asked about needs, how many need it, and how many through others."""

    needs: int
    direct: int
    reach: int


TABLE: Table[Row] = Table(
    "integrations",
    [
        Column("consumer", "Consumer", lambda row: row.integration.consumer, "consumer"),
        Column("provider", "Provider", lambda row: row.integration.provider, "provider"),
        Column("verdict", "Verdict", lambda row: row.integration.verdict, "verdict"),
        Column("kind", "Kind", lambda row: row.integration.kind, "kind"),
        Column(
            "interactions", "Interactions", lambda row: row.integration.total, "interactions", is_amount=True
        ),
        Column("directConsumers", "Direct consumers", lambda row: row.direct, "direct", is_amount=True),
        Column("dependents", "Risk", lambda row: row.reach, "risk", is_amount=True),
    ],
)
_SORTS = {
    "consumer": lambda row: row.integration.consumer.lower(),
    "provider": lambda row: row.integration.provider.lower(),
    "verdict": lambda row: WORST_FIRST.index(row.integration.verdict.name),
    "kind": lambda row: row.integration.kind,
    "interactions": lambda row: row.integration.total,
    "direct": lambda row: row.direct,
    "risk": lambda row: row.reach,
}


@blueprint.get(rule("network"))
@may_lag
def network() -> Response:
    """Show who needs whom."""
    order = TABLE.order("verdict")
    show = _one_of("show", _SHOWS)
    is_file = TABLE.asked_format() is not None
    asked = _asked(MOST_ROWS if is_file else network_page.MOST_DRAWN)
    with reading() as storage:
        found = network_page.network(storage, asked)
    rows = sorted(_rows(found), key=_SORTS[order.by], reverse=order.descending)
    if file := TABLE.download(rows):
        return file
    shown = show or ("graph" if found.is_small else "table")
    page = Page(page_number(), PAGE_SIZE)
    return render(
        "network.html",
        found=found,
        asked=asked,
        depth=request.args.get("depth", "1"),
        state=request.args.get("state", ""),
        shown=shown,
        is_chosen=bool(show),
        drawing=_drawing(found, shown, _here, _pact),
        focus=_focus(found, asked),
        names=found.network.services if found.is_small else [],
        environments=[(each.name, each.display_name) for each in found.environments],
        teams=[("", "any"), *((team, team) for team in found.teams)],
        worst_first=WORST_FIRST,
        counts=Counter(each.verdict.name for each in found.listed),
        table=TABLE,
        order=order,
        part=PartOfList(rows[page.offset : page.offset + page.size], len(rows), page),
    )


@blueprint.get(rule("network-svg"))
@may_lag
def network_svg() -> Response:
    """Return the drawing as a file, with links to the pages of the services."""
    show = _one_of("show", _SHOWS)
    found = _found()
    shown = show or ("graph" if found.is_small else "table")
    drawn = _drawing(
        found,
        shown,
        _application,
        lambda each: links().href("latest-pact", provider=each.provider, consumer=each.consumer),
    )
    return drawing(drawn)


@blueprint.get(rule("network-dot"))
@may_lag
def network_in_dot() -> Response:
    """Return the graph for Graphviz."""
    text = network_dot.graph(_found().network, _application)
    return Response(text, content_type="text/vnd.graphviz;charset=utf-8")


@blueprint.get(rule("relationships"))
def relationships() -> Response:
    """Lead to the page that shows the same, and more of it."""
    return _to_network({})


@blueprint.get(rule("group"))
@may_lag
def group(pacticipant: str) -> Response:
    """Lead to all that is connected with an application."""
    return _to_network({"around": pacticipant, "depth": "all", "rest": "hidden"})


def _found() -> NetworkPage:
    asked = _asked(network_page.MOST_DRAWN)
    with reading() as storage:
        return network_page.network(storage, asked)


def _asked(most: int) -> Asked:
    depth = _one_of("depth", _DEPTHS) or "1"
    state = _one_of("state", _VERDICTS)
    return Asked(
        query_values.name("around"),
        _DEPTHS[depth],
        query_values.name("env"),
        query_values.name("team").removeprefix("team:"),
        _VERDICTS[state] if state else None,
        alone=_one_of("rest", _RESTS) == "hidden",
        most=most,
    )


def _one_of(name: str, known: Collection[str]) -> str:
    """Return the parameter, "" without one. Raises ValidationError for any other value."""
    value = query_values.words(name)
    if value and value not in known:
        raise ValidationError({name: [f"must be one of: {', '.join(known)}{did_you_mean(value, known)}"]})
    return value


def _drawing(
    found: NetworkPage,
    shown: str,
    link: Callable[[str], str],
    pact_link: Callable[[NetworkIntegration], str],
) -> Markup:
    if shown == "graph":
        return network_graph.graph(found.network, link, lit=found.lit)
    return network_table.table(Network(found.listed, {}), link, pact_link)


def _rows(found: NetworkPage) -> list[Row]:
    return [
        Row(each, found.direct.get(each.provider_id, 0), found.reach.get(each.provider_id, 0))
        for each in found.listed
    ]


def _focus(found: NetworkPage, asked: Asked) -> Focus | None:
    """Return what is said of the service that is asked about, if it has integrations."""
    if not asked.around or found.focus is None:
        return None
    return Focus(
        found.needs.get(found.focus, 0), found.direct.get(found.focus, 0), found.reach.get(found.focus, 0)
    )


def _here(name: str) -> str:
    """Return the address of this page around a service."""
    kept = {key: value for key, value in request.args.items() if key not in {"page", "show"}}
    return f"?{urlencode({**kept, 'around': name})}"


def _application(name: str) -> str:
    return links().href("pacticipant", pacticipant=name)


def _pact(each: NetworkIntegration) -> str:
    return local("latest-pact", provider=each.provider, consumer=each.consumer)


def _to_network(query: Mapping[str, str]) -> Response:
    asked = f"?{urlencode(query)}" if query else ""
    return Response(status=303, headers={"Location": local("network") + asked})
