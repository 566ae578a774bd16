"""Writing the index of the search: entries, the words that they have, and what words end with."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, func, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well

from broker.domain.search.entries import Entry, Kind
from broker.domain.search.words import endings, words
from broker.storage.dialects import is_in
from broker.storage.given_rows import GIVEN, given_rows
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

OWNERS: Mapping[Kind, tuple[str, Table]] = {
    Kind.APPLICATION: ("pacticipant_id", pacticipants),
    Kind.INTEGRATION: ("integration_id", integrations),
    Kind.INTERACTION: ("integration_id", integrations),
    Kind.STATE: ("integration_id", integrations),
    Kind.BRANCH: ("branch_id", branches),
    Kind.VERSION: ("version_id", versions),
}
"""The column that says whose entry it is."""
_CHANGING = ("interaction", "on_main", "contents")
# A request that deletes an owner deletes its entries. Neither waits for the other.
_LOCKS = {
    column: select(table.c.id)
    .where(is_in(table.c.id, "ids"))
    .order_by(table.c.id)
    .with_for_update(read=True, key_share=True, skip_locked=True)
    for column, table in OWNERS.values()
}
_ENTRIES = {
    column: select(
        search_entries.c.id,
        search_entries.c.kind,
        search_entries.c[column].label("owner_id"),
        search_entries.c.text,
        search_entries.c.title,
        search_entries.c.method,
        search_entries.c.path,
        *(search_entries.c[name] for name in _CHANGING),
    ).where(is_in(search_entries.c[column], "ids"))
    for column, _ in OWNERS.values()
}
_OWNER_COLUMNS = tuple(
    search_entries.c[column] for column in dict.fromkeys(name for name, _ in OWNERS.values())
)
_TEXTS = tuple(search_entries.c[name] for name in ("text", "title", "method", "path"))
_NEW = (search_entries.c.kind, *_OWNER_COLUMNS, *_TEXTS, *(search_entries.c[name] for name in _CHANGING))
_ADD = (
    plain_insert(search_entries)
    .from_select(_NEW, given_rows(*_NEW))
    .returning(search_entries.c.id, search_entries.c.kind, func.coalesce(*_OWNER_COLUMNS), *_TEXTS)
)
_CHANGE = (
    update(search_entries)
    .where(search_entries.c.id == bindparam("entry_id"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGING})
)
_REMOVE = delete(search_entries).where(is_in(search_entries.c.id, "ids"))
_ADD_WORDS = (
    insert(search_words)
    .from_select(["kind", "word"], given_rows(search_words.c.kind, search_words.c.word))
    .on_conflict_do_nothing(index_elements=["kind", "word"])
    .returning(search_words.c.id, search_words.c.kind, search_words.c.word)
)
_ADD_ENDINGS = plain_insert(search_endings).from_select(
    [*search_endings.c.keys()], given_rows(*search_endings.c)
)
_WORD_IDS = select(search_words.c.word, search_words.c.id).where(
    search_words.c.kind == bindparam("of_kind"), is_in(search_words.c.word, "words")
)
_ADD_OCCURRENCES = plain_insert(search_occurrences).from_select(
    [*search_occurrences.c.keys()], given_rows(*search_occurrences.c)
)
_NEXT_WORDS = (
    select(
        search_words.c.id,
        search_words.c.kind,
        search_words.c.word,
        select(1).where(search_occurrences.c.word_id == search_words.c.id).exists().label("is_used"),
    )
    .where(search_words.c.id > bindparam("after"))
    .order_by(search_words.c.id)
    .limit(bindparam("most"))
)
_REMOVE_WORDS = delete(search_words).where(is_in(search_words.c.id, "ids"))
_REMOVE_ENDING = delete(search_endings).where(
    search_endings.c.kind == bindparam("of_kind"),
    search_endings.c.ending == bindparam("of_ending"),
    search_endings.c.word_id == bindparam("of_word"),
)


class SearchIndex:
    """The index. One process at a time writes it: see services/search/index.py."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def replace(self, column: str, owner_ids: Collection[int], wanted: Iterable[Entry]) -> bool:
        """Let these owners have the *wanted* entries and no others.

        Return whether all are done: another transaction may be about to delete an owner.
        """
        ids = sorted(owner_ids)
        there = set(self._connection.scalars(_LOCKS[column], {"ids": ids}))
        rows = {
            (entry := _entry(row)).key: (row.id, entry)
            for row in self._connection.execute(_ENTRIES[column], {"ids": sorted(there)})
        }
        new = {entry.key: entry for entry in wanted if entry.owner_id in there}
        if gone := [number for key, (number, _) in rows.items() if key not in new]:
            self._connection.execute(_REMOVE, {"ids": gone})
        if changed := [
            {"entry_id": rows[key][0], **{f"new_{name}": getattr(entry, name) for name in _CHANGING}}
            for key, entry in new.items()
            if key in rows and rows[key][1] != entry
        ]:
            self._connection.execute(_CHANGE, changed)
        self._add([entry for key, entry in new.items() if key not in rows])
        return len(there) == len(ids)

    def sweep(self, after: int, most: int) -> int:
        """Remove words that no entry has any more, of the next ones behind a word.

        Return behind which word to go on; 0 at the end.
        """
        rows = self._connection.execute(_NEXT_WORDS, {"after": after, "most": most}).all()
        unused = [row for row in rows if not row.is_used]
        gone = [
            {"of_kind": row.kind, "of_ending": ending, "of_word": row.id}
            for row in unused
            for ending in endings(row.word)
        ]
        if gone:
            self._connection.execute(_REMOVE_ENDING, gone)
        if unused:
            self._connection.execute(_REMOVE_WORDS, {"ids": [row.id for row in unused]})
        return rows[-1].id if len(rows) == most else 0

    def _add(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        rows = [_row(entry) for entry in entries]
        ids = {tuple(key): number for number, *key in self._connection.execute(_ADD, {GIVEN: rows})}
        words_of = {ids[entry.key]: (entry.kind, words(entry.text)) for entry in entries}
        known: dict[tuple[int, str], int] = {}
        for kind in sorted({entry.kind for entry in entries}):
            wanted = sorted({word for of, found in words_of.values() if of is kind for word in found})
            known |= {(kind, word): number for word, number in self._word_ids(kind, wanted).items()}
        occurrences = sorted(
            (known[kind, word], number) for number, (kind, found) in words_of.items() for word in found
        )
        if occurrences:
            self._connection.execute(_ADD_OCCURRENCES, {GIVEN: occurrences})

    def _word_ids(self, kind: Kind, wanted: Sequence[str]) -> dict[str, int]:
        """Return the ids of words, after adding those that are new, with what they end with."""
        if not wanted:
            return {}
        values = {"of_kind": int(kind), "words": list(wanted)}
        found = {row.word: row.id for row in self._connection.execute(_WORD_IDS, values)}
        if missing := [(int(kind), word) for word in wanted if word not in found]:
            added = self._connection.execute(_ADD_WORDS, {GIVEN: missing}).all()
            found |= {row.word: row.id for row in added}
            if new := [(int(kind), ending, row.id) for row in added for ending in endings(row.word)]:
                self._connection.execute(_ADD_ENDINGS, {GIVEN: new})
        return found


def _row(entry: Entry) -> list[Any]:
    """Return the values of the columns _NEW."""
    owner = search_entries.c[OWNERS[entry.kind][0]]
    owners = [entry.owner_id if column is owner else None for column in _OWNER_COLUMNS]
    texts = [entry.text, entry.title, entry.method, entry.path]
    return [int(entry.kind), *owners, *texts, *(getattr(entry, name) for name in _CHANGING)]


def _entry(row: Any) -> Entry:
    _, kind, owner_id, text, title, method, path, interaction, on_main, contents = row
    return Entry(
        Kind(kind), owner_id, text, title, method, path, interaction, on_main=bool(on_main), contents=contents
    )
