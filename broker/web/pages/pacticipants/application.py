"""The pages of an application: how it stands, its versions, contracts, deployments, results, settings."""

from collections.abc import Sequence
from typing import Any

from flask import Response
from markupsafe import Markup

from broker.domain import limits
from broker.domain.network.network import Network, NetworkIntegration
from broker.domain.overview.standings import Standing
from broker.domain.pacticipants.applications import (
    ApplicationResult,
    BranchHead,
    NewestVersion,
    Presence,
)
from broker.services.pacticipants import application_page
from broker.services.pacticipants.application_page import Application
from broker.web import query_values
from broker.web.context import reading
from broker.web.lagging import may_lag
from broker.web.pages.network.network_graph import graph
from broker.web.pages.page import blueprint, page_number
from broker.web.pages.rendering import local, render
from broker.web.pages.tables import Column, Table
from broker.web.routes import rule

MOST_DRAWN = 24
"""Integrations in the drawing: more are not readable beside the list."""
TABS = (
    ("overview", "Overview", "pacticipant"),
    ("versions", "Versions", "versions"),
    ("branches", "Branches", "branches"),
    ("contracts", "Contracts", "application-contracts"),
    ("deployments", "Deployments", "application-deployments"),
    ("results", "Results", "application-results"),
    ("settings", "Settings", "application-settings"),
)
"""What a tab calls itself, its name and its route."""
VERSIONS: Table[NewestVersion] = Table(
    "versions",
    [
        Column("version", "Version", lambda row: row.number),
        Column("branch", "Branches and tags", lambda row: row.branch),
        Column("environments", "Where", None),
        Column("broke", "Broke", None),
        Column("build_url", "", lambda row: row.build_url),
        Column("created_at", "Created", lambda row: row.created_at, is_amount=True),
    ],
)
CONTRACTS: Table[Standing] = Table(
    "contracts",
    [
        Column("consumer", "Consumer", lambda row: row.consumer),
        Column("provider", "Provider", lambda row: row.provider),
        Column("verdict", "main", lambda row: row.verdict),
        Column("consumer_version", "Pact of", lambda row: row.consumer_version),
        Column("provider_version", "Provider version", lambda row: row.provider_version),
        Column("interactions", "Interactions", lambda row: row.interactions, is_amount=True),
        Column("results", "Last results", None),
        Column("since", "Since", lambda row: row.since, is_amount=True),
    ],
)
DEPLOYMENTS: Table[Presence] = Table(
    "deployments",
    [
        Column("environment", "Environment", lambda row: row.environment),
        Column("version", "Version", lambda row: row.version),
        Column("kind", "What", lambda row: "release" if row.released else "deployment"),
        Column("instance", "", lambda row: row.instance or None),
        Column("since", "Since", lambda row: row.since),
        Column("until", "Until", lambda row: row.until),
    ],
)
RESULTS: Table[ApplicationResult] = Table(
    "results",
    [
        Column("verdict", "Verdict", lambda row: row.verdict),
        Column("consumer", "Consumer", lambda row: row.consumer),
        Column("provider", "Provider", lambda row: row.provider),
        Column("provider_version", "Provider version", lambda row: row.provider_version),
        Column("branch", "Branch", lambda row: row.branch),
        Column("build_url", "Build", lambda row: row.build_url),
        Column("at", "When", lambda row: row.at, is_amount=True),
    ],
)
BRANCHES: Table[BranchHead] = Table(
    "branches",
    [
        Column("branch", "Branch", lambda row: row.name),
        Column("verdict", "Head", lambda row: row.verdict),
        Column("head", "Version", lambda row: row.head),
        Column("updated_at", "Changed", lambda row: row.updated_at, is_amount=True),
    ],
)


@blueprint.get(rule("pacticipant"))
@may_lag
def pacticipant(pacticipant: str) -> Response:
    """Show how an application stands, what is where, and its newest versions."""
    with reading() as storage:
        found = application_page.find(storage, pacticipant)
        newest = application_page.overview(storage, found)
    return _tab("overview", found, newest=newest, most=application_page.MOST_TILES, drawing=_drawing(found))


@blueprint.get(rule("versions"))
@may_lag
def versions(pacticipant: str) -> Response:
    """Show the versions of an application."""
    branch, number = _branch(), page_number()
    with reading() as storage:
        found = application_page.find(storage, pacticipant)
        listed = application_page.versions(storage, found, branch, number)
    return _table(VERSIONS, listed.items) or _tab(
        "versions", found, listed=listed, branch=branch, number=number, table=VERSIONS
    )


@blueprint.get(rule("application-contracts"))
@may_lag
def contracts(pacticipant: str) -> Response:
    """Show the contracts of an application."""
    with reading() as storage:
        found = application_page.find(storage, pacticipant)
        documents = application_page.documents(storage, found)
    return _table(CONTRACTS, found.on_main) or _tab("contracts", found, documents=documents, table=CONTRACTS)


@blueprint.get(rule("application-deployments"))
@may_lag
def deployments(pacticipant: str) -> Response:
    """Show where versions of an application were deployed and released."""
    with reading() as storage:
        found = application_page.find(storage, pacticipant)
        presences = application_page.deployments(storage, found)
    return _table(DEPLOYMENTS, presences) or _tab(
        "deployments", found, presences=presences, table=DEPLOYMENTS
    )


@blueprint.get(rule("application-results"))
@may_lag
def results(pacticipant: str) -> Response:
    """Show the newest results of an application."""
    with reading() as storage:
        found = application_page.find(storage, pacticipant)
        newest = application_page.results(storage, found)
    return _table(RESULTS, newest) or _tab("results", found, newest=newest, table=RESULTS)


@blueprint.get(rule("application-settings"))
@may_lag
def settings(pacticipant: str) -> Response:
    """Show what is set about an application."""
    with reading() as storage:
        found = application_page.find(storage, pacticipant)
        policy = application_page.policy(storage, found)
    return _tab("settings", found, policy=policy)


@blueprint.get(rule("branches"))
@may_lag
def branches(pacticipant: str) -> Response:
    """Show the branches of an application."""
    number = page_number()
    with reading() as storage:
        found = application_page.find(storage, pacticipant)
        listed, more = application_page.branches(storage, found, number)
    return _table(BRANCHES, listed) or _tab(
        "branches", found, listed=listed, more=more, number=number, table=BRANCHES
    )


@blueprint.get(rule("branch"))
@may_lag
def branch(pacticipant: str, branch: str) -> Response:
    """Show a branch, and the versions on it."""
    number = page_number()
    with reading() as storage:
        owner, found = application_page.branch(storage, pacticipant, branch, number)
    return _table(VERSIONS, found.versions.items) or render(
        "application/branch.html",
        pacticipant=owner,
        branch=found.branch,
        listed=found.versions,
        number=number,
        table=VERSIONS,
    )


def _drawing(application: Application) -> Markup | None:
    """Return who needs it and what it needs as a drawing, where that is small; None without any."""
    edges = [
        NetworkIntegration(0, each.consumer, 0, each.provider, each.verdict, each.interactions, 0)
        for each in application.on_main
    ]
    if not 0 < len(edges) <= MOST_DRAWN:
        return None
    return graph(Network(edges, {}), lambda name: local("pacticipant", pacticipant=name))


def _tab(name: str, application: Application, **values: Any) -> Response:
    return render(
        f"application/{name}.html",
        application=application,
        pacticipant=application.pacticipant,
        tab=name,
        application_tabs=TABS,
        **values,
    )


def _table(table: Table[Any], rows: Sequence[Any]) -> Response | None:
    return table.download(rows)


def _branch() -> str | None:
    return query_values.name("branch", longest=limits.REFERENCE) or None
