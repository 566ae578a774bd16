"""Reading the index of the search, with look-ups whose cost does not grow with what is in it.

Each look-up is a step into a sorted index and the few rows behind it: of words that begin with a part of the
query, of words that have it inside, of the entries that have one of these words. Of each there is a most.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    bindparam,
    func,
    select,
    union_all,
)

from broker.domain.search.entries import Kind
from broker.domain.search.found import Found
from broker.domain.search.query import MOST_TERMS, Query
from broker.storage.dialects import constant, is_in
from broker.storage.pagination import pattern
from broker.storage.tables import (
    branches,
    integrations,
    pacticipants,
    search_endings,
    search_entries,
    search_occurrences,
    search_words,
    versions,
)
from tally.values import dataclass

MOST_WORDS = 60
"""Words that a part of a query may stand for: so many begin with it, and so many have it inside."""
MOST_COMPARED = 1_000
"""Entries that have the rarest part of a query, and are compared with all of it."""
_TERMS = [f"term{index}" for index in range(MOST_TERMS)]
_GROUPS = ("beginning", "inside")


@dataclass
class _Words:
    """The ids of the words that a part of the query stands for: those that begin with it come first."""

    beginning: list[int] = field(default_factory=list)
    inside: list[int] = field(default_factory=list)

    @property
    def are_all(self) -> bool:
        return len(self.beginning) < MOST_WORDS and len(self.inside) < MOST_WORDS


def limited(statement: Select[Any], most: int) -> FromClause:
    """Return as many of the rows."""
    return statement.limit(constant(most)).subquery()


def _is_used(word_id: ColumnElement[int]) -> ColumnElement[bool]:
    return select(1).where(search_occurrences.c.word_id == word_id).exists()


def _is_between(text: ColumnElement[str], name: str) -> ColumnElement[bool]:
    first: BindParameter[str] = bindparam(f"first_{name}")
    last: BindParameter[str] = bindparam(f"last_{name}")
    return and_(text >= first, text <= last)


@lru_cache
def _words_statement(kinds: tuple[Kind, ...], parts: int) -> Any:
    found = []
    for part in range(parts):
        for kind in kinds:
            what = constant(part).label("part"), constant(kind).label("kind")
            beginning = (
                select(*what, constant(0).label("group"), search_words.c.id)
                .where(search_words.c.kind == constant(kind), _is_between(search_words.c.word, f"word{part}"))
                .where(_is_used(search_words.c.id))
                .order_by(search_words.c.word)
            )
            inside = (
                select(*what, constant(1).label("group"), search_endings.c.word_id)
                .where(
                    search_endings.c.kind == constant(kind),
                    _is_between(search_endings.c.ending, f"ending{part}"),
                )
                .where(_is_used(search_endings.c.word_id))
                .order_by(search_endings.c.ending)
            )
            found += [select(limited(statement, MOST_WORDS)) for statement in (beginning, inside)]
    return union_all(*found)


@lru_cache
def _counts_statement(number: int) -> Any:
    """Return the statement that counts the entries that have one of a list of words, for so many lists."""
    return select(
        *(
            select(func.count())
            .select_from(
                limited(
                    select(search_occurrences.c.entry_id).where(
                        is_in(search_occurrences.c.word_id, f"words{index}")
                    ),
                    MOST_COMPARED + 1,
                )
            )
            .scalar_subquery()
            for index in range(number)
        )
    )


def _candidates(kind: Kind, group: str) -> FromClause:
    """Select the ids of entries that have one of the words, and all terms of the query in their text."""
    with_word = limited(
        select(search_occurrences.c.entry_id).where(
            is_in(search_occurrences.c.word_id, f"{group}{kind.value}")
        ),
        MOST_COMPARED,
    )
    return (
        select(search_entries.c.id, constant(_GROUPS.index(group)).label("group"))
        .join_from(with_word, search_entries, search_entries.c.id == with_word.c.entry_id)
        .where(*(search_entries.c.text.like(bindparam(term), escape="\\") for term in _TERMS))
        .limit(bindparam("most"))
        .subquery()
    )


_consumers = pacticipants.alias("consumers")
_providers = pacticipants.alias("providers")


@lru_cache
def _entries_statement(kinds: tuple[Kind, ...]) -> Select[Any]:
    candidates = union_all(
        *(select(_candidates(kind, group)) for kind in kinds for group in _GROUPS)
    ).subquery("candidates")
    owner = func.coalesce(
        search_entries.c.pacticipant_id,
        integrations.c.consumer_id,
        branches.c.pacticipant_id,
        versions.c.pacticipant_id,
    )
    return (
        select(
            search_entries.c.id,
            search_entries.c.kind,
            candidates.c.group,
            _consumers.c.name.label("application"),
            _providers.c.name.label("provider"),
            func.coalesce(branches.c.name, versions.c.number, search_entries.c.title).label("title"),
            search_entries.c.method,
            search_entries.c.path,
            search_entries.c.interaction,
            func.coalesce(_consumers.c.main_branch, "").label("main_branch"),
            search_entries.c.on_main,
            # Of an integration without a pact, none has been read.
            (search_entries.c.contents != " ").label("has_pact"),
            func.coalesce(versions.c.created_at, branches.c.updated_at).label("at"),
        )
        .join_from(candidates, search_entries, search_entries.c.id == candidates.c.id)
        .outerjoin(integrations, integrations.c.id == search_entries.c.integration_id)
        .outerjoin(branches, branches.c.id == search_entries.c.branch_id)
        .outerjoin(versions, versions.c.id == search_entries.c.version_id)
        .join(_consumers, _consumers.c.id == owner)
        .outerjoin(_providers, _providers.c.id == integrations.c.provider_id)
    )


@dataclass(frozen=True)
class Results:
    """What was found; of the kinds in *cut* there may be more."""

    found: Sequence[Found]
    cut: frozenset[Kind]


class SearchResults:
    """What is found; three statements at most."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, query: Query, kinds: Sequence[Kind], most: int) -> Results:
        """Return what was found of each of these kinds: twice *most* of each, at most."""
        asked = tuple(kinds)
        words = self._words(query, asked)
        chosen, cut = self._rarest(words, is_needed=len(query.terms) > 1 or len(query.parts) > 1)
        values: dict[str, Any] = {"most": most}
        for kind in asked:
            values |= {f"{group}{kind.value}": getattr(chosen[kind], group) for group in _GROUPS}
        for index, term in enumerate(_TERMS):
            values[term] = pattern(query.terms[index]) if index < len(query.terms) else "%"
        found: dict[int, Found] = {}
        rows_of: Counter[tuple[Kind, int]] = Counter()
        for number, kind, group, *rest in self._connection.execute(_entries_statement(asked), values):
            item = Found(Kind(kind), bool(group), *rest)
            rows_of[item.kind, group] += 1
            if number not in found or not item.is_inside:
                found[number] = item
        cut |= {kind for (kind, _), rows in rows_of.items() if rows >= most}
        return Results(list(found.values()), frozenset(cut))

    def _words(self, query: Query, kinds: tuple[Kind, ...]) -> Mapping[tuple[int, Kind], _Words]:
        values: dict[str, str] = {}
        for index, part in enumerate(query.parts):
            values[f"first_word{index}"], values[f"last_word{index}"] = part.words
            values[f"first_ending{index}"], values[f"last_ending{index}"] = part.endings
        found = {(part, kind): _Words() for part in range(len(query.parts)) for kind in kinds}
        for part, kind, group, word_id in self._connection.execute(
            _words_statement(kinds, len(query.parts)), values
        ):
            words = found[part, Kind(kind)]
            (words.inside if group else words.beginning).append(word_id)
        return found

    def _rarest(
        self, words: Mapping[tuple[int, Kind], _Words], *, is_needed: bool
    ) -> tuple[dict[Kind, _Words], set[Kind]]:
        """Return for each kind the words of the part that the fewest entries have; of any, if not needed.

        Return also the kinds of which not all entries with that part are looked at.
        """
        counted = [key for key, found in words.items() if is_needed and found.are_all]
        lists = {
            f"words{index}": [*words[key].beginning, *words[key].inside] for index, key in enumerate(counted)
        }
        numbers = self._connection.execute(_counts_statement(len(counted)), lists).one() if counted else ()
        entries = dict(zip(counted, numbers, strict=True))
        rarest_last = sorted(words, key=lambda key: entries.get(key, MOST_COMPARED + 2), reverse=True)
        chosen = {kind: (part, kind) for part, kind in rarest_last}
        cut = {
            kind
            for kind, key in chosen.items()
            if not words[key].are_all or entries.get(key, 0) > MOST_COMPARED
        }
        return {kind: words[key] for kind, key in chosen.items()}, cut
