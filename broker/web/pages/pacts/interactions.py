"""The history of an interaction."""

from flask import Response

from broker.domain.overview.interaction_history import HistoryEntry
from broker.services.verifications import history
from broker.web.context import reading
from broker.web.lagging import may_lag
from broker.web.pages.page import blueprint, page_number
from broker.web.pages.rendering import render
from broker.web.pages.tables import Column, Table
from broker.web.routes import rule

_WORDS = {True: "verified", False: "failed", None: "unknown"}
_ENTRIES = Table(
    "results",
    [
        Column("number", "", lambda entry: entry.result.number),
        Column("provider_version", "Version", lambda entry: entry.result.version),
        Column("branch", "", lambda entry: entry.result.branch),
        Column("consumer_version", "Pact of", lambda entry: entry.result.consumer_version),
        Column[HistoryEntry]("verdict", "Verdict", lambda entry: _WORDS[entry.success]),
        Column("problem", "First problem", lambda entry: entry.failed and entry.failed.problem.text),
        Column("failing_since", "", lambda entry: entry.failed and entry.failed.since.version),
        Column("changed", "", lambda entry: entry.changed),
        Column("at", "Verified", lambda entry: entry.result.at),
    ],
)


@blueprint.get(rule("interaction-history"))
@may_lag
def interaction_history(provider: str, consumer: str, interaction: str) -> Response:
    """Show what came of an interaction, newest first."""
    with reading() as storage:
        found = history.of_interaction(storage, consumer, provider, interaction, number=page_number())
    if download := _ENTRIES.download(found.entries):
        return download
    return render("interaction_history.html", history=found, columns=_ENTRIES.columns)
