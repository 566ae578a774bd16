"""The page of a version."""

from typing import Any

from flask import Response

from broker.services.decisions import version_page
from broker.web.context import reading, settings
from broker.web.pages.page import blueprint
from broker.web.pages.rendering import render
from broker.web.pages.tables import Column, Table, download_of
from broker.web.routes import rule

ANSWERS: Table[Any] = Table(
    "answers",
    [
        Column("environment", "", lambda row: row.environment),
        Column("answer", "", lambda row: row.answer),
        Column("why", "", lambda row: row.sentence),
        Column("here_since", "", lambda row: row.here[0].since if row.here else None),
    ],
)
PACTS: Table[Any] = Table(
    "pacts",
    [
        Column("provider", "", lambda row: row.pact.provider),
        Column("interactions", "", lambda row: row.pact.interactions),
        Column("verdict", "", lambda row: row.status),
        Column("provider_version", "", lambda row: row.version),
        Column("verified_at", "", lambda row: row.verified_at),
    ],
)
VERIFIED: Table[Any] = Table(
    "verified",
    [
        Column("consumer", "", lambda row: row.verified.consumer),
        Column("consumer_version", "", lambda row: row.verified.version and row.verified.version.number),
        Column("branch", "", lambda row: row.verified.branch),
        Column("verdict", "", lambda row: row.status),
        Column("verified_at", "", lambda row: row.verified.result.verified_at),
    ],
)


@blueprint.get(rule("version"))
def version(pacticipant: str, version: str) -> Response:
    """Show whether a version can go anywhere, where it is, and what it has to do with others."""
    with reading() as storage:
        found = version_page.version(
            storage,
            pacticipant,
            version,
            every_version_counts=settings().unverified_in_environment_is_unknown,
        )
    verified = (judged for results in found.verified.values() for judged in results)
    if file := download_of((ANSWERS, found.answers), (PACTS, found.pacts), (VERIFIED, verified)):
        return file
    return render("version.html", page=found, version=found.version, lists=found.lists)
