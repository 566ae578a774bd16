"""The pages of the environments: what is where, what keeps it there, what differs, what was there before."""

from collections.abc import Iterator, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any

import orjson
from flask import Response

from broker.domain import removal
from broker.domain.environments.grid import PlacedVersion, Placement
from broker.domain.environments.history import Stay
from broker.domain.errors import ValidationError
from broker.domain.pagination import Page
from broker.services.environments import environments as stored
from broker.services.environments import environments_page, grid_page
from broker.services.environments.asked import Asked
from broker.services.environments.environments_page import Difference
from broker.services.environments.grid_page import Grid
from broker.web import query_values
from broker.web.context import known_accounts, now, reading
from broker.web.dates import lenient
from broker.web.lagging import may_lag
from broker.web.pages.page import blueprint, page_number
from broker.web.pages.rendering import render
from broker.web.pages.tables import Column, Table, download_of
from broker.web.routes import rule
from tally.values import dataclass

PAGE_SIZE = 25
MOST_ROWS = 1_000
"""Applications in a file, which has no pages."""
DAYS = 14
"""After so many days without going on, a version lags, if nothing else is asked for."""
MOST_IN_CELL = 3
"""Versions of an application in one cell; of several releases, the newest."""
_MOST_DAYS = 3_650


@dataclass(frozen=True)
class Cell:
    """A version of the grid as a file has it, with the names of environments."""

    environment: str
    production: bool
    placed: PlacedVersion
    lags: bool


@dataclass(frozen=True)
class _Side:
    """A difference as a file has it: the versions on both sides."""

    pacticipant: str
    first: str
    second: str
    since_first: datetime | None
    since_second: datetime | None
    later: str = field(default="")


GRID: Table[Cell] = Table(
    "versions",
    [
        Column("application", "Application", lambda cell: cell.placed.placement.pacticipant, "application"),
        Column("environment", "", lambda cell: cell.environment),
        Column("version", "", lambda cell: cell.placed.placement.version),
        Column("how", "", lambda cell: "released" if cell.placed.placement.released else "deployed"),
        Column("instance", "", lambda cell: cell.placed.placement.instance),
        Column("since", "", lambda cell: cell.placed.placement.since),
        Column("next", "", lambda cell: cell.placed.next.name if cell.placed.next else ""),
        Column("canGoOn", "", lambda cell: not cell.placed.cannot_go_on if cell.placed.next else None),
        Column("becauseOf", "", lambda cell: [clash.other for clash in cell.placed.clashes]),
        Column("lags", "", lambda cell: cell.lags),
        Column("waits", "", None, "waits"),
    ],
)
CONTENT: Table[Placement] = Table(
    "versions",
    [
        Column("application", "Application", lambda one: one.pacticipant, "application"),
        Column("version", "Version", lambda one: one.version),
        Column("how", "How", lambda one: "released" if one.released else "deployed"),
        Column("instance", "", lambda one: one.instance),
        Column("since", "Since", lambda one: one.since, "since"),
    ],
)
CHANGES: Table[Stay] = Table(
    "changes",
    [
        Column("application", "", lambda stay: stay.placement.pacticipant),
        Column("version", "", lambda stay: stay.placement.version),
        Column("how", "", lambda stay: "released" if stay.placement.released else "deployed"),
        Column("since", "", lambda stay: stay.placement.since),
        Column("until", "", lambda stay: stay.until),
    ],
)
HISTORY: Table[Stay] = Table(
    "versions",
    [
        Column("version", "Version", lambda stay: stay.placement.version),
        Column("how", "How", lambda stay: "released" if stay.placement.released else "deployed"),
        Column("instance", "", lambda stay: stay.placement.instance),
        Column("from", "From", lambda stay: stay.placement.since),
        Column("until", "Until", lambda stay: stay.until),
        Column("days", "Days", None, is_amount=True),
    ],
)
DIFFERENCES: Table[_Side] = Table(
    "differences",
    [
        Column("application", "Application", lambda side: side.pacticipant),
        Column("first", "", lambda side: side.first),
        Column("second", "", lambda side: side.second),
        Column("sinceFirst", "", lambda side: side.since_first),
        Column("sinceSecond", "", lambda side: side.since_second),
        Column("later", "", lambda side: side.later),
    ],
)


@blueprint.get(rule("environments"))
@may_lag
def environments() -> Response:
    """Show what is where."""
    order = GRID.order("waits")
    days = _days()
    page = _page(GRID)
    asked = _asked(by_name=order.by == "application")
    with reading() as storage:
        found = grid_page.grid(storage, asked, page)
    cells = list(_cells(found, days))
    if file := GRID.download(cells):
        return file
    return render(
        "environments.html",
        found=found,
        asked=asked,
        at_text=query_values.words("at"),
        teams=_options(found.teams),
        days=days,
        default_days=DAYS,
        most_in_cell=MOST_IN_CELL,
        order=order,
        now=now(),
        stuck=sum(cell.placed.cannot_go_on for cell in cells),
        lagging=sum(cell.lags and not cell.placed.cannot_go_on for cell in cells),
    )


@blueprint.get(rule("environment"))
@may_lag
def environment(uuid: str) -> Response:
    """Show what is in an environment."""
    order = CONTENT.order("-since")
    asked = _asked(by_name=order.by == "application")
    with reading() as storage:
        found = environments_page.content(storage, uuid, asked, _page(CONTENT))
        deployers = stored.deployers(storage, [found.environment], has_accounts=known_accounts().any())
    if file := download_of((CONTENT, found.part.items), (CHANGES, found.changes)):
        return file
    return render(
        "environment.html",
        found=found,
        contacts=_contacts(found.environment.contacts),
        deployers=None if deployers is None else deployers[found.environment.id],
        asked=asked,
        at_text=query_values.words("at"),
        teams=_options(found.teams),
        table=CONTENT,
        order=order,
    )


@blueprint.get(rule("compare-environments"))
@may_lag
def compare() -> Response:
    """Show what differs between two environments."""
    asked = _asked()
    both = query_values.name("a"), query_values.name("b")
    with reading() as storage:
        found = environments_page.compare(storage, both, asked, _page(DIFFERENCES))
    if file := DIFFERENCES.download(map(_side, found.part.items)):
        return file
    return render(
        "compare_environments.html",
        found=found,
        options=[(each.name, each.display_name) for each in found.environments],
        removals=removal.in_words(tuple(found.removals)),
        asked=asked,
        at_text=query_values.words("at"),
        teams=_options(found.teams),
    )


@blueprint.get(rule("environment-versions"))
@may_lag
def history(pacticipant: str, uuid: str) -> Response:
    """Show which versions of an application were in an environment."""
    with reading() as storage:
        found = environments_page.history(storage, pacticipant, uuid, _page(HISTORY))
    if file := HISTORY.download(found.part.items):
        return file
    return render("environment_history.html", found=found, table=HISTORY, now=now())


def _page(table: Table[Any]) -> Page:
    return Page(1, MOST_ROWS) if table.asked_format() else Page(page_number(), PAGE_SIZE)


def _asked(*, by_name: bool = False) -> Asked:
    team = query_values.name("team").removeprefix("team:")
    return Asked(query_values.words("search"), team, _moment(), by_name=by_name)


def _moment() -> datetime | None:
    text = query_values.words("at")
    if not text:
        return None
    moment = lenient(text)
    if moment is None:
        raise ValidationError({"at": ["must be a date or a time such as 2026-10-01T12:00:00Z"]})
    if moment > now():
        raise ValidationError({"at": ["is in the future: leave it out to ask about now"]})
    return moment


def _days() -> int:
    text = query_values.words("days")
    days = query_values.whole_number(text, least=0, most=_MOST_DAYS) if text else DAYS
    if days is None:
        raise ValidationError({"days": [f"must be a whole number from 0 to {_MOST_DAYS}"]})
    return days


def _options(teams: Sequence[str]) -> list[tuple[str, str]]:
    return [("", "any"), *((team, team) for team in teams)]


def _contacts(stored: bytes | None) -> list[str]:
    """Return the contacts as they were sent, a line each: the name with its details."""
    return [
        ", ".join([str(contact.get("name") or ""), *map(str, (contact.get("details") or {}).values())]).strip(
            ", "
        )
        for contact in (orjson.loads(stored) if stored else [])
    ]


def _cells(found: Grid, days: int) -> Iterator[Cell]:
    moment = now()
    for row in found.part.items:
        for environment in found.environments:
            for placed in row.cells.get(environment.id, ()):
                yield Cell(environment.name, environment.production, placed, placed.lags(moment, days))


def _side(difference: Difference) -> _Side:
    first, second = difference.first, difference.second
    return _Side(
        difference.pacticipant,
        ", ".join(one.version for one in first),
        ", ".join(one.version for one in second),
        first[0].since if first else None,
        second[0].since if second else None,
        ("", "first", "second")[difference.ahead],
    )
