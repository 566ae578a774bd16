"""The page of the insights: tiles, charts and tables of what was counted; each table for machines as well."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Response, request

from broker.domain import limits
from broker.domain.errors import ValidationError
from broker.domain.insights.counts import total
from broker.domain.insights.durations import ERROR_PERCENT, Durations, quantiles
from broker.domain.insights.gates import GateState, Metric, StandingGate, shown
from broker.domain.insights.periods import FEWEST, MOST, USUAL, WEEK
from broker.domain.insights.question import Filter, InsightQuestion
from broker.domain.names import did_you_mean
from broker.services.insights.insights_page import Insights, insights
from broker.web import query_values
from broker.web.context import now, reading
from broker.web.lagging import may_lag
from broker.web.pages.insights import charts
from broker.web.pages.page import blueprint, page_number
from broker.web.pages.rendering import render
from broker.web.pages.tables import Column, Table
from broker.web.routes import rule

CHOICES = (7, 30, 60, 90, 180, 365)
"""How many days can be chosen from a list; any other number from 7 to 730 may be in the address."""
MOST_TO_DOWNLOAD = 1000
_FILTERS = ("service", "team", "environment", "consumer")
_PAIR: tuple[Column[Any], ...] = (
    Column("consumer", "", lambda row: row.consumer),
    Column("provider", "", lambda row: row.provider),
)
_WHAT: Column[Any] = Column("interaction", "Interaction", lambda row: row.name)
_WHERE: Column[Any] = Column("integration", "Integration", None)


def _quantile(share: float) -> Callable[[Any], float | None]:
    def read(row: Any) -> float | None:
        durations: Durations = row[1]
        return durations.quantile(share)

    return read


def _services(state: GateState) -> Callable[[StandingGate], int]:
    return lambda gate: gate.services(state)


VERDICTS = {GateState.PASSED: "VERIFIED", GateState.FAILED: "FAILED", GateState.UNKNOWN: "NEVER"}
"""How the states of gates look: as verdicts do."""
TABLES: dict[str, Table[Any]] = {
    table.name: table
    for table in (
        Table(
            "periods",
            (
                Column("start", "From", lambda row: row.start.isoformat()),
                Column("passed", "Passed", lambda row: row.counts.passed, is_amount=True),
                Column("pending", "Failed, pending", lambda row: row.counts.pending, is_amount=True),
                Column("failed", "Failed", lambda row: row.counts.failed, is_amount=True),
                Column("interactions", "", lambda row: row.counts.interactions, is_amount=True),
                Column("flaky", "", lambda row: row.counts.flaky, is_amount=True),
            ),
        ),
        Table(
            "durations",
            (
                Column("start", "From", lambda row: row[0].isoformat()),
                Column("verifications", "Interactions", lambda row: row[1].total, is_amount=True),
                *(
                    Column(f"{name}_ms", name, _quantile(share), is_amount=True)
                    for share, name in charts.QUANTILES
                ),
            ),
        ),
        Table(
            "integrations",
            (
                *_PAIR,
                _WHERE,
                Column("", "Results, the newest at the right", None),
                Column("passed", "Passed", lambda row: _sum(row).passed, is_amount=True),
                Column("pending", "", lambda row: _sum(row).pending, is_amount=True),
                Column("failed", "Failed", lambda row: _sum(row).failed + _sum(row).pending, is_amount=True),
                Column("flaky", "Flaky", lambda row: _sum(row).flaky, is_amount=True),
                Column("result_at", "Newest", lambda row: row.result_at),
            ),
        ),
        Table(
            "oldest",
            (
                *_PAIR,
                _WHERE,
                Column("waiting_since", "Newest result", lambda row: row.at),
                Column("verified", "", lambda row: row.is_verified),
            ),
        ),
        Table(
            "slowest",
            (
                _WHAT,
                *_PAIR,
                _WHERE,
                Column("p95_ms", "p95", lambda row: row.milliseconds, is_amount=True),
                Column("runs", "Runs", lambda row: row.runs, is_amount=True),
            ),
        ),
        Table(
            "flakiest",
            (
                _WHAT,
                *_PAIR,
                _WHERE,
                Column("turns", "Turned", lambda row: row.turns, is_amount=True),
                Column("runs", "Runs", lambda row: row.runs, is_amount=True),
            ),
        ),
        Table(
            "growing",
            (
                *_PAIR,
                _WHERE,
                Column("interactions", "Interactions", lambda row: row.interactions, is_amount=True),
                Column("more_interactions", "", lambda row: row.more_interactions, is_amount=True),
                Column("bytes", "Size", lambda row: row.size, is_amount=True),
                Column("more_bytes", "", lambda row: row.more_bytes, is_amount=True),
            ),
        ),
        Table(
            "gates",
            (
                Column("gate", "Gate", lambda row: row.gate.what.title),
                Column("scope", "For", lambda row: row.gate.what.scope),
                *(
                    Column(
                        state.value,
                        state.value.capitalize(),
                        _services(state),
                        is_amount=True,
                    )
                    for state in GateState
                ),
                Column("uuid", "", lambda row: row.gate.uuid),
            ),
        ),
    )
}
"""What can be downloaded, by what `?table=` calls it."""


@blueprint.get(rule("insights"))
@may_lag
def show_insights() -> Response:
    """Show whether things get better."""
    asked = _asked_table()
    question = _question()
    if asked:
        question = replace(question, most=MOST_TO_DOWNLOAD, strips=MOST_TO_DOWNLOAD)
    with reading() as storage:
        found = insights(storage, question, now())
    if asked and (response := asked.download(_rows(asked.name, found))):
        return response
    every = "week" if found.window.span == WEEK else "day"
    return render(
        "insights.html",
        found=found,
        tables_of=TABLES,
        every=every,
        choices=sorted({*CHOICES, question.days}),
        days=question.days,
        page_number=question.page,
        bars=charts.bars(found.periods, found.window) if found.has_enough else None,
        lines=charts.lines(found.lines, found.window) if found.has_enough and found.lines else None,
        quantiles_of=_quantiles(found),
        strips=charts.day_strips(found.integrations, found.window),
        sum_of=_sum,
        days_since=lambda moment: (now() - moment) / timedelta(days=1),
        milliseconds=charts.milliseconds,
        kinds=charts.KINDS,
        error=ERROR_PERCENT,
        Metric=Metric,
        FAILED=GateState.FAILED,
        verdicts_of=VERDICTS,
        shown=shown,
    )


def _quantiles(found: Insights) -> list[tuple[Any, int, list[float | None]]]:
    """Return each period that says how long a verification took, newest first, with its quantiles."""
    periods = found.lines.periods if found.lines and found.has_enough else ()
    return [
        (start, durations.total, quantiles(durations, charts.SHARES))
        for start, durations in reversed(periods)
        if durations.counts
    ]


def _question() -> InsightQuestion:
    errors: dict[str, list[str]] = {}
    chosen = {name: query_values.name(name) for name in _FILTERS}
    text = request.args.get("days", str(USUAL))
    days = query_values.whole_number(text, least=FEWEST, most=MOST)
    if days is None:
        errors["days"] = [f"must be a whole number from {FEWEST} to {MOST}"]
    if errors:
        raise ValidationError(errors)
    return InsightQuestion(Filter(**chosen), days or USUAL, min(page_number(), 1000))


def _asked_table() -> Table[Any] | None:
    """Return the table that is to be downloaded, if one is. Raises ValidationError."""
    if request.args.get("format") is None:
        return None
    name = request.args.get("table", "periods")
    if name not in TABLES:
        hint = did_you_mean(name, TABLES) or f"; must be one of {', '.join(TABLES)}"
        raise ValidationError({"table": [f"is not known: {name[: limits.NAME]}{hint}"]})
    return TABLES[name]


def _rows(name: str, found: Insights) -> Iterable[Any]:
    return {
        "periods": found.periods,
        "durations": found.lines.periods if found.lines else (),
        "integrations": found.integrations,
        "oldest": found.lists.old,
        "slowest": found.lists.slow,
        "flakiest": found.lists.flaky,
        "growing": found.lists.grown,
        "gates": found.gates,
    }[name]


def _sum(row: Any) -> Any:
    return total(row.periods.values())
