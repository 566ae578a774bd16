"""Whether what a database has is whole: counts, references, hashes and texts are computed again."""

import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby, islice
from typing import Any

from sqlalchemy import Column, Connection, LargeBinary, Select, func, inspect, select, text

from broker.domain.service_contracts.documents import set_hash
from broker.storage.audit.seals import AuditSeals
from broker.storage.conditions import IS_MOVED, STORED_CONTENT
from broker.storage.dialects import AS_BYTES
from broker.storage.elsewhere import ContentStoreError, WrongObjectError, contents_of, key_in, read_object
from broker.storage.tables import (
    metadata,
    pact_versions,
    service_contract_set_documents,
    service_contract_sets,
    service_contracts,
)
from tally.audit.age import Kept
from tally.audit.sealed import Sealed, from_document
from tally.audit.verification import verify
from tally.errors import TallyError
from tally.hashing import content_hash, parse_exactly, with_digits
from tally.service_contract.parsing import service_contract_hash

MOST_NAMED = 3
"""Rows of one kind that are named; the others are counted."""
_AT_ONCE = 20
_COMPRESSED = frozenset({"pact_versions.outline", "failed_results.interactions", "comparisons.findings"})
_NO_JSON = frozenset({"digest", "request_digest", "token", "credentials", "previous", "hash", "digests"})
"""Names of columns of bytes that are neither JSON nor compressed."""
_OTHERWISE = frozenset(
    {"idempotency_keys.body", "result_counts.durations", "interaction_counts.durations"}
    | {"pact_versions.content", "service_contracts.document"}
)
"""Columns of any content, and those that are looked at by their hash."""


def schema_of(connection: Connection) -> str | None:
    """Return the revision of the schema, None when the database is none of Tallystick."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def analyse(connection: Connection) -> None:
    """Let the database look at how much there is of what: its plans depend on it, and are in no backup."""
    connection.exec_driver_sql("ANALYZE")


def has_tables(connection: Connection) -> bool:
    """Return whether the database has any table of Tallystick."""
    return bool(set(inspect(connection).get_table_names()) & {*metadata.tables, "alembic_version"})


def rows_of(connection: Connection) -> dict[str, int]:
    """Return how many rows each table has, as far as there are those tables."""
    there = set(inspect(connection).get_table_names())
    counted = [table for table in metadata.sorted_tables if table.name in there]
    return {
        str(table.name): connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in counted
    }


def what_is_wrong(connection: Connection, expected: Mapping[str, int] | None, now: datetime) -> Iterator[str]:
    """Yield a sentence for each thing that is not as it must be, as far as the schema has it.

    *expected* is how many rows there must be by table, None when nobody knows.
    """
    if connection.dialect.name == "sqlite":
        yield from damage(connection)
    if expected is not None:
        yield from miscounted(rows_of(connection), expected)
    there = _columns(connection)
    yield from _broken_references(connection, there)
    for what, name, find in _BY_HASH:
        if {str(column) for column in metadata.tables[name].columns} <= there:
            yield from _named(what, find(connection))
    if "pact_versions.content" in there:
        yield from islice(_wrong_objects(connection), MOST_NAMED)
    if "audit_entries.seal_id" in there:
        yield from _wrong_seals(connection, now)
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, LargeBinary) and str(column) in there and _has_json(column):
                yield from _named(f"values of {column} that cannot be read", _unreadable(connection, column))


def miscounted(found: Mapping[str, int], expected: Mapping[str, int]) -> Iterator[str]:
    """Yield a sentence for each table that has not as many rows as it must have."""
    for table, count in expected.items():
        if found.get(table) != count:
            yield f"{table} has {found.get(table, 'no')} rows, and had {count} when the backup was made"


def damage(connection: Connection) -> list[str]:
    """Return what SQLite finds wrong with its file."""
    found = connection.scalars(text("PRAGMA integrity_check(10)"))
    return [f"the file is damaged: {line}" for line in found if line != "ok"]


def _columns(connection: Connection) -> frozenset[str]:
    inspector = inspect(connection)
    tables = [name for name in inspector.get_table_names() if name in metadata.tables]
    return frozenset(f"{name}.{column['name']}" for name in tables for column in inspector.get_columns(name))


def _has_json(column: Column[Any]) -> bool:
    return column.name not in _NO_JSON and str(column) not in _OTHERWISE


def _broken_references(connection: Connection, there: Collection[str]) -> Iterator[str]:
    for table in metadata.sorted_tables:
        for key in table.foreign_keys:
            if not {str(key.parent), str(key.column)} <= set(there):
                continue
            other = key.column.table.alias()
            missing = ~select(other.c[key.column.name]).where(other.c[key.column.name] == key.parent).exists()
            broken = select(func.count()).select_from(table).where(key.parent.is_not(None), missing)
            if count := connection.scalar(broken):
                yield f"{count} rows of {table.name} refer by {key.parent.name} to a row that is missing"


def _wrong_pacts(connection: Connection) -> Iterator[object]:
    table = pact_versions.c
    statement = select(table.id, STORED_CONTENT, table.sha, table.digits).where(~IS_MOVED)
    for id_, content, *kept in _stream(connection, statement):
        if _computed(_hash_and_digits, content) != kept:
            yield id_


def _wrong_objects(connection: Connection) -> Iterator[str]:
    """Yield what is wrong with contents in an object store; those that cannot be looked at are wrong, too."""
    table = pact_versions.c
    statement = select(table.id, STORED_CONTENT, table.sha, table.digits).where(IS_MOVED)
    wrong: list[object] = []
    for id_, stored, *kept in _stream(connection, statement):
        try:
            content = read_object(contents_of(connection.dialect).store, key_in(stored) or "")
        except WrongObjectError as error:
            yield str(error).removesuffix(".")
            continue
        except ContentStoreError as error:
            yield f"contents in the object store were not all looked at: {str(error).removesuffix('.')}"
            return
        if _computed(_hash_and_digits, content) != kept:
            wrong.append(id_)
    yield from _named("pacts whose object does not have their hash", wrong)


def _wrong_documents(connection: Connection) -> Iterator[object]:
    table = service_contracts.c
    for id_, document, sha in _stream(connection, select(table.id, table.document, table.sha)):
        if _computed(_document_hash, document) != sha:
            yield id_


def _hash_and_digits(content: bytes) -> list[str | None]:
    pact = parse_exactly(content)
    return [content_hash(pact), with_digits(pact)[1]]


def _document_hash(document: bytes) -> str:
    return service_contract_hash(parse_exactly(document))


def _wrong_sets(connection: Connection) -> Iterator[object]:
    sets, named = service_contract_sets.c, service_contract_set_documents.c
    statement = (
        select(sets.id, sets.sha, named.name, service_contracts.c.sha)
        .outerjoin_from(service_contract_sets, service_contract_set_documents)
        .outerjoin(service_contracts, service_contracts.c.id == named.service_contract_id)
        .order_by(sets.id)
    )
    for (id_, sha), rows in groupby(_stream(connection, statement), key=lambda row: tuple(row[:2])):
        if set_hash({row[2] or "": row[3] or "" for row in rows}) != sha:
            yield id_


_BY_HASH: Sequence[tuple[str, str, Callable[[Connection], Iterator[object]]]] = (
    ("pacts whose content does not have its hash", "pact_versions", _wrong_pacts),
    ("service contracts whose document does not have its hash", "service_contracts", _wrong_documents),
    ("sets of documents that do not have their hash", "service_contract_sets", _wrong_sets),
)
"""What is computed again, and the table that it is of."""


def _wrong_seals(connection: Connection, now: datetime) -> Iterator[str]:
    """Yield what is wrong first; entries may have been removed because of any age."""
    problem = verify(_sealed(AuditSeals(connection)), kept=Kept(0, now)).problem
    if problem is not None:
        yield f"the audit log: {problem.text}"


def _sealed(seals: AuditSeals) -> Iterator[Sealed]:
    number = 0
    while found := seals.after(number, 1):
        seal = found[0]
        number = seal.number
        entries = seals.entries(number, number, seal.entries + 1)
        document = {**seal.to_document(), "hashes": seal.hashes()}
        yield from_document(document, [entry.to_document() for entry in entries])


def _unreadable(connection: Connection, column: Column[Any]) -> Iterator[object]:
    keys = list(column.table.primary_key.columns)
    is_compressed = str(column) in _COMPRESSED
    statement = select(column, *keys).where(column.is_not(None))
    for content, *key in _stream(connection, statement):
        if _computed(lambda text: _read(text, is_compressed=is_compressed), content) is None:
            yield key[0] if len(key) == 1 else key


def _read(content: bytes, *, is_compressed: bool) -> bool:
    parse_exactly(zlib.decompress(content) if is_compressed else content)
    return True


def _computed(compute: Callable[[bytes], Any], content: bytes) -> Any:
    """Return what is computed of it; None when it cannot be read."""
    try:
        return compute(content)
    except (TallyError, ValueError, TypeError, AttributeError, KeyError, zlib.error):
        return None


def _stream(connection: Connection, statement: Select[Any]) -> Iterator[Any]:
    """Yield the rows, few of which are in memory at the same time: each may be large."""
    yield from connection.execute(statement, execution_options={**AS_BYTES, "yield_per": _AT_ONCE})


def _named(what: str, wrong: Iterable[object]) -> Iterator[str]:
    """Yield a sentence with the first ids, if there are any."""
    found = iter(wrong)
    named = list(islice(found, MOST_NAMED))
    if named:
        others = sum(1 for _ in found)
        more = f" and {others} more" if others else ""
        yield f"{what}: {', '.join(map(str, named))}{more}"
