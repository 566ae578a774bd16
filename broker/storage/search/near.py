"""Names that may be meant instead of one that is not there; one statement, of look-ups that are bounded."""

from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    String,
    and_,
    bindparam,
    or_,
    select,
    union_all,
)

from broker.domain.search.entries import Kind
from broker.domain.search.near import PIECES, Asked, Near, pieces
from broker.domain.search.words import LONGEST_PART, folded, runs
from broker.storage.conditions import id_of, newest_first
from broker.storage.dialects import constant
from broker.storage.search.finding import limited
from broker.storage.tables import (
    branches,
    environments,
    pacticipants,
    search_endings,
    search_entries,
    search_occurrences,
    search_words,
    versions,
)

MOST_WORDS = 15
"""Words that have a piece of the name, for each piece."""
MOST_NAMES = 150
_LAST = "\U0010ffff"
_OWNER = id_of("application")


def _begins(text: ColumnElement[str], name: str) -> ColumnElement[bool]:
    return and_(text >= bindparam(name), text <= bindparam(f"{name}_end"))


def _words(name: str, kind: Kind, *, with_endings: bool) -> FromClause:
    """Select the ids of words that begin with a parameter, or have it inside."""
    found = [
        select(search_words.c.id).where(
            search_words.c.kind == constant(kind), _begins(search_words.c.word, name)
        )
    ]
    if with_endings:
        found.append(
            select(search_endings.c.word_id).where(
                search_endings.c.kind == constant(kind), _begins(search_endings.c.ending, name)
            )
        )
    return union_all(*(select(limited(statement, MOST_WORDS)) for statement in found)).subquery()


def _applications(index: int) -> list[Select[Any]]:
    """Select the application itself, and those whose name has a piece of its name."""
    what = constant(list(Near).index(Near.APPLICATION)).label("near")
    itself = select(what, pacticipants.c.name.label("name")).where(
        pacticipants.c.name == bindparam(f"application{index}")
    )
    pieces_of = [
        _words(f"piece{index}_{piece}", Kind.APPLICATION, with_endings=True) for piece in range(PIECES)
    ]
    words = union_all(*(select(words) for words in pieces_of)).subquery()
    alike = (
        select(what, pacticipants.c.name)
        .join_from(words, search_occurrences, search_occurrences.c.word_id == words.c.id)
        .join(search_entries, search_entries.c.id == search_occurrences.c.entry_id)
        .join(pacticipants, pacticipants.c.id == search_entries.c.pacticipant_id)
    )
    return [itself, alike]


def _versions() -> list[Select[Any]]:
    """Select the version itself, those of the application that begin like it, and the newest ones."""
    what = constant(list(Near).index(Near.VERSION)).label("near")
    of_application = select(what, versions.c.number).where(versions.c.pacticipant_id == _OWNER)
    words = _words("version", Kind.VERSION, with_endings=False)
    alike = (
        select(what, versions.c.number)
        .join_from(words, search_occurrences, search_occurrences.c.word_id == words.c.id)
        .join(search_entries, search_entries.c.id == search_occurrences.c.entry_id)
        .join(versions, versions.c.id == search_entries.c.version_id)
        .where(versions.c.pacticipant_id == _OWNER)
    )
    return [
        of_application.where(versions.c.number == bindparam("version_asked")),
        alike,
        of_application.order_by(newest_first(versions)),
    ]


def _branches() -> list[Select[Any]]:
    what = constant(list(Near).index(Near.BRANCH)).label("near")
    of_application = select(what, branches.c.name).where(branches.c.pacticipant_id == _OWNER)
    return [
        of_application.where(branches.c.name == bindparam("branch")),
        of_application.order_by(branches.c.updated_at.desc()),
    ]


def _environments() -> list[Select[Any]]:
    what = constant(list(Near).index(Near.ENVIRONMENT)).label("near")
    asked = bindparam("environment", type_=String)
    itself = or_(environments.c.name == asked, environments.c.uuid == asked)
    return [
        # PostgreSQL wants one type for one value, also where no column is beside it.
        select(what, asked.label("name")).where(select(1).where(itself).exists()),
        select(what, environments.c.name),
    ]


@lru_cache
def _statement(applications: int, *, version: bool, branch: bool, environment: bool) -> Any:
    found = [statement for index in range(applications) for statement in _applications(index)]
    found += _versions() if version else []
    found += _branches() if branch else []
    found += _environments() if environment else []
    return union_all(*(select(limited(statement, MOST_NAMES)) for statement in found))


class NamesAlike:
    """Names that are there."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def candidates(self, asked: Asked) -> list[tuple[Near, str]]:
        """Return names of what was asked for, those that are there and those that may be meant."""
        if not any(asked.names()):
            return []
        values: dict[str, str] = {}
        for index, application in enumerate(asked.applications):
            values[f"application{index}"] = application
            for piece, text in enumerate(pieces(application)):
                values |= {f"piece{index}_{piece}": text, f"piece{index}_{piece}_end": text + _LAST}
        if asked.applications:
            values["application"] = asked.applications[0]
        if asked.version:
            first = next(iter(runs(folded(asked.version))), "")[:LONGEST_PART]
            values |= {"version": first, "version_end": first + _LAST, "version_asked": asked.version}
        values |= {"branch": asked.branch or "", "environment": asked.environment or ""}
        statement = _statement(
            len(asked.applications),
            version=bool(asked.version and asked.applications),
            branch=bool(asked.branch and asked.applications),
            environment=bool(asked.environment),
        )
        known = list(Near)
        return [(known[near], name) for near, name in self._connection.execute(statement, values)]
