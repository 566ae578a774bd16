"""The list of all applications."""

from collections.abc import Sequence

from flask import Response

from broker.domain.pacticipants.applications import TEAM, ListedApplication, ListFilter, ListOrder
from broker.services.pacticipants import applications_page
from broker.web import query_values
from broker.web.context import reading
from broker.web.lagging import may_lag
from broker.web.pages.page import blueprint, page_number
from broker.web.pages.rendering import render
from broker.web.pages.tables import Column, Table
from broker.web.routes import rule

APPLICATIONS: Table[ListedApplication] = Table(
    "applications",
    [
        Column("name", "Application", lambda row: row.pacticipant.name, "name"),
        Column("labels", "Labels", lambda row: list(row.labels)),
        Column("verdict", "main", lambda row: row.verdict, "worst"),
        Column("number_of_worst", "", lambda row: row.number_of_worst),
        Column("consumers", "Needed by", lambda row: row.consumers, is_amount=True),
        Column("providers", "Needs", lambda row: row.providers, is_amount=True),
        Column("version", "Newest version", lambda row: row.newest.number if row.newest else None, "newest"),
        Column("created_at", "", lambda row: row.newest.created_at if row.newest else None),
        Column("environments", "Where", lambda row: list(row.environments)),
    ],
)


@blueprint.get(rule("pacticipants"))
@may_lag
def applications() -> Response:
    """Show all applications."""
    which = ListFilter(query_values.words("q"), query_values.name("label"))
    order = APPLICATIONS.order(ListOrder.WORST.value)
    with reading() as storage:
        found = applications_page.applications(storage, which, ListOrder(order.by), page_number())
    if download := APPLICATIONS.download(found.part.items):
        return download
    return render(
        "applications.html",
        part=found.part,
        failing=found.failing,
        which=which,
        order=order,
        table=APPLICATIONS,
        labels=_choices(found.teams, which.team),
    )


def _choices(teams: Sequence[str], asked: str) -> list[tuple[str, str]]:
    """Return the teams to choose from, and the label that is asked for if it is none of them."""
    other = [(asked, asked)] if asked and asked not in teams else []
    return [(team, team.removeprefix(TEAM)) for team in teams] + other
